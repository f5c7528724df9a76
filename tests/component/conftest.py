"""Pipelines that several tests look at."""

import pytest
from data_chain import DataChain


@pytest.fixture(scope="session")
def data_chain(tmp_path_factory: pytest.TempPathFactory) -> DataChain:
    """The data stages, run once."""
    chain = DataChain(tmp_path_factory.mktemp("data_chain"))
    chain.write_corpora()
    chain.run()
    return chain
