"""stores.yaml is edited under traffic: no request fails, and a bad edit changes nothing."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests import plain_http
from tests.cluster.processes import Cluster, wait_until
from tests.pictures import sample
from tests.ports import free_port

PAUSE = 0.1
"""Seconds between frames: without one, the shards that are waited for would start late."""


class Traffic:
    """A camera that posts one frame after the other and keeps what went wrong."""

    def __init__(self, cluster: Cluster, store: str) -> None:
        self.url = f"{cluster.gateway.url}/v1/stores/{store}/recognize"
        self.served = 0
        self.failures: list[str] = []
        self._stop = threading.Event()

    def run(self) -> None:
        with plain_http.Client() as camera:
            while not self._stop.wait(PAUSE):
                answer = camera.post(self.url, content=sample("obama3.jpg"))
                if answer.status_code == 200 and answer.json()["coverage"]["complete"]:
                    self.served += 1
                else:
                    self.failures.append(answer.text)

    @contextmanager
    def flowing(self) -> Iterator["Traffic"]:
        thread = threading.Thread(target=self.run)
        thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            thread.join()

    def wait_for_more(self, frames: int = 3) -> None:
        goal = self.served + frames
        wait_until(lambda: self.served >= goal or bool(self.failures), "more frames served")


def map_version(cluster: Cluster) -> str:
    version: str = plain_http.get(f"{cluster.gateway.url}/v1/cluster").json()["map"]["version"]
    return version


def write_and_wait(cluster: Cluster) -> None:
    """Write the map, and return when the gateway serves by it."""
    before = map_version(cluster)
    cluster.write_map()
    wait_until(lambda: map_version(cluster) != before, "the new map in force")


def test_stores_are_added_moved_and_removed_without_a_failed_request(own_cluster: Cluster) -> None:
    cluster = own_cluster
    with Traffic(cluster, "west").flowing() as camera:
        camera.wait_for_more()

        added = cluster.add_store("south")
        cluster.start_ahead_of_map(added)
        write_and_wait(cluster)
        cluster.wait_all_healthy()
        camera.wait_for_more()

        old = cluster.shards["west"]
        moved = cluster.move_store("west")
        cluster.start_ahead_of_map(moved)
        write_and_wait(cluster)
        camera.wait_for_more()
        old.terminate()
        camera.wait_for_more()

        cluster.drop_store("south")
        write_and_wait(cluster)
        added.terminate()
        camera.wait_for_more()

    assert camera.failures == []
    gone = plain_http.post(f"{cluster.gateway.url}/v1/stores/south/recognize", content=b"x")
    assert gone.json()["code"] == "UNKNOWN_STORE"


def test_a_bad_edit_keeps_the_last_good_map_and_is_shown(cluster: Cluster) -> None:
    good = map_version(cluster)
    with Traffic(cluster, "west").flowing() as camera:
        for bad in ("", "stores: {west: [", "west: h:1\nwest: h:2\n", "version: 3\n"):
            cluster.map.write_text(bad, encoding="utf-8")
            wait_until(lambda: map_error(cluster) is not None, "the error shown")
            camera.wait_for_more(1)
            cluster.write_map()
            wait_until(lambda: map_error(cluster) is None, "the error gone")

    assert camera.failures == []
    assert map_version(cluster) == good
    assert "stores.yaml" in cluster.gateway.log.read_text()


def map_error(cluster: Cluster) -> str | None:
    error: str | None = plain_http.get(f"{cluster.gateway.url}/v1/cluster").json()["map"]["error"]
    return error


def test_an_error_in_the_map_is_counted(cluster: Cluster) -> None:
    cluster.map.write_text(f"west: 127.0.0.1:{free_port()}\nwest: x\n", encoding="utf-8")
    wait_until(lambda: map_error(cluster) is not None, "the error shown")

    metrics = plain_http.get(f"{cluster.gateway.url}/metrics").text

    assert "facegate_map_error 1.0" in metrics
    assert "duplicate key 'west'" in str(map_error(cluster))
