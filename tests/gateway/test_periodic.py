"""What the gateway does by itself for every store: no store holds the others up."""

from pathlib import Path

import pytest

from contract.errors import StorageUnavailable
from contract.stores.map_parser import parse_store_map
from contract.stores.store_map import Store
from gateway.periodic import for_each

STORES = parse_store_map(b"a: x:1\nb: x:2\nc: x:3\n", Path("stores.yaml")).stores.values()


async def test_a_store_with_which_something_unforeseen_goes_wrong_holds_no_other_up() -> None:
    done: list[str] = []

    async def do(store: Store) -> None:
        if store.id == "a":
            raise KeyError(store.id)
        done.append(store.id)

    with pytest.raises(ExceptionGroup, match="it cannot be done") as caught:
        await for_each(STORES, do, "it cannot be done")

    assert done == ["b", "c"]
    assert [type(error) for error in caught.value.exceptions] == [KeyError]


async def test_what_is_foreseen_is_logged_with_the_store(caplog: pytest.LogCaptureFixture) -> None:
    async def do(store: Store) -> None:
        if store.id == "b":
            raise StorageUnavailable("the disk is away")

    await for_each(STORES, do, "it cannot be done")

    assert caplog.messages == ["it cannot be done of b: the disk is away"]
