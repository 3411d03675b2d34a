"""What a search by vectors found, as the gateway is answered."""

from collections.abc import Sequence

from contract.messages.by_kind import ByKind
from contract.messages.message import Scope
from contract.messages.shard_answers import SearchAnswer
from shard.index.certainty import SURE
from shard.index.collection import Collection
from shard.index.hit import Hit
from shard.recognition.messages import candidates_of, finite_threshold


def search_answer(
    store: str,
    collection: Collection,
    rows: Sequence[list[Hit]],
    *,
    rates: ByKind[float],
    frames: Sequence[int],
    scope: Scope,
    templates: int,
) -> SearchAnswer:
    """Return the answer about some vectors: `rows` are the hits of each, `frames` its pictures.

    Shares `rates` of strangers may pass, among `templates` FaceIds in all stores.
    """
    certain = rates.member * SURE.member
    needed = [collection.thresholds(rates, fused, scope, templates) for fused in frames]
    return SearchAnswer(
        store=store,
        model=collection.model,
        results=[
            candidates_of(row, store, scores) for row, scores in zip(rows, needed, strict=True)
        ],
        thresholds=[finite_threshold(scores.member) for scores in needed],
        visitor_thresholds=[finite_threshold(scores.visitor) for scores in needed],
        certain_thresholds=[
            finite_threshold(collection.threshold(certain, fused, scope, templates))
            for fused in frames
        ],
    )
