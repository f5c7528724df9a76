"""Decides whether a model may be pushed, against fixed minima and the model in use. Open `decide.py` first."""
