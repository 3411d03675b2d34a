"""What a shard's service holds, and lets go."""

import asyncio
import threading
from pathlib import Path

import pytest

from shard.gallery.gallery import Gallery
from shard.service import Service
from tests.shard.conftest import store_of
from tests.shard.fakes import FakeEncoder


async def test_a_gallery_whose_loading_was_cancelled_does_not_stay_open(
    tmp_path: Path,
) -> None:
    store = store_of()
    path = tmp_path / "gallery.sqlite3"
    under_way, go_on = threading.Event(), threading.Event()
    service = Service(store, FakeEncoder(), read_only=False, reencode=False)

    def slowly() -> Gallery:
        under_way.set()
        go_on.wait()
        return Gallery.open(path, store.id)

    loading = asyncio.create_task(service.load(slowly))
    await asyncio.to_thread(under_way.wait)
    loading.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await loading
    await service.close()

    assert not service.loaded
    Gallery.open(path, store.id).close()  # nobody holds its lock any more
