"""A store's shard as users start it, with such people in its gallery."""

import http.client
import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench.search.clients import Ask
from bench.search.people import SearchedPeople
from bench.service.systems import plain_environment
from contract.messages.faces import NamedVector, VectorsDraft
from contract.stores.stored_galleries import gallery_file
from contract.vectors import CONTENT_TYPE, MODEL_HEADER, Vector, pack, to_text
from encoder import VectorModel
from shard.enrollment.vector_enrollment import new_templates
from shard.gallery.gallery import Gallery
from tests.ports import free_port

STORE = "s"
_BATCH = 5_000
_SECONDS = 600.0


@dataclass(frozen=True)
class Shard:
    """A running shard, and how long it took until it was ready."""

    port: int
    pid: int
    start_seconds: float
    model: str

    def client(self) -> "ShardCaller":
        """Return a client with a connection of its own."""
        return ShardCaller(self.port, self.model)

    def connect(self) -> Ask:
        """Return what searches vectors over a connection of its own."""
        return self.client().ask


class ShardCaller:
    """One connection to a shard."""

    def __init__(self, port: int, model: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
        self._model = model

    def ask(self, probe: Vector) -> str | None:
        """Return whom a probe is most like."""
        best = self.best(probe)
        return None if best is None else str(best["face_id"])

    def best(self, probe: Vector) -> dict[str, Any] | None:
        """Return the best candidate of a search, and whether it matches."""
        headers = {"Content-Type": CONTENT_TYPE, MODEL_HEADER: self._model}
        answer = self.call("POST", "/search?k=1", pack(probe), headers)
        [found] = answer["results"]
        return found[0] if found else None

    def enroll(self, name: str, vector: Vector) -> None:
        """Enroll one vector."""
        faces = [NamedVector(face_id=name, vector=to_text(vector))]
        draft = VectorsDraft(model=self._model, faces=faces)
        headers = {"Content-Type": "application/json"}
        self.call("POST", "/faces/vectors", draft.model_dump_json().encode(), headers)

    def erase(self, name: str) -> None:
        """Erase a FaceId."""
        self.call("DELETE", f"/faces/{quote(name)}")

    def call(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Any:
        """Send a request, and return its answer."""
        self._connection.request(method, path, body, headers or {})
        response = self._connection.getresponse()
        raw = response.read()
        if response.status not in {200, 201}:
            raise RuntimeError(f"{path}: {response.status} {raw[:300]!r}")
        return json.loads(raw) if raw else None


def fill(data: Path, people: SearchedPeople) -> float:
    """Enroll the people in the store's gallery below `data`; return how many a second.

    By the door that `POST /faces/vectors` uses, without the way over HTTP.
    """
    path = gallery_file(data, STORE)
    path.parent.mkdir(parents=True)
    gallery, started = Gallery.open(path, STORE), time.perf_counter()
    models = [VectorModel(people.model, people.templates.shape[1])]
    try:
        for start in range(0, len(people.templates), _BATCH):
            piece = slice(start, start + _BATCH)
            named = zip(people.names[piece], people.templates[piece], strict=True)
            faces = [NamedVector(face_id=name, vector=to_text(vector)) for name, vector in named]
            draft = VectorsDraft.model_construct(model=people.model, faces=faces)
            gallery.enroll_all(new_templates(draft, models))
        gallery.imports.set_complete(True)
    finally:
        gallery.close()
    return len(people.templates) / (time.perf_counter() - started)


def wait_for_places(data: Path, people: SearchedPeople) -> None:
    """Wait until a running shard has stored everybody's place, as it does after an import."""
    with closing(sqlite3.connect(f"file:{gallery_file(data, STORE)}?mode=ro", uri=True)) as record:
        while record.execute("SELECT count(*) FROM places").fetchone() != (len(people.templates),):
            time.sleep(1.0)


def delete_snapshots(data: Path) -> None:
    """Have the next start read the record."""
    gallery = gallery_file(data, STORE)
    for kept in gallery.parent.glob(f"{gallery.name}-index-*"):
        kept.unlink()


@contextmanager
def shard(data: Path, people: SearchedPeople, kind: str) -> Iterator[Shard]:
    """Run the shard with one kind of index; what is made in the background is waited for."""
    port = free_port()
    command = [sys.executable, "-m", "shard", "--store", STORE, "--data", str(data)]
    environment = plain_environment() | {"FACEGATE_INDEX": kind, "FACEGATE_ENCODER_WORKERS": "1"}
    started = time.perf_counter()
    with (data / "shard.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, "--port", str(port)], env=environment, cwd=data, stdout=log, stderr=log
        )
    try:
        caller = ShardCaller(port, people.model)
        _wait(process, caller, "/readyz")
        seconds = time.perf_counter() - started
        running = Shard(port, process.pid, seconds, people.model)
        while kind != "flat" and not _is_made(caller, kind):
            time.sleep(0.5)
        yield running
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=_SECONDS)


def _wait(process: subprocess.Popen[bytes], caller: ShardCaller, path: str) -> None:
    while True:
        if process.poll() is not None:
            raise RuntimeError(f"the shard ended with {process.returncode}; its log says why")
        try:
            caller.call("GET", path)
        except (OSError, RuntimeError, http.client.HTTPException):
            caller._connection.close()
            time.sleep(0.05)
        else:
            return


def _is_made(caller: ShardCaller, kind: str) -> bool:
    """Say whether the part with the most faces is searched by this kind of index."""
    parts = caller.call("GET", "/status")["index"].values()
    return bool(max(parts, key=lambda part: part["faces"])["kind"] == kind)
