from collections.abc import Iterator

import pytest

from tests.facegate.fake_gateway import FakeGateway, FakeStore


@pytest.fixture
def gateway() -> Iterator[FakeGateway]:
    """A fake gateway with two stores, one of them named in Chinese."""
    fake = FakeGateway({"a": FakeStore(), "门店 B": FakeStore()})
    with fake.serving():
        yield fake
