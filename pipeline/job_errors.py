"""What a failed Beam job says: out of the traces of several processes and languages, the error that matters."""

import re
from typing import Final

from seq2seq_tfx.schemas import errors

_OURS: Final = re.compile(
    rf"^{re.escape(errors.__name__)}\.(\w+): (.*?)(?=\s*\[while running|\n\s*at |\n\n|\n\w*Traceback|\Z)",
    re.MULTILINE | re.DOTALL,
)
_THEIRS: Final = re.compile(r"^(?:Caused by: )?((?:\w+\.)*\w*(?:Error|Exception|Interrupt)\b.*)$", re.MULTILINE)

_LOST: Final = re.compile(
    r"TaskManager with id (\S+) (?:is no longer reachable|timed out)"
    r"|(?:unexpectedly closed by remote task manager|Lost connection to task manager) '([^']+)'"
)


def error_of(said: str) -> Exception:
    """The last error of ours in what a job says, as it was raised in the worker; else one with the last of others.

    A machine that was lost is no fault of the program: then the error says what to do.

    Example:
        >>> error_of("Traceback ...\\nModuleNotFoundError: No module named 'a' [while running 'b']")
        RuntimeError("ModuleNotFoundError: No module named 'a'")
    """
    ours = _OURS.findall(said)
    if ours:
        name, message = ours[-1]
        status = getattr(errors, name, errors.WorkError).exit_status
        return errors.InputError(message) if status == errors.InputError.exit_status else errors.WorkError(message)
    lost = _LOST.findall(said)
    if lost:
        manager = "".join(lost[-1])
        return errors.WorkError(
            f"Flink must keep its TaskManagers until the job ends, but {manager} was lost (its log, or the machine's, "
            "says why); see that one runs and run again: what is finished stays so"
        )
    theirs = [found.partition(" [while running")[0].strip() for found in _THEIRS.findall(said)]
    first = said.strip().partition("\n")[0]
    return RuntimeError(theirs[-1] if theirs else first or "it says nothing")
