"""The interfaces of encoders: one that runs in the calling thread, one that runs in processes."""

from typing import NamedTuple, Protocol

from contract.deadline import Deadline
from contract.stores.detection import Detection
from encoder.face import Face


class VectorModel(NamedTuple):
    """What makes vectors: its name and version, and their length d."""

    model: str
    dimension: int


class Encoder(Protocol):
    """Turns a picture into faces with vectors, in the calling thread."""

    @property
    def model(self) -> str:
        """Name and version of what makes the vectors; vectors of two models never meet."""

    @property
    def dimension(self) -> int:
        """Length d of a vector."""

    @property
    def second(self) -> VectorModel | None:
        """What makes the `second` vectors of each face; None when there are none."""

    def encode(
        self, picture: bytes, detection: Detection = Detection(), *, to_enroll: bool = False
    ) -> list[Face]:
        """Return the faces in the picture file, largest first; none is an empty list.

        With `to_enroll` the first one has a `template`, which takes twice as long. Raises a
        PictureError when the picture is refused.
        """


class AsyncEncoder(Protocol):
    """An encoder that works outside the event loop. Its models are known once it is started.

    Close it in any case, started or not.
    """

    @property
    def model(self) -> str:
        """Name and version of what makes the vectors; vectors of two models never meet."""

    @property
    def dimension(self) -> int:
        """Length d of a vector."""

    @property
    def second(self) -> VectorModel | None:
        """What makes the `second` vectors of each face; None when there are none."""

    @property
    def waiting(self) -> int:
        """Pictures that wait for a free worker."""

    @property
    def problem(self) -> str | None:
        """Why a worker that ended cannot be replaced; None when all are as they should be."""

    @property
    def is_stopped(self) -> bool:
        """Whether no picture can be encoded until the problem is solved."""

    async def start(self) -> None:
        """Load the models. Raises ConfigurationError when they cannot be loaded."""

    async def encode(
        self,
        picture: bytes,
        deadline: Deadline,
        detection: Detection = Detection(),
        *,
        to_enroll: bool = False,
    ) -> list[Face]:
        """Return the faces in the picture file, largest first; none is an empty list.

        With `to_enroll` the first one has a `template`. Raises a PictureError when the picture is
        refused, Busy when too many wait already, DeadlineExceeded when the deadline passes first,
        NotReady when it is stopped.
        """

    async def close(self) -> None:
        """End the work; pictures that are inside fail."""
