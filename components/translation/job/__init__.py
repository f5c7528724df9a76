"""The job of batch translation: exactly once, in order, resumable. Open `running.py` first."""
