"""What a shard's service holds, and lets go."""

import asyncio
import threading
from pathlib import Path

import pytest

from scoring.safe_scale import SafeScale
from shard.gallery.gallery import Gallery
from shard.service import Service
from shard.shared_parts import SharedParts
from tests.shard.conftest import store_of
from tests.shard.fakes import MODEL, FakeEncoder


async def test_a_gallery_whose_loading_was_cancelled_does_not_stay_open(
    tmp_path: Path,
) -> None:
    store = store_of()
    path = tmp_path / "gallery.sqlite3"
    under_way, go_on = threading.Event(), threading.Event()
    service = Service(store, SharedParts(FakeEncoder()), read_only=False, reencode=False)

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


@pytest.mark.parametrize(
    ("kept", "said"), [(True, "scale of fake-v1: safe, made from 3 people"), (False, "none")]
)
async def test_what_the_model_s_scores_are_worth_is_in_status_and_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kept: bool, said: str
) -> None:
    if kept:
        SafeScale(model=MODEL, mean=0, deviation=0.15, people=3).save(tmp_path)
    service = Service(
        store_of(), SharedParts(FakeEncoder(), scale_folder=tmp_path), read_only=False
    )

    await service.load(lambda: Gallery.open(tmp_path / "gallery.sqlite3", "s"))
    status = service.status()
    await service.close()

    assert said in caplog.text
    assert status.scale is not None
    assert status.scale.kind == ("safe" if kept else "none")
    assert status.scale.detail in caplog.text
    assert not status.scale.estimates
