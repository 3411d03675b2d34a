"""A store's share of the encoder, where several stores have one: they take turns at its workers."""

import asyncio

from contract.deadline import Deadline
from contract.errors import Busy, DeadlineExceeded
from contract.stores.detection import Detection
from encoder import AsyncEncoder, Face, LentEncoder
from service.fair_turns import FairTurns


class EncoderShare(LentEncoder):
    """The encoder, with a queue of the store's own: no store's pictures fill another's.

    `turns` has as many places as the encoder has workers; `most` pictures of the store may be
    encoded or wait. The process starts the encoder, and closes it.
    """

    def __init__(self, encoder: AsyncEncoder, turns: FairTurns, most: int) -> None:
        super().__init__(encoder)
        self._line = turns.line()
        self._most = most
        self._inside = 0

    @property
    def waiting(self) -> int:
        """Pictures of the store that wait for their turn."""
        return self._line.waiting

    async def encode(
        self,
        picture: bytes,
        deadline: Deadline,
        detection: Detection = Detection(),
        *,
        to_enroll: bool = False,
    ) -> list[Face]:
        """Return the faces in the picture file; raises what the encoder raises."""
        if self._inside >= self._most:
            raise Busy(f"{self._inside} pictures of the store are being encoded or wait for it")
        self._inside += 1
        try:
            async with asyncio.timeout(deadline.left), self._line:
                return await super().encode(picture, deadline, detection, to_enroll=to_enroll)
        except TimeoutError:
            raise DeadlineExceeded("the picture was not encoded in time") from None
        finally:
            self._inside -= 1
