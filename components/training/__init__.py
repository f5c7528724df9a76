"""From transformed examples to weights: batches, loop, checkpoints. Open `stage.py` first, then `loop.py`."""
