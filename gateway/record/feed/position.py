"""How far a reader of a store's feed has read."""

import re
from typing import NamedTuple, Self

from gateway.record.scope import CHAIN

_TEXT = re.compile(r"(\d{1,18})\.(\d{1,18})", re.ASCII)


class Position(NamedTuple):
    """The last events read: of the store, and of the chain.

    Two numbers, because PostgreSQL shows the events of different stores out of their order.
    """

    store: int
    chain: int

    def __str__(self) -> str:
        return f"{self.store}.{self.chain}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the position that `text` says, None when it says none."""
        match = _TEXT.fullmatch(text)
        return cls(int(match[1]), int(match[2])) if match else None

    def after(self, store: str, seq: int) -> Self:
        """Return the position after the event `seq` of `store`."""
        return self._replace(chain=seq) if store == CHAIN else self._replace(store=seq)

    def has_read(self, store: str, seq: int) -> bool:
        """Say whether the event `seq` of `store` lies behind."""
        return seq <= (self.chain if store == CHAIN else self.store)

    def reaches(self, other: Self) -> bool:
        """Say whether everything up to `other` lies behind."""
        return self.store >= other.store and self.chain >= other.chain
