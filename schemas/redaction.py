"""Texts as messages may show them: without the keys and passwords that somebody wrote into an address."""

import re
from typing import Final

_HIDDEN: Final = "***"
_BEFORE_HOST: Final = re.compile(r"(?<=://)[^\s'\"]*@")
"""`key:secret@`; a secret may hold slashes, so up to the last `@`."""
_WITHOUT_KIND: Final = re.compile(r"(?<![^\s'\"=])[^\s'\":/=]+:(?!/)[^\s'\"]*@(?=[^\s'\"])")
"""The same where `s3://` was forgotten."""
_PASSWORD: Final = re.compile(r"(?<=://)([^\s'\"/@:?]+):(?!\d+(?:[/?'\")\s]|$))[^\s'\"@?]+")
"""`key:secret` where the `@` was forgotten; a port is left."""
_PARAMETER: Final = re.compile(
    r"([?&][^=&\s]*(?:key|token|secret|password|credential|signature)[^=&\s]*=)[^&\s'\"]*", re.IGNORECASE
)


def redacted(text: str) -> str:
    """A text in which keys within addresses are hidden.

    Example:
        >>> redacted("s3://key:secret@bucket/models?region=eu&secret_key=abc")
        's3://***@bucket/models?region=eu&secret_key=***'
        >>> redacted("s3://bucket:9000/models")
        's3://bucket:9000/models'
    """
    hidden = _BEFORE_HOST.sub(f"{_HIDDEN}@", text)
    hidden = _WITHOUT_KIND.sub(f"{_HIDDEN}@", hidden)
    hidden = _PASSWORD.sub(_HIDDEN, hidden)
    return _PARAMETER.sub(rf"\g<1>{_HIDDEN}", hidden)
