"""`facegate up` watches the cameras of its map that have a source."""

import json
from pathlib import Path

from tests.cluster.processes import wait_until
from tests.facegate.camera.cameras import HttpCamera
from tests.facegate.cluster.up_process import Up
from tests.footage import make_footage
from tests.ports import free_port


def test_whoever_a_camera_of_the_map_shows_is_counted(
    processes: None, slow: None, tmp_path: Path
) -> None:
    footage = make_footage(tmp_path)
    up = Up(tmp_path, FACEGATE_KEYS="required")  # the agents bring the admin's key
    shard = free_port()

    def write(cameras: dict[str, object]) -> None:
        store = {"shards": [f"127.0.0.1:{shard}"], "cameras": cameras}
        up.write_map(json.dumps({"version": 1, "stores": {"west": store}}))

    def visits() -> int:
        with up.client() as client:
            return client.traffic("west").pv

    write({})
    with HttpCamera(footage.jpegs).running() as camera, up.running():
        assert up.first_line().startswith("facegate ready")
        write({"door": {"source": f"{camera.url}/video"}})
        wait_until(lambda: visits() >= footage.people, "everybody is counted")

    assert (tmp_path / "data" / "logs" / "cameras.log").exists()
