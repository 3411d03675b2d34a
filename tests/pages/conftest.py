"""One browser and one chain of fake shards for all tests of the pages, on one event loop."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.gateway.fake_chain import Chain, running, three_stores
from tests.pages.browser import CHROMIUM, Visitor, browser, visiting


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def chromium(processes: None) -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    async with browser() as chromium:
        yield chromium


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def chain(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chain]:
    """Three stores, one of them with a name; Anna is a member of store-a."""
    folder: Path = tmp_path_factory.mktemp("pages")
    options: dict[str, dict[str, Any]] = {
        "store-a": {"name": "West Lake 西湖", "cameras": {"door": {"name": "Front door"}}},
        "store-b": {"name": "Riverside"},
    }
    async with running(folder, three_stores(), options, health_seconds=2) as chain:
        yield chain


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(chromium: Browser, chain: Chain) -> AsyncIterator[Visitor]:
    async with visiting(chromium, str(chain.http.base_url)) as visitor:
        yield visitor
