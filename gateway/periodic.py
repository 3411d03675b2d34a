"""What the gateway does by itself, over and over: each piece of work at its own pace."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

from contract.errors import FacegateError
from contract.stores.store_map import Store

log = logging.getLogger(__name__)


async def repeat(step: Callable[[], Awaitable[object]], seconds: float, what: str) -> None:
    """Do `step` every `seconds`, for ever; what is foreseen to go wrong is logged as `what`."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await step()
        except FacegateError as error:
            log.warning("%s: %s", what, error.detail)


async def for_each(
    stores: Iterable[Store], do: Callable[[Store], Awaitable[object]], what: str
) -> None:
    """Do something for one store after the other: what goes wrong with one holds no other up.

    What is foreseen to go wrong is logged as `what`; the rest is raised as one ExceptionGroup, once
    every store has had its turn.
    """
    unforeseen: list[Exception] = []
    for store in stores:
        try:
            await do(store)
        except FacegateError as error:
            log.warning("%s of %s: %s", what, store.id, error.detail)
        except Exception as error:  # noqa: BLE001 - raised below
            unforeseen.append(error)
    if unforeseen:
        raise ExceptionGroup(what, unforeseen)
