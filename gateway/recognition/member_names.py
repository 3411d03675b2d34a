"""Names and tags on the cards in answers: shards know members by their ids alone."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from contract.deadline import Deadline
from contract.messages.face import Candidate, MemberCard
from contract.messages.faces import FaceRecord
from contract.messages.recognition import RecognizedFace, SearchedFace
from gateway.record.database import Database
from gateway.record.people.member_search import cards_of_members

_SECONDS = 0.5
"""How old a remembered card may be: an edit by another gateway is seen within a second."""
_MOST = 10_000

_Carded = TypeVar("_Carded", RecognizedFace, Candidate, FaceRecord)


class MemberNames:
    """Fills in cards. They are remembered for a moment: a till's feed asks again and again."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._cards: dict[str, tuple[float, MemberCard | None]] = {}

    def forget(self) -> None:
        """Forget what is remembered: a member was written."""
        self._cards.clear()

    async def recognized(
        self, faces: Sequence[RecognizedFace], deadline: Deadline
    ) -> list[RecognizedFace]:
        """Return the faces with names."""
        shown: list[RecognizedFace | Candidate] = list(faces)
        shown += [candidate for face in faces for candidate in face.candidates or []]
        cards = await self._known(shown, deadline)
        return [
            _named(face, cards).model_copy(update={"candidates": _all(face.candidates, cards)})
            for face in faces
        ]

    async def searched(
        self, faces: Sequence[SearchedFace], deadline: Deadline
    ) -> list[SearchedFace]:
        """Return the faces with names."""
        shown = [face.match for face in faces if face.match]
        shown += [candidate for face in faces for candidate in face.candidates]
        cards = await self._known(shown, deadline)
        return [
            face.model_copy(
                update={
                    "match": face.match and _named(face.match, cards),
                    "candidates": _all(face.candidates, cards),
                }
            )
            for face in faces
        ]

    async def records(self, records: Sequence[FaceRecord], deadline: Deadline) -> list[FaceRecord]:
        """Return the records with names."""
        cards = await self._known(records, deadline)
        return [_named(record, cards) for record in records]

    async def _known(
        self, shown: Sequence[RecognizedFace | Candidate | FaceRecord], deadline: Deadline
    ) -> dict[str, MemberCard]:
        wanted = {one.member.member_id for one in shown if one.member}
        fresh = self._clock() - _SECONDS
        known = {
            member_id: card
            for member_id in wanted
            for at, card in [self._cards.get(member_id, (fresh, None))]
            if at > fresh
        }
        if missing := sorted(wanted - known.keys()):
            read = await self._database.read(deadline, cards_of_members, missing)
            if len(self._cards) > _MOST:
                self._cards.clear()
            for member_id in missing:
                known[member_id] = read.get(member_id)
                self._cards[member_id] = self._clock(), known[member_id]
        return {member_id: card for member_id, card in known.items() if card}


def _named(one: _Carded, cards: dict[str, MemberCard]) -> _Carded:
    if one.member is None or one.member.member_id not in cards:
        return one
    return one.model_copy(update={"member": cards[one.member.member_id]})


def _all(
    candidates: list[Candidate] | None, cards: dict[str, MemberCard]
) -> list[Candidate] | None:
    return candidates and [_named(candidate, cards) for candidate in candidates]
