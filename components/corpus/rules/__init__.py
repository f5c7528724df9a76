"""Which pairs are dropped by what they are themselves, one small scoring function a rule. Open `table.py` first."""
