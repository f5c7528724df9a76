"""The form that training pairs are stored in. Eval and test pairs stay as given."""

import unicodedata


def normalise_line(text: str) -> str:
    """Unicode NFC: what training pairs are stored in.

    Example:
        >>> normalise_line("cafe\\u0301") == "caf\\u00e9"
        True
    """
    return text if text.isascii() else unicodedata.normalize("NFC", text)
