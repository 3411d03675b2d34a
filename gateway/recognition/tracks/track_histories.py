"""What is known of a track before its next frame is recognized, read while its store recognizes it.

The record alone survives restarts, and knows what other gateways and other replicas of the store
did with the track. Reading it takes less time than encoding the frame, which goes on meanwhile, so
that the answer does not wait for it.
"""

import logging

from contract.deadline import Deadline
from contract.errors import DeadlineExceeded, StorageError
from gateway.record.database import Database
from gateway.record.visits.frame import Frame
from gateway.record.visits.tracks import TrackHistory, history_of_track

log = logging.getLogger(__name__)


class TrackHistories:
    """Reads what the record knows of tracks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, frame: Frame | None, deadline: Deadline) -> TrackHistory:
        """Return the history of the track of `frame`: nothing where it is of none.

        Nothing, too, when the record cannot say so: then the frame is recognized as a first one.
        """
        key = frame.track_key if frame else None
        if frame is None or key is None:
            return TrackHistory()
        try:
            return await self._database.read(deadline, history_of_track, key, frame.at, frame.gap)
        except (StorageError, DeadlineExceeded) as error:
            log.warning("the history of a track of %s is not known: %s", frame.store, error)
            return TrackHistory()
