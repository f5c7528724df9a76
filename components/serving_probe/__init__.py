"""Tries an export in a fresh process before anyone depends on it. Open `stage.py` first."""
