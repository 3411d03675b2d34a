"""The Python client of a gateway for asyncio."""

from collections.abc import AsyncIterator, Callable, Coroutine
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar

from facegate.client.api_call import ApiCall
from facegate.client.calls import audit as audit_calls
from facegate.client.calls import cluster as cluster_calls
from facegate.client.calls import faces as faces_calls
from facegate.client.calls import footfall as footfall_calls
from facegate.client.calls import keys as keys_calls
from facegate.client.calls import live as live_calls
from facegate.client.calls import people as people_calls
from facegate.client.calls import recognition as recognition_calls
from facegate.client.client import DEFAULT_URL, RETRY_SECONDS
from facegate.client.event_stream import EventReader, LiveEvent
from facegate.client.gateway_key import Key
from facegate.client.http_transport import AsyncTransport
from facegate.client.listing import Page, call_after
from facegate.client.method import answer_of, as_method, entry_of

_P = ParamSpec("_P")
_A = TypeVar("_A")
_E = TypeVar("_E")


def _method(
    call: Callable[_P, ApiCall[_A]],
) -> "Callable[Concatenate[AsyncClient, _P], Coroutine[None, None, _A]]":
    """Return the method that makes the call, with its parameters and its docstring."""

    async def method(client: "AsyncClient", /, *args: _P.args, **kwargs: _P.kwargs) -> _A:
        return await client._transport.send(call(*args, **kwargs))

    return as_method(method, call, answer_of(call))


def _listing(
    call: Callable[_P, ApiCall[Page[_E]]],
) -> "Callable[Concatenate[AsyncClient, _P], AsyncIterator[_E]]":
    """Return the method that yields what all pages have, one call after the other."""

    async def method(
        client: "AsyncClient", /, *args: _P.args, **kwargs: _P.kwargs
    ) -> AsyncIterator[_E]:
        next_call: ApiCall[Page[_E]] | None = call(*args, **kwargs)
        while next_call is not None:
            page = await client._transport.send(next_call)
            for entry in page.entries:
                yield entry
            next_call = call_after(next_call, page)

    return as_method(method, call, AsyncIterator[entry_of(call)])  # type: ignore[misc]  # as above


class AsyncClient:
    """The same routes for asyncio. See `Client` for what the methods do and raise."""

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
        self._transport = AsyncTransport(self.url, timeout, retry_seconds, key)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    recognize = _method(recognition_calls.recognize)
    push = _method(recognition_calls.push)
    search = _method(recognition_calls.search)
    compare = _method(recognition_calls.compare)
    calibration = _method(recognition_calls.calibration)

    faces = _listing(faces_calls.faces)
    enroll = _method(faces_calls.enroll)
    enroll_vectors = _method(faces_calls.enroll_vectors)
    likeness = _method(faces_calls.likeness)
    face = _method(faces_calls.face)
    forget = _method(faces_calls.forget)
    rename = _method(faces_calls.rename)
    remove_picture = _method(faces_calls.remove_picture)
    sources = _method(faces_calls.sources)

    members = _listing(people_calls.members)
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
    erasures = _listing(people_calls.erasures)
    erasure = _method(people_calls.erasure)
    trace = _listing(people_calls.trace)
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
    sessions = _method(keys_calls.sessions)
    end_session = _method(keys_calls.end_session)
    audit = _listing(audit_calls.audit)
    audit_heads = _method(audit_calls.audit_heads)
    audit_lines = _listing(audit_calls.audit_lines)

    healthz = _method(cluster_calls.healthz)
    readyz = _method(cluster_calls.readyz)
    metrics = _method(cluster_calls.metrics)

    async def live(
        self, store: str, *, after: str | None = None, camera: str | None = None
    ) -> AsyncIterator[LiveEvent]:
        """As `Client.live`."""
        reader = EventReader()
        async for some in self._transport.stream(
            live_calls.live(store, after=after, camera=camera)
        ):
            for event in reader.feed(some):
                yield event
