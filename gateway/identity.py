"""Who a face is, from what its home store and the other stores' shards say."""

from collections.abc import Iterable

from contract.messages import Candidate, MintedFace, RecognizedFace, ShardFace


def ranked(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return `candidates` of any stores, most alike first; the order does not hang on chance."""
    return sorted(candidates, key=lambda c: (-c.score, c.store, c.face_id))


def home_face(face: ShardFace, store: str) -> RecognizedFace:
    """Return a face that its home store knows."""
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
        candidates=face.candidates,
    )


def missed_face(
    face: ShardFace, elsewhere: Iterable[Candidate], threshold: float | None, keep: int
) -> RecognizedFace:
    """Return a face that its home store missed: roaming if another store knows it, else unknown.

    `threshold` is what was needed elsewhere, if anybody was asked. The best `keep` candidates of
    all stores go with the face, whether or not they pass.
    """
    found = ranked(elsewhere)
    unknown = RecognizedFace(
        box=face.box,
        match="unknown",
        threshold=face.threshold if threshold is None else threshold,
        track=face.track,
        candidates=ranked([*(face.candidates or []), *found])[:keep] if keep else None,
    )
    best = next((candidate for candidate in found if candidate.passes), None)
    if best is None:
        return unknown
    return unknown.model_copy(
        update={
            "match": "roaming",
            "face_id": best.face_id,
            "store": best.store,
            "kind": best.kind,
            "score": best.score,
            "distance": best.distance,
            "member": best.member,
            "provisional": best.provisional,
        }
    )


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
