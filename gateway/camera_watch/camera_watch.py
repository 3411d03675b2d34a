"""How the cameras are: what they send is summed up in memory, and kept in the record.

No picture waits for that. All gateways of a chain add to the same record, and tell once between
them which cameras are missed.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from contract.deadline import Deadline
from contract.errors import FacegateError
from contract.messages.cameras.camera_status import CameraStatus
from contract.messages.message import Unfit
from contract.messages.recognition import RecognizedFace
from contract.stores.store_map import Store, StoreMap
from gateway.camera_watch.agent import NOBODY, Agent
from gateway.camera_watch.camera_view import camera_statuses
from gateway.camera_watch.silence import is_missed
from gateway.clock.clock import Clock
from gateway.clock.store_clock import milliseconds
from gateway.record.cameras.camera_rows import CameraRow, camera_rows, forget_camera
from gateway.record.cameras.schema import UNFIT
from gateway.record.cameras.silences import note_silences
from gateway.record.cameras.tallies import HOUR, CameraHour, CameraTally, record_tallies
from gateway.record.database import Database

log = logging.getLogger(__name__)

STEP_SECONDS = 5.0
MOST_WAITING = 5000
"""Cameras whose sums wait for the record; more are not noted, whatever is sent."""


class CameraWatch:
    """Notes what cameras send; `run` beside the requests. What the `rows` say is seconds old."""

    def __init__(self, database: Database, current: Callable[[], StoreMap], steady: Clock) -> None:
        """Note cameras of the stores in `current`, at the time of a `steady` clock."""
        self._database = database
        self._current = current
        self._steady = steady
        self._waiting: dict[CameraHour, CameraTally] = {}
        self.rows: list[CameraRow] = []

    def frame(
        self,
        store: str,
        camera: str | None,
        faces: Sequence[RecognizedFace],
        *,
        taken_at: datetime,
        ahead: timedelta | None,
        agent: Agent = NOBODY,
    ) -> None:
        """Note a frame with its faces, taken at `taken_at`.

        `ahead` is by how much that was in the future when it arrived, as its camera says; None when
        it does not.
        """
        tally = self._new_tally(agent)
        tally.taken_at = milliseconds(taken_at)
        tally.ahead_ms = None if ahead is None else ahead // timedelta(milliseconds=1)
        tally.sums.update(frames=1, faces=len(faces), empty=int(not faces))
        tally.sums.update(width=sum(face.box.right - face.box.left for face in faces))
        tally.sums.update(UNFIT[reason] for reason in _reasons(faces))
        self._note(store, camera, tally)

    def refused(self, store: str, camera: str | None, code: str, agent: Agent = NOBODY) -> None:
        """Note a frame that was refused, or could not be worked on."""
        tally = self._new_tally(agent)
        tally.refusal = code
        tally.sums.update(refused=1)
        self._note(store, camera, tally)

    def alive(self, store: str, camera: str, agent: Agent = NOBODY) -> None:
        """Note that a camera has sent something, which is no picture."""
        self._note(store, camera, self._new_tally(agent))

    async def list_cameras(
        self, stores: Iterable[Store], deadline: Deadline | None = None
    ) -> list[CameraStatus]:
        """Return how the cameras of `stores` are, up to now.

        Raises StorageError, and DeadlineExceeded.
        """
        await self.flush()
        chosen = list(stores)
        return camera_statuses(chosen, await self._read(chosen, deadline))

    async def forget(self, store: str, camera: str) -> bool:
        """Forget a camera until it sends something again; say whether it was known."""
        await self.flush()
        return await self._database.write(None, forget_camera, store, camera)

    async def run(self) -> None:
        """Bring what is noted into the record, and tell who is missed, for ever."""
        try:
            while True:
                await asyncio.sleep(STEP_SECONDS)
                try:
                    await self.step()
                except FacegateError as error:
                    log.warning("how the cameras are waits for the record: %s", error.detail)
        finally:
            await self.flush()

    async def step(self) -> None:
        """Do once what `run` does again and again."""
        await self.flush()
        stores = self._current().stores
        self.rows = await self._read(stores.values(), None)
        now = self._steady()
        changed = {row.store for row in self.rows if _has_changed(stores[row.store], row, now)}
        for store in sorted(changed):
            await self._note_silences(stores[store], now)
        if changed:
            self.rows = await self._read(stores.values(), None)

    async def flush(self) -> None:
        """Bring what is noted into the record. Raises StorageError; then it is kept for later."""
        tallies, self._waiting = self._waiting, {}
        if not tallies:
            return
        try:
            await self._database.write(None, record_tallies, list(tallies.items()))
        except FacegateError:  # who is only cancelled has most likely stored it
            self._take_back(tallies)
            raise

    async def _read(self, stores: Iterable[Store], deadline: Deadline | None) -> list[CameraRow]:
        names = {store.id for store in stores}
        return await self._database.read(deadline, camera_rows, names, self._steady())

    async def _note_silences(self, store: Store, now: int) -> None:
        def missed(camera: str, last_at: int) -> bool:
            return is_missed(store, camera, last_at, now)

        await self._database.write(None, note_silences, store.id, missed, now)

    def _new_tally(self, agent: Agent) -> CameraTally:
        now = self._steady()
        status = None if agent.status is None else agent.status.model_dump()
        return CameraTally(now, now, agent=agent.name, agent_status=status)

    def _note(self, store: str, camera: str | None, tally: CameraTally) -> None:
        place = CameraHour(store, camera or "", tally.last_at // HOUR)
        known = self._waiting.get(place)
        if known is not None:
            known.add(tally)
        elif len(self._waiting) < MOST_WAITING:
            self._waiting[place] = tally

    def _take_back(self, tallies: dict[CameraHour, CameraTally]) -> None:
        """Keep what could not be recorded, before what was noted meanwhile."""
        for place, later in self._waiting.items():
            if place in tallies:
                tallies[place].add(later)
            elif len(tallies) < MOST_WAITING:
                tallies[place] = later
        self._waiting = tallies


def _has_changed(store: Store, row: CameraRow, now: int) -> bool:
    """Say whether a camera is missed from now on, or no longer."""
    missed = row.camera != "" and is_missed(store, row.camera, row.last_at, now)
    return missed != (row.silent_since is not None)


def _reasons(faces: Iterable[RecognizedFace]) -> list[Unfit]:
    return [face.unfit for face in faces if face.unfit is not None]
