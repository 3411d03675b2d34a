"""`facegate up` with a damaged gallery: the other stores are served, and it can be repaired."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests import plain_http
from tests.cluster.processes import wait_until
from tests.facegate.cluster.up_process import Up
from tests.pictures import sample
from tests.ports import free_port

pytestmark = pytest.mark.processes

PAGE = 4096


def overwrite(path: Path) -> None:
    """Overwrite 26 pages of a gallery with noise, or as many as there are after the first one."""
    chance = random.Random(5)
    with path.open("r+b") as file:
        for page in range(1, min(27, path.stat().st_size // PAGE)):
            file.seek(page * PAGE)
            file.write(chance.randbytes(PAGE))


def test_one_damaged_gallery_keeps_no_other_store_from_being_served(tmp_path: Path) -> None:
    up = Up(tmp_path)
    up.write_map(f"a: 127.0.0.1:{free_port()}\nb: 127.0.0.1:{free_port()}\n")
    gallery = tmp_path / "data" / "a" / "gallery.sqlite3"
    with up.running():
        assert up.first_line()
        with up.client() as client:
            client.enroll("a", "obama", sample("obama.jpg"))
            client.enroll("b", "biden", sample("biden.jpg"))
    overwrite(gallery)
    with up.running():
        assert up.first_line() == f"facegate ready http://127.0.0.1:{up.port}\n"
        assert f": {gallery} is damaged: " in up.stderr.read_text()
        with up.client() as client:
            assert client.recognize("b", sample("biden.jpg")).faces[0].face_id == "biden"
            [damaged] = [store for store in client.cluster().stores if not store.healthy]
        assert damaged.store == "a"
        assert "facegate stores repair a" in str(damaged.replicas[0].reason)
        page = plain_http.get(f"http://127.0.0.1:{up.port}/cluster").text
        assert "facegate stores repair a" in page

        facegate = str(Path(sys.executable).parent / "facegate")
        arguments = ["--stores", str(up.map), "--data", str(tmp_path / "data")]
        repaired = subprocess.run(
            [facegate, "stores", "repair", "a", *arguments],
            capture_output=True,
            text=True,
            check=True,
        )

        assert "can be used again" in repaired.stdout
        wait_until(lambda: up.healthy() == ["a", "b"], "store a is served again")
        wait_until(lambda: "is served by" in up.stderr.read_text(), "that is said, too")
