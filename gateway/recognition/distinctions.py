"""Who is not whom, where two stores' shards cannot know it: each has one of the two."""

import logging

from contract.deadline import Deadline
from contract.errors import DeadlineExceeded, StorageError
from contract.messages.face import Candidate
from gateway.record.database import Database
from gateway.record.people.distinctions import faces_distinct_from
from gateway.record.people.face_pair import FacePair

log = logging.getLogger(__name__)


class Distinctions:
    """Knows what people have said."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def respected(
        self, face: FacePair, candidates: list[Candidate], deadline: Deadline
    ) -> list[Candidate]:
        """Return the candidates for a face that passes for `face`: those who it is not do not pass.

        When the record cannot say so, they are as the shards say.
        """
        if not any(candidate.passes for candidate in candidates):
            return candidates
        try:
            others = await self._database.read(deadline, faces_distinct_from, face)
        except (StorageError, DeadlineExceeded) as error:
            log.warning("not known who %s is not: %s", face, error)
            return candidates
        return [
            candidate.model_copy(update={"passes": False})
            if (candidate.store, candidate.face_id) in others
            else candidate
            for candidate in candidates
        ]
