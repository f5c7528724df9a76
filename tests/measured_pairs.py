"""Measures of invented pairs, and their statistics by TensorFlow Data Validation."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import tensorflow_data_validation as tfdv
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2, statistics_pb2

import seq2seq_tfx.schemas


def measures(lengths: Sequence[int] | np.ndarray[Any, Any]) -> pd.DataFrame:
    """Statistics' features of pairs whose sides have these lengths."""
    ones = np.ones(len(lengths), np.float32)
    return pd.DataFrame(
        {
            "corpus": ["x"] * len(lengths),
            "domain": [""] * len(lengths),
            "source_length": lengths,
            "target_length": lengths,
            "length_ratio": ones,
            "digit_share": 0 * ones,
            "source_latin_share": ones,
            "target_latin_share": ones,
        }
    )


def drawn(seed: int, mean: float) -> pd.DataFrame:
    """2,000 pairs; `mean` is that of the logarithm of their lengths."""
    return measures(np.random.default_rng(seed).lognormal(mean, 0.5, 2000).astype(int) + 1)


def statistics(frame: pd.DataFrame) -> statistics_pb2.DatasetFeatureStatisticsList:
    """What the statistics stage makes of such pairs."""
    options = tfdv.StatsOptions(num_quantiles_histogram_buckets=100)
    return tfdv.generate_statistics_from_dataframe(frame, stats_options=options)


def schema() -> schema_pb2.Schema:
    """The packaged schema."""
    path = Path(seq2seq_tfx.schemas.__path__[0]) / "parallel_corpus.pbtxt"
    return text_format.Parse(path.read_text(encoding="utf-8"), schema_pb2.Schema())
