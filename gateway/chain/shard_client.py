"""What the gateway asks shards, and what of their answers it takes.

Every way in which a shard can fail to give a usable answer becomes a `contract.errors.ShardError`.
Addresses come from the store map alone: redirects are refused, proxies of the environment unused.
"""

import asyncio
from collections.abc import Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import Literal, NamedTuple, Self, TypeVar
from urllib.parse import quote, urlencode

from pydantic import ValidationError

from contract.deadline import Deadline
from contract.errors import ShardNonsense, ShardRefused, ShardTimeout
from contract.messages.cluster import ShardStatus
from contract.messages.faces import FaceRecord
from contract.messages.message import Message, Scope
from contract.messages.problem import Problem
from contract.messages.shard_answers import EncodeAnswer, MintAnswer, SearchAnswer, ShardAnswer
from contract.messages.shard_updates import SightedVectors
from contract.stores.address import Address
from contract.stores.detection import Detection
from contract.vectors import CONTENT_TYPE, MODEL_HEADER
from gateway.chain.missed_faces import Missed
from gateway.chain.shard_connections import Answer, ShardConnections
from service import request_id

_M = TypeVar("_M", bound=Message)


class Picture(NamedTuple):
    """A request's body as it came: a picture, or a form that holds some."""

    body: bytes
    content_type: str


class Question(NamedTuple):
    """What a home shard is asked about a camera's picture; it may be a frame of a `track`."""

    rate: float
    detection: Detection
    candidates: int
    camera: str | None = None
    track: str | None = None
    remember: bool = False


class Search(NamedTuple):
    """What another shard is asked: `templates` are how many the search looks at in all stores."""

    k: int
    scope: Scope
    rate: float
    templates: int


class Order(NamedTuple):
    """What a shard shall do to its gallery."""

    method: Literal["GET", "PUT", "POST", "DELETE"]
    path: str
    message: Message | None = None
    query: Mapping[str, object] = MappingProxyType({})


class ShardClient:
    """Asks shards. `async with` opens and closes its connections."""

    def __init__(self) -> None:
        self._connections = ShardConnections()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connections.close()

    async def recognize(
        self,
        to: Address,
        store: str,
        picture: Picture,
        question: Question,
        deadline: Deadline,
    ) -> ShardAnswer:
        """Send the picture to its home shard, which answers vectors of the faces that it missed."""
        query = {
            "vectors": "true",
            "candidates": question.candidates,
            "rate": question.rate,
            "camera": question.camera,
            "track": question.track,
            "remember": "true" if question.remember else None,
            **looking(question.detection),
        }
        answer = await self.upload(
            to, "/recognize", picture, query=query, answer=ShardAnswer, deadline=deadline
        )
        _expect(answer.store == store, f"the answer is from store {answer.store!r}")
        for face in answer.faces:
            known = face.face_id is not None if face.match == "home" else face.vector is not None
            _expect(known, "a face has neither FaceId nor vector")
        return answer

    async def encode(
        self, to: Address, picture: Picture, detection: Detection, deadline: Deadline
    ) -> EncodeAnswer:
        """Send the picture to a shard that only encodes its faces."""
        query = looking(detection)
        return await self.upload(
            to, "/encode", picture, query=query, answer=EncodeAnswer, deadline=deadline
        )

    async def search(
        self, to: Address, store: str, missed: Missed, search: Search, deadline: Deadline
    ) -> SearchAnswer:
        """Search all missed faces of a picture in another store, the `k` best of each."""
        query = {**search._asdict(), "frames": missed.frames_text}
        if places := missed.places_text:
            query |= {"cohort": missed.cohort, "places": places}
        path = _with_query("/search", query)
        answer = await self._send_vectors(to, path, missed, SearchAnswer, deadline)
        _expect(answer.store == store, f"the answer is from store {answer.store!r}")
        _expect(answer.model == missed.model, "candidates of another model")
        _expect(len(answer.results) == missed.count, "not one result for each face")
        _expect(len(answer.thresholds) == missed.count, "not one threshold for each face")
        for result in answer.results:
            _expect(all(c.store == store for c in result), "candidates of another store")
        return answer

    async def mint(
        self,
        to: Address,
        store: str,
        missed: Missed,
        *,
        provisional: bool,
        rate: float,
        deadline: Deadline,
    ) -> MintAnswer:
        """Give strangers FaceIds in their home store; the shard looks once more who they are."""
        query = {"provisional": _text(provisional), "rate": rate, "frames": missed.frames_text}
        path = _with_query("/faces/mint", query)
        answer = await self._send_vectors(to, path, missed, MintAnswer, deadline)
        _expect(answer.store == store, f"the answer is from store {answer.store!r}")
        _expect(len(answer.faces) == missed.count, "not one FaceId for each face")
        return answer

    async def mint_apart(
        self, to: Address, seen: Missed, other: str | None, deadline: Deadline
    ) -> FaceRecord:
        """Give one person's vectors a new FaceId of the store, who is not `other`."""
        path = _with_query("/faces/apart", {"other": other})
        return await self._send_vectors(to, path, seen, FaceRecord, deadline)

    async def sightings(
        self, to: Address, names: Sequence[tuple[str, str]], deadline: Deadline
    ) -> SightedVectors:
        """Ask for the vectors of faces that the shard has just seen."""
        return await self._call(
            to, "GET", f"/sightings?{urlencode(names)}", SightedVectors, deadline
        )

    async def status(self, to: Address, deadline: Deadline) -> ShardStatus:
        """Ask how the shard is."""
        return await self._call(to, "GET", "/status", ShardStatus, deadline)

    async def upload(
        self,
        to: Address,
        path: str,
        picture: Picture,
        *,
        query: Mapping[str, object],
        answer: type[_M],
        deadline: Deadline,
    ) -> _M:
        """POST a body untouched, with its own content type."""
        headers = {"Content-Type": picture.content_type} if picture.content_type else {}
        return await self._call(
            to,
            "POST",
            _with_query(path, query),
            answer,
            deadline,
            body=picture.body,
            headers=headers,
        )

    async def get(
        self,
        to: Address,
        path: str,
        query: Mapping[str, object],
        answer: type[_M],
        deadline: Deadline,
    ) -> _M:
        """Read something of the shard's gallery."""
        return await self._call(to, "GET", _with_query(path, query), answer, deadline)

    async def delete(self, to: Address, path: str, answer: type[_M], deadline: Deadline) -> _M:
        """Erase something of the shard's gallery."""
        return await self._call(to, "DELETE", path, answer, deadline)

    async def order(self, to: Address, order: Order, answer: type[_M], deadline: Deadline) -> _M:
        """Have the shard do something to its gallery."""
        body, headers = b"", None
        if order.message is not None:
            body = order.message.model_dump_json().encode()
            headers = {"Content-Type": "application/json"}
        path = _with_query(order.path, order.query)
        return await self._call(
            to, order.method, path, answer, deadline, body=body, headers=headers
        )

    async def _send_vectors(
        self, to: Address, path: str, missed: Missed, answer: type[_M], deadline: Deadline
    ) -> _M:
        headers = {"Content-Type": CONTENT_TYPE, MODEL_HEADER: missed.model}
        return await self._call(
            to, "POST", path, answer, deadline, body=missed.vectors, headers=headers
        )

    async def _call(
        self,
        to: Address,
        method: str,
        path: str,
        answer: type[_M],
        deadline: Deadline,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> _M:
        sent = {**(headers or {}), **deadline.header}
        if identifier := request_id.current.get():
            sent[request_id.HEADER] = identifier
        try:
            async with asyncio.timeout(deadline.left):
                found = await self._connections.ask(to, method, path, sent, body)
        except TimeoutError as error:
            raise ShardTimeout() from error
        if found.status not in {200, 201}:
            raise _refusal(found)
        return _parsed(found.body, answer)


def looking(detection: Detection) -> dict[str, object]:
    """Return the query that says how to look for faces; 0 overrules what the shard may have."""
    return {"detector": detection.detector, "min_face_px": detection.min_face_px or 0}


def face_path(face_id: str) -> str:
    """Return the shard's path of one FaceId."""
    return f"/faces/{quote(face_id, safe='')}"


def template_path(face_id: str, template_id: int) -> str:
    """Return the shard's path of one template of a FaceId."""
    return f"{face_path(face_id)}/templates/{template_id}"


def _with_query(path: str, query: Mapping[str, object]) -> str:
    given = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(given)}" if given else path


def _text(flag: bool) -> str:
    return "true" if flag else "false"


def _expect(holds: bool, problem: str) -> None:
    if not holds:
        raise ShardNonsense(problem)


def _parsed(raw: bytes, answer: type[_M]) -> _M:
    try:
        return answer.model_validate_json(raw)
    except ValidationError as error:
        # Its text quotes the answer, which may hold vectors: only the place and kind are kept.
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "body"
        raise ShardNonsense(f"{answer.__name__}: {where}: {first['type']}") from None


def _refusal(answer: Answer) -> ShardRefused:
    _expect(answer.status >= 400, f"HTTP status {answer.status}")
    problem = _parsed(answer.body, Problem)
    after = answer.retry_after
    seconds = int(after[:9]) if after.isascii() and after.isdigit() else None
    said = problem.code, problem.title, problem.detail
    return ShardRefused(answer.status, *said, seconds, warnings=problem.warnings)
