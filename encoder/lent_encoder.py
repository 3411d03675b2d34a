"""An encoder that somebody else starts and closes."""

from contract.deadline import Deadline
from contract.stores.detection import Detection
from encoder.face import Face
from encoder.interface import AsyncEncoder, VectorModel


class LentEncoder:
    """Passes all on to an encoder that others use, too: it is neither started nor closed here."""

    def __init__(self, encoder: AsyncEncoder) -> None:
        self._encoder = encoder

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
        """Pictures that wait for a free worker."""
        return self._encoder.waiting

    @property
    def problem(self) -> str | None:
        """Why a worker that ended cannot be replaced."""
        return self._encoder.problem

    @property
    def is_stopped(self) -> bool:
        """Whether no picture can be encoded until the problem is solved."""
        return self._encoder.is_stopped

    async def start(self) -> None:
        """Do nothing: it runs."""

    async def encode(
        self,
        picture: bytes,
        deadline: Deadline,
        detection: Detection = Detection(),
        *,
        to_enroll: bool = False,
    ) -> list[Face]:
        """Return the faces in the picture file; raises what the encoder raises."""
        return await self._encoder.encode(picture, deadline, detection, to_enroll=to_enroll)

    async def close(self) -> None:
        """Do nothing: the others go on."""
