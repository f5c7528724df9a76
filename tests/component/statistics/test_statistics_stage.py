"""The statistics stage, run by TFX."""

from pathlib import Path

from data_chain import DataChain
from tensorflow_metadata.proto.v0 import statistics_pb2


def test_statistics_count_every_example_of_every_split(data_chain: DataChain) -> None:
    directory = Path(data_chain.artifact("ExampleStatistics", "statistics").uri)
    for split, count in (("train", 500), ("eval", 20), ("test", 10)):
        content = (directory / f"Split-{split}" / "FeatureStats.pb").read_bytes()
        (dataset,) = statistics_pb2.DatasetFeatureStatisticsList.FromString(content).datasets
        assert dataset.num_examples == count
        assert {feature.path.step[0] for feature in dataset.features} == {
            "source",
            "target",
            "corpus",
            "domain",
            "pair_id",
        }
