"""The rules for sentences of one side, as those of monolingual corpora are.

A sentence is judged as a pair of itself, both sides in its language, by the rules that look at each side alone: so each
rule is written once, and says the same of a sentence whether or not it has a translation.
"""

from typing import Any

from seq2seq_tfx.components.corpus.rules.rule_set import RuleSet
from seq2seq_tfx.components.corpus.rules.table import RULES_OF_PAIRS
from seq2seq_tfx.schemas.config.cleaning import CleaningConfig, Pattern
from seq2seq_tfx.schemas.config.languages import Languages
from seq2seq_tfx.schemas.features import SIDES


def rules_of_side(config: CleaningConfig, languages: Languages, side: str) -> RuleSet:
    """The rules that a configuration turns on for a side; each sentence is to be given as source and target.

    Args:
        config: Rules and thresholds.
        languages: Of the two sides.
        side: `source` or `target`.

    Raises:
        InputError: If language identification is on and cannot work.

    Example:
        >>> rules = rules_of_side(CleaningConfig(), Languages(source="en", target="de"), "target")
        >>> rules.first_broken("ein Hund", "ein Hund"), rules.first_broken(" ", " ")
        (None, 'empty')
    """
    own = getattr(languages, side)
    scripts = getattr(config, f"{side}_scripts")
    changed: dict[str, Any] = {
        **dict.fromkeys(RULES_OF_PAIRS),
        "source_scripts": scripts,
        "target_scripts": scripts,
        "deny_patterns": _of_side(config.deny_patterns, side),
        "allow_patterns": _of_side(config.allow_patterns, side),
        # The other side's language is one that a sentence may be in by mistake.
        "other_languages": (*(getattr(languages, each) for each in SIDES if each != side), *config.other_languages),
    }
    return RuleSet.of(config.model_copy(update=changed), Languages(source=own, target=own))


def _of_side(patterns: tuple[Pattern, ...], side: str) -> tuple[Pattern, ...]:
    """Those for a side, found in both."""
    return tuple(each.model_copy(update={"side": "both"}) for each in patterns if each.side in (side, "both"))
