"""Clusters of real processes: one for all tests, and its own for a test that turns it over."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import plain_http
from tests.cluster.processes import Cluster
from tests.footage import Footage, make_footage
from tests.pictures import sample


def started(folder: Path) -> Cluster:
    """Start three stores: Obama is a member of west, Collins of east, nobody of north."""
    cluster = Cluster(folder)
    for store, pictures in {
        "west": {"obama_0.jpg": "obama.jpg", "obama_1.jpg": "obama2.jpg"},
        "east": {"collins_0.png": "astronaut.png"},
        "north": {},
    }.items():
        gallery = folder / "galleries" / store
        gallery.mkdir(parents=True)
        for name, picture in pictures.items():
            (gallery / name).write_bytes(sample(picture))
        cluster.add_store(store, f"gallery: galleries/{store}")
    try:
        cluster.start()
    except BaseException:  # whatever ends it, what was started ends
        cluster.stop()
        raise
    return cluster


@pytest.fixture(scope="package")
def shared_cluster(processes: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = started(tmp_path_factory.mktemp("shared-cluster"))
    yield cluster
    cluster.stop()


@pytest.fixture
def cluster(shared_cluster: Cluster) -> Iterator[Cluster]:
    """Return the shared cluster, for a test that causes a fault; it is healed afterwards."""
    yield shared_cluster
    shared_cluster.heal()


@pytest.fixture
def own_cluster(processes: None, tmp_path: Path) -> Iterator[Cluster]:
    cluster = started(tmp_path)
    yield cluster
    cluster.stop()


@pytest.fixture
def gateway(shared_cluster: Cluster) -> Iterator[httpx.Client]:
    with plain_http.Client(base_url=shared_cluster.gateway.url) as client:
        yield client


@pytest.fixture(scope="package")
def footage(slow: None, tmp_path_factory: pytest.TempPathFactory) -> Footage:
    """Return a video of three people who walk through."""
    return make_footage(tmp_path_factory.mktemp("footage"))
