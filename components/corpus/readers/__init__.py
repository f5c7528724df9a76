"""Corpus formats: from files to rows, streaming. Open `reading.py` first."""
