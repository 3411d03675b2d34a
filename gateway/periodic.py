"""Periodic work: steps that are repeated for ever, and steps for every store."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

from contract.errors import FacegateError
from contract.stores.store_map import Store

log = logging.getLogger(__name__)


async def repeat(step: Callable[[], Awaitable[object]], seconds: float, what: str) -> None:
    """Run `step` every `seconds`, for ever; a FacegateError is logged as `what`."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await step()
        except FacegateError as error:
            log.warning("%s: %s", what, error.detail)


async def for_each(
    stores: Iterable[Store], do: Callable[[Store], Awaitable[object]], what: str
) -> None:
    """Run `do` for each store in turn; the failure of one does not keep it from the others.

    A FacegateError is logged as `what`; other errors are raised as one ExceptionGroup at the end.
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
