"""The page that goes with a pushed model: what it is for, what it was made of, how good it is, what it cannot do.

The headings follow Mitchell 2019, Model Cards for Model Reporting.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

_METRICS = {
    "bleu": "BLEU",
    "chrf": "chrF",
    "chrf++": "chrF++",
    "ter": "TER (lower is better)",
    "exact_match": "exact match (%)",
    "length_ratio": "length ratio",
}
_FEW_SENTENCES = 500

TRAINING_FILE = "training.json"
"""In a trained model's folder: what training says of itself."""


def model_card(provenance: Mapping[str, Any]) -> str:
    """Write a model card in Markdown.

    Args:
        provenance: What the push records of the version (`provenance.json`): its `decision` has the scores, its
            `config` the settings, `corpus_files` the data, `pairs` their sizes, `training` what training says of
            itself. What is missing is left out.
    """
    config = provenance.get("config", {})
    sections = (
        _title(provenance, config),
        _intended_use(config),
        _data(provenance, config),
        _scores(provenance["decision"]),
        _limits(provenance, config),
        _making(provenance, config),
    )
    return "\n\n".join("\n".join(lines) for lines in sections) + "\n"


def _languages(config: Mapping[str, Any]) -> tuple[str, str]:
    languages = config.get("languages", {})
    return str(languages.get("source", "the source language")), str(languages.get("target", "the target language"))


def _title(provenance: Mapping[str, Any], config: Mapping[str, Any]) -> list[str]:
    source, target = _languages(config)
    replaced = provenance["replaced"]
    before = "It is the first version." if replaced is None else f"It replaced version {replaced['version']}."
    return [
        f"# {provenance['name']}, version {provenance['version']}",
        "",
        f"Translates {source} to {target}. Pushed {provenance['pushed_at']}. {before}",
        f"Identity: `{provenance['export_id']}`.",
    ]


def _intended_use(config: Mapping[str, Any]) -> list[str]:
    source, target = _languages(config)
    domains = sorted({corpus["domain"] for corpus in config.get("corpora", ()) if corpus.get("domain")})
    like = f" in the domains {', '.join(domains)}" if domains else " like those of the data below"
    return ["## Intended use", "", f"Machine translation of single sentences from {source} to {target}{like}."]


def _data(provenance: Mapping[str, Any], config: Mapping[str, Any]) -> list[str]:
    lines = ["## Data"]
    corpora = config.get("corpora", ())
    if corpora:
        pairs = provenance.get("pairs") or {}
        rows = [_corpus_row(corpus, pairs.get(corpus["name"])) for corpus in corpora]
        lines += ["", *_table(("corpus", "split", "domain", "read", "kept"), rows)]
    files = provenance.get("corpus_files", ())
    if files:
        rows = [(each["corpus"], each["side"], PurePath(each["path"]).name, f"`{each['sha256']}`") for each in files]
        lines += ["", *_table(("corpus", "side", "file", "sha256"), rows)]
    return lines if len(lines) > 1 else [*lines, "", "Not recorded."]


def _corpus_row(corpus: Mapping[str, Any], pairs: Mapping[str, Any] | None) -> tuple[str, ...]:
    counted = ("", "") if pairs is None else (f"{pairs['read']:,}", f"{sum(pairs['kept'].values()):,}")
    split = corpus["split"] if corpus.get("side") is None else f"monolingual, {corpus['side']}"
    return corpus["name"], split, corpus.get("domain", ""), *counted


def _scores(decision: Mapping[str, Any]) -> list[str]:
    scores = decision["candidate"]["scores"]
    metrics = list(dict.fromkeys(score["metric"] for score in scores))
    sizes = {score["slice"]: score["sentences"] for score in scores}
    values = {(score["slice"], score["metric"]): f"{score['value']:.2f}" for score in scores}
    rows = [
        (name, f"{size:,}", *(values.get((name, metric), "") for metric in metrics)) for name, size in sizes.items()
    ]
    headings = ("slice", "sentences", *(_METRICS.get(metric, metric) for metric in metrics))
    lines = ["## Scores", "", f"On the {decision['split']} split, by sacreBLEU.", "", *_table(headings, rows), ""]
    for signature in dict.fromkeys(f"{_METRICS.get(s['metric'], s['metric'])}: `{s['signature']}`" for s in scores):
        lines.append(f"- {signature}")
    return lines + _comparison(decision) + _acceptance(decision)


def _comparison(decision: Mapping[str, Any]) -> list[str]:
    if decision["baseline"] is None:
        return ["", "There was no model in use to compare it with."]
    rows = [
        (_METRICS.get(each["metric"], each["metric"]), f"{each['candidate']:.2f}", f"{each['baseline']:.2f}")
        for each in decision["comparisons"]
        if each["baseline"] is not None
    ]
    return ["", "Against the model that was in use, on all sentences:", "", *_table(("", "this model", "before"), rows)]


def _acceptance(decision: Mapping[str, Any]) -> list[str]:
    accepted = decision.get("acceptance")
    if accepted is None:
        return []
    refusals = [f"- {reason}" for reason in decision["reasons"][1:]]
    words = f"**The gate refused this model.** A person accepted it on {accepted['accepted_at']}: {accepted['reason']}"
    return ["", words, "", *refusals]


def _limits(provenance: Mapping[str, Any], config: Mapping[str, Any]) -> list[str]:
    decision = provenance["decision"]
    lines = [
        "## Limits",
        "",
        "- It knows one sentence at a time: nothing before or after it.",
        "- Text unlike its data (other domains, spelling, scripts) is translated worse, and it does not say so.",
        "- It can drop, add or change names and numbers. Have a person check what matters.",
    ]
    longest = config.get("decoding", {}).get("max_length")
    if longest:
        lines.append(f"- A translation ends after {longest} subword tokens, finished or not.")
    small = {s["slice"]: s["sentences"] for s in decision["candidate"]["scores"] if s["sentences"] < _FEW_SENTENCES}
    if small:
        names = ", ".join(f"{name} ({size:,})" for name, size in small.items())
        lines.append(f"- Scores on fewer than {_FEW_SENTENCES} sentences say little by themselves: {names}.")
    return lines


def _making(provenance: Mapping[str, Any], config: Mapping[str, Any]) -> list[str]:
    model, precision = config.get("model", {}), provenance.get("precision", {})
    facts = {
        "architecture": model.get("preset") or model.get("family"),
        **_size(provenance),
        "seed": config.get("seed"),
        "seq2seq-tfx": provenance.get("seq2seq_tfx"),
        "dependency lane": provenance.get("lane"),
        "sha256 of the dependencies' lock": provenance.get("lock_sha256"),
        "widest vector instructions": provenance.get("instruction_set"),
        "threads": provenance.get("threads"),
        "precision of training": precision.get("training"),
        "precision of the export": precision.get("export"),
    }
    listed = [f"- {name}: {value}" for name, value in facts.items() if value is not None]
    return [
        "## How it was made",
        "",
        *listed,
        "- everything else: `provenance.json` and `export.json` beside this file",
    ]


def _size(provenance: Mapping[str, Any]) -> dict[str, str | None]:
    """How large the model is, and how long it was trained."""
    training, size = provenance.get("training") or {}, provenance.get("bytes")
    found: dict[str, str | None] = {"size on disk": None if size is None else f"{size / 1e6:,.1f} MB"}
    if training:
        found["parameters"] = f"{training['parameters']:,}"
        found["training"] = (
            f"{training['steps']:,} updates in {training['wall_seconds'] / 60:,.1f} minutes, "
            f"on {training['training_pairs']:,} pairs"
        )
    return found


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [headings, ["---"] * len(headings), *rows]
    return [f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines]
