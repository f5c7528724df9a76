"""The lock file of the libraries that this program was proven with."""

from pathlib import Path
from typing import Final

import seq2seq_tfx
from seq2seq_tfx.components.files import sha256_of_file

_PACKAGE: Final = Path(seq2seq_tfx.__file__).parent
LOCK_FILES: Final = (_PACKAGE / "compat.txt", _PACKAGE.parents[1] / "requirements/compat.txt")
"""Where it is in a wheel's package (`setup.py` puts it there), and in a clone."""


def lock_sha256() -> str | None:
    """The hex sha256 of the lock file; None if the package was built without one."""
    found = next((path for path in LOCK_FILES if path.is_file()), None)
    return None if found is None else sha256_of_file(found)
