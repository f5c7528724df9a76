"""Joins weights, vocabulary and search settings into what is served. Open `saved_model.py` first."""
