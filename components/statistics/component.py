"""The statistics stage: TFX's StatisticsGen over the measures of every split."""

from tensorflow_data_validation import StatsOptions
from tfx.components.statistics_gen.component import StatisticsGen
from tfx.types.channel import BaseChannel

from seq2seq_tfx.components.stock import add_parameters
from seq2seq_tfx.schemas.features import COUNTED


class CorpusStatistics(StatisticsGen):
    """StatisticsGen that runs again when our code version changes.

    Only `schemas.features.COUNTED` are looked at: texts are nearly all different, so that counting them says nothing.

    Outputs:
        statistics: `ExampleStatistics` of each split.

    Args:
        examples: The splits.
        settings: `StatisticsSettings` as JSON.
        code_version: Hash of what the stage computes with.
    """

    def __init__(self, examples: BaseChannel, settings: str, code_version: str) -> None:
        # Sketches: the exact counts shuffle every value through Beam.
        options = StatsOptions(
            feature_allowlist=[feature.name for feature in COUNTED],
            use_sketch_based_topk_uniques=True,
            num_quantiles_histogram_buckets=100,
        )
        super().__init__(examples=examples, stats_options=options)
        add_parameters(self, settings=settings, code_version=code_version)
