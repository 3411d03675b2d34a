"""Numbers of the rows in the indexes, and the FaceIds that they stand for."""

from collections import defaultdict
from collections.abc import Sequence

from shard.gallery.change import Partition


class RowNumbers:
    """The row number of each FaceId, and the partition of the index that the row is in.

    Numbers are given anew: there are no more of them than there ever were FaceIds at once.
    """

    def __init__(self) -> None:
        self._made = 0
        self._free: list[int] = []
        self._numbers: dict[str, tuple[Partition, int]] = {}
        self._face_ids: dict[int, str] = {}

    def face_id_of(self, number: int) -> str:
        """Return the FaceId of a row."""
        return self._face_ids[number]

    def assign(self, face_ids: Sequence[str], partition: Partition) -> list[int]:
        """Return new numbers for FaceIds that have none."""
        numbers = [self._number() for _ in face_ids]
        self._face_ids |= zip(numbers, face_ids, strict=True)
        self._numbers |= {
            face_id: (partition, number) for face_id, number in zip(face_ids, numbers, strict=True)
        }
        return numbers

    def release(self, face_ids: Sequence[str]) -> dict[Partition, list[int]]:
        """Forget the numbers of FaceIds; return those that they had, by partition."""
        released: defaultdict[Partition, list[int]] = defaultdict(list)
        for face_id in face_ids:
            if face_id in self._numbers:
                partition, number = self._numbers.pop(face_id)
                del self._face_ids[number]
                released[partition].append(number)
                self._free.append(number)
        return released

    def _number(self) -> int:
        if not self._free:
            self._free.append(self._made)
            self._made += 1
        return self._free.pop()
