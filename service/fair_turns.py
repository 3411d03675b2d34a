"""A few places for many: who waits is let in by turns, so that one crowd holds up no other.

turns = FairTurns(places=2)
line = turns.line()             # one for each who shall get as much as the others
async with line:
    ...                         # in one of the two places
"""

import asyncio
from collections import deque
from types import TracebackType


class FairTurns:
    """So many `places`. For one event loop."""

    def __init__(self, places: int) -> None:
        self.taken = 0
        self._places = places
        self._waiting: deque[WaitingLine] = deque()
        """Lines in which somebody waits: the first one is the next to send one in."""

    def line(self) -> "WaitingLine":
        """Return a new line, which takes turns with the others."""
        return WaitingLine(self)

    def take(self) -> None:
        """Take a place at once, whether or not one is free."""
        self.taken += 1

    def leave(self) -> None:
        """Give a place back: whoever is next gets it."""
        self.taken -= 1
        while self._waiting and self.taken < self._places:
            line = self._waiting.popleft()
            if line.let_one_in():
                self.taken += 1
            if line.waiting:
                self._waiting.append(line)

    async def enter(self, line: "WaitingLine") -> None:
        """Return with a place, as soon as it is the turn of this line's next."""
        if self.taken < self._places:
            self.taken += 1
            return
        if not line.waiting and line not in self._waiting:
            self._waiting.append(line)
        turn = line.queue()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                line.forget(turn)
            else:  # let in at the same moment
                self.leave()
            raise


class WaitingLine:
    """Those who wait for each other, first come, first served. `async with` waits, and enters."""

    def __init__(self, turns: FairTurns) -> None:
        self._turns = turns
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def waiting(self) -> int:
        """How many wait in it."""
        return len(self._waiting)

    def queue(self) -> "asyncio.Future[None]":
        """Join at its end; what is returned is done when it is one's turn."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        return turn

    def let_one_in(self) -> bool:
        """Let the first one in; false when nobody is left."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return True
        return False

    def forget(self, turn: "asyncio.Future[None]") -> None:
        """Leave without having been let in."""
        if turn in self._waiting:
            self._waiting.remove(turn)

    async def __aenter__(self) -> None:
        await self._turns.enter(self)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._turns.leave()
