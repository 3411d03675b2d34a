"""Signing in to the pages as somebody whom an OpenID provider vouches for."""

from http import HTTPStatus

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from contract.errors import NotFound, SignInRefused
from gateway.access.openid_provider import OpenIdProvider
from gateway.access.session_cookie import SESSION, SIGNING_IN, came_by_https
from gateway.access.sessions import Sessions
from gateway.http.caller import address_of
from gateway.http.own_address import local_path
from gateway.http.parameters import RequestDeadline
from gateway.pages.pages import Pages
from gateway.pages.pages_api import page_response
from service.http.routes import Routes

_LONGEST_BACK = 1000
"""A cookie holds 4096 characters, with all else that is in it."""


def openid_routes(pages: Pages, sessions: Sessions, provider: OpenIdProvider | None) -> Routes:
    """Return the routes to the provider and back; without `provider` they lead nowhere."""
    routes = Routes(in_openapi=False)

    def known() -> OpenIdProvider:
        if provider is None:
            raise NotFound("nobody vouches for people here: FACEGATE_OIDC_ISSUER")
        return provider

    @routes.get("/sign-in/openid")
    async def leave(request: Request, back: str = "/") -> Response:
        """Lead somebody to the provider."""
        scheme = "https" if came_by_https(request.scope) else "http"
        return_to = f"{scheme}://{request.headers['host']}{pages.base}/sign-in/return"
        wanted = local_path(back if len(back) <= _LONGEST_BACK else "/")
        address, kept = await known().begin(request, return_to, wanted)
        response = RedirectResponse(address, HTTPStatus.SEE_OTHER)
        SIGNING_IN.set(response, request.scope, kept, pages.base)
        return response

    @routes.get("/sign-in/return")
    async def come_back(request: Request, deadline: RequestDeadline) -> Response:
        """Begin the session of who comes from the provider.

        They are led on by a page, since the browser would not send the session's cookie, which is
        Strict, on a way that another site has begun.
        """
        kept = SIGNING_IN.of(request.scope)
        if kept is None:
            raise SignInRefused("this sign-in was not begun here, or too long ago")
        somebody, back = await known().finish(request, kept)
        address = address_of(request.scope) or None
        session_id = await sessions.begin_vouched(somebody, deadline, address=address)
        response = page_response(pages, request, "signed_in.html", {"back": local_path(back)})
        SIGNING_IN.forget(response, pages.base)
        SESSION.set(response, request.scope, session_id, pages.base)
        return response

    return routes
