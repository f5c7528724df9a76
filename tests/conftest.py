"""How the tests are shared out among processes.

A file's tests stay together, since they share fixtures and traced graphs, unless the file is marked `apart`.
"""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test its group: one that it names, itself where it stands apart, else its file."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            group = item.nodeid if item.get_closest_marker("apart") else str(item.path)
            item.add_marker(pytest.mark.xdist_group(group))
