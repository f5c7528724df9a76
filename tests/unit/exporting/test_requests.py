"""What servers send, and what nobody should send, has an answer."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_text  # noqa: F401  (registers the SentencePiece operations)
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel
from tensorflow_serving.apis import get_model_metadata_pb2, predict_pb2
from tiny_export import SENTENCES, tiny_export

from seq2seq_tfx.components.translation.saved_model_engine import SavedModelEngine

CALLS = Path(__file__).parents[2] / "large_call.py"
FEW, MANY = 500, 10_000
MOST_MIB = 60
"""More than for few sentences: their strings, ids and translations, about 2 KiB each, and what the allocator keeps."""

HARD = {
    "empty": b"",
    "white space": " \t\r\n\u00a0\u3000\u2028".encode(),
    "control characters": b"\x00\x01a\x7f dog\x1b[0m",
    "not UTF-8": b"a \xff\xfe dog \xc3",
    "half a surrogate pair": b"a \xed\xa0\x80 dog",
    "too long a form": b"a \xc0\xaf dog",
    "beyond the last code point": b"\xf4\x90\x80\x80",
    "very long": b"a dog " * 20_000,
    "one long word": b"a" * 50_000,
    "unknown signs": "東京 привет 👩‍👩‍👧 \U000e0067".encode(),
    "reserved pieces": b"<pad> <unk> <s> </s> <mask> <sep> \xe2\x96\x81",
}
SILENT = {"empty", "white space"}


def answer(request: predict_pb2.PredictRequest) -> predict_pb2.PredictResponse:
    """What TensorFlow Serving does with a request: a session of the graph for `serve`, fed and read by tensor names."""
    export = str(tiny_export())  # which may have to be built, with a graph of its own
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        graph = tf.compat.v1.saved_model.load(session, [tf.saved_model.SERVING], export)
        signature = graph.signature_def[request.model_spec.signature_name or "serving_default"]
        assert set(request.inputs) == set(signature.inputs)
        feeds = {signature.inputs[name].name: tf.make_ndarray(value) for name, value in request.inputs.items()}
        wanted = {name: info.name for name, info in signature.outputs.items()}
        response = predict_pb2.PredictResponse()
        for name, value in session.run(wanted, feeds).items():
            response.outputs[name].CopyFrom(tf.make_tensor_proto(value))
    return predict_pb2.PredictResponse.FromString(response.SerializeToString())


def predict(signature: str = "", **inputs: list[str]) -> predict_pb2.PredictRequest:
    """A request as a client writes it, over the wire."""
    request = predict_pb2.PredictRequest()
    request.model_spec.name, request.model_spec.signature_name = "en-es", signature
    for name, texts in inputs.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(texts))
    return predict_pb2.PredictRequest.FromString(request.SerializeToString())


def test_a_predict_request_of_tensorflow_serving_is_answered() -> None:
    outputs = answer(predict(source=list(SENTENCES))).outputs
    found = zip(tf.make_ndarray(outputs["translation"]), tf.make_ndarray(outputs["score"]), strict=True)
    expected = [(each.text, each.score) for each in SavedModelEngine(tiny_export(), 512).translate(SENTENCES)]
    assert [(text.decode(), float(score)) for text, score in found] == expected


def test_a_predict_request_for_scores_is_answered() -> None:
    response = answer(predict("score", source=["The old dog sleeps.", "No."], target=["No.", "No."]))
    scores = tf.make_ndarray(response.outputs["score"])
    assert scores.shape == (2,) and np.isfinite(scores).all()


def test_the_metadata_that_tensorflow_serving_tells_names_inputs_and_outputs() -> None:
    saved = SavedModel.FromString((tiny_export() / "saved_model.pb").read_bytes())
    (graph,) = saved.meta_graphs
    told = get_model_metadata_pb2.SignatureDefMap(signature_def=dict(graph.signature_def))
    signature = told.signature_def["serving_default"]
    assert signature.inputs["source"].dtype == tf.string.as_datatype_enum
    assert {"translation", "score", "truncated"} <= set(signature.outputs)


@pytest.mark.parametrize("case", HARD)
def test_every_string_has_a_defined_answer(case: str) -> None:
    serve = tf.saved_model.load(str(tiny_export())).signatures["serving_default"]
    alone = serve(source=tf.constant([HARD[case]]))
    among = serve(source=tf.constant([b"a dog", HARD[case], b"a dog"]))
    for name, value in alone.items():
        assert value.numpy()[0] == among[name].numpy()[1]
    text, score = alone["translation"].numpy()[0], float(alone["score"].numpy()[0])
    assert text.decode("utf-8") is not None and np.isfinite(score)
    assert (text, score) == (b"", 0.0) if case in SILENT else score < 0.0
    assert bool(alone["truncated"].numpy()[0]) == ("long" in case and case != "too long a form")


def test_a_large_call_takes_little_more_memory_than_a_small_one() -> None:
    """`make soak` tries 100,000."""
    few, many = (peak_mib(count) for count in (FEW, MANY))
    print(f"peak memory: {few:.0f} MiB for {FEW:,} sentences in one call, {many:.0f} MiB for {MANY:,}")
    assert many < few + MOST_MIB


def peak_mib(count: int) -> float:
    """Of a fresh process that translates so many sentences in one call."""
    command = [sys.executable, str(CALLS), str(tiny_export()), str(count)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
