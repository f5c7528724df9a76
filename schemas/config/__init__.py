"""The configuration, one file a section, so that a stage depends on its own section only. Open `pipeline.py` first."""
