"""One camera that floods a store, and nine that do not, through a gateway and a shard."""

import http.client
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from tests.cluster.processes import Cluster
from tests.pictures import sample

FLOOD, OTHERS, PICTURES = 40, 9, 3


def post(cluster: Cluster, camera: str) -> tuple[int, str | None]:
    where = urlsplit(cluster.gateway.url)
    connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=60)
    path = f"/v1/stores/north/recognize?mint=false&camera={camera}"
    connection.request("POST", path, sample("biden.jpg"), {"Content-Type": "image/jpeg"})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status, response.getheader("Retry-After")


def test_the_others_of_its_store_are_not_refused(shared_cluster: Cluster) -> None:
    is_over = threading.Event()
    full = threading.Event()
    flooded: Counter[tuple[int, str | None]] = Counter()

    def flood() -> None:
        while not is_over.is_set():
            answer = post(shared_cluster, "flood")
            flooded[answer] += 1
            if answer[0] == 429:
                full.set()

    def quiet(number: int) -> list[int]:
        return [post(shared_cluster, f"quiet-{number}")[0] for _ in range(PICTURES)]

    with ThreadPoolExecutor(FLOOD + OTHERS) as threads:
        floods = [threads.submit(flood) for _ in range(FLOOD)]
        try:
            assert full.wait(60)
            statuses = [status for found in threads.map(quiet, range(OTHERS)) for status in found]
        finally:
            is_over.set()
    for each in floods:
        each.result()

    assert statuses == [200] * OTHERS * PICTURES
    assert set(flooded) == {(200, None), (429, "1")}
