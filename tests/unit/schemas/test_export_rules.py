"""What the export and the engine of translation can be, and in which words anything else is refused."""

import os
from pathlib import Path

import pytest

from seq2seq_tfx.schemas.config.loading import load_config
from seq2seq_tfx.schemas.errors import ConfigError

HEAD = "name: demo\nlanguages: {source: en, target: es}\ncorpora:\n  - {name: a, split: auto, path: pairs.tsv}\n"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "pipeline.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("sections", "problem"),
    [
        (
            "model: {family: rnn}\nexport: {ctranslate2: true}\n",
            "6: export.ctranslate2: must be auto or false, got true, but the CTranslate2 export has no mod",
        ),
        (
            "model: {family: gpt}\ntranslation: {engine: ctranslate2}\n",
            "6: translation.engine: must be auto or saved_model, got ctranslate2, but the CTranslate2 export has no mo",
        ),
        (
            "model: {family: gpt, source_attention: causal, share_embeddings: target}\nvocabulary: {shared: false}\n"
            "export: {ctranslate2: true}\n",
            "7: export.ctranslate2: must be auto or false, got true, but the CTranslate2 export has no voc",
        ),
        (
            "export: {ctranslate2: false}\ntranslation: {engine: ctranslate2}\n",
            "6: translation.engine: must be auto or saved_model, got ctranslate2, but export.ctranslate2 is false",
        ),
        ("export: {ctranslate2: maybe}\n", "5: export.ctranslate2: must be auto, true or false, got 'maybe'"),
        ("export: {ctranslate2_types: [int8]}\n", "5: export.ctranslate2_types: must hold float32"),
        ("export: {ctranslate2_types: [int4]}\n", "5: export.ctranslate2_types.0: must be float32, int8, float16 or"),
    ],
)
def test_an_export_that_cannot_be_is_refused(tmp_path: Path, sections: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(written(tmp_path, sections))
    (line,) = caught.value.problems
    assert line.startswith(f"{tmp_path}{os.sep}pipeline.yaml:{problem}")


def test_an_export_by_ctranslate2_may_be_asked_for_or_left_out(tmp_path: Path) -> None:
    for text, wanted in (("", "auto"), ("ctranslate2: auto", "auto"), ("ctranslate2: true", True)):
        assert load_config(written(tmp_path, f"export: {{{text}}}\n")).config.export.ctranslate2 == wanted
    prefix = "model: {family: gpt}\ntranslation: {engine: saved_model}\n"
    assert load_config(written(tmp_path, prefix)).config.translation.engine == "saved_model"
