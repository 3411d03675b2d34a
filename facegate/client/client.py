"""The Python client of a gateway, typed. `AsyncClient` is the same for asyncio."""

from collections.abc import Callable, Iterator
from datetime import datetime
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar

from contract.messages.audit.chain import ChainLine
from contract.messages.audit.trail import AuditEntry
from contract.messages.erasures import ErasureSummary
from contract.messages.faces import (
    FaceRecord,
)
from contract.messages.members import (
    Member,
)
from contract.messages.traffic import TracedVisit
from facegate.client.api_call import ApiCall
from facegate.client.calls import audit as audit_calls
from facegate.client.calls import cluster as cluster_calls
from facegate.client.calls import faces as faces_calls
from facegate.client.calls import footfall as footfall_calls
from facegate.client.calls import keys as keys_calls
from facegate.client.calls import live as live_calls
from facegate.client.calls import people as people_calls
from facegate.client.calls import recognition as recognition_calls
from facegate.client.event_stream import EventReader, LiveEvent
from facegate.client.gateway_key import Key
from facegate.client.http_transport import Transport
from facegate.client.method import as_method

DEFAULT_URL = "http://127.0.0.1:8000"
PAGE = 1000
"""What one request of a listing brings."""
RETRY_SECONDS = 30.0

_P = ParamSpec("_P")
_A = TypeVar("_A")


def _method(
    call: Callable[_P, ApiCall[_A]],
) -> "Callable[Concatenate[Client, _P], _A]":
    """Return the method that makes the call, with its parameters and its docstring."""

    def method(client: "Client", /, *args: _P.args, **kwargs: _P.kwargs) -> _A:
        return client._transport.send(call(*args, **kwargs))

    return as_method(method, call)


class Client:
    """A gateway's routes as methods.

    A picture is bytes, a path (`str` or `Path`), or a file that is open in binary. Every method
    raises ApiError when the gateway refuses and GatewayUnreachable when it does not answer; one
    that takes a picture raises OSError when it cannot be read.

        with Client("http://127.0.0.1:8000") as client:
            answer = client.recognize("store-a", "door.jpg")
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        key: Key | None = None,
        timeout: float = 30.0,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        """Talk to the gateway at `url`; give up on what is not answered whole in `timeout` seconds.

        `key` opens a gateway that asks for keys: the key, or the path of a file that holds it,
        which is read for every request. Raises ValueError for what cannot be one.

        A refusal that says when to come back (`Retry-After`) is taken at its word: the request goes
        again, for at most `retry_seconds` in all. With 0 it never does.
        """
        self.url = url.rstrip("/")
        self._transport = Transport(self.url, timeout, retry_seconds, key)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    recognize = _method(recognition_calls.recognize)
    push = _method(recognition_calls.push)
    search = _method(recognition_calls.search)
    compare = _method(recognition_calls.compare)
    calibration = _method(recognition_calls.calibration)

    enroll = _method(faces_calls.enroll)
    enroll_vectors = _method(faces_calls.enroll_vectors)
    likeness = _method(faces_calls.likeness)
    face = _method(faces_calls.face)
    forget = _method(faces_calls.forget)
    rename = _method(faces_calls.rename)
    remove_picture = _method(faces_calls.remove_picture)
    sources = _method(faces_calls.sources)

    member = _method(people_calls.member)
    put_member = _method(people_calls.put_member)
    drop_member = _method(people_calls.drop_member)
    give_consent = _method(people_calls.give_consent)
    withdraw_consent = _method(people_calls.withdraw_consent)
    bind = _method(people_calls.bind)
    unbind = _method(people_calls.unbind)
    export_members = _method(people_calls.export_members)
    import_members = _method(people_calls.import_members)
    begin_import = _method(people_calls.begin_import)
    add_import_part = _method(people_calls.add_import_part)
    import_job = _method(people_calls.import_job)
    imports = _method(people_calls.imports)
    cancel_import = _method(people_calls.cancel_import)
    export_person = _method(people_calls.export_person)
    export_person_of_face = _method(people_calls.export_person_of_face)
    privacy = _method(people_calls.privacy)
    erase_member = _method(people_calls.erase_member)
    erasure = _method(people_calls.erasure)
    merge = _method(people_calls.merge)
    merge_state = _method(people_calls.merge_state)
    undo_merge = _method(people_calls.undo_merge)
    reconcile_visitors = _method(people_calls.reconcile_visitors)
    not_the_same = _method(people_calls.not_the_same)
    not_who_came = _method(people_calls.not_who_came)

    traffic = _method(footfall_calls.traffic)
    roaming = _method(footfall_calls.roaming)
    make_demo_data = _method(footfall_calls.make_demo_data)
    remove_demo_data = _method(footfall_calls.remove_demo_data)

    present = _method(live_calls.present)
    webhooks = _method(live_calls.webhooks)
    webhook = _method(live_calls.webhook)
    put_webhook = _method(live_calls.put_webhook)
    delete_webhook = _method(live_calls.delete_webhook)

    stores = _method(cluster_calls.stores)
    cluster = _method(cluster_calls.cluster)
    cameras = _method(cluster_calls.cameras)
    forget_camera = _method(cluster_calls.forget_camera)
    model_templates = _method(cluster_calls.model_templates)
    forget_model = _method(cluster_calls.forget_model)
    keys = _method(keys_calls.keys)
    create_key = _method(keys_calls.create_key)
    rotate_key = _method(keys_calls.rotate_key)
    revoke_key = _method(keys_calls.revoke_key)
    audit_heads = _method(audit_calls.audit_heads)

    healthz = _method(cluster_calls.healthz)
    readyz = _method(cluster_calls.readyz)
    metrics = _method(cluster_calls.metrics)

    def faces(self, store: str) -> Iterator[FaceRecord]:
        """Yield every FaceId of the store, sorted."""
        after = None
        while True:
            page = self._transport.send(faces_calls.faces(store, after=after, limit=PAGE))
            yield from page.faces
            after = page.next_after
            if after is None:
                return

    def members(self, text: str | None = None, *, tag: str | None = None) -> Iterator[Member]:
        """Yield the members whose name holds `text` or whose id starts with it, sorted by id."""
        after = None
        while True:
            page = self._transport.send(
                people_calls.members(text, tag=tag, after=after, limit=PAGE)
            )
            yield from page.members
            after = page.next_after
            if after is None:
                return

    def audit(
        self,
        *,
        who: str | None = None,
        action: str | None = None,
        store: str | None = None,
        member_id: str | None = None,
        face_id: str | None = None,
        erasure: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[AuditEntry]:
        """Yield who looked at or changed whose data, the last first."""
        after = None
        while True:
            page = self._transport.send(
                audit_calls.audit(
                    who=who,
                    action=action,
                    store=store,
                    member_id=member_id,
                    face_id=face_id,
                    erasure=erasure,
                    since=since,
                    until=until,
                    after=after,
                    limit=PAGE,
                )
            )
            yield from page.entries
            after = page.next_after
            if after is None:
                return

    def audit_lines(self, writer: str) -> Iterator[ChainLine]:
        """Yield the entries of one chain of the audit trail, in their order."""
        after = 0
        while True:
            page = self._transport.send(audit_calls.audit_lines(writer, after=after, limit=PAGE))
            yield from page.lines
            if page.next_after is None:
                return
            after = page.next_after

    def erasures(
        self,
        *,
        member_id: str | None = None,
        store: str | None = None,
        face_id: str | None = None,
        complete: bool | None = None,
    ) -> Iterator[ErasureSummary]:
        """Yield erasures, the last first: of a member, of a FaceId, of a store.

        With `complete` False those that somebody has yet to confirm.
        """
        after = None
        while True:
            page = self._transport.send(
                people_calls.erasures(
                    member_id=member_id,
                    store=store,
                    face_id=face_id,
                    complete=complete,
                    after=after,
                    limit=PAGE,
                )
            )
            yield from page.erasures
            after = page.next_after
            if after is None:
                return

    def trace(self, member_id: str) -> Iterator[TracedVisit]:
        """Yield the visits of a member who agreed that stores share what they know, last first."""
        before = None
        while True:
            page = self._transport.send(people_calls.trace(member_id, before=before, limit=PAGE))
            yield from page.visits
            before = page.next_before
            if before is None:
                return

    def live(
        self, store: str, *, after: str | None = None, camera: str | None = None
    ) -> Iterator[LiveEvent]:
        """Yield what happens in the store as it happens: from now on, or `after` a position.

        With `camera` what happens there: who is seen somewhere else is gone.

        Ends when the gateway stops; follow again `after` the position of the last event, and
        nothing is missed. Raises GatewayUnreachable when the connection breaks.
        """
        reader = EventReader()
        for some in self._transport.stream(live_calls.live(store, after=after, camera=camera)):
            yield from reader.feed(some)
