"""Two systems on one test set, in memory: the gate on any pair of models (`seq2seq evaluate --against`)."""

from collections.abc import Sequence

from seq2seq_tfx.components.evaluation.plain import Report
from seq2seq_tfx.components.evaluation.scores import pooled
from seq2seq_tfx.components.evaluation.scoring import score_all, tokenizer_for
from seq2seq_tfx.components.evaluation.translated import Translated
from seq2seq_tfx.components.gate.comparing import Translations, compare
from seq2seq_tfx.components.gate.decide import QUALITIES, Decision, decide
from seq2seq_tfx.components.gate.failures import failure_bounds
from seq2seq_tfx.components.gate.settings import GateSettings


def judge_texts(
    sentences: Sequence[Translated], report: Report, baseline: Sequence[str] | None, settings: GateSettings
) -> Decision:
    """What the gate would say of a system.

    Args:
        sentences: Translated by it.
        report: What the evaluation found of them.
        baseline: The other system's translations of the same sentences; None if there is none.
        settings: The policy.

    Raises:
        InputError: If a bound is set for a metric that was not computed.
    """
    failures = failure_bounds(report.failures, settings.gate)
    if baseline is None:
        return decide(pooled(report.scores), None, settings.gate, (), failures)
    references = [each.references for each in sentences]
    before = score_all(baseline, references, settings.evaluation, settings.languages.target)
    differences = compare(
        Translations(
            candidate=[each.translation for each in sentences],
            baseline=baseline,
            references=references,
            slices=[each.slice_names() for each in report.judged],
        ),
        [metric for metric in dict.fromkeys(settings.evaluation.metrics) if metric in QUALITIES],
        tokenizer_for(settings.evaluation.tokenizer, settings.languages.target),
        settings.gate,
    )
    return decide(pooled(report.scores), before, settings.gate, differences, failures)
