"""A language model of single sentences, whose layers a translation model begins with. Open `stage.py` first."""
