"""How the tests are shared out among processes, and what each process lets go of.

A file's tests stay together, since they share fixtures and traced graphs, unless the file is marked `apart`.
"""

import gc
import sys

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test its group: one that it names, itself where it stands apart, else its file.

    Before pytest-xdist looks at the groups.
    """
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            group = item.nodeid if item.get_closest_marker("apart") else str(item.path)
            item.add_marker(pytest.mark.xdist_group(group))


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Free traced graphs: they hold each other in cycles, and a process of many tests would grow to 10 GiB."""
    is_last = nextitem is None or nextitem.path != item.path
    if "tensorflow" in sys.modules and (is_last or item.get_closest_marker("apart") is not None):
        gc.collect()
