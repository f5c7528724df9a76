"""The two language models, and which variables of a translation model begin with theirs."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from seq2seq_tfx.components.models.bert import MaskedLanguageModel
from seq2seq_tfx.components.models.build import build_model
from seq2seq_tfx.components.models.gpt import CausalLanguageModel
from seq2seq_tfx.components.models.interface import LanguageModel
from seq2seq_tfx.components.models.pretrained import begin_with
from seq2seq_tfx.components.models.weights import weights_of
from seq2seq_tfx.schemas.config.model import ModelConfig
from seq2seq_tfx.schemas.features import EOS_ID, PAD_ID, SEP_ID

SIZE = 24
TEXT = np.array([[7, 8, 9, 10, EOS_ID], [11, 12, EOS_ID, PAD_ID, PAD_ID]], np.int32)
REAL = TEXT != PAD_ID
KINDS: dict[str, Callable[[ModelConfig, int, int, str], LanguageModel]] = {
    "bert": MaskedLanguageModel,
    "gpt": CausalLanguageModel,
}


def config(family: str, **changes: Any) -> ModelConfig:
    sizes = {"layers": 2, "width": 16, "feedforward": 24, "heads": 2, "dropout": 0.2}
    return ModelConfig.model_validate({"family": family, **sizes, **changes})


def language_model(family: str, seed: int = 3, **changes: Any) -> LanguageModel:
    return KINDS[family](config(family, **changes), SIZE, seed, "float32")


@pytest.mark.parametrize("family", KINDS)
def test_padding_changes_nothing_that_a_language_model_reads(family: str) -> None:
    model = language_model(family)
    wider = model.read(tf.constant(np.pad(TEXT, ((0, 0), (0, 3))))).numpy()[:, : TEXT.shape[1]]
    np.testing.assert_allclose(wider[REAL], model.read(tf.constant(TEXT)).numpy()[REAL], atol=2e-6)


@pytest.mark.parametrize("family", KINDS)
def test_a_later_token_is_seen_by_bert_and_not_by_gpt(family: str) -> None:
    model, changed = language_model(family), TEXT.copy()
    changed[0, 3] = 15
    difference = np.abs(model.read(tf.constant(changed)).numpy() - model.read(tf.constant(TEXT)).numpy())
    earlier = difference[0, :3].max(axis=-1)
    assert (earlier > 1e-4).all() if family == "bert" else (earlier < 2e-6).all()
    assert difference[0, 3].max() > 1e-2 and difference[1].max() < 2e-6


@pytest.mark.parametrize("family", KINDS)
def test_every_variable_of_a_language_model_gets_a_gradient(family: str) -> None:
    model = language_model(family)
    model.dropout_stream.restart(tf.constant([1, 1]))
    with tf.GradientTape() as tape:
        hidden = model.read(tf.constant(TEXT), training=True)
        loss = tf.reduce_sum(tf.square(model.logits(tf.reshape(hidden, [-1, 16]))))
    gradients = tape.gradient(loss, [variable.value for variable in model.variables])
    for variable, gradient in zip(model.variables, gradients, strict=True):
        assert np.abs(tf.convert_to_tensor(gradient)).max() > 1e-6, variable.path


def begun(family: str, decoder: bool, **changes: Any) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """The pre-trained weights, the model's after it began with them, and what was given."""
    pretrained = weights_of(language_model(family, **changes))
    model = build_model(config(family, **changes), SIZE, seed=5)
    given = begin_with(model, pretrained, decoder)
    return pretrained, weights_of(model), given


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_the_encoder_alone_begins_with_what_bert_learned(norm: str) -> None:
    pretrained, weights, given = begun("bert", False, norm=norm)
    encoder = {name for name in weights if name.startswith(("encoder.", "source", "embedding/"))}
    assert set(given) == encoder >= {"encoder.1.attention/query_key_value", "source_positions/table", "embedding/table"}
    head = {"transform/kernel", "transform/bias", "norm/scale", "norm/offset"}
    assert set(pretrained) - encoder == {f"masked.{name}" for name in head}
    fresh = weights_of(build_model(config("bert", norm=norm), SIZE, seed=5))
    for name, array in weights.items():
        np.testing.assert_array_equal(array, pretrained[name] if name in encoder else fresh[name], err_msg=name)


def test_the_decoder_begins_with_it_too_and_its_attention_to_the_source_is_new() -> None:
    pretrained, weights, given = begun("bert", True, norm="pre")
    new = set(weights) - set(given)
    assert new == {name for name in weights if ".cross" in name} and len(new) == 2 * 5
    for name, origin in {
        "decoder.1.attention/output": "encoder.1.attention/output",
        "decoder.0.inner/bias": "encoder.0.inner/bias",
        "decoder.norm/scale": "encoder.norm/scale",
        "target_positions/table": "source_positions/table",
        "target.inputs_norm/offset": "source.inputs_norm/offset",
    }.items():
        np.testing.assert_array_equal(weights[name], pretrained[origin], err_msg=name)


@pytest.mark.parametrize("decoder", [False, True])
def test_tables_that_are_not_shared_begin_with_the_one_table_where_their_side_does(decoder: bool) -> None:
    pretrained, weights, _ = begun("bert", decoder, share_embeddings="none")
    table = pretrained["embedding/table"]
    np.testing.assert_array_equal(weights["source_embedding/table"], table)
    for name in ("embedding/table", "output_embedding/table"):
        assert np.array_equal(weights[name], table) == decoder, name


def test_all_of_a_gpt_begins_with_what_it_learned() -> None:
    pretrained, weights, given = begun("gpt", True, positions="learned", share_embeddings="none")
    assert set(given) == set(weights)
    for name, array in weights.items():
        origin = "embedding/table" if name.endswith("embedding/table") else name
        np.testing.assert_array_equal(array, pretrained[origin], err_msg=name)


def test_a_causal_language_model_is_the_gpt_that_translates_from_nothing() -> None:
    """The logits of a text alone are those of a target after an empty source, but for its places."""
    language = language_model("gpt", positions="rotary")
    model = build_model(config("gpt", positions="rotary"), SIZE, seed=5)
    begin_with(model, weights_of(language), True)
    text = np.array([[SEP_ID, 7, 8, 9]], np.int32)
    nothing = {**model.encode(tf.constant([[EOS_ID]])), "real": tf.constant([[False]])}
    np.testing.assert_allclose(
        model.decode(nothing, tf.constant(text)).numpy(), language.read(tf.constant(text)).numpy(), atol=1e-5
    )
