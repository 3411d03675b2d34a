"""Whose web pages may ask a service from a browser."""

import httpx
import pytest
from fastapi import FastAPI

from service.http.foreign_pages import ForeignPages
from service.http.problems import unchanged

OWN, OTHER = "http://gateway:8000", "https://elsewhere.example"
SITES = ["same-site", "cross-site"]


async def status(
    headers: dict[str, str], method: str = "POST", origins: tuple[str, ...] = ()
) -> tuple[int, str | None]:
    """Return status and code of what a browser with these headers is answered."""
    app = FastAPI()
    app.add_api_route("/", lambda: "done", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    guarded = ForeignPages(app, origins, ["public.example"], unchanged)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(guarded), base_url=OWN, headers=headers
    ) as client:
        answer = await client.request(method, "/")
    body = answer.json()
    return answer.status_code, body.get("code") if isinstance(body, dict) else None


REFUSED = (403, "FOREIGN_PAGE")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "same-origin", "origin": OWN},
        {"sec-fetch-site": "same-origin", "origin": "null"},
        {"sec-fetch-site": "none"},
        {"origin": OWN},
        {"origin": OWN.upper()},
        {"origin": "https://public.example"},
    ],
    ids=str,
)
async def test_cameras_tills_and_our_own_pages_ask_and_change(headers: dict[str, str]) -> None:
    assert await status(headers) == (200, None)
    assert await status(headers, "GET") == (200, None)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "GET"])
@pytest.mark.parametrize(
    "headers",
    [
        *({"sec-fetch-site": site} for site in SITES),
        {"sec-fetch-site": "cross-site", "origin": OWN},
        {"sec-fetch-site": "invented"},
        {"origin": OTHER},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://gateway:8001"},
        {"origin": "http://gateway"},
        {"origin": "http://gateway:8000.elsewhere.example"},
        {"origin": "http://elsewhere.example/public.example"},
        {"origin": "https://not-public.example"},
    ],
    ids=str,
)
async def test_a_page_of_another_site_neither_reads_nor_changes(
    headers: dict[str, str], method: str
) -> None:
    assert await status(headers, method) == REFUSED


@pytest.mark.parametrize("site", SITES)
async def test_a_link_to_a_page_of_ours_may_be_followed(site: str) -> None:
    link = {"sec-fetch-site": site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}

    assert await status(link, "GET") == (200, None)
    assert await status(link, "POST") == REFUSED
    assert await status({**link, "sec-fetch-dest": "iframe"}, "GET") == REFUSED
    assert await status({**link, "sec-fetch-mode": "no-cors"}, "GET") == REFUSED


@pytest.mark.parametrize("site", [*SITES, None])
async def test_a_listed_origin_may_ask_and_no_other(site: str | None) -> None:
    asked = {"origin": OTHER, **({"sec-fetch-site": site} if site else {})}

    assert await status(asked, origins=(OTHER,)) == (200, None)
    assert await status(asked, origins=("*",)) == (200, None)
    assert await status(asked, origins=("https://elsewhere.example:8443",)) == REFUSED
