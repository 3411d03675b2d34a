"""One running encoder for all the shards of a process."""

from contract.deadline import Deadline
from contract.stores.detection import Detection
from encoder import AsyncEncoder, Face, LentEncoder


class SharedEncoder(LentEncoder):
    """Passes pictures to an encoder that somebody else starts and closes.

    With `remember` it answers every picture with the faces of the first one, at once: what remains
    to be measured is everything but encoding.
    """

    def __init__(self, encoder: AsyncEncoder, remember: bool) -> None:
        super().__init__(encoder)
        self._remember = remember
        self._remembered: list[Face] | None = None

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
        faces = await super().encode(picture, deadline, detection, to_enroll=to_enroll)
        if self._remember:
            self._remembered = faces
        return faces
