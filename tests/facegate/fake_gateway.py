"""A gateway on a real socket that keeps its faces in a dictionary, and fails as it is told to.

A picture is any bytes: what its text says is the person who is on it. `no face`, `crowd` and an
empty body are refused as a shard would; every other text is a face.
"""

import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

REFUSED = {
    b"": (400, "EMPTY_PICTURE", "No picture in the request"),
    b"no face": (422, "NO_FACE", "No face in the picture"),
    b"crowd": (422, "SEVERAL_FACES", "Several faces in the picture"),
}
COVERAGE = {"asked": 3, "answered": 2, "failed": {"c": "timeout"}, "complete": False}
_COUNTS = {"uv": 4, "new": 2, "returning": 3, "roaming": 1, "members": 2}
_ESTIMATES = {
    "uv_estimate": {"value": 4, "low": 3, "high": 5},
    "new_estimate": {"value": 1, "low": 0, "high": 2},
    "returning_estimate": {"value": 4, "low": 3, "high": 5},
}
_NOBODY = {"pv": 0, **dict.fromkeys(_COUNTS, 0), "dwell_s": None}
TRAFFIC: dict[str, Any] = {
    "store": "门店 B",
    "from": "2026-05-04",
    "to": "2026-05-06",
    "by": "day",
    "timezone": "Asia/Shanghai",
    "pv": 5,
    **_COUNTS,
    "dwell_s": 61.5,
    "faces_unfit": 7,
    **_ESTIMATES,
    "rows": [
        {
            "start": "2026-05-04",
            "pv": 5,
            **_COUNTS,
            "dwell_s": 61.5,
            "faces_unfit": 7,
            **_ESTIMATES,
        },
        {"start": "2026-05-05", **_NOBODY},
    ],
}
BOX = {"top": 1, "right": 9, "bottom": 9, "left": 1}


@dataclass
class FakeStore:
    """What one store knows: FaceIds with their pictures, and the sources of imports."""

    faces: dict[str, list[bytes]] = field(default_factory=dict)
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass
class FakeGateway:
    """`raw` answers replace the next real ones, first in first out: status, headers, body."""

    stores: dict[str, FakeStore] = field(default_factory=dict)
    raw: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    """The path with its query, and the idempotency key, of every request."""
    bodies: list[bytes] = field(default_factory=list)
    headers: list[frozenset[str]] = field(default_factory=list)
    """The names of every request's headers, in small letters."""
    keys: list[str | None] = field(default_factory=list)
    """The header `Authorization` of every request."""
    ports: list[int] = field(default_factory=list)
    """The client's port of every request, which says what connection it came by."""
    page: int = 2
    down: bool = False
    """Whether the shards confirm nothing."""
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @contextlib.contextmanager
    def serving(self) -> Iterator[str]:
        """Serve on a free port of loopback and yield the URL."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self.url
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def sent(self, method: str, ending: str) -> int:
        """Return how many requests of this kind came."""
        return sum(kind == method and path.endswith(ending) for kind, path in self.requests)

    def answer(
        self, method: str, parts: list[str], query: dict[str, str], body: bytes
    ) -> tuple[int, Any]:
        match (method, *parts):
            case ("GET", "v1", "stores"):
                return 200, {"stores": [self._summary(name) for name in self.stores]}
            case ("POST", "v1", "compare"):
                return 200, {"same": True, "score": 0.7, "threshold": 0.5, "distance": 0.3}
            case ("POST", "v1", "search"):
                return 200, {"faces": [{"box": BOX}], "coverage": COVERAGE}
            case (_, "v1", "stores", name, *rest):
                if name not in self.stores:
                    return problem(404, "UNKNOWN_STORE", "Unknown store", f"no store {name!r}")
                return self._of_store(name, method, rest, query, body)
        return problem(404, "NOT_FOUND", "Not Found")

    def _summary(self, name: str) -> dict[str, Any]:
        faces = len(self.stores[name].faces)
        return {"store": name, "name": f"The {name}", "healthy": True, "faces": faces}

    def _of_store(
        self, name: str, method: str, rest: list[str], query: dict[str, str], body: bytes
    ) -> tuple[int, Any]:
        store = self.stores[name]
        match (method, *rest):
            case ("POST", "recognize"):
                return self._recognize(name, query, body)
            case ("POST", "faces", "likeness"):
                return _likeness(query, body)
            case ("POST", "faces"):
                return _enroll(name, store, query, body)
            case ("GET", "calibration"):
                return 200, _calibration(name, float(query.get("rate", 0.01)))
            case ("GET", "sources"):
                prefix = query["prefix"]
                known = [s for key, s in store.sources.items() if key.startswith(prefix)]
                return 200, {"sources": known}
            case ("GET", "faces"):
                after = query.get("after", "")
                later = sorted(face_id for face_id in store.faces if face_id > after)
                faces = [_record(name, face_id, store) for face_id in later[: self.page]]
                more = len(later) > self.page
                return 200, {"faces": faces, "next_after": later[self.page - 1] if more else None}
            case ("GET", "faces", face_id) if face_id in store.faces:
                return 200, _record(name, face_id, store)
            case ("DELETE", "faces", face_id) if face_id in store.faces:
                return _erased(name, face_id, len(store.faces.pop(face_id)), self.down)
        return problem(404, "UNKNOWN_FACE", "Unknown FaceId")

    def _recognize(self, name: str, query: dict[str, str], body: bytes) -> tuple[int, Any]:
        if body in {b"", b"crowd"}:
            return problem(*REFUSED[body])
        faces = [] if body == b"no face" else [self._face(name, body)]
        for face in faces:
            if "track" in query:
                face["track"] = {"id": query["track"], "frames": 2}
            if "candidates" in query:
                face["candidates"] = self._candidates()[: int(query["candidates"])]
        timing = {"encode": 1, "home": 2, "fan_out": 3, "total": 4.4}
        return 200, {"store": name, "faces": faces, "coverage": COVERAGE, "timing_ms": timing}

    def _face(self, name: str, body: bytes) -> dict[str, Any]:
        for home in sorted(self.stores, key=lambda other: other != name):
            for face_id, pictures in self.stores[home].faces.items():
                if body in pictures:
                    match = "home" if home == name else "roaming"
                    known = {"face_id": face_id, "store": home, "kind": "member"}
                    return {"box": BOX, "match": match, "score": 0.9, "distance": 0.1, **known}
        return {"box": BOX, "match": "unknown"}

    def _candidates(self) -> list[dict[str, Any]]:
        """Return everybody, as alike as they happen to be."""
        known = [(name, face_id) for name, s in self.stores.items() for face_id in s.faces]
        return [
            {
                "face_id": face_id,
                "store": name,
                "kind": "member",
                "score": 3.25 - number,
                "distance": 0.5,
                "passes": number == 0,
            }
            for number, (name, face_id) in enumerate(known)
        ]


def _calibration(store: str, rate: float) -> dict[str, Any]:
    share = {"value": 0.02, "low": 0.01, "high": 0.05}
    return {
        **{"store": store, "faces": 40, "several": 5, "rate": rate, "threshold": 6.0},
        "scores": {"edges": [-20, 0, 6, 40], "genuine": [0, 1, 9], "impostor": [90, 20, 1]},
        **{"strangers": share, "members": {"value": 0.9, "low": 0.8, "high": 1.0}},
        "score": {"value": 7.5, "low": 7.0, "high": 8.0},
        **{"missed": {"value": 0.061, "low": 0.03, "high": 0.09}, "confused": share},
        **{"recommended": 0.0041, "doubts": ["only 5 people have two pictures or more"]},
    }


def problem(status: int, code: str, title: str, detail: str = "") -> tuple[int, dict[str, Any]]:
    """Return an error as both services shape it."""
    shape = {"type": "urn:test", "title": title, "status": status, "detail": detail or title}
    return status, {**shape, "code": code, "request_id": "r-1"}


def _enroll(
    name: str, store: FakeStore, query: dict[str, str], body: bytes
) -> tuple[int, dict[str, Any]]:
    face_id, source = query["face_id"], query.get("source")
    known = {"source": source, "digest": hashlib.sha256(body).hexdigest(), "face_id": face_id}
    if body in REFUSED:
        if source is not None:
            store.sources[source] = {**known, "outcome": "refused", "reason": REFUSED[body][2]}
        return problem(*REFUSED[body])
    others = [
        other for other, pictures in store.faces.items() if other != face_id and body in pictures
    ]
    warnings: list[dict[str, Any]] = [
        {
            "code": "ALREADY_ENROLLED",
            "detail": f"the face is already enrolled as {other}",
            "face_id": other,
            "score": 9.0,
        }
        for other in others
    ]
    if warnings and face_id not in store.faces and query.get("force") != "true":
        said = problem(409, "ALREADY_ENROLLED", "Already enrolled", warnings[0]["detail"])
        return 409, {**said[1], "warnings": warnings}
    own = store.faces.get(face_id, [])
    if own and _person(body) not in map(_person, own):
        return problem(409, "UNLIKE_OWN_FACE", "Somebody else", f"not like the others of {face_id}")
    outcome = "replaced" if source in store.sources else "enrolled"
    store.faces.setdefault(face_id, []).append(body)
    if source is not None:
        store.sources[source] = {**known, "outcome": "enrolled"}
    answer = {"store": name, "face_id": face_id, "kind": "member", "outcome": outcome}
    return 201, {**answer, "warnings": warnings}


def _erased(store: str, face_id: str, templates: int, down: bool) -> tuple[int, dict[str, Any]]:
    time = "2026-01-01T00:00:00Z"
    erased = {"face_id": face_id, "templates": 0 if down else templates}
    part = {"store": store, "confirmed": not down, "faces": [erased]}
    if down:
        part["waiting_for"] = f"the shard of {store}: unavailable"
    receipt = {"erasure": "e-1", "cause": "face", "requested_at": time, "complete": not down}
    return 202 if down else 200, {"store": store, **erased, **receipt, "stores": [part]}


def _likeness(query: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
    """Compare persons: the same text is the same one, whatever number follows it."""
    if body in REFUSED:
        return problem(*REFUSED[body])
    me = _digest(body)
    others = [digest for digest in query.get("to", "").split(",") if digest]
    scores = [
        9.0 if digest.partition("-")[0] == me.partition("-")[0] else -6.0 for digest in others
    ]
    return 200, {"digest": me, "scores": scores, "needed": -0.4}


def _digest(body: bytes) -> str:
    """Return a digest that begins with the person's: enough to compare by."""
    return f"{_person(body)}-{hashlib.sha256(body).hexdigest()}"


def _person(body: bytes) -> str:
    return hashlib.sha256(body.rstrip(b"0123456789 ")).hexdigest()[:8]


def _record(name: str, face_id: str, store: FakeStore) -> dict[str, Any]:
    time = "2026-01-01T00:00:00Z"
    return {
        "face_id": face_id,
        "store": name,
        "kind": "member",
        "created_at": time,
        "templates": [
            {"template_id": n, "seq": n, "model": "m", "quality": 1.0, "created_at": time}
            for n in range(len(store.faces[face_id]))
        ],
    }


def _handler(gateway: FakeGateway) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # an answer in one piece: a second one would wait for the first's receipt

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            url = urlsplit(self.path)
            parts = [unquote(part) for part in url.path.split("/")[1:]]
            query = {
                key: values[0]
                for key, values in parse_qs(url.query, keep_blank_values=True).items()
            }
            with gateway.lock:
                gateway.requests.append((self.command, url.path))
                gateway.asked.append((self.path, self.headers["Idempotency-Key"]))
                gateway.bodies.append(body)
                gateway.headers.append(frozenset(map(str.lower, self.headers)))
                gateway.keys.append(self.headers["Authorization"])
                gateway.ports.append(self.client_address[1])
                if gateway.raw:
                    self.reply(*gateway.raw.pop(0))
                    return
                status, answer = gateway.answer(self.command, parts, query, body)
            self.reply(status, {}, json.dumps(answer).encode())

        def reply(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for key, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as inherited
            """Keep quiet."""

        do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815 - names that http.server asks for

    return Handler
