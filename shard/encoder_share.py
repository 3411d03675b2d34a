"""A store's share of the encoder, where several stores have one: they take turns at its workers."""

import asyncio

from contract.deadline import Deadline
from contract.errors import Busy, DeadlineExceeded
from contract.stores.detection import Detection
from encoder import AsyncEncoder, Face, VectorModel
from service.fair_turns import FairTurns


class EncoderShare:
    """The encoder, with a queue of the store's own: no store's pictures fill another's.

    `turns` has as many places as the encoder has workers; `most` pictures of the store may be
    encoded or wait. The process starts the encoder, and closes it.
    """

    def __init__(self, encoder: AsyncEncoder, turns: FairTurns, most: int) -> None:
        self._encoder = encoder
        self._line = turns.line()
        self._most = most
        self._inside = 0

    @property
    def model(self) -> str:
        """Name and version of what makes the vectors."""
        return self._encoder.model

    @property
    def dimension(self) -> int:
        """Length d of a vector."""
        return self._encoder.dimension

    @property
    def second(self) -> VectorModel | None:
        """What makes the `second` vectors of each face; None when there are none."""
        return self._encoder.second

    @property
    def waiting(self) -> int:
        """Pictures of the store that wait for their turn."""
        return self._line.waiting

    @property
    def problem(self) -> str | None:
        """Why a worker that ended cannot be replaced."""
        return self._encoder.problem

    @property
    def is_stopped(self) -> bool:
        """Whether no picture can be encoded until the problem is solved."""
        return self._encoder.is_stopped

    async def start(self) -> None:
        """Do nothing: all stores' encoder is started once."""

    async def close(self) -> None:
        """Do nothing: the other stores go on."""

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
                return await self._encoder.encode(picture, deadline, detection, to_enroll=to_enroll)
        except TimeoutError:
            raise DeadlineExceeded("the picture was not encoded in time") from None
        finally:
            self._inside -= 1
