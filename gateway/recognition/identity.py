"""Who a face is, from what its home store and the other stores' shards say."""

from collections.abc import Iterable, Sequence
from typing import Any

from contract.messages.face import Candidate
from contract.messages.recognition import RecognizedFace
from contract.messages.shard_answers import MintedFace, Needed, ShardFace

RIVALS = 2
"""Candidates that a shard is asked for: behind a track's own FaceId is one to compare with."""

_NOBODY: dict[str, Any] = {
    "match": "unknown",
    "face_id": None,
    "kind": None,
    "score": None,
    "distance": None,
    "member": None,
    "provisional": False,
    "lesson": None,
    "second_lesson": None,
}
_NO_LESSONS: dict[str, Any] = {"lesson": None, "second_lesson": None}
_OF_CANDIDATES = _NOBODY.keys() - {"match", "lesson", "second_lesson"}


def ranked(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return `candidates` of any stores, most alike first; the order does not hang on chance."""
    return sorted(candidates, key=lambda c: (-c.score, c.store, c.face_id))


def home_face(face: ShardFace, store: str, keep: int) -> RecognizedFace:
    """Return a face that its home store knows, with its best `keep` candidates."""
    return RecognizedFace(
        box=face.box,
        match="home",
        face_id=face.face_id,
        store=store,
        kind=face.kind,
        score=face.score,
        threshold=face.threshold,
        distance=face.distance,
        member=face.member,
        provisional=face.provisional,
        track=face.track,
        candidates=_shown(face, [], keep),
        sighting=face.sighting,
        lesson=face.lesson,
        second_lesson=face.second_lesson,
    )


def beside_minted(face: ShardFace, minted: str | None) -> ShardFace:
    """Return a face as its home store knows it beside `minted`, which its track was given.

    That FaceId was made of the track's own frames, so that nobody is more like them: a member whom
    the first ones did not show well enough would never be found, nor a visitor who was here before.
    Without a vector it stays as it is: the other stores could not be asked.
    """
    if minted is None or face.track is None or face.face_id != minted or face.vector is None:
        return face
    others = (c for c in face.candidates or [] if c.passes and c.face_id != minted)
    best = next(others, None)
    if best is None:
        return face.model_copy(update=_NOBODY)
    known = {name: getattr(best, name) for name in _OF_CANDIDATES}
    return face.model_copy(update={**known, **_NO_LESSONS})


def unmatched_face(
    face: ShardFace, elsewhere: Iterable[Candidate], needed: Needed, keep: int
) -> RecognizedFace:
    """Return a face that home does not know: roaming if another store knows it, else unknown.

    `needed` are the scores that were needed elsewhere, if anybody was asked: the answer tells what
    the match, or else the most alike, needed. The best `keep` candidates of all stores go with the
    face, whether or not they pass.
    """
    found = ranked(elsewhere)
    best = next((candidate for candidate in found if candidate.passes), None)
    threshold = needed.of(found[0].kind if found else "member")
    unknown = RecognizedFace(
        box=face.box,
        match="unknown",
        threshold=face.threshold if threshold is None else threshold,
        unfit=face.unfit,
        track=face.track,
        candidates=_shown(face, found, keep),
        sighting=face.sighting,
    )
    return unknown if best is None else unknown.model_copy(update=_roaming(best, needed))


def doubted_face(
    face: ShardFace, store: str, elsewhere: Iterable[Candidate], needed: Needed, keep: int
) -> RecognizedFace:
    """Return a visitor of home's, or who is more like the face in another store.

    `needed` and `keep` as for `unmatched_face`.
    """
    found = ranked(elsewhere)
    known = home_face(face, store, keep).model_copy(
        update={"candidates": _shown(face, found, keep)}
    )
    best = next((candidate for candidate in found if candidate.passes), None)
    if best is None or face.score is None or best.score <= face.score:
        return known
    return known.model_copy(update=_roaming(best, needed))


def _shown(face: ShardFace, found: Sequence[Candidate], keep: int) -> list[Candidate] | None:
    """Return the best `keep` candidates of home and the other stores."""
    return ranked([*(face.candidates or []), *found])[:keep] if keep else None


def _roaming(best: Candidate, needed: Needed) -> dict[str, Any]:
    """Return what makes a face that of a candidate of another store."""
    known = best.model_dump(exclude={"passes", "member"})
    of_match = {"member": best.member, "threshold": needed.of(best.kind)}
    return {"match": "roaming", "unfit": None, **_NO_LESSONS, **of_match, **known}


def minted_face(face: RecognizedFace, minted: MintedFace, store: str) -> RecognizedFace:
    """Return an unknown `face` with the FaceId that its home store gave it now, or a moment ago."""
    return face.model_copy(
        update={
            "match": "new" if minted.minted else "home",
            "face_id": minted.face_id,
            "store": store,
            "kind": minted.kind,
            "score": minted.score,
            "distance": minted.distance,
            "member": minted.member,
            "provisional": minted.provisional,
        }
    )


def pending_face(face: RecognizedFace) -> RecognizedFace:
    """Return an unknown `face` that waits for a FaceId."""
    return face.model_copy(update={"match": "pending"})
