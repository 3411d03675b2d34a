"""One running encoder for all the shards of a process."""

from contract.deadline import Deadline
from contract.stores.detection import Detection
from encoder import AsyncEncoder, Face, VectorModel


class SharedEncoder:
    """Passes pictures to an encoder that somebody else starts and closes.

    With `remember` it answers every picture with the faces of the first one, at once: what remains
    to be measured is everything but encoding.
    """

    def __init__(self, encoder: AsyncEncoder, remember: bool) -> None:
        self._encoder = encoder
        self._remember = remember
        self._remembered: list[Face] | None = None

    @property
    def model(self) -> str:
        """The shared encoder's."""
        return self._encoder.model

    @property
    def dimension(self) -> int:
        """The shared encoder's."""
        return self._encoder.dimension

    @property
    def second(self) -> VectorModel | None:
        """The shared encoder's."""
        return self._encoder.second

    @property
    def waiting(self) -> int:
        """Pictures that wait for the shared encoder."""
        return self._encoder.waiting

    @property
    def problem(self) -> str | None:
        """The shared encoder's."""
        return self._encoder.problem

    @property
    def is_stopped(self) -> bool:
        """The shared encoder's."""
        return self._encoder.is_stopped

    async def start(self) -> None:
        """Nothing: it runs."""

    async def encode(
        self,
        picture: bytes,
        deadline: Deadline,
        detection: Detection = Detection(),
        *,
        to_enroll: bool = False,
    ) -> list[Face]:
        """Return the faces of the picture, or the remembered ones."""
        if self._remembered is not None:
            return self._remembered
        faces = await self._encoder.encode(picture, deadline, detection, to_enroll=to_enroll)
        if self._remember:
            self._remembered = faces
        return faces

    async def close(self) -> None:
        """Nothing: other shards go on."""
