"""A chain whose gateway asks for keys, and people who sign in to its pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, expect

from contract.messages.access.role import Role
from contract.text.access_key import KeyText
from gateway.record.access.stored_key import StoredKey
from tests.gateway.access.keyring import bearer, key, put_keys
from tests.gateway.fake_chain import Chain, running
from tests.pages.browser import Visitor, visiting


class Guarded:
    """The chain, and the keys of its people."""

    def __init__(self, chain: Chain, keys: dict[Role, KeyText]) -> None:
        self.chain = chain
        self.keys = keys
        self.url = str(chain.http.base_url)
        self.admin = bearer(keys["admin"])

    @asynccontextmanager
    async def signed_in(
        self, chromium: Browser, role: Role, path: str = "/"
    ) -> AsyncIterator[Visitor]:
        """Open a page as somebody who has to sign in first."""
        async with visiting(chromium, self.url) as visitor:
            await visitor.goes_to(path)
            await sign_in(visitor, self.keys[role])
            yield visitor


async def sign_in(visitor: Visitor, given: KeyText) -> None:
    await visitor.page.get_by_label("Key").fill(given.text)
    await visitor.page.get_by_role("button", name="Sign in").click()
    await expect(visitor.page.get_by_role("button", name="Sign out")).to_be_visible()


@asynccontextmanager
async def guarded_chain(folder: Path, **settings: Any) -> AsyncIterator[Guarded]:
    """Run a chain as `running` does, with keys: of all stores, but for a till of store-a."""
    keys: dict[Role, KeyText] = {}
    stored: list[StoredKey] = []
    stores: dict[Role, list[str] | None] = {"till": ["store-a"], "manager": ["store-a"]}
    roles: tuple[Role, ...] = ("till", "manager", "operator", "privacy", "admin")
    for role in roles:
        keys[role], one = key(role, stores.get(role))
        stored.append(one)
    await put_keys(folder, stored)
    async with running(folder, keys="required", **settings) as chain:
        yield Guarded(chain, keys)
