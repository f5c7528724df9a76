"""CONTRACTS between stages: no TensorFlow, no TFX, no Beam. Open `features.py` first."""
