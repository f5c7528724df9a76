"""What each test process lets go of."""

import gc
import sys

import pytest


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """After a file, free traced graphs: they hold each other in cycles, and processes of many tests grow to 8 GiB."""
    if "tensorflow" in sys.modules and (nextitem is None or nextitem.path != item.path):
        gc.collect()
