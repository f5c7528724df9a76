"""Strings -> subword ids by TFX's Transform, with the operations of serving. Open `preprocessing_fn.py` first."""
