"""What can be wrong with one translation, seen without a reference. Open `checking.py` first."""
