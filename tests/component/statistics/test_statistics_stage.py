"""The statistics stage, run by TFX."""

from pathlib import Path

from data_chain import DataChain
from tensorflow_metadata.proto.v0 import statistics_pb2

from seq2seq_tfx.schemas.features import COUNTED


def test_statistics_count_every_example_of_every_split(data_chain: DataChain) -> None:
    directory = Path(data_chain.artifact("ExampleStatistics", "statistics").uri)
    for split, count in (("train", 471), ("eval", 20), ("test", 10)):
        content = (directory / f"Split-{split}" / "FeatureStats.pb").read_bytes()
        (dataset,) = statistics_pb2.DatasetFeatureStatisticsList.FromString(content).datasets
        assert dataset.num_examples == count
        assert {feature.path.step[0] for feature in dataset.features} == {feature.name for feature in COUNTED}


def test_measures_of_the_texts_are_counted(data_chain: DataChain) -> None:
    directory = Path(data_chain.artifact("ExampleStatistics", "statistics").uri)
    content = (directory / "Split-test" / "FeatureStats.pb").read_bytes()
    (dataset,) = statistics_pb2.DatasetFeatureStatisticsList.FromString(content).datasets
    means = {feature.path.step[0]: feature.num_stats.mean for feature in dataset.features}
    lines = (data_chain.directory / "exam.0").read_text(encoding="utf-8").splitlines()
    assert means["source_length"] == sum(map(len, lines)) / len(lines)
    assert means["source_latin_share"] == 1.0
