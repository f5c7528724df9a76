"""What `text_checks` find in a job's translations, in words, for the records' flags."""

from collections.abc import Iterator, Sequence
from typing import Final, final

from seq2seq_tfx.components.text_checks.checking import TextChecker, TextCheckSettings
from seq2seq_tfx.components.translation.engine import Translation
from seq2seq_tfx.components.translation.formats.record import Outcome
from seq2seq_tfx.components.translation.job.blocks import Block
from seq2seq_tfx.components.translation.job.index import Note

_REASONS: Final = {
    "empty": "the source has letters or digits, the translation has nothing",
    "copied_source": "the translation is the source again",
    "loop": "the translation repeats itself, the source does not",
    "wrong_script": "a word is in a script that the target language is not written in",
    "wrong_language": "the translation seems to be in another language",
    "lost_number": "a number of the source is missing",
    "lost_markup": "an address, tag or placeholder of the source is missing",
}


@final
class Flagger:
    """Looks at translations, from several threads if need be.

    Args:
        settings: What is looked for.
    """

    def __init__(self, settings: TextCheckSettings) -> None:
        self._checker = TextChecker(settings)
        self.checks: tuple[str, ...] = self._checker.checks
        """What can be looked for here."""

    def flagged(self, sentence: str, translation: Translation) -> Translation:
        """The translation of a sentence, with what is wrong with it."""
        failures = self._checker.failures(sentence, translation.text, bool(translation.truncated))
        return translation._replace(flags=failures) if failures else translation


def flag_notes(block: Block, outcomes: Sequence[Outcome | None]) -> Iterator[Note]:
    """A note for each flag of a block's records; `truncated` has one already, whether or not it is looked for."""
    for place, (record, outcome) in enumerate(zip(block.records, outcomes, strict=True)):
        for flag in outcome.flags if outcome is not None else ():
            if flag != "truncated":
                yield Note(block.first + place, flag, record.file, record.line, _REASONS[flag])
