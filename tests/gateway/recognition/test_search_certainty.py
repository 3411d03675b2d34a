"""What has to be known of a face before nobody else has to be heard."""

from contract.messages.face import Candidate, MemberCard
from contract.messages.shard_answers import SearchAnswer
from gateway.recognition.search_certainty import SearchCertainty


def found(store: str, score: float, member: str | None, *, passes: bool = True) -> Candidate:
    card = None if member is None else MemberCard(member_id=member)
    return Candidate(
        face_id=f"{member} in {store}",
        store=store,
        kind="member",
        score=score,
        distance=0.1,
        passes=passes,
        member=card,
    )


def answer(*candidates: Candidate, certain: float | None = 6.0) -> SearchAnswer:
    """What a store says of one face."""
    certainty = [] if certain is None else [certain]
    return SearchAnswer(
        store="east",
        model="model-1",
        results=[list(candidates)],
        thresholds=[5.0],
        certain_thresholds=certainty,
    )


def is_certain(*answers: SearchAnswer) -> bool:
    """Say whether it is, after these answers, each of a store of its own."""
    certainty = SearchCertainty(1)
    for one in answers:
        certainty.note([one])
    return certainty.is_reached


def test_a_member_with_a_high_score_is_certain() -> None:
    assert is_certain(answer(found("east", 7.0, "anna")))
    assert not is_certain(answer(found("east", 5.9, "anna")))
    assert not is_certain(answer(found("east", 7.0, "anna", passes=False)))
    assert not is_certain(answer(found("east", 7.0, None)))
    assert not is_certain(answer())
    assert not is_certain()


def test_the_strictest_store_says_what_is_certain() -> None:
    anna = found("east", 7.0, "anna")

    assert not is_certain(answer(anna), answer(certain=7.5))
    assert not is_certain(answer(certain=7.5), answer(anna))


def test_somebody_else_has_to_be_clearly_less_alike() -> None:
    anna, rob = found("east", 7.0, "anna"), found("west", 6.6, "rob")

    assert not is_certain(answer(anna), answer(rob))
    assert not is_certain(answer(rob), answer(anna))
    assert is_certain(answer(rob), answer(found("east", 7.2, "anna")))


def test_the_same_member_may_be_known_in_several_stores() -> None:
    here, there = found("east", 7.0, "anna"), found("west", 6.9, "anna")

    assert is_certain(answer(here), answer(there))
    assert is_certain(answer(there), answer(here))
    assert not is_certain(answer(there), answer(found("north", 6.8, "rob")), answer(here))


def test_a_shard_of_a_former_release_makes_nothing_certain() -> None:
    assert not is_certain(answer(found("east", 7.0, "anna"), certain=None))


def test_every_face_has_to_be_certain() -> None:
    anna, nobody = answer(found("east", 7.0, "anna")), answer()
    certainty = SearchCertainty(2)
    certainty.note([anna, nobody])
    assert not certainty.is_reached

    certainty.note([nobody, anna])
    assert certainty.is_reached
