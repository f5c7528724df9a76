"""Batch translation with an exported model, in order, and the pipeline's Translator stage. Open `engine.py` first."""
