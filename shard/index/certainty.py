"""When it is so sure who came in a visit that it may teach a FaceId how the person looks."""

from collections.abc import Sequence
from typing import NamedTuple

from contract.messages.by_kind import ByKind
from contract.stores.store_map import Learning
from shard.gallery.change import StoredFace
from shard.index.hit import Hit

SURE = ByKind(member=0.1, visitor=1.0)
"""The share of the strangers who may be taken for somebody of whom something may be learned.

`same_visitor` is strict already: measured, a smaller share of it lets visitors learn less and saves
no confusion (docs/accuracy.md).
"""
CLEARLY = 0.5
"""Score by which whoever comes next has to be less alike. To ask that nobody else matches would
keep those from learning who are counted as two, and save no confusion either."""
RIVALS = 2
"""FaceIds that have to be searched: the one that it is, and who comes next."""


class Certainty(NamedTuple):
    """The scores of a search that are `needed` to match, and those to be `sure`, no lower ones."""

    needed: ByKind[float]
    sure: ByKind[float]

    def of(self, hits: Sequence[Hit], learning: Learning) -> StoredFace | None:
        """Return whose FaceId a probe certainly is, of those who are `learning`; None in doubt.

        The most alike of `hits`, at least RIVALS of a search, has to be sure, and everybody else
        clearly less alike, but for the same member. Who is provisional may be somebody else.
        """
        if not hits:
            return None
        best, *others = hits
        near = (hit for hit in others if hit.score > best.score - CLEARLY)
        if (
            best.score < self.sure.of(best.face.kind)
            or not best.passes(hits, self.needed)
            or any(not _are_one_member(best.face, hit.face) for hit in near)
        ):
            return None
        return best.face if _learns(best.face, learning) else None


def _learns(face: StoredFace, learning: Learning) -> bool:
    who = {"visitors": face.kind == "visitor", "everyone": True, "nobody": False}
    return who[learning] and not face.provisional


def _are_one_member(one: StoredFace, other: StoredFace) -> bool:
    return one.member_id is not None and one.member_id == other.member_id
