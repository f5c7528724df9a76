"""The probe's process with a language model of CTranslate2, which it must ask as the engine does."""

import json
from pathlib import Path

from tiny_export import MODEL, SENTENCES, SETTINGS, VOCABULARY_SIZE, vocabulary_proto, with_large_weights

from seq2seq_tfx.components.exporting.ctranslate2_spec import build_spec, positions_for, write_folder
from seq2seq_tfx.components.models.build import build_model
from seq2seq_tfx.components.models.weights import weights_of
from seq2seq_tfx.components.serving_probe.fresh_process import run_child
from seq2seq_tfx.components.translation.ctranslate2_engine import CTranslate2Engine, Reading, pieces_of
from seq2seq_tfx.components.vocabulary.files import find_models
from seq2seq_tfx.schemas.config.serving_probe import ServingProbeConfig


def test_a_language_model_says_in_the_probe_what_the_engine_says(tmp_path: Path) -> None:
    import sentencepiece

    vocabulary = tmp_path / "vocabulary.model"
    vocabulary.write_bytes(vocabulary_proto())
    config = MODEL.model_copy(update={"family": "gpt", "source_attention": "causal"})
    model = with_large_weights(build_model(config, VOCABULARY_SIZE, seed=4))
    pieces = pieces_of(sentencepiece.SentencePieceProcessor(model_file=str(vocabulary)))
    spec = build_spec(config, weights_of(model), (pieces, pieces), positions_for(config, 512, SETTINGS.decoding))
    write_folder(spec, "float32", find_models(tmp_path), tmp_path / "float32")
    sources = [*SENTENCES, "", " \t", "a dog " * 600]
    search = {"beam_size": 2, "length_penalty": 1.0, "max_length": 12, "max_source_tokens": 512, "unicode": "nfc"}
    job = {"sentences": sources, "ordinary": 1, "rounds": 2, "round_calls": 2, "round_seconds": 1.0}
    given, answered = tmp_path / "job.json", tmp_path / "answer.json"
    given.write_text(json.dumps({**job, "search": {**search, "batch": 4}}))
    assert run_child(tmp_path / "float32", (given, answered), ServingProbeConfig()) is None
    answer = json.loads(answered.read_text())
    reading = Reading(SETTINGS.decoding, SETTINGS.normalisation, "en", 512)
    expected = [each.text for each in CTranslate2Engine(tmp_path / "float32", reading).translate(sources)]
    assert answer["passes"][0]["translations"] == answer["together"]["translations"] == expected
    assert answer["passes"][1]["translations"] == expected[::-1] and len(answer["calls"]) == 4
