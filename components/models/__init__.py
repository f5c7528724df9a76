"""The architectures: one encoder-decoder interface, one file a family. Open `interface.py` first, then `build.py`."""
