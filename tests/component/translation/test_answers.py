"""What the two engines say besides a translation, and that each does it alike; `seq2seq translate` with it."""

import json
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from proven_export import proven_export
from tiny_export import SENTENCES

from seq2seq_tfx.components.translation.ctranslate2_engine import CTranslate2Engine
from seq2seq_tfx.components.translation.devices import choose_device
from seq2seq_tfx.components.translation.engine import Engine, Translation, choose_engine, load_chosen
from seq2seq_tfx.components.translation.job.model import Asked, open_model
from seq2seq_tfx.components.translation.locating import read_export_record
from seq2seq_tfx.components.translation.manner import Alignment, Manner
from seq2seq_tfx.components.translation.saved_model_engine import SavedModelEngine
from seq2seq_tfx.schemas.config.translation import DeviceChoice
from seq2seq_tfx.schemas.errors import InputError

EXACT, FAST = "ctranslate2 float32", "ctranslate2 int8"


def engine(chosen: str, manner: Manner) -> Engine:
    return load_chosen(proven_export(), read_export_record(proven_export()), chosen, 4, manner)


def said(chosen: str, manner: Manner, sentences: Sequence[str] = SENTENCES) -> list[Translation]:
    return list(engine(chosen, manner).translate(sentences))


@pytest.mark.parametrize("chosen", [EXACT, "saved_model"])
def test_the_best_of_several_is_the_translation_and_the_others_are_worse(chosen: str) -> None:
    sentences = [*SENTENCES, ""]
    plain, several = said(chosen, Manner(), sentences), said(chosen, Manner(n_best=2), sentences)
    assert [each.text for each in several] == [each.text for each in plain]
    assert [each.score for each in several] == pytest.approx([each.score for each in plain], abs=1e-4)
    for each in several:
        assert all(other.score <= each.score and other.text != each.text for other in each.others)
    assert {len(each.others) for each in several[:-1]} <= {0, 1}
    assert sum(len(each.others) for each in several) >= len(SENTENCES) // 2
    assert several[-1][:2] == ("", 0.0) and several[-1].others == ()


def test_both_engines_find_the_same_further_translations() -> None:
    ours, theirs = said("saved_model", Manner(n_best=2)), said(EXACT, Manner(n_best=2))
    assert [[text for text, _ in each.others] for each in ours] == [[text for text, _ in e.others] for e in theirs]


def test_both_engines_look_at_the_source_alike() -> None:
    ours, theirs = engine("saved_model", Manner(alignments=True)), engine(EXACT, Manner(alignments=True))
    assert isinstance(ours, SavedModelEngine) and isinstance(theirs, CTranslate2Engine)
    targets = SENTENCES[1:] + SENTENCES[:1]
    found = ours._attention(source=tf.constant(SENTENCES), target=tf.constant(targets))
    for number, (source, target) in enumerate(zip(SENTENCES, targets, strict=True)):
        pieces = [
            side.encode(text, out_type=str) for side, text in ((theirs._source, source), (theirs._target, target))
        ]
        (result,) = theirs._translator.translate_batch(
            [pieces[0]],
            target_prefix=[pieces[1]],
            return_attention=True,
            beam_size=1,
            max_decoding_length=len(pieces[1]) + 1,
            max_input_length=0,
        )
        expected_TS = found["attention"].numpy()[number, : len(pieces[1]), : len(pieces[0])]
        np.testing.assert_allclose(result.attention[0][: len(pieces[1])], expected_TS, atol=1e-4)


@pytest.mark.parametrize("chosen", [EXACT, "saved_model"])
def test_alignments_name_subwords_of_both_sides(chosen: str) -> None:
    *aligned, empty = said(chosen, Manner(alignments=True), [*SENTENCES, ""])
    assert empty.alignment == Alignment()
    for sentence, each in zip(SENTENCES, aligned, strict=True):
        assert each.alignment is not None
        assert "".join(each.alignment.source_pieces).replace("\u2581", " ").strip() == sentence
        targets = [target for _, target in each.alignment.links]
        assert targets == sorted(set(targets))
        assert all(source < len(each.alignment.source_pieces) for source, _ in each.alignment.links)
        assert all(target < len(each.alignment.pieces) for target in targets)
    assert sum(len(each.alignment.links) for each in aligned if each.alignment is not None) > len(SENTENCES)


@pytest.mark.parametrize("chosen", [EXACT, FAST])
def test_a_sentence_alone_depends_on_no_other(chosen: str) -> None:
    draw = random.Random(3)
    words = [word for sentence in SENTENCES for word in sentence.split()]
    sentences = [" ".join(draw.choices(words, k=draw.randrange(1, 12))) for _ in range(60)]
    alone = engine(chosen, Manner(invariant=True))
    expected = dict(zip(sentences, alone.translate(sentences), strict=True))
    shuffled = draw.sample(sentences, len(sentences))
    assert dict(zip(shuffled, alone.translate(shuffled), strict=True)) == expected
    assert {sentence: next(iter(alone.translate([sentence]))) for sentence in sentences} == expected


def test_an_invariant_job_shares_its_translations_as_the_saved_model_does() -> None:
    plain, alone = (open_model(proven_export(), "code", "", None, Asked(invariant=on)) for on in (False, True))
    assert (plain.making.batch_invariant, alone.making.batch_invariant) == (False, True)
    assert plain.making.key != alone.making.key
    assert alone.manner.invariant


def test_what_a_model_cannot_do_is_refused_before_it_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"--n-best must be at most 2, the beams .* got 3"):
        open_model(proven_export(), "code", "", None, Asked(n_best=3))
    monkeypatch.setattr("seq2seq_tfx.components.translation.devices._graphics_cards", lambda: 0)
    with pytest.raises(InputError, match="device cuda must be an NVIDIA GPU that CTranslate2 can use"):
        open_model(proven_export(), "code", "", None, Asked(device="cuda"))
    with pytest.raises(InputError, match="TensorFlow can use.* and the extra cuda"):
        choose_device("cuda", "saved_model", True)


def test_a_device_is_taken_where_there_is_one_and_has_a_compute_type_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record = {"ctranslate2": {"compute_types": ["int8", "float32", "float16"]}}
    cases: list[tuple[int, DeviceChoice, str]] = [(0, "auto", "cpu"), (1, "auto", "cuda"), (1, "cpu", "cpu")]
    for cards, wanted, device in cases:
        monkeypatch.setattr("seq2seq_tfx.components.translation.devices._graphics_cards", lambda cards=cards: cards)
        assert choose_device(wanted, "auto", True) == device
    assert choose_engine(record, "auto", "cpu") == "ctranslate2 int8"
    assert choose_engine(record, "auto", "cuda") == "ctranslate2 float16"
    assert choose_engine(record, "auto", "cuda", "int8") == "ctranslate2 int8"
    with pytest.raises(InputError, match=r"translation\.cuda_type must be .* it has int8, float32, float16"):
        choose_engine(record, "auto", "cuda", "bfloat16")


def test_a_user_gets_all_of_it_in_one_command(tmp_path: Path) -> None:
    (tmp_path / "in.tsv").write_text("".join(f"{text}\t{n}\n" for n, text in enumerate(SENTENCES)))
    words = ["--model", str(proven_export()), "--input", str(tmp_path / "in.tsv"), "--output", str(tmp_path / "o.tsv")]
    more = ["--n-best", "2", "--scores", "--alignments", "--flags", "column", "--invariant", "--json"]
    command = [sys.executable, "-m", "seq2seq_tfx.pipeline.cli", "translate", *words, *more, "--no-store"]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    manifest = json.loads(finished.stdout)
    making = manifest["job"]["making"]
    assert (making["invariant"], making["n_best"], making["alignments"], making["device"]) == (True, 2, True, "cpu")
    rows = [line.split("\t") for line in (tmp_path / "o.tsv").read_text().splitlines()]
    assert {len(row) for row in rows} == {2 + 2 + 2 + 3 + 1}
    expected = said(FAST, Manner(n_best=2, alignments=True, invariant=True))
    assert [row[2] for row in rows] == [each.text for each in expected]
    found = [(int(row[1]), flag) for row in rows for flag in row[-1].split() if flag != "truncated"]
    beside = [json.loads(line) for line in (tmp_path / "o.tsv.flags.jsonl").read_text().splitlines()]
    assert found == [(each["record"], each["kind"]) for each in beside if each["kind"] != "truncated"]
    counts = manifest["counts"]["flags"]
    assert len(found) == sum(count for name, count in counts.items() if name != "truncated") > 0
    assert counts["truncated"] == sum(bool(each.truncated) for each in expected) > 0
