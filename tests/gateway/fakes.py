"""Shards written by hand: real sockets on loopback, faces in a dict, and faults on demand.

A "picture" is a JSON list of vectors, one for each face that is to be found in it. The score of two
faces is 1 − their distance; a rate of 0.5% needs 0.5, twice the rate twice the distance.
"""

import asyncio
import json
import math
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from aiohttp import web

from contract.messages.by_kind import ByKind
from contract.messages.message import Kind
from contract.vectors import MODEL_HEADER, pack, to_text
from tests.ports import free_port

Point = Sequence[float]
Behaviour = Callable[[web.Request], Awaitable[web.StreamResponse]]

MODEL = "model-1"
DIMENSION = 4
CERTAIN = 0.8
"""The score from which a fake shard is certain who a member is."""


def picture(*faces: Point) -> bytes:
    return json.dumps(faces).encode()


@dataclass
class Seen:
    """A request that a fake shard got."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class FakeFace:
    vector: Point
    kind: Kind = "member"
    provisional: bool = False
    member_id: str | None = None


@dataclass
class FakeShard:
    """One shard process of `store`. `faults` replaces the behaviour of a route by its path.

    `track` is what it says of the faces that it recognises; with a `cohort` it tells their places,
    as older releases do not.
    """

    store: str
    faces: dict[str, FakeFace] = field(default_factory=dict)
    model: str = MODEL
    ready: bool = True
    problem: str | None = None
    seen: list[Seen] = field(default_factory=list)
    faults: dict[str, Behaviour] = field(default_factory=dict)
    track: dict[str, Any] | None = None
    cohort: str | None = None
    port: int = field(default_factory=free_port)
    _runner: web.AppRunner | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def member(self, face_id: str, vector: Point, member_id: str | None = None) -> None:
        self.faces[face_id] = FakeFace(vector, member_id=member_id)

    def visitor(self, face_id: str, vector: Point) -> None:
        self.faces[face_id] = FakeFace(vector, "visitor")

    def asked(self, path: str) -> list[Seen]:
        return [request for request in self.seen if request.path == path]

    @property
    def seq(self) -> int:
        return len(self.faces)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/status", self.status),
            web.post("/recognize", self.recognize),
            web.post("/encode", self._encode),
            web.post("/search", self.search),
            web.post("/compare", self._compare),
            web.post("/faces/mint", self._mint),
            web.post("/faces", self._enroll),
            web.get("/faces", self._list),
            web.get("/faces/{face_id}", self._read),
            web.post("/erase", self.erase_faces),
            web.get("/sources", self._sources),
            web.get("/calibration", self._calibration),
        ]

    async def start(self) -> None:
        app = web.Application(client_max_size=100_000_000, middlewares=[self._observe])
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    @web.middleware
    async def _observe(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        self.seen.append(
            Seen(
                request.method,
                request.path,
                dict(request.query),
                dict(request.headers),
                await request.read(),
            )
        )
        return await self.faults.get(request.path, handler)(request)

    async def _calibration(self, request: web.Request) -> web.Response:
        rate = float(request.query["rate"])
        scores = {"edges": [0, 1], "genuine": [3], "impostor": [4]}
        found = {"store": self.store, "faces": 3, "several": 1, "rate": rate, "threshold": 5.5}
        return web.json_response({**found, "scores": scores})

    async def status(self, request: web.Request) -> web.Response:
        kinds = [face.kind for face in self.faces.values()]
        return web.json_response(
            {
                "store": self.store,
                "ready": self.ready,
                "read_only": False,
                "model": self.model,
                "counts": {
                    "faces": len(kinds),
                    "members": kinds.count("member"),
                    "roaming": kinds.count("member"),
                    "visitors": kinds.count("visitor"),
                    "templates": len(kinds),
                },
                "seq": self.seq,
                "importing": None if self.ready else "3 of 10",
                "problem": self.problem,
                "version": "fake",
            }
        )

    async def recognize(self, request: web.Request) -> web.Response:
        keep = int(request.query.get("candidates", 0))
        needed = needed_at(request.query)
        faces = []
        for vector in await self._picture(request):
            known = self._candidates(vector, self.faces, needed)
            best = next((one for one in known if one["passes"]), None)
            shown = best is None or self._doubts(best)
            seen = {
                "box": box(),
                "match": "home" if best else "unknown",
                "threshold": needed.of((best or known[0])["kind"]) if known else None,
                "track": self.track,
                "candidates": known[:keep] if keep else None,
                "vector": text_of(vector) if shown else None,
                "place": self._place(vector) if shown else None,
            }
            faces.append({**(best or {}), **seen})
        return web.json_response(
            {
                "result": faces[0].get("face_id") if faces else None,
                "store": self.store,
                "model": self.model,
                "cohort": self.cohort,
                "faces": faces,
                "timing_ms": {"encode": 30.0, "search": 1.0, "total": 31.0},
            }
        )

    def _doubts(self, best: dict[str, Any]) -> bool:
        frames = self.track["frames"] if self.track else 1
        return best["kind"] == "visitor" and frames > 1

    async def answers_nobody(self, request: web.Request) -> web.Response:
        """Take any body for a picture without a face."""
        timing = {"encode": 30.0, "search": 1.0, "total": 31.0}
        nobody: dict[str, Any] = {"result": None, "faces": []}
        whose = {"store": self.store, "model": self.model}
        return web.json_response({**nobody, **whose, "timing_ms": timing})

    async def _encode(self, request: web.Request) -> web.Response:
        faces = [
            {
                "box": box(),
                "quality": 1.0,
                "vector": text_of(vector),
                "place": self._place(vector),
            }
            for vector in await self._picture(request)
        ]
        answer = {"model": self.model, "cohort": self.cohort, "faces": faces}
        return web.json_response({**answer, "encode_ms": 30.0})

    async def search(self, request: web.Request) -> web.Response:
        if request.headers[MODEL_HEADER] != self.model:
            return problem(409, "MODEL_MISMATCH")
        rows = await self._rows(request)
        everyone = request.query["scope"] == "everyone"
        open_to = {n: f for n, f in self.faces.items() if everyone or f.kind == "member"}
        k = int(request.query["k"])
        needed = needed_at(request.query)
        return web.json_response(
            {
                "store": self.store,
                "model": self.model,
                "results": [self._candidates(row, open_to, needed)[:k] for row in rows],
                "thresholds": [needed.member if open_to else None for _ in rows],
                "visitor_thresholds": [needed.visitor if open_to else None for _ in rows],
                "certain_thresholds": [CERTAIN if open_to else None for _ in rows],
            }
        )

    async def _mint(self, request: web.Request) -> web.Response:
        provisional = request.query["provisional"] == "true"
        needed = needed_at(request.query)
        named = []
        for row in await self._rows(request):
            known = self._candidates(row, self.faces, needed)
            if best := next((one for one in known if one["passes"]), None):
                named.append({**best, "minted": False})
                continue
            face_id = f"v-{len(self.faces):016x}"
            self.faces[face_id] = FakeFace(row, "visitor", provisional)
            named.append(
                {
                    "face_id": face_id,
                    "minted": True,
                    "kind": "visitor",
                    "provisional": provisional,
                }
            )
        return web.json_response({"store": self.store, "faces": named})

    async def _compare(self, request: web.Request) -> web.Response:
        return web.json_response({"same": True, "score": 0.7, "threshold": 0.5, "distance": 0.3})

    async def _enroll(self, request: web.Request) -> web.Response:
        face_id = request.query.get("face_id", "from-the-form")
        known = face_id in self.faces
        self.faces[face_id] = FakeFace((0.0, 0.0, 0.0, 1.0))
        answer = {
            "store": self.store,
            "face_id": face_id,
            "kind": "member",
            "outcome": "unchanged" if known else "enrolled",
        }
        return web.json_response(answer, status=200 if known else 201)

    async def _list(self, request: web.Request) -> web.Response:
        after, limit = request.query.get("after", ""), int(request.query["limit"])
        names = sorted(name for name in self.faces if name > after)
        faces = [self._record(name) for name in names[:limit]]
        more = faces[-1]["face_id"] if len(names) > limit else None
        return web.json_response({"faces": faces, "next_after": more})

    async def _read(self, request: web.Request) -> web.Response:
        face_id = request.match_info["face_id"]
        if face_id not in self.faces:
            return problem(404, "UNKNOWN_FACE")
        return web.json_response(self._record(face_id))

    async def erase_faces(self, request: web.Request) -> web.Response:
        names = (await request.json())["face_ids"]
        erased = {name: int(self.faces.pop(name, None) is not None) for name in names}
        return web.json_response({"store": self.store, "seq": len(self.faces), "erased": erased})

    async def _sources(self, request: web.Request) -> web.Response:
        source = {
            "source": request.query.get("prefix", "") + "095_0.bmp",
            "digest": "ab",
            "face_id": "095",
            "outcome": "enrolled",
        }
        return web.json_response({"sources": [source]})

    def _record(self, face_id: str) -> dict[str, Any]:
        return {
            "face_id": face_id,
            "store": self.store,
            "kind": self.faces[face_id].kind,
            "created_at": "2026-05-04T09:30:00+00:00",
            "templates": [],
        }

    def _candidates(
        self, vector: Point, faces: dict[str, FakeFace], needed: ByKind[float]
    ) -> list[dict[str, Any]]:
        known = [
            {
                "face_id": face_id,
                "store": self.store,
                "kind": face.kind,
                "score": 1 - math.dist(vector, face.vector),
                "passes": 1 - math.dist(vector, face.vector) >= needed.of(face.kind),
                "distance": math.dist(vector, face.vector),
                "provisional": face.provisional,
                "member": face.member_id and {"member_id": face.member_id},
            }
            for face_id, face in faces.items()
        ]
        return sorted(known, key=lambda candidate: float(str(candidate["distance"])))

    def _place(self, vector: Point) -> tuple[float, float] | None:
        return None if self.cohort is None else place_of(vector)

    async def _picture(self, request: web.Request) -> list[Point]:
        body = await request.read()
        if not body:
            raise web.HTTPBadRequest(
                text=problem_text(400, "EMPTY_PICTURE"), content_type="application/problem+json"
            )
        faces: list[Point] = json.loads(body)
        return faces

    async def _rows(self, request: web.Request) -> list[Point]:
        rows = np.frombuffer(await request.read(), "<f4").reshape(-1, DIMENSION)
        return [tuple(map(float, row)) for row in rows]


def needed_at(query: Mapping[str, str]) -> ByKind[float]:
    """Return the scores that members and visitors need at the rates that a gateway asks for."""
    return ByKind(*(1 - 100 * float(query[name]) for name in ("rate", "visitor_rate")))


def place_of(vector: Point) -> tuple[float, float]:
    """Return a place that no other face has."""
    return 0.5 + vector[0], 0.06 + abs(vector[1])


def box() -> dict[str, int]:
    return {"top": 61, "right": 190, "bottom": 190, "left": 61}


def text_of(vector: Point) -> str:
    return to_text(np.array(vector, np.float32))


def body_of(vectors: Iterable[Point]) -> bytes:
    return pack(np.array(list(vectors), np.float32))


def problem_text(status: int, code: str) -> str:
    return json.dumps(
        {
            "type": f"urn:facegate:problem:{code.lower()}",
            "title": code,
            "status": status,
            "detail": f"the fake shard says {code}",
            "code": code,
        }
    )


def problem(status: int, code: str, retry_after: int | None = None) -> web.Response:
    headers = {"Retry-After": str(retry_after)} if retry_after else None
    return web.Response(
        status=status,
        text=problem_text(status, code),
        content_type="application/problem+json",
        headers=headers,
    )


def refuses(status: int, code: str, retry_after: int | None = None) -> Behaviour:
    async def refuse(request: web.Request) -> web.Response:
        return problem(status, code, retry_after)

    return refuse


def says(body: str | bytes, status: int = 200, kind: str = "application/json") -> Behaviour:
    raw = body.encode() if isinstance(body, str) else body

    async def say(request: web.Request) -> web.Response:
        return web.Response(body=raw, status=status, content_type=kind)

    return say


def finds(**changed: Any) -> Behaviour:
    """Answer a search with one candidate, with some of the answer's fields `changed`."""
    candidate = {
        "face_id": "x",
        "store": changed.pop("candidate_store", "store-b"),
        "kind": changed.pop("kind", "member"),
        "score": changed.pop("score", 1.0),
        "distance": changed.pop("distance", 0.0),
        "passes": True,
    }
    answer = {"store": "store-b", "model": MODEL, "results": [[candidate]], "thresholds": [0.5]}
    answer.update(changed)
    return says(json.dumps(answer))


async def hangs(request: web.Request) -> web.StreamResponse:
    """Never answer; the request ends when its client or this server goes."""
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


async def resets(request: web.Request) -> web.StreamResponse:
    """Close the connection in the middle of an answer."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"store":')
    assert request.transport
    request.transport.abort()
    return response


async def babbles(request: web.Request) -> web.StreamResponse:
    """Answer what is not HTTP."""
    assert request.transport
    request.transport.write(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")
    request.transport.close()
    raise asyncio.CancelledError


def waits_for(event: asyncio.Event, then: Behaviour) -> Behaviour:
    async def wait(request: web.Request) -> web.StreamResponse:
        await event.wait()
        return await then(request)

    return wait
