"""Scores of stored translations: stock TFX Evaluator with sacreBLEU's metrics. Open `scoring.py` first."""
