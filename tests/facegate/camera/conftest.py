"""Footage, made once for all tests of a process."""

import pytest

from tests.footage import Footage, make_footage


@pytest.fixture(scope="session")
def footage(slow: None, tmp_path_factory: pytest.TempPathFactory) -> Footage:
    """Return a video of three people who walk through."""
    return make_footage(tmp_path_factory.mktemp("footage"))
