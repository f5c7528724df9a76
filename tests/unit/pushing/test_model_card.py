"""The model card says what is known, and leaves out what is not."""

from pushed_models import SIGNATURE, decision

from seq2seq_tfx.components.pushing.model_card import model_card

PROVENANCE = {
    "name": "demo",
    "version": 2,
    "export_id": "abc",
    "pushed_at": "2026-01-02T03:04:05+00:00",
    "replaced": {"version": 1, "export_id": "old"},
    "seq2seq_tfx": "0.1.0",
    "threads": 2,
    "lock_sha256": "ab12",
    "precision": {"training": "bfloat16", "export": "float32"},
    "bytes": 12_345_678,
    "training": {"parameters": 1234567, "steps": 4000, "wall_seconds": 90.0, "training_pairs": 1100},
    "config": {
        "languages": {"source": "en", "target": "de"},
        "seed": 7,
        "corpora": [
            {"name": "captions", "split": "train", "domain": "pictures"},
            {"name": "held-out", "split": "test", "domain": ""},
            {"name": "news", "kind": "monolingual", "side": "target", "split": "train", "domain": ""},
        ],
        "model": {"preset": "transformer_tiny", "family": "transformer"},
        "decoding": {"max_length": 24},
    },
    "corpus_files": [{"corpus": "captions", "side": "source", "path": "/data/train.en.gz", "sha256": "12ab"}],
    "pairs": {
        "captions": {"read": 1200, "kept": {"train": 1100, "eval": 0, "test": 0}},
        "news": {"read": 900, "kept": {"monolingual": 800}},
    },
    "decision": {
        **decision(bleu=31.25),
        "baseline": {"export_id": "old", "version": 1},
        "comparisons": [{"metric": "bleu", "candidate": 31.25, "baseline": 30.0}],
    },
}


def test_card_has_data_sizes_scores_slices_limits_and_use() -> None:
    card = model_card(PROVENANCE)
    for line in (
        "# demo, version 2",
        "Translates en to de. Pushed 2026-01-02T03:04:05+00:00. It replaced version 1.",
        "Machine translation of single sentences from en to de in the domains pictures.",
        "| captions | train | pictures | 1,200 | 1,100 |",
        "| held-out | test |  |  |  |",
        "| news | monolingual, target |  | 900 | 800 |",
        "| captions | source | train.en.gz | `12ab` |",
        "| all | 900 | 31.25 |",
        "| corpus=news | 100 | 31.25 |",
        f"- BLEU: `{SIGNATURE}`",
        "| BLEU | 31.25 | 30.00 |",
        "- A translation ends after 24 subword tokens, finished or not.",
        "- Scores on fewer than 500 sentences say little by themselves: corpus=news (100).",
        "- architecture: transformer_tiny",
        "- seed: 7",
        "- size on disk: 12.3 MB",
        "- parameters: 1,234,567",
        "- training: 4,000 updates in 1.5 minutes, on 1,100 pairs",
        "- sha256 of the dependencies' lock: ab12",
        "- precision of training: bfloat16",
        "- precision of the export: float32",
    ):
        assert line in card.splitlines()


def test_card_is_written_when_little_is_known() -> None:
    known = {key: PROVENANCE[key] for key in ("name", "version", "export_id", "pushed_at")}
    card = model_card({**known, "replaced": None, "decision": decision()})
    assert "It is the first version." in card
    assert "There was no model in use to compare it with." in card
    assert "## Data\n\nNot recorded." in card


def test_bars_of_names_do_not_break_the_tables() -> None:
    corpus = {"name": "a|b", "split": "train", "domain": ""}
    card = model_card({**PROVENANCE, "config": {"corpora": [corpus]}})
    assert "| a/b | train |  |  |  |" in card.splitlines()


def test_card_says_that_and_why_a_refused_model_was_accepted() -> None:
    accepted = {
        **decision(),
        "verdict": "accepted",
        "reasons": ["accepted by a person: the test set is old", "BLEU 30.00 is below the lowest allowed, 40"],
        "acceptance": {"reason": "the test set is old", "accepted_at": "2026-01-02T03:04:05+00:00"},
    }
    card = model_card({**PROVENANCE, "decision": accepted})
    said = "**The gate refused this model.** A person accepted it on 2026-01-02T03:04:05+00:00: the test set is old"
    assert f"{said}\n\n- BLEU 30.00 is below the lowest allowed, 40\n" in card
    assert "accepted it" not in model_card(PROVENANCE)
