"""People of a clip of a film, two of whom look into the camera, become visits of a real gateway."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bench.detect.clip import CLIP, PEOPLE
from facegate import Client
from tests.cluster.agent_process import AgentProcess
from tests.cluster.processes import Cluster, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CLIP.is_file(), reason="needs ../shared/photos with the clip"),
]
_DAY = datetime.now(UTC).replace(hour=12, minute=0) - timedelta(days=3)


@pytest.fixture
def client(cluster: Cluster) -> Iterator[Client]:
    """A client of a chain whose store north counts whom nobody would know again."""
    cluster.edit_store("north", "gallery: galleries/north, count_unfit: visits")
    with Client(cluster.gateway.url) as client:
        wait_until(lambda: counts_unfit(client), "the edit in force")
        yield client
    cluster.edit_store("north", "gallery: galleries/north")


def counts_unfit(client: Client) -> bool:
    [north] = [store for store in client.cluster().stores if store.store == "north"]
    return north.options["count_unfit"] == "visits"


def test_each_is_one_visit(cluster: Cluster, client: Client, tmp_path: Path) -> None:
    agent = AgentProcess(
        *(cluster.gateway.url, "north", str(CLIP), tmp_path),
        *("--once", "--started-at", _DAY.isoformat()),
    )

    assert agent.run() == 0

    to = (_DAY + timedelta(days=1)).date().isoformat()
    counted = client.traffic("north", start=_DAY.date().isoformat(), end=to)
    assert counted.pv == len({one.person for one in PEOPLE})
    assert [face["unfit"] for face in agent.said("face")].count("POSE") == 4
