"""What a start would have to compute is kept while the shard runs, and at its end."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from contract.deadline import Deadline
from shard.gallery.gallery import Gallery
from shard.gallery.schema import places
from shard.gallery.template_rows import NewTemplate
from shard.index.kept_snapshot import LEAST_KEPT
from shard.index_upkeep import IndexUpkeep
from shard.service import Service
from shard.shared_parts import SharedParts
from tests.shard.conftest import store_of
from tests.shard.fakes import MODEL, FakeEncoder, vector_of
from tests.shard.gallery.filled import filled

FACES = LEAST_KEPT + 1


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    """A store with enough faces for a snapshot."""
    path = tmp_path / "gallery.sqlite3"
    gallery = filled(path, FACES)
    gallery.forget_model("fake-second", MODEL)
    gallery.close()
    service = Service(store_of(), SharedParts(FakeEncoder()), read_only=False)
    await service.load(lambda: Gallery.open(path, "s"))
    service.waiting_for = None
    yield service
    await service.close()


def snapshots(service: Service) -> list[Path]:
    assert service.gallery is not None
    path = service.gallery.file.path
    return [*path.parent.glob("*-index-*")]


def stored_places(service: Service) -> int:
    with service.collection.gallery.file.transaction() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(places)) or 0


async def test_places_and_a_snapshot_are_stored_while_the_shard_runs(service: Service) -> None:
    upkeep = IndexUpkeep(service)

    await upkeep.step()

    assert await service.threads.record(None, stored_places, service) == FACES
    assert len(snapshots(service)) == 1


async def test_a_store_that_has_not_changed_is_left_alone(service: Service) -> None:
    upkeep = IndexUpkeep(service, snapshot_seconds=0)
    await upkeep.step()
    for path in snapshots(service):
        path.unlink()

    await upkeep.step()
    assert snapshots(service) == []

    template = NewTemplate(vector_of(1), MODEL, 1.0)
    await service.threads.record(None, service.collection.enroll, "new", template)
    await upkeep.step()
    assert len(snapshots(service)) == 1


async def test_snapshots_are_not_written_one_after_the_other(service: Service) -> None:
    """Erasures delete them: many would have them written again and again."""
    upkeep = IndexUpkeep(service)
    await upkeep.step()
    await service.threads.record(None, service.collection.erase, "m-1")

    await upkeep.step()
    assert snapshots(service) == []

    await IndexUpkeep(service, snapshot_seconds=0).step()
    assert len(snapshots(service)) == 1


async def test_a_store_that_is_not_complete_is_not_kept(service: Service) -> None:
    service.waiting_for = "importing pictures"

    await IndexUpkeep(service).step()

    assert snapshots(service) == []


async def test_the_last_changes_are_kept_at_the_end(service: Service) -> None:
    await IndexUpkeep(service).step()
    [before] = [path.read_bytes() for path in snapshots(service)]
    template = NewTemplate(vector_of(1), MODEL, 1.0)
    await service.threads.record(None, service.collection.enroll, "new", template)

    await IndexUpkeep(service).finish(Deadline(10))

    [after] = [path.read_bytes() for path in snapshots(service)]
    assert after != before


async def test_before_the_gallery_is_loaded_there_is_nothing_to_keep() -> None:
    service = Service(store_of(), SharedParts(FakeEncoder()), read_only=False)

    await IndexUpkeep(service).step()
    await IndexUpkeep(service).finish(Deadline(10))

    assert service.loaded_collection is None
    await service.close()
