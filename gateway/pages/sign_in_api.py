"""Signing in to the pages with a key, and signing out."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import Form, Request, Response
from starlette.responses import RedirectResponse

from contract.errors import KeyRefused
from contract.stores.address import is_loopback
from gateway.access.failed_keys import FailedKeys
from gateway.access.refusal_brake import RefusalBrake
from gateway.access.session_cookie import SESSION, came_by_https
from gateway.access.sessions import Sessions
from gateway.http.caller import address_of
from gateway.http.own_address import local_path
from gateway.http.parameters import RequestDeadline
from gateway.metrics import KeyRefusal
from gateway.pages.pages import Pages
from gateway.pages.pages_api import page_response
from service.http.routes import Routes


def sign_in_routes(
    pages: Pages,
    sessions: Sessions,
    failed: FailedKeys,
    brake: RefusalBrake,
    refused: Callable[[KeyRefusal], None],
    *,
    vouched: bool,
) -> Routes:
    """Return the routes by which people sign in and out.

    `vouched`: whether there is somebody else who vouches for people, to whom the page leads.
    `failed` counts keys that are not valid by address, `brake` slows down who sends many, and
    `refused` is told of them.
    """
    routes = Routes(in_openapi=False)

    def form(request: Request, back: str, fault: str | None = None) -> Response:
        encrypted = came_by_https(request.scope) or is_loopback(request.url.hostname or "")
        given = {
            "back": local_path(back),
            "fault": fault,
            "encrypted": encrypted,
            "vouched": vouched,
        }
        status = HTTPStatus.OK if fault is None else HTTPStatus.FORBIDDEN
        return page_response(pages, request, "sign_in.html", given, status)

    @routes.get("/sign-in")
    async def sign_in_page(request: Request, back: str = "/") -> Response:
        return form(request, back)

    @routes.post("/sign-in")
    async def sign_in(
        request: Request,
        deadline: RequestDeadline,
        key: Annotated[str, Form()] = "",
        back: Annotated[str, Form()] = "/",
    ) -> Response:
        """Begin a session, and end the one that the browser had."""
        address = address_of(request.scope)
        try:
            session_id = await sessions.begin_with_key(
                key.strip(), deadline, address=address or None
            )
        except KeyRefused as error:
            refused("not_valid")
            await brake.slow_down(address)
            failed.note(address)
            return form(request, back, error.code)
        await end_session(request, deadline)
        response = RedirectResponse(pages.base + local_path(back), HTTPStatus.SEE_OTHER)
        SESSION.set(response, request.scope, session_id, pages.base)
        return response

    @routes.post("/sign-out")
    async def sign_out(request: Request, deadline: RequestDeadline) -> Response:
        await end_session(request, deadline)
        response = RedirectResponse(f"{pages.base}/sign-in", HTTPStatus.SEE_OTHER)
        SESSION.forget(response, pages.base)
        return response

    async def end_session(request: Request, deadline: RequestDeadline) -> None:
        former = SESSION.of(request.scope)
        if former is not None:
            await sessions.end(former, deadline)

    return routes
