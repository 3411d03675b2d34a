"""What the gateway asks shards, and what of their answers it takes.

Every way in which a shard can fail to give a usable answer becomes a `contract.errors.ShardError`.
Addresses come from the store map alone: redirects are refused, proxies of the environment unused.
"""

import asyncio
from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from types import TracebackType
from typing import NamedTuple, Self, TypeVar
from urllib.parse import urlencode

from pydantic import ValidationError

from contract.deadline import Deadline
from contract.errors import ModelMismatch, ShardNonsense, ShardRefused, ShardTimeout
from contract.messages.by_kind import ByKind
from contract.messages.cluster import ShardStatus, ShardStatuses
from contract.messages.faces import FaceRecord
from contract.messages.lesson import LearnAnswer
from contract.messages.message import Message
from contract.messages.problem import Problem
from contract.messages.shard_answers import (
    EncodeAnswer,
    JointSearchAnswer,
    JointSearchOrder,
    MintAnswer,
    SearchAnswer,
    ShardAnswer,
)
from contract.messages.shard_updates import SightedVectors
from contract.stores.address import Address
from contract.stores.detection import Detection
from contract.stores.store_header import header_of
from contract.vectors import CONTENT_TYPE, MODEL_HEADER
from gateway.chain.face_vectors import FaceVectors
from gateway.chain.replica_address import ReplicaAddress
from gateway.chain.shard_connections import ShardConnections
from gateway.chain.shard_request import (
    Picture,
    RecognizeParameters,
    SearchParameters,
    ShardRequest,
    detection_query,
    face_path,
    rates_query,
)
from gateway.http.connections import Answer
from service import request_id
from service.cluster_secret import ClusterSecret
from service.tls.own_certificate import OwnCertificate

_M = TypeVar("_M", bound=Message)


class _Said(NamedTuple):
    """What a process has said last of its stores, as it came and as it was read."""

    raw: bytes
    stores: list[ShardStatus]


class ShardClient:
    """Asks shards, by TLS where there is a certificate of our `own`.

    Shows them their cluster's `secret` if there is one. `async with` opens and closes its
    connections.
    """

    def __init__(
        self, secret: ClusterSecret | None = None, own: OwnCertificate | None = None
    ) -> None:
        self._connections = ShardConnections(own)
        self._said: dict[Address, _Said] = {}
        self._shown = {} if secret is None else secret.header

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
        to: ReplicaAddress,
        picture: Picture,
        parameters: RecognizeParameters,
        deadline: Deadline,
    ) -> ShardAnswer:
        """Send the picture to its home shard, which adds the vectors of unknown faces."""
        said = {
            "vectors": "true",
            "candidates": parameters.candidates,
            **rates_query(parameters.rates),
            "camera": parameters.camera,
            "track": parameters.track,
            "remember": "true" if parameters.remember else None,
            "learning": parameters.learning,
            **detection_query(parameters.detection),
        }
        request = ShardRequest("POST", "/recognize", picture, said)
        answer = await self.send(to, request, ShardAnswer, deadline)
        _expect(answer.store == to.store, f"the answer is from store {answer.store!r}")
        for face in answer.faces:
            known = face.face_id is not None if face.match == "home" else face.vector is not None
            _expect(known, "a face has neither FaceId nor vector")
        return answer

    async def encode(
        self, to: ReplicaAddress, picture: Picture, detection: Detection, deadline: Deadline
    ) -> EncodeAnswer:
        """Send the picture to a shard that only encodes its faces."""
        request = ShardRequest("POST", "/encode", picture, detection_query(detection))
        return await self.send(to, request, EncodeAnswer, deadline)

    async def search(
        self,
        to: ReplicaAddress,
        vectors: FaceVectors,
        parameters: SearchParameters,
        deadline: Deadline,
    ) -> SearchAnswer:
        """Search all of a picture's faces that are given in another store, the `k` best of each."""
        k, scope, rates, templates = parameters
        said = {
            "k": k,
            "scope": scope,
            **rates_query(rates),
            "templates": templates,
            "frames": vectors.frames_text,
        }
        if places := vectors.places_text:
            said |= {"cohort": vectors.cohort, "places": places}
        path = _with_query("/search", said)
        answer = await self._send_vectors(to, path, vectors.alone, SearchAnswer, deadline)
        _check_search(answer, to.store, vectors)
        return answer

    async def mint(
        self,
        to: ReplicaAddress,
        vectors: FaceVectors,
        *,
        provisional: bool,
        rates: ByKind[float],
        deadline: Deadline,
    ) -> MintAnswer:
        """Give strangers FaceIds in their home store; the shard looks once more who they are."""
        query = {"provisional": _text(provisional), "frames": vectors.frames_text}
        path = _with_query("/faces/mint", {**query, **rates_query(rates)})
        answer = await self._send_pairs(to, path, vectors, MintAnswer, deadline)
        _expect(answer.store == to.store, f"the answer is from store {answer.store!r}")
        _expect(len(answer.faces) == vectors.count, "not one FaceId for each face")
        return answer

    async def learn(
        self,
        to: ReplicaAddress,
        face_id: str,
        vectors: FaceVectors,
        query: Mapping[str, object],
        deadline: Deadline,
    ) -> LearnAnswer:
        """Teach a FaceId the one vector of a visit."""
        said = {**query, "frames": vectors.frames_text}
        path = _with_query(f"{face_path(face_id)}/learned", said)
        return await self._send_vectors(to, path, vectors, LearnAnswer, deadline)

    async def mint_apart(
        self, to: ReplicaAddress, vectors: FaceVectors, other: str | None, deadline: Deadline
    ) -> FaceRecord:
        """Give one person's vectors a new FaceId of the store, who is not `other`."""
        path = _with_query("/faces/apart", {"other": other})
        return await self._send_pairs(to, path, vectors, FaceRecord, deadline)

    async def sightings(
        self, to: ReplicaAddress, names: Sequence[str], deadline: Deadline
    ) -> SightedVectors:
        """Ask for the vectors of faces that the shard has just seen."""
        path = f"/sightings?{urlencode([('name', name) for name in names])}"
        return await self._call(to, "GET", path, SightedVectors, deadline)

    async def status(self, to: ReplicaAddress, deadline: Deadline) -> ShardStatus:
        """Ask how the shard is."""
        return await self._call(to, "GET", "/status", ShardStatus, deadline)

    async def statuses(self, to: ReplicaAddress, deadline: Deadline) -> list[ShardStatus]:
        """Ask a process how each of its stores is; what it has said before is not read again.

        Of a thousand stores to read it would take a twentieth of a core, at rest.
        """
        raw = await self._ask(to, "GET", "/statuses", deadline)
        said = self._said.get(to.address)
        if said is None or said.raw != raw:
            said = self._said[to.address] = _Said(raw, _parsed(raw, ShardStatuses).stores)
        return said.stores

    def keep_only(self, addresses: Collection[Address]) -> None:
        """Forget what processes at other addresses have said."""
        for address in self._said.keys() - addresses:
            del self._said[address]

    async def search_together(
        self,
        to: ReplicaAddress,
        stores: Sequence[str],
        vectors: FaceVectors,
        parameters: SearchParameters,
        deadline: Deadline,
    ) -> JointSearchAnswer:
        """Search all of a picture's faces in several stores of the shard, the `k` best of each."""
        order = JointSearchOrder(
            stores=list(stores),
            model=vectors.model,
            vectors=b64encode(vectors.packed).decode("ascii"),
            frames=list(vectors.frames),
            k=parameters.k,
            scope=parameters.scope,
            rate=parameters.rates.member,
            visitor_rate=parameters.rates.visitor,
            templates=parameters.templates,
            **({"cohort": vectors.cohort, "places": vectors.places} if vectors.is_placed else {}),
        )
        request = ShardRequest("POST", "/search/together", order)
        answer = await self.send(to, request, JointSearchAnswer, deadline)
        asked = set(stores)
        for found in answer.answers:
            _expect(found.store in asked, f"an answer is from store {found.store!r}")
            _check_search(found, found.store, vectors)
        return answer

    async def send(
        self, to: ReplicaAddress, request: ShardRequest, answer: type[_M], deadline: Deadline
    ) -> _M:
        """Send any other request; its answer has to be an `answer`."""
        body, content_type = _body(request.body)
        headers = {"Content-Type": content_type} if content_type else {}
        path = _with_query(request.path, request.query)
        return await self._call(
            to, request.method, path, answer, deadline, body=body, headers=headers
        )

    async def _send_pairs(
        self,
        to: ReplicaAddress,
        path: str,
        vectors: FaceVectors,
        answer: type[_M],
        deadline: Deadline,
    ) -> _M:
        """Send vectors with those of a second model, if there are any.

        A shard that has no such model refuses them, and so does one of a former release: it gets
        the first ones alone.
        """
        if vectors.second is not None:
            try:
                return await self._send_vectors(to, path, vectors, answer, deadline)
            except ShardRefused as error:
                if error.code != ModelMismatch.code:
                    raise
        return await self._send_vectors(to, path, vectors.alone, answer, deadline)

    async def _send_vectors(
        self,
        to: ReplicaAddress,
        path: str,
        vectors: FaceVectors,
        answer: type[_M],
        deadline: Deadline,
    ) -> _M:
        headers = {"Content-Type": CONTENT_TYPE, MODEL_HEADER: vectors.both_models}
        return await self._call(
            to, "POST", path, answer, deadline, body=vectors.both_packed, headers=headers
        )

    async def _call(
        self,
        to: ReplicaAddress,
        method: str,
        path: str,
        answer: type[_M],
        deadline: Deadline,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> _M:
        return _parsed(
            await self._ask(to, method, path, deadline, body=body, headers=headers), answer
        )

    async def _ask(
        self,
        to: ReplicaAddress,
        method: str,
        path: str,
        deadline: Deadline,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        sent = {**(headers or {}), **self._shown, **header_of(to.store), **deadline.header}
        if identifier := request_id.current.get():
            sent[request_id.HEADER] = identifier
        try:
            async with asyncio.timeout(deadline.left):
                found = await self._connections.ask(to.address, method, path, sent, body)
        except TimeoutError as error:
            raise ShardTimeout() from error
        if found.status not in {200, 201}:
            raise _refusal(found)
        return found.body


def _body(body: Message | Picture | None) -> tuple[bytes, str]:
    """Return a body and its content type, which may be empty."""
    if body is None:
        return b"", ""
    if isinstance(body, Picture):
        return body
    return body.model_dump_json().encode(), "application/json"


def _with_query(path: str, query: Mapping[str, object]) -> str:
    given = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(given)}" if given else path


def _text(flag: bool) -> str:
    return "true" if flag else "false"


def _check_search(answer: SearchAnswer, store: str, vectors: FaceVectors) -> None:
    """Raise ShardNonsense unless an answer is one of the store's about all these vectors."""
    _expect(answer.store == store, f"the answer is from store {answer.store!r}")
    _expect(answer.model == vectors.model, "candidates of another model")
    _expect(len(answer.results) == vectors.count, "not one result for each face")
    _expect(len(answer.thresholds) == vectors.count, "not one threshold for each face")
    _expect(len(answer.needed) == vectors.count, "not one threshold for each visitor")
    for result in answer.results:
        _expect(all(c.store == store for c in result), "candidates of another store")


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
