"""An audit trail for tests of those who tell it something."""

from typing import Any


async def tell_nobody(*_: Any, **__: Any) -> None:
    """Take what would be told to the audit trail."""
