"""What the gateway does by itself, over and over: each piece of work at its own pace."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from contract.errors import FacegateError

log = logging.getLogger(__name__)


async def repeat(step: Callable[[], Awaitable[object]], seconds: float, what: str) -> None:
    """Do `step` every `seconds`, for ever; what is foreseen to go wrong is logged as `what`."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await step()
        except FacegateError as error:
            log.warning("%s: %s", what, error.detail)
