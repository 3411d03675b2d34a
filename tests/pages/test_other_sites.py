"""What pages of other sites can do with the gateway, in a real browser: nothing."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.gateway.fake_chain import Chain
from tests.pages.browser import browser
from tests.pages.guarded_chain import guarded_chain

pytestmark = pytest.mark.asyncio(loop_scope="session")

SITE = "site.example"
"""A name that its owner has pointed to this machine."""


@contextmanager
def site(html: str) -> Iterator[int]:
    """Serve a page of another site, and yield its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            serving.join()


async def answer_to(page: Page, address: str) -> int:
    """Open the other site's page, and return with what status the gateway answers it."""
    async with page.expect_response(lambda answer: "/v1/members.csv" in answer.url) as answered:
        await page.goto(address)
    return (await answered.value).status


async def members(chain: Chain) -> str:
    return (await chain.http.get("/v1/members")).text


FORM = """<form method="post" enctype="{kind}" action="{url}/v1/members.csv"
  ><textarea name="member,name&#10;evil">,Evil</textarea></form
  ><script>document.forms[0].submit()</script>"""
FETCH = """<script>fetch("{url}/v1/members.csv", {{method: "POST", mode: "no-cors",
  body: "member_id,name\\nevil,Evil\\n"}})</script>"""


@pytest.mark.parametrize("host", ["http://127.0.0.1", "http://localhost"])
@pytest.mark.parametrize(
    "html",
    [FORM.replace("{kind}", "text/plain"), FORM.replace("{kind}", "multipart/form-data"), FETCH],
    ids=["form", "multipart", "fetch"],
)
async def test_a_page_of_another_site_makes_no_member(
    chromium: Browser, chain: Chain, html: str, host: str
) -> None:
    before = await members(chain)
    with site(html.format(url=chain.http.base_url)) as port:
        page = await chromium.new_page()
        status = await answer_to(page, f"{host}:{port}/")
        await page.close()

    assert status == 403
    assert await members(chain) == before


async def test_a_name_that_points_here_reads_nothing(processes: None, chain: Chain) -> None:
    """DNS rebinding: to the browser the gateway is the other site itself."""
    own = await members(chain)
    port = chain.http.base_url.port
    async with browser(f"--host-resolver-rules=MAP {SITE} 127.0.0.1") as chromium:
        page = await chromium.new_page()
        answer = await page.goto(f"http://{SITE}:{port}/v1/members")

        assert answer is not None
        assert answer.status == 421
        assert "UNKNOWN_HOST" in (await answer.text())
        assert own not in await page.content()


FRAME = """<iframe src="{url}/members"></iframe>"""


async def test_who_is_signed_in_is_asked_nothing_by_pages_of_other_sites(
    tmp_path: Path, chromium: Browser
) -> None:
    """`localhost` is another site than 127.0.0.1; another port of it is the same site."""
    async with guarded_chain(tmp_path) as guarded:
        url, members = f"{guarded.url}", "/v1/members"
        async with guarded.signed_in(chromium, "admin", "/members") as visitor:
            page = visitor.page
            cookies = await page.context.cookies()
            [session] = [c for c in cookies if c["name"] == "facegate_session"]
            assert (session["httpOnly"], session["sameSite"]) == (True, "Strict")
            for html in (
                FORM.format(kind="text/plain", url=url),
                FORM.format(kind="multipart/form-data", url=url),
                FETCH.format(url=url).replace('"no-cors"', '"no-cors", credentials: "include"'),
            ):
                with site(html) as port:
                    for host in ("http://127.0.0.1", "http://localhost"):
                        assert await answer_to(page, f"{host}:{port}/") == 403
            with site(FRAME.format(url=url)) as port:
                await page.goto(f"http://127.0.0.1:{port}/")
                [_, frame] = page.frames
                assert "facegate" not in await frame.content()
            visitor.errors.clear()  # the browser's own words on what was refused
            await visitor.goes_to("/members")  # still signed in
            left = await guarded.chain.http.get(members, headers=guarded.admin)
            assert left.json()["members"] == []
