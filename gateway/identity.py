"""Who a face is, from what its home store and the other stores' shards say."""

from collections.abc import Iterable

from contract.messages import Candidate, MintedFace, RecognizedFace, ShardFace


def ranked(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return `candidates` of any stores, most alike first; the order does not hang on chance."""
    return sorted(candidates, key=lambda c: (c.distance, c.store, c.face_id))


def home_face(face: ShardFace, store: str) -> RecognizedFace:
    """Return a face that its home store knows."""
    return RecognizedFace(
        box=face.box,
        match="home",
        face_id=face.face_id,
        store=store,
        kind=face.kind,
        score=face.score,
        distance=face.distance,
        member=face.member,
        provisional=face.provisional,
        candidates=face.candidates,
    )


def missed_face(
    face: ShardFace, elsewhere: Iterable[Candidate], max_distance: float, keep: int
) -> RecognizedFace:
    """Return a face that its home store missed: roaming if another store knows it, else unknown.

    The best `keep` candidates of all stores go with it, whether or not they pass.
    """
    found = ranked(elsewhere)
    kept = ranked([*(face.candidates or []), *found])[:keep] if keep else None
    if not found or found[0].distance > max_distance:
        return RecognizedFace(box=face.box, match="unknown", candidates=kept)
    best = found[0]
    return RecognizedFace(
        box=face.box,
        match="roaming",
        face_id=best.face_id,
        store=best.store,
        kind=best.kind,
        score=best.score,
        distance=best.distance,
        member=best.member,
        provisional=best.provisional,
        candidates=kept,
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
