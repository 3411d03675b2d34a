"""Short calls that many stores make now and then, made together: to wake a thread takes .4 ms."""

import asyncio
from collections.abc import Callable, Sequence

from service.bounded_threads import BoundedThreads

_GATHER_SECONDS = 0.1
"""How long the first call waits for others."""

_Look = Callable[[], None]
_Turn = asyncio.Future[Exception | None]


class JointLooks:
    """Makes all calls that come within a moment in one go, on one of the `threads`.

    Those who call again after the same pause come together from then on.
    """

    def __init__(self, threads: BoundedThreads) -> None:
        self._threads = threads
        self._waiting: list[tuple[_Look, _Turn]] = []
        self._gathering: asyncio.Task[None] | None = None

    async def look(self, look: _Look) -> None:
        """Return once `look` has been called. Raises what it raises, and Busy."""
        turn: _Turn = asyncio.get_running_loop().create_future()
        self._waiting.append((look, turn))
        if self._gathering is None or self._gathering.done():
            self._gathering = asyncio.create_task(self._look_together())
        error = await turn
        if error is not None:
            raise error

    async def _look_together(self) -> None:
        while self._waiting:
            await asyncio.sleep(_GATHER_SECONDS)
            waiting, self._waiting = self._waiting, []
            looks = [look for look, turn in waiting if not turn.cancelled()]
            turns = [turn for _, turn in waiting if not turn.cancelled()]
            for turn, outcome in zip(turns, await self._outcomes(looks), strict=True):
                if not turn.cancelled():
                    turn.set_result(outcome)

    async def _outcomes(self, looks: Sequence[_Look]) -> Sequence[Exception | None]:
        try:
            return await self._threads.run(None, lambda: [_outcome(look) for look in looks])
        except Exception as error:  # noqa: BLE001 - who waits is told, or would wait for ever
            return [error] * len(looks)


def _outcome(look: _Look) -> Exception | None:
    try:
        look()
    except Exception as error:  # noqa: BLE001 - it is raised where it was waited for
        return error
    return None
