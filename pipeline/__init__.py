"""COMPOSITION: settings to pipeline, runners, command line. Open `graph.py` first; it computes nothing."""
