"""TFX's StatisticsGen, with our code version in its cache key. Open `component.py` first."""
