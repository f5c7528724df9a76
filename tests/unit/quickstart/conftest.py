"""The quickstart corpus that `seq2seq init` writes, made once for all its tests."""

import pytest

from seq2seq_tfx.components.quickstart.corpus import QuickstartPair, generate

SEED = 1


@pytest.fixture(scope="session")
def quickstart() -> dict[str, tuple[QuickstartPair, ...]]:
    """The three splits."""
    return generate(SEED)
