"""The quickstart corpus: English-Spanish pairs from a synchronous grammar. Open `corpus.py` first."""
