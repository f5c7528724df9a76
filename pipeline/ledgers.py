"""The ledgers of earlier runs: what each corpus kept and dropped, as tables, and what differs between two runs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from seq2seq_tfx.components.corpus.ledger import LEDGER_FILE, CorpusCount, Ledger
from seq2seq_tfx.pipeline.history import History
from seq2seq_tfx.pipeline.results import table
from seq2seq_tfx.schemas.errors import InputError
from seq2seq_tfx.schemas.features import MONOLINGUAL, SPLITS

_KEPT_IN: Final = (*SPLITS, MONOLINGUAL)


class RunLedger(NamedTuple):
    """The ledger that a run wrote or took from the cache."""

    run: str
    path: Path
    ledger: Ledger


class Change(NamedTuple):
    """A count that differs between two ledgers."""

    corpus: str
    figure: str
    """`read`, `kept in train`, `dropped by empty`, `flagged by empty` ..."""
    before: int
    after: int


def run_ledger(history: History, run: str | None) -> RunLedger:
    """The ledger of a run.

    Args:
        history: The runs.
        run: Its id, or how it begins; by default the newest that has a ledger.

    Raises:
        InputError: If there is no such run, more than one, or it has no ledger any more.
    """
    found = [(name, path) for name, path in _ledger_files(history) if run is None or name.startswith(run)]
    exact = [each for each in found if each[0] == run]
    if run is not None and len(found) > 1 and not exact:
        names = ", ".join(name for name, _ in found)
        raise InputError(f"a run must be named by a beginning that only it has, got {run!r}, which begins {names}")
    if not found:
        known = ", ".join(name for name, _ in _ledger_files(history)) or "none; start one with seq2seq run"
        wanted = "" if run is None else f", got {run!r}"
        raise InputError(f"--ledger needs a run whose corpus stage finished{wanted}; such runs are: {known}")
    name, path = (exact or found)[0]
    return RunLedger(name, path, Ledger.from_json(path.read_bytes()))


def _ledger_files(history: History) -> Iterator[tuple[str, Path]]:
    for name, nodes in history.runs():
        for node, recorded in nodes:
            for identity in recorded.outputs.get("ledger", ()) if node == "corpus" and recorded.finished else ():
                path = Path(history.artifact(identity).uri) / LEDGER_FILE
                if path.is_file():
                    yield name, path


def changes(before: Ledger, after: Ledger) -> list[Change]:
    """The counts that differ, corpus by corpus; a corpus that one of them lacks counts as 0 there."""
    counts = [{each.corpus: dict(_counts(each)) for each in ledger.corpora} for ledger in (before, after)]
    found = []
    for corpus in dict.fromkeys([*counts[0], *counts[1]]):
        old, new = counts[0].get(corpus, {}), counts[1].get(corpus, {})
        for name in dict.fromkeys([*old, *new]):
            if old.get(name, 0) != new.get(name, 0):
                found.append(Change(corpus, name, old.get(name, 0), new.get(name, 0)))
    return found


def _counts(corpus: CorpusCount) -> Iterator[tuple[str, int]]:
    yield "read", corpus.read
    for split in _KEPT_IN:
        if split in corpus.kept:
            yield f"kept in {split}", corpus.kept[split]
    for rule, count in corpus.rules.items():
        yield f"dropped by {rule}", count.dropped
        yield f"flagged by {rule}", count.flagged


def ledger_text(found: RunLedger) -> str:
    """A ledger as two tables: the sums of each corpus, and what each rule did."""
    ledger = found.ledger
    splits = [split for split in _KEPT_IN if split in SPLITS or any(split in each.kept for each in ledger.corpora)]
    sums = [
        (each.corpus, each.read, *(each.kept.get(split, 0) for split in splits), _dropped(each))
        for each in ledger.corpora
    ]
    sums.append(("all", *(sum(column) for column in list(zip(*sums, strict=True))[1:])))
    rules = [
        (each.corpus, rule, count.dropped, count.flagged, f"{(count.dropped + count.flagged) / each.read:.2%}")
        for each in ledger.corpora
        for rule, count in each.rules.items()
    ]
    lines = [f"ledger of run {found.run} ({found.path})", ""]
    columns = ("corpus", "read", *splits, "dropped")
    lines.append(table(columns, [_shown(row) for row in sums], right=range(1, len(columns))))
    if rules:
        header = ("corpus", "rule", "dropped", "flagged", "of read")
        lines += ["", table(header, [_shown(row) for row in rules], right=range(2, 5))]
        lines += ["", "dropped: left out; flagged: eval and test pairs that the rule would drop, kept all the same"]
    return "\n".join(lines)


def changes_text(before: RunLedger, after: RunLedger) -> str:
    """What differs between two runs' ledgers."""
    found = changes(before.ledger, after.ledger)
    title = f"ledger of run {before.run} against {after.run}"
    if not found:
        return f"{title}: no count differs"
    body = [_shown((*change, f"{change.after - change.before:+,}")) for change in found]
    return f"{title}\n\n{table(('corpus', 'count', 'before', 'after', 'change'), body, right=range(2, 5))}"


def _dropped(corpus: CorpusCount) -> int:
    return sum(count.dropped for count in corpus.rules.values())


def _shown(row: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row)
