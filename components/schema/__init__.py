"""TFX's ImportSchemaGen on the packaged schema. Open `component.py` first."""
