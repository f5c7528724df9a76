"""Examples -> SentencePiece model. Open `train.py` first."""
