"""The one family of errors. A message says what must hold, what was given, and what to do."""

from collections.abc import Sequence


class Seq2SeqError(Exception):
    """Base of every error meant for a person to read; `exit_status` is the command line's answer."""

    exit_status = 1


class WorkError(Seq2SeqError):
    """The work itself failed: a stage, the disk, an interrupted run."""


class InputError(Seq2SeqError):
    """The command line, or something it names, is wrong."""

    exit_status = 2


class CorpusError(InputError):
    """A corpus file cannot be used; the message names the file and the line."""


class ConfigError(InputError):
    """The configuration has problems, all of them given at once."""

    def __init__(self, path: str, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        super().__init__("\n  ".join([f"{path} has {count}:", *self.problems]))


class RefusedError(Seq2SeqError):
    """The probe or the gate refused the model; nothing is pushed."""

    exit_status = 3
