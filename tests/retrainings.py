"""Trains a pipeline again with nothing changed but the seed, and has each model judged against the first, in use.

The stages before training are cached, and the runs end with the gate: what passes is not pushed, so that the first
model stays the one that all others are compared with. What was judged is kept beside the configuration: a second call
goes on where the first was stopped, if code and settings are still the same.
"""

import json
import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import NormalDist, stdev
from typing import Any, NamedTuple

from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.significance import PairedTest
from small import InProcess, executed, newest_output, versions, would_run

from seq2seq_tfx.components.evaluation.scores import POOL, FailureCount
from seq2seq_tfx.components.evaluation.scoring import reference_streams
from seq2seq_tfx.components.evaluation.translated import Translated
from seq2seq_tfx.components.evaluation.translations import read_translations
from seq2seq_tfx.components.gate import failures
from seq2seq_tfx.pipeline.results import METRICS
from seq2seq_tfx.schemas.config.gate import GateConfig

IN_USE = 1
"""The seed of the model that the others are compared with."""
OTHERS = (2, 3, 4, 5, 6)
_STAGES = ["training", "export", "probe", "translations", "evaluation", "gate"]
_ENDINGS = [_STAGES[first:] for first in range(len(_STAGES))]
"""What may be left of them to execute; the first, if the run was not stopped before."""
_ENDS = NormalDist().inv_cdf(0.975)
"""How many standard errors the end of a 95 % interval is away."""


class Margin(NamedTuple):
    """One comparison that the policy asks for, and how far it was from a refusal."""

    slice: str
    metric: str
    sentences: int
    before: float
    now: float
    gain: float
    """Points that the retrained model is better by."""
    interval: tuple[float, float]
    """95 % confidence interval of the gain."""
    lower_bound: float
    max_loss: float
    margin: float

    @property
    def left(self) -> float:
        """Points that it could have lost beside what it lost; negative if it was refused."""
        return min(self.gain + self.max_loss, self.lower_bound + self.margin)


class Retrained(NamedTuple):
    """What the gate says of a model that differs from the one in use by its seed."""

    seed: int
    verdict: str
    reasons: tuple[str, ...]
    margins: tuple[Margin, ...]
    other_p_values: dict[str, tuple[float, float]]
    """Where the gate's p-value (first) is not that of sacreBLEU's own test (second) of the same translations."""
    beyond_defaults: tuple[str, ...]
    """Failures that the default bounds refuse, in words, whatever the configuration allows."""
    minutes: float


class Spread(NamedTuple):
    """How much a score differs between seeds, and what follows for the policy."""

    points: float
    """Standard deviation over the seeds, on this test set."""
    refused_beyond: float
    """The smallest loss that is refused, where the noise of the test set is what it was on average."""

    @property
    def chance(self) -> float:
        """That a retraining loses more against another one, if scores are normal over the seeds."""
        return 1.0 - NormalDist(0.0, math.sqrt(2) * self.points).cdf(self.refused_beyond) if self.points else 0.0


def retrain(inside: InProcess, config: Path) -> list[Retrained]:
    """Train, prove and push a first model; then train and judge the others.

    Raises:
        AssertionError: If the gate's verdict is not reached, or is on something else than this; if what an earlier call
            left is of other code or settings.
    """
    _make_first(inside, config)
    return [_kept(inside, config, seed) for seed in OTHERS]


def _make_first(inside: InProcess, config: Path) -> None:
    words = (config, "--json", "--set", f"seed={IN_USE}")
    plan = inside("plan", *words)
    assert plan.status == 0, plan.errors
    if would_run(plan.document):
        assert not versions(config), (
            f"other code or settings made {config.parent / 'work/pushed'}: take an empty folder"
        )
        first = inside("run", *words)
        assert first.status == 0, first.errors
    assert versions(config) == ["1"]


def _kept(inside: InProcess, config: Path, seed: int) -> Retrained:
    record = config.parent / f"retrained-{seed}.json"
    if not record.exists():
        record.write_text(json.dumps(_retrained(inside, config, seed)))
    seed, verdict, reasons, rows, others, beyond, minutes = json.loads(record.read_text())
    judged = tuple(Margin(*row)._replace(interval=tuple(row[6])) for row in rows)
    return Retrained(seed, verdict, tuple(reasons), judged, others, tuple(beyond), minutes)


def _retrained(inside: InProcess, config: Path, seed: int) -> Retrained:
    before, started = _decisions(config), time.monotonic()
    done = inside("run", config, "--json", "--to", "gate", "--set", f"seed={seed}")
    assert done.status in (0, 3), done.errors
    assert done.status == 3 or executed(done.document) in _ENDINGS, done.errors
    made = list(_decisions(config) - before)
    assert len(made) == 1, done.errors
    decision = json.loads((made[0] / "decision.json").read_text())
    assert decision["baseline"]["version"] == 1
    assert (decision["verdict"] == "refused") is (done.status == 3)
    others = _other_p_values(config, decision)
    minutes = (time.monotonic() - started) / 60
    beyond = _beyond_defaults(config)
    return Retrained(seed, decision["verdict"], tuple(decision["reasons"]), margins(decision), others, beyond, minutes)


def _beyond_defaults(config: Path) -> tuple[str, ...]:
    counts = json.loads((newest_output(config, "evaluation", "evaluation") / "scores.json").read_text())["failures"]
    bounds = failures.failure_bounds([FailureCount(**each) for each in counts], GateConfig())
    return tuple(failures.in_words(bound) for bound in bounds if bound.broken)


def _other_p_values(config: Path, decision: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    before, now = _newest(config, "baseline_translations"), _newest(config, "translations")
    systems = [(name, [each.translation for each in of]) for name, of in (("before", before), ("now", now))]
    references = reference_streams([each.references for each in now])
    rows = {each["metric"]: each for each in decision["differences"] if each["slice"] == POOL}
    found = {}
    for key, kind, trials in (("p_bootstrap", "bs", 2_000), ("p_randomization", "ar", 10_000)):
        metrics = {"bleu": BLEU(force=True), "chrf": CHRF()}
        _, results = PairedTest(systems, metrics, references, test_type=kind, n_samples=trials)()
        for metric, name in (("bleu", "BLEU"), ("chrf", "chrF2")):
            found[f"{key} of {metric}"] = (float(rows[metric][key]), float(results[name][1].p_value))
    return {name: values for name, values in found.items() if values[0] != values[1]}


def _newest(config: Path, stage: str) -> list[Translated]:
    """The newest translations of the test split."""
    return read_translations(str(newest_output(config, stage, "translations")), "test")


def _decisions(config: Path) -> set[Path]:
    return set((config.parent / "work/artifacts/gate/decision").iterdir())


def margins(decision: Mapping[str, Any]) -> tuple[Margin, ...]:
    """The comparisons of a `decision.json` that have bounds."""
    return tuple(
        Margin(
            slice=each["slice"],
            metric=each["metric"],
            sentences=each["sentences"],
            before=each["baseline"],
            now=each["candidate"],
            gain=each["gain"],
            interval=(each["interval"][0], each["interval"][1]),
            lower_bound=each["lower_bound"],
            max_loss=each["max_loss"],
            margin=each["margin"],
        )
        for each in decision["differences"]
        if each["margin"] is not None and each["max_loss"] is not None
    )


def spreads(retrained: Sequence[Retrained]) -> dict[tuple[str, str], Spread]:
    """By slice and metric; the model in use counts as one of the seeds."""
    found = {}
    for place, first in enumerate(retrained[0].margins):
        rows = [each.margins[place] for each in retrained]
        noise = sum(row.interval[1] - row.interval[0] for row in rows) / len(rows) / (2 * _ENDS)
        surely = first.margin - NormalDist().inv_cdf(0.95) * noise
        points = stdev([first.before, *(row.now for row in rows)])
        found[first.slice, first.metric] = Spread(points, min(first.max_loss, surely))
    return found


def in_words(retrained: Sequence[Retrained]) -> str:
    """Both tables, and the reasons of refusals."""
    header = ("seed", "slice", "sentences", "score", "in use", "retrained", "gain", "95 % interval")
    rows = [
        (str(each.seed), row.slice, f"{row.sentences:,}", METRICS[row.metric], f"{row.before:.2f}", f"{row.now:.2f}")
        + (f"{row.gain:+.2f}", "{:+.2f} to {:+.2f}".format(*row.interval), f"{row.lower_bound:+.2f}", f"{row.left:.2f}")
        for each in retrained
        for row in each.margins
    ]
    seeds_header = ("slice", "score", "standard deviation", "refused beyond", "chance of that, if normal")
    of_seeds = [
        (name, METRICS[metric], f"{each.points:.2f}", f"{each.refused_beyond:.2f}", f"{each.chance:.2%}")
        for (name, metric), each in spreads(retrained).items()
    ]
    refused = [f"- seed {each.seed}: {'; '.join(each.reasons)}" for each in retrained if each.verdict == "refused"]
    beyond = [f"- seed {each.seed}: {'; '.join(each.beyond_defaults)}" for each in retrained if each.beyond_defaults]
    return "\n".join(
        [
            _markdown((*header, "lower bound", "left"), rows),
            "",
            "`left`: points that the model could have lost besides. Over the seeds, the one in use counted:",
            "",
            _markdown(seeds_header, of_seeds),
            "",
            f"Refused: {len(refused)} of {len(retrained)}.",
            *refused,
            "",
            f"Refused by the default bounds on broken translations: {len(beyond)} of {len(retrained)}.",
            *beyond,
            "",
            "P-values (bootstrap and swaps; BLEU and chrF) that are not those of sacreBLEU's `--paired-bs` and",
            f"`--paired-ar` on the same translations: {sum(len(each.other_p_values) for each in retrained)}.",
        ]
    )


def _markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *rows))
