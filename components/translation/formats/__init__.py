"""Formats of batch translation: records in, the same records with translations out. Open `record.py` first."""
