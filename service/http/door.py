"""Who may come in, and how long the service waits for them.

uvicorn keeps as many connections as come, for as long as they like. Here there are places for so
many, and an address has a share of them. Whoever comes when all are taken gets that of the one for
which the service has waited longest: for its request, for the rest of it, or for it to read its
answer. Where it waits for nobody, there are spare places in which health checks alone are answered.
"""

import asyncio
import ipaddress
import logging
import resource
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

log = logging.getLogger(__name__)

Limit = Literal[
    "silent",
    "handshake",
    "certificate",
    "slow_head",
    "slow_body",
    "slow_reader",
    "crowded",
    "address",
    "full",
    "head_too_large",
    "malformed",
]
"""Why a connection is closed, or its request refused, before there is a request to answer."""

_HARMLESS = frozenset[Limit]({"silent"})
"""Browsers connect in case that they will have something to ask."""
_LOOK_SECONDS, _SAY_SECONDS = 1.0, 60.0
"""How often whoever takes too long is looked for, and what was met is logged at most."""


@dataclass(frozen=True)
class Patience:
    """Seconds that the service waits for a client."""

    body: float
    """From the end of a request's head until its body has come."""
    head: float = 10
    """From the first byte of a request's head, or from the connection, until its end."""
    answer: float = 30
    """For a client to read anything of its answer."""


class Guest(Protocol):
    """A connection, as the door sees it."""

    @property
    def address(self) -> str | None:
        """Whose share of the places it takes, as `holder_of` has it; None: nobody's."""

    def turn_out(self) -> None:
        """Close it at once."""

    def has_read(self) -> bool:
        """Tell whether it has read some of its answer since the last time that it did not."""


class Door:
    """The connections of a service. For the event loop's thread alone."""

    def __init__(
        self, most: int, patience: Patience, count: Callable[[Limit], None], an_address: int = 0
    ) -> None:
        """Let in `most` at once, and a few more for health checks; `count` each limit met.

        One address has `an_address` of the places at most; 0: any number.
        """
        self.patience = patience
        self._an_address = an_address or most
        self._held: Counter[str] = Counter()
        """How many each address has."""
        self._refused: set[Guest] = set()
        """Who came from one that has its share, and is not gone yet."""
        self.open = 0
        self.most = most
        self._spare = most // 16 + 1
        self._count = count
        self._waiting: OrderedDict[Guest, tuple[float, Limit | None]] = OrderedDict()
        """For whom the service waits, the longest first: until when, and what is met then."""
        self._unsaid: Counter[Limit] = Counter()
        self._said_at = -_SAY_SECONDS
        self._loop: asyncio.AbstractEventLoop | None = None

    def enter(self, guest: Guest) -> bool:
        """Take in a new connection. Return whether it has a place; else it has a spare one."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._look()
        if guest.address is not None:
            if self._held[guest.address] >= self._an_address:
                self._refused.add(guest)  # before it is gone it takes nobody's place
                self.met("address")
                guest.turn_out()
                return True
            self._held[guest.address] += 1
        self.open += 1
        has_place = self.open <= self.most or self._makes_room()
        if not has_place and self.open > self.most + self._spare:
            self.met("full")
            guest.turn_out()
        self.wait_for(guest, self.patience.head, "silent")
        return has_place

    def leave(self, guest: Guest) -> None:
        """Forget a connection that has ended."""
        self.serve(guest)
        if guest in self._refused:
            self._refused.discard(guest)
            return
        self.open -= 1
        if guest.address is not None:
            self._held[guest.address] -= 1
            if not self._held[guest.address]:
                del self._held[guest.address]

    def wait_for(self, guest: Guest, seconds: float, limit: Limit | None) -> None:
        """Close a connection after `seconds`, unless something is said of it before."""
        assert self._loop is not None
        self._waiting[guest] = self._loop.time() + seconds, limit
        self._waiting.move_to_end(guest)

    def serve(self, guest: Guest) -> None:
        """Let a connection be: whatever is waited for now is the service's own affair."""
        self._waiting.pop(guest, None)

    def met(self, limit: Limit) -> None:
        """Count that a limit was met, and have it logged."""
        self._count(limit)
        self._unsaid[limit] += 1

    def _makes_room(self) -> bool:
        if not self._waiting:
            return False
        guest, _ = self._waiting.popitem(last=False)
        self.met("crowded")
        guest.turn_out()
        return True

    def _look(self) -> None:
        """Turn out who takes too long; once a second, whatever happens in one of them."""
        assert self._loop is not None
        self._loop.call_later(_LOOK_SECONDS, self._look)
        now = self._loop.time()
        for guest, (until, limit) in [*self._waiting.items()]:
            if now < until:
                continue
            self.serve(guest)  # first: whatever happens, the next look is at the others
            if guest.has_read():
                self.wait_for(guest, self.patience.answer, limit)
                continue
            if limit is not None:
                self.met(limit)
            guest.turn_out()
        self._say(now)

    def _say(self, now: float) -> None:
        if self._unsaid and now - self._said_at >= _SAY_SECONDS:
            counts = ", ".join(f"{count} {limit}" for limit, count in self._unsaid.most_common())
            level = logging.INFO if self._unsaid.keys() <= _HARMLESS else logging.WARNING
            log.log(level, "connections closed or refused: %s; %d are open", counts, self.open)
            self._unsaid.clear()
            self._said_at = now


def holder_of(peer: tuple[str, int] | None) -> str | None:
    """Return who has the connections from an address: of IPv6 all of its network of 64 bits.

    None for this machine itself, as a proxy before the service may be.
    """
    if peer is None:
        return None
    try:
        address = ipaddress.ip_address(peer[0].partition("%")[0])
    except ValueError:  # a socket of this machine has a path
        return None
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            network = ipaddress.IPv6Network((address, 64), strict=False)
            return None if address.is_loopback else str(network)
        address = address.ipv4_mapped
    return None if address.is_loopback else str(address)


def most_connections(wanted: int) -> int:
    """Return how many may be open: as many as wanted, and three quarters of the descriptors.

    The last quarter is for files, for others that are asked, and for health checks.
    """
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if descriptors == resource.RLIM_INFINITY:
        return wanted
    return max(1, min(wanted, descriptors * 3 // 4))
