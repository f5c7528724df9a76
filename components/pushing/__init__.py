"""Proven models under `<push>/<version>/`, and `<push>/current`, which names the one in use. Open `push.py` first."""
