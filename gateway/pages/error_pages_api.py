"""Errors as a page, for people who came to an address with a browser."""

from http import HTTPStatus
from urllib.parse import quote

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from contract.errors import KeyRequired
from gateway.http.own_address import address_below
from gateway.pages.pages import Pages
from gateway.pages.pages_api import page_response
from service.http.foreign_pages import READING
from service.http.problems import ProblemResponse

_PROGRAMS = ("application/problem+json", "application/json")
_KEPT = ("allow", "retry-after", "www-authenticate")
"""Headers of a problem that its page has, too."""


class ErrorPages:
    """Shows browsers a page where there is nothing, or where a page did not work.

    Who has to sign in first is led there.
    """

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def show(self, request: Request, response: ProblemResponse) -> Response:
        """Return the page for a problem, or the problem itself: programs and the API get that."""
        if not (_is_for_people(request) and prefers_page(request.headers.get("accept", ""))):
            return response
        problem = response.problem
        if problem.code == KeyRequired.code and request.method in READING:
            back = quote(address_below(self._pages.base, request), safe="")
            return RedirectResponse(f"{self._pages.base}/sign-in?back={back}", HTTPStatus.SEE_OTHER)
        given = {
            "code": problem.code,
            "word": self._word(problem.code, problem.status),
            "id": problem.request_id,
        }
        page = page_response(self._pages, request, "problem.html", given, problem.status)
        page.headers.update({name: response.headers[name] for name in _kept(response)})
        return page

    def _word(self, code: str, status: int) -> str:
        """Return the code whose text `error.<code>` tells people what is wrong."""
        if f"error.{code}" in self._pages.catalogue:
            return code
        return "INTERNAL" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "BAD_REQUEST"


def prefers_page(accept: str) -> bool:
    """Say whether the header `Accept` asks for HTML, and for no JSON rather."""
    wanted = {}
    for choice in accept.lower().split(","):
        kind, *parameters = (part.strip() for part in choice.split(";"))
        wanted[kind] = next((p.removeprefix("q=") for p in parameters if p.startswith("q=")), "1")
    page = _weight(wanted.get("text/html", "0"))
    return page > 0 and all(page >= _weight(wanted.get(kind, "0")) for kind in _PROGRAMS)


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _is_for_people(request: Request) -> bool:
    route = request.scope.get("route")
    return route is None or not route.include_in_schema


def _kept(response: Response) -> list[str]:
    return [name for name in _KEPT if name in response.headers]
