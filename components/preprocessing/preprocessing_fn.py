"""TFX Transform's entry function: raw features in, the same features and subword ids out."""

from pathlib import Path
from typing import Any

import tensorflow as tf

from seq2seq_tfx.components.preprocessing.settings import TransformSettings
from seq2seq_tfx.components.text_graph import encode, make_tokenizer
from seq2seq_tfx.components.vocabulary.files import find_models
from seq2seq_tfx.schemas.features import SOURCE, SOURCE_IDS, TARGET, TARGET_IDS, TEXT_FEATURES

ENTRY = "seq2seq_tfx.components.preprocessing.preprocessing_fn.preprocessing_fn"


def preprocessing_fn(inputs: dict[str, Any], custom_config: dict[str, Any]) -> dict[str, Any]:
    """Traced once by TensorFlow Transform; the vocabulary becomes part of the graph.

    Args:
        inputs: `TEXT_FEATURES` of a batch of N: `source` string (N,), `target` sparse string, ...
        custom_config: `vocabulary`: folder of the vocabulary; `settings`: `TransformSettings` as JSON.

    Returns:
        `TEXT_FEATURES` unchanged; `source_ids` and `target_ids` (of the first target), ragged int64.
    """
    settings = TransformSettings.from_json(custom_config["settings"])
    texts = {SOURCE_IDS.name: inputs[SOURCE.name], TARGET_IDS.name: _first(inputs[TARGET.name])}
    models = find_models(Path(custom_config["vocabulary"]))
    ids = {
        name: tf.cast(encode(text, make_tokenizer(model.read_bytes()), settings.normalisation, language), tf.int64)
        for (name, text), model, language in zip(
            texts.items(), models, (settings.languages.source, settings.languages.target), strict=True
        )
    }
    return {feature.name: inputs[feature.name] for feature in TEXT_FEATURES} | ids


def _first(lists_N: tf.SparseTensor) -> tf.Tensor:
    """The first string of each list, (N,); empty where there is none."""
    first = tf.RaggedTensor.from_sparse(lists_N)[:, :1]
    return first.to_tensor(default_value="", shape=[None, 1])[:, 0]
