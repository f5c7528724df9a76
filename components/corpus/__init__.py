"""Corpus files -> clean, split Examples and a ledger of what was dropped. Open `stage.py` first."""
