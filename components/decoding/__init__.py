"""Searches for the best translation, in the graph, whatever else is in the batch. Open `batches.py` first."""
