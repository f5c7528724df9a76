"""Examples on disk."""

import random
from pathlib import Path

import pytest
import tensorflow as tf

from seq2seq_tfx.components import example_files
from seq2seq_tfx.components.example_files import ExampleShards, clear_shards, number_shards, serialised_example


def test_bytes_equal_protocol_buffers_when_serialised_by_hand() -> None:
    draw = random.Random(7)
    for sizes in ([0], [1, 127], [128, 4095], [4096, 16_383, 16_384], [70_000], []):
        features = {
            name: [draw.randbytes(size) for size in sizes] for name in ("source", "target", "pair_id", "n" * 200)
        }
        expected = tf.train.Example(
            features=tf.train.Features(
                feature={
                    name: tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
                    for name, values in features.items()
                }
            )
        )
        assert serialised_example(features) == expected.SerializeToString(deterministic=True)


def test_numbers_equal_protocol_buffers_when_serialised_by_hand() -> None:
    draw = random.Random(8)
    whole = {f"n{size}": [draw.randrange(1 << (7 * size)) for _ in range(size)] for size in range(1, 9)}
    real = {f"f{size}": [draw.uniform(-9, 9) for _ in range(size)] for size in (1, 2, 40)}
    features = {name: tf.train.Feature(int64_list=tf.train.Int64List(value=each)) for name, each in whole.items()}
    features |= {name: tf.train.Feature(float_list=tf.train.FloatList(value=each)) for name, each in real.items()}
    expected = tf.train.Example(features=tf.train.Features(feature=features))
    assert serialised_example({**whole, **real}) == expected.SerializeToString(deterministic=True)


def test_shards_hold_all_examples_in_order_when_parts_are_written_in_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(example_files, "SHARD_EXAMPLES", 3)
    directory = tmp_path / "Split-train"
    (directory).mkdir()
    (directory / "data_tfrecord-00000-of-00001.gz").write_bytes(b"left over")
    (directory / ".part-00000-00000").write_bytes(b"left over")
    clear_shards(directory)
    for part, texts in ((1, [b"f", b"g"]), (2, []), (0, [b"a", b"b", b"c", b"d", b"e"])):
        with ExampleShards(directory, part) as shards:
            for text in texts:
                shards.write(text)
        assert shards.written == len(texts)
    number_shards(directory)
    names = [path.name for path in sorted(directory.iterdir())]
    assert names == [f"data_tfrecord-{number:05d}-of-00003.gz" for number in range(3)]
    files = example_files.example_files(str(tmp_path), "train")
    dataset = tf.data.TFRecordDataset(files, compression_type="GZIP")
    assert list(dataset.as_numpy_iterator()) == [b"a", b"b", b"c", b"d", b"e", b"f", b"g"]


def test_folder_is_named_when_a_split_has_no_files(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="Split-eval"):
        example_files.example_files(str(tmp_path), "eval")
