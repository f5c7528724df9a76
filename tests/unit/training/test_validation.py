"""What is measured on the eval split, and the averages of weights."""

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf
from tiny_vocabulary import SENTENCES, copied_sentences, processor, vocabulary
from transformed_examples import write_split

from seq2seq_tfx.components.models.build import build_model
from seq2seq_tfx.components.preprocessing.evaluation_sentences import EvaluationSentence, read_evaluation_sentences
from seq2seq_tfx.components.training.moving_average import MovingAverage
from seq2seq_tfx.components.training.validation import detokenizer, make_score
from seq2seq_tfx.schemas.config.model import ModelConfig
from seq2seq_tfx.schemas.config.training import TrainingValidationConfig
from seq2seq_tfx.schemas.features import EOS_ID

MODEL = ModelConfig(family="rnn", layers=1, width=8, embedding=8)
IDS = processor("unigram").encode(SENTENCES[0])


def test_the_sample_follows_from_the_pair_ids_alone(tmp_path: Path) -> None:
    pairs = copied_sentences(0, 30)
    one = read_evaluation_sentences([write_split(tmp_path, pairs, file="one")], 8)
    late, early = write_split(tmp_path, pairs[11:][::-1], file="a"), write_split(tmp_path, pairs[:11], file="b")
    assert read_evaluation_sentences([late, early], 8) == one
    assert len(one) == 8
    assert len(read_evaluation_sentences([late, early], 100)) == 30
    identities = [each.pair_id for each in one]
    assert identities == sorted(identities)
    digests = {
        f"demo/{number:010d}".encode(): hashlib.sha256(f"demo/{number:010d}".encode()).digest() for number in range(30)
    }
    assert set(identities) == set(sorted(digests, key=lambda identity: digests[identity])[:8])
    number = int(identities[0].decode().rpartition("/")[2])
    assert one[0].source_ids == [*pairs[number][1], EOS_ID]
    assert one[0].target_ids == [*pairs[number][2], EOS_ID]
    assert one[0].source == " ".join(map(str, pairs[number][1]))
    assert one[0].references == [" ".join(map(str, pairs[number][2]))]


@pytest.mark.parametrize(("metric", "strategy"), [("bleu", "greedy"), ("chrf", "beam")])
def test_the_score_is_of_the_text_of_the_model_s_present_translations(metric: str, strategy: str) -> None:
    model = build_model(MODEL, processor("unigram").get_piece_size(), seed=1)
    config = TrainingValidationConfig.model_validate({"metric": metric, "strategy": strategy, "max_length": 6})
    detokenize = detokenizer(vocabulary("unigram"))
    said = detokenize(tf.ragged.constant([IDS], tf.int32)).numpy()[0].decode()
    assert said == SENTENCES[0]
    for variable in model.variables:
        variable.assign(variable.value * 4.0)
    captured: list[str] = []

    def note(texts: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
        captured.extend(map(bytes.decode, texts))
        return texts

    def listening(ids: tf.RaggedTensor) -> tf.Tensor:
        # BLEU needs sentences of four words.
        texts = tf.strings.join([detokenize(ids), " and more of it"])
        heard = tf.numpy_function(note, [texts], tf.string)
        return tf.ensure_shape(heard, [None])

    sentences = [
        EvaluationSentence(b"demo/0", "x", [*IDS, EOS_ID], [EOS_ID], ["x"]),
        EvaluationSentence(b"demo/1", "y", [9, 8, 7, EOS_ID], [EOS_ID], ["y"]),
    ]
    assert make_score(model, sentences, listening, config, "en")() < 100.0
    assert len(captured) == 2 and all(map(str.strip, captured))
    right = [each._replace(references=["nothing", text]) for each, text in zip(sentences, captured, strict=True)]
    score = make_score(model, right, listening, config, "en")
    assert score() == pytest.approx(100.0)
    for variable in model.variables:
        variable.assign(-variable.value)
    assert score() < 100.0, "the weights of this moment count"


def test_the_moving_average_follows_the_weights() -> None:
    model = build_model(MODEL, 20, seed=1)
    average = MovingAverage(model, 0.9)
    variable = model.trainable_variables[0]
    expected = variable.numpy().astype(np.float64)
    rng = np.random.default_rng(1)
    for step in range(1, 200):
        variable.assign(rng.normal(size=variable.shape))
        average.update(tf.constant(step))
        decay = min(0.9, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * variable.numpy()
    np.testing.assert_allclose(average.arrays()[variable.path], expected, atol=1e-5)
    assert average.slots.keys() == {each.path for each in model.variables}
