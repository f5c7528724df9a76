"""TFX's ExampleValidator, and the check that stops a run on its anomalies. Open `anomalies.py` first."""
