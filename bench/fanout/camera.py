"""What posts pictures: one connection, one request at a time, little CPU of its own."""

import http.client
import json
import time
from collections.abc import Callable
from typing import Any, Self

TIMEOUT = 60.0
IDLE = 2.0
"""Seconds; uvicorn keeps idle connections for 5."""


class Camera:
    """Posts one picture to one path, again and again, and checks that the answer is whole."""

    def __init__(
        self, port: int, path: str, picture: bytes, is_whole: Callable[[Any], bool]
    ) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        self._path = path
        self._picture = picture
        self._is_whole = is_whole
        self._last_use = 0.0

    @classmethod
    def at_shard(cls, port: int, picture: bytes) -> Self:
        """Ask a shard itself what the gateway would ask it."""
        path = "/recognize?vectors=true&candidates=0&rate=0.01"
        return cls(port, path, picture, lambda answer: answer["faces"][0]["match"] == "unknown")

    @classmethod
    def at_gateway(cls, port: int, home: str, picture: bytes, stores: int) -> Self:
        """Ask the gateway, which asks so many other stores and gives no FaceId."""
        path = f"/v1/stores/{home}/recognize?mint=false"
        whole = {"asked": stores + 1, "answered": stores + 1, "complete": True}
        return cls(port, path, picture, lambda answer: whole.items() <= answer["coverage"].items())

    def post(self) -> float:
        """Post the picture; return the milliseconds until the answer was read."""
        self._connect()
        started = time.perf_counter()
        self._connection.request("POST", self._path, self._picture, {"Content-Type": "image/jpeg"})
        response = self._connection.getresponse()
        raw = response.read()
        self._last_use = time.perf_counter()
        elapsed = (self._last_use - started) * 1000
        if response.status != 200 or not self._is_whole(json.loads(raw)):
            raise RuntimeError(f"{self._path}: {response.status} {raw.decode()}")
        return elapsed

    def _connect(self) -> None:
        """Have a connection: one that idled is about to be closed by the service."""
        if time.perf_counter() - self._last_use > IDLE:
            self._connection.close()
            self._connection.connect()
