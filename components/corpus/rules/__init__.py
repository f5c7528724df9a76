"""Cleaning rules. Open `rule_set.py` first."""
