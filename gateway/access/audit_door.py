"""Writes into the audit trail what is asked, before it is answered."""

from functools import partial
from http import HTTPStatus

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contract.errors import FacegateError
from gateway.access.route_roles import found_route
from gateway.audit.audited_routes import AuditedRoute, audited_route
from gateway.audit.request_notes import RequestNotes, current
from gateway.audit.trail import Trail
from gateway.clock.clock import Clock, now
from service.http.problems import Show, refusal

_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS)


class _Untold(OSError):
    """Ends an answer as a disconnect would: nobody gets it, for the trail does not say so."""


class AuditDoor:
    """ASGI middleware inside of the door that asks for keys.

    A look is answered once it is in the trail, a change is begun once it is there. Where the trail
    cannot be written, neither is: the error of the record or of the disk is the answer.
    """

    def __init__(self, app: ASGIApp, *, trail: Trail, show: Show, clock: Clock = now) -> None:
        self.app = app
        self._trail = trail
        self._show = show
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        audited = audited_route(found_route(scope).served(scope["method"]))
        if audited is None:
            return await self.app(scope, receive, send)
        request = Request(scope)
        notes = RequestNotes.of(scope, found_route(scope).names, self._clock())
        notes.begin = partial(self._begin, audited, notes)
        token = current.set(notes)
        try:
            if audited.changes and not audited.says_when:
                await notes.begin()
            await self._answer(audited, notes, scope, receive, send)
        except FacegateError as error:
            await self._show(request, refusal(error))(scope, receive, send)
        finally:
            current.reset(token)

    async def _begin(self, audited: AuditedRoute, notes: RequestNotes) -> None:
        """Tell that a change begins. Raises StorageError."""
        await self._trail.write(notes.draft(audited.action, None))
        notes.begun = True

    async def _answer(
        self, audited: AuditedRoute, notes: RequestNotes, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer what is told first. Raises StorageError where a look cannot be told."""
        untold: FacegateError | None = None

        async def send_once_told(message: Message) -> None:
            nonlocal untold
            if untold is not None:
                raise _Untold
            if message["type"] == "http.response.start":
                try:
                    await self._tell_answer(audited, notes, message["status"])
                except FacegateError as error:
                    untold = error
                    raise _Untold from error
            await send(message)

        try:
            await self.app(scope, receive, send_once_told)
        except (_Untold, ClientDisconnect):
            if untold is None:
                raise
        if untold is not None:
            raise untold

    async def _tell_answer(self, audited: AuditedRoute, notes: RequestNotes, status: int) -> None:
        """Tell what is answered. Raises StorageError where a look cannot be told."""
        draft = notes.draft(audited.action, status)
        if audited.says_when and not notes.begun:
            if status in _REFUSED:
                self._trail.refused.note(
                    audited.action, status, who=draft.who, address=draft.address, now=draft.since
                )
            return
        try:
            await self._trail.write(draft)
        except FacegateError as error:
            if not audited.changes:
                raise
            self._trail.lost(draft, error)
