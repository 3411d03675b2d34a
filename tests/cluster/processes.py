"""A whole cluster of real processes on loopback, for tests that cause real faults."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

import httpx

from tests import plain_http
from tests.pauses import pauses
from tests.ports import free_port

START_SECONDS = 120.0
"""A loaded machine may take this long to import dlib in every process at once."""


def wait_until(happened: Callable[[], bool], what: str, seconds: float = START_SECONDS) -> None:
    """Return as soon as `happened`; fail with `what` was awaited after `seconds`."""
    deadline = time.monotonic() + seconds
    for pause in pauses(0.1):  # a look at processes takes 20 ms of CPU
        if happened():
            return
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(pause)


def below(ancestor: int) -> dict[int, str]:
    """Return the command line of every process below `ancestor`, by pid."""
    listing = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 2) for line in listing.stdout.splitlines()]
    family = {ancestor}
    found: dict[int, str] = {}
    while True:
        new = {int(pid): args for pid, parent, args in rows if int(parent) in family} | found
        if new == found:
            return found
        found, family = new, {ancestor, *new}


class Service:
    """One process of the cluster; it can be killed, frozen and started again."""

    def __init__(
        self,
        module: str,
        arguments: Sequence[str],
        port: int,
        environment: dict[str, str],
        log: Path,
    ) -> None:
        self.command = [sys.executable, "-m", module, *arguments]
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {**os.environ, "FACEGATE_PORT": str(port), **environment}
        self.log = log
        self.trust = plain_http.TRUSTS_NOBODY
        """Whom to trust where it is asked by TLS."""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "not started"
        return self._process

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = _spawn(self.command, self.environment, log)

    def wait_ready(self) -> None:
        wait_until(
            self._is_ready, f"{self.command} ready; its log:\n{self.log.read_text()[-3000:]}"
        )

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, f"{self.command} ended:\n{self.log.read_text()[-3000:]}"
        try:
            answer = plain_http.get(f"{self.url}/readyz", timeout=10, verify=self.trust)
        except httpx.TransportError:
            return False
        return answer.status_code == 200

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def terminate(self) -> int:
        """Ask it to end, and return its exit code."""
        self.ask_to_end()
        return self.wait_ended()

    def ask_to_end(self) -> None:
        """Tell it to end, as an orchestrator does, and do not wait."""
        self.process.terminate()

    def wait_ended(self) -> int:
        """Return its exit code as soon as it has ended."""
        return self.process.wait(timeout=60)

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Make it hang: it keeps its connections and answers nothing."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    @contextlib.contextmanager
    def frozen_workers(self) -> Iterator[None]:
        """Make the processes that it started hang: what it has begun stays begun."""
        workers = below(self.process.pid)
        assert workers, f"{self.command} has no workers"
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in workers:
                os.kill(pid, signal.SIGCONT)

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        if self.is_running:
            self.kill()


def _spawn(
    command: list[str], environment: dict[str, str], log: IO[bytes]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
    )


class Cluster:
    """Shards and a gateway over one stores.yaml in `folder`, each store with one shard."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.map = folder / "stores.yaml"
        self.shards: dict[str, Service] = {}
        self._options: dict[str, str] = {}
        self.gateway = self._service("gateway", [], free_port(), "gateway")

    def _service(self, module: str, arguments: Sequence[str], port: int, name: str) -> Service:
        environment = {
            "FACEGATE_STORES": str(self.map),
            "FACEGATE_DATA": str(self.folder / "data"),
            "FACEGATE_ENCODER_WORKERS": "1",
            "FACEGATE_FAN_OUT_MS": "3000",  # a busy machine is no shard that hangs
            "FACEGATE_TRACK_QUIET_SECONDS": "600",  # nor a camera whose track has ended
        }
        return Service(module, arguments, port, environment, self.folder / f"{name}.log")

    def add_store(self, store: str, options: str = "") -> Service:
        """Name a shard for `store` on a free port; `options` are further lines of YAML flow."""
        port = free_port()
        self.shards[store] = self._service("shard", ["--store", store], port, f"shard-{store}")
        self._options[store] = f"{{shards: ['127.0.0.1:{port}']{options and ', ' + options}}}"
        return self.shards[store]

    def edit_store(self, store: str, options: str) -> None:
        """Give a store other options in the map."""
        address = self._options[store].partition("]")[0]
        self._options[store] = f"{address}], {options}}}"
        self.write_map()

    def add_store_at(self, store: str, port: int) -> None:
        """Name a shard that somebody else runs on `port`."""
        self._options[store] = f"{{shards: ['127.0.0.1:{port}']}}"

    def move_store(self, store: str) -> Service:
        """Name another process for `store`, which takes its gallery along by a copy."""
        data = self.folder / f"moved-{store}"
        shutil.copytree(self.folder / "data", data)
        moved = self.add_store(store)
        moved.environment["FACEGATE_DATA"] = str(data)
        return moved

    def drop_store(self, store: str) -> None:
        """Leave `store` out of the map; its process goes on."""
        del self._options[store]

    def start_ahead_of_map(self, service: Service) -> None:
        """Start a shard that the gateway's map does not name yet, by a map of its own."""
        ahead = self.folder / "ahead" / "stores.yaml"
        ahead.parent.mkdir(exist_ok=True)
        ahead.write_text(self._map_text(), encoding="utf-8")
        service.environment["FACEGATE_STORES"] = str(ahead)
        service.start()
        service.wait_ready()

    def _map_text(self) -> str:
        lines = [f"  {store}: {options}" for store, options in self._options.items()]
        return "\n".join(["version: 1", "stores:", *lines, ""])

    def write_map(self) -> None:
        """Write stores.yaml as ops do it safely: a new file, then a rename."""
        draft = self.map.with_suffix(".new")
        draft.write_text(self._map_text(), encoding="utf-8")
        draft.replace(self.map)

    def start(self) -> None:
        self.write_map()
        services = [*self.shards.values(), self.gateway]
        for service in services:
            service.start()
        for service in services:
            service.wait_ready()
        self.wait_all_healthy()

    def heal(self) -> None:
        """Start again what has ended, write the map anew and erase the strangers' FaceIds."""
        services = [*self.shards.values(), self.gateway]
        ended = [service for service in services if not service.is_running]
        for service in ended:
            service.start()
        for service in ended:
            service.wait_ready()
        self.write_map()
        wait_until(self._follows_map, "the written map in force")
        self.wait_all_healthy()
        for store in self.shards:
            url = f"{self.gateway.url}/v1/stores/{store}/faces"
            for face in plain_http.get(url).json()["faces"]:
                if face["kind"] == "visitor":
                    plain_http.delete(f"{url}/{face['face_id']}").raise_for_status()

    def _follows_map(self) -> bool:
        stores = plain_http.get(f"{self.gateway.url}/v1/cluster").json()["stores"]
        return {store["store"] for store in stores} == set(self._options)

    def wait_all_healthy(self) -> None:
        wait_until(self._all_healthy, "every store healthy in /v1/cluster")

    def _all_healthy(self) -> bool:
        stores = plain_http.get(f"{self.gateway.url}/v1/cluster").json()["stores"]
        return all(store["healthy"] for store in stores)

    def stop(self) -> None:
        for service in [self.gateway, *self.shards.values()]:
            service.stop()
