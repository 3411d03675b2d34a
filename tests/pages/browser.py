"""A real browser for the tests of the pages: the machine's Chromium, without a window."""

import contextlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, ConsoleMessage, Page, Request, async_playwright, expect

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)

needs_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="needs Chromium: apt-get install chromium"
)

MILLISECONDS = 60_000
"""How long a page may take to show something: five seconds are not enough beside other tests."""

expect.set_options(timeout=MILLISECONDS)

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextlib.asynccontextmanager
async def browser(*flags: str) -> AsyncIterator[Browser]:
    """Run a Chromium with further `flags`."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*_FLAGS, *flags]
        )
        yield chromium
        await chromium.close()


@dataclass
class Visitor:
    """Somebody at a page, who notes every error that the browser reports."""

    page: Page
    url: str
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("requestfailed", self._failed)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.errors.append(message.text)

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page left, or took its question back
            self.errors.append(f"{request.url}: {request.failure}")

    async def goes_to(self, path: str) -> None:
        answer = await self.page.goto(self.url + path)
        assert answer is not None
        assert answer.status == 200, await answer.text()

    async def text(self, selector: str) -> str:
        return await self.page.locator(selector).inner_text()

    async def accessibility(self) -> list[str]:
        """Return what axe-core has to object to."""
        results: dict[str, Any] = (await Axe().run(self.page)).response
        return [
            f"{violation['id']}: {node['target']} {node['failureSummary']}"
            for violation in results["violations"]
            for node in violation["nodes"]
        ]


@contextlib.asynccontextmanager
async def visiting(chromium: Browser, url: str, **options: Any) -> AsyncIterator[Visitor]:
    """Open an empty page; at the end the browser must not have reported any error."""
    options = {"locale": "en-GB", "viewport": {"width": 1024, "height": 768}, **options}
    context = await chromium.new_context(**options)
    context.set_default_timeout(MILLISECONDS)
    visitor = Visitor(await context.new_page(), url)
    yield visitor
    await context.close()
    assert visitor.errors == []
