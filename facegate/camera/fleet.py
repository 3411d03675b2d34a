"""The agents of all cameras of a store map that have a source, in one process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from contract.stores.detection import Detection
from contract.stores.store_map import StoreMap
from facegate.camera.agent import CameraAgent
from facegate.camera.agent_plan import AgentPlan
from facegate.camera.kept_agent import KeptAgent
from facegate.camera.outgoing.left_pictures import LeftPictures, left_pictures
from facegate.camera.report import AgentReport
from facegate.camera.sources.credentials import CameraSettings, signed_in
from facegate.camera.sources.source_address import parse_source
from facegate.client.gateway_key import Key


class WatchedCamera(NamedTuple):
    """A camera of the map with a source, and how its pictures are looked at."""

    store: str
    camera: str
    source: str
    detection: Detection


@dataclass(frozen=True)
class FleetPlan:
    """What all agents of a fleet have in common."""

    url: str
    spool: Path
    spool_bytes: int
    settings: CameraSettings
    as_json: bool
    key: Key | None = None

    def agent_of(self, watched: WatchedCamera, write: Callable[[str], None]) -> CameraAgent:
        """Return a new agent of a camera. Raises FacegateError and OSError."""
        address = signed_in(parse_source(watched.source), self.settings)
        plan = AgentPlan(
            watched.store,
            watched.camera,
            address,
            self.url,
            self.spool,
            detection=watched.detection,
            cnn_share=self.settings.cnn_share,
            spool_bytes=self.spool_bytes,
            key=self.key,
        )
        return CameraAgent(plan, write, as_json=self.as_json)


class CameraFleet:
    """Follows the map: an edit starts, stops and restarts the agents that it concerns."""

    def __init__(self, plan: FleetPlan, write: Callable[[str], None]) -> None:
        self._plan = plan
        self._write = write
        self._kept: dict[WatchedCamera, KeptAgent] = {}
        self.left: list[LeftPictures] = []
        """Pictures of cameras that the map did not list when it was read last."""

    @property
    def agents(self) -> list[CameraAgent]:
        """Those that run now."""
        return [kept.agent for kept in self._kept.values() if kept.agent is not None]

    def follow(self, stores: StoreMap) -> None:
        """Make the agents those of the map."""
        wanted = watched_cameras(stores)
        gone = {watched: kept for watched, kept in self._kept.items() if watched not in wanted}
        _end(gone)
        self._kept = {
            watched: self._kept.get(watched) or self._started(watched) for watched in wanted
        }
        watched = {(one.store, one.camera) for one in wanted}
        self.left = left_pictures(self._plan.spool, watched)
        for left in self.left:
            self._say_left(left)

    def stop(self) -> None:
        """End all agents."""
        _end(self._kept)
        self._kept = {}

    def _say_left(self, left: LeftPictures) -> None:
        report = AgentReport(left.store, left.camera, self._write, self._plan.as_json)
        text = (
            f"{left.pictures} pictures wait in {left.folder}, and nobody watches this camera:"
            " docs/agent.md says how to send or delete them"
        )
        report.say("left", text, pictures=left.pictures, folder=str(left.folder))

    def _started(self, watched: WatchedCamera) -> KeptAgent:
        report = AgentReport(watched.store, watched.camera, self._write, self._plan.as_json)
        return KeptAgent(partial(self._plan.agent_of, watched, self._write), report)


def watched_cameras(stores: StoreMap) -> list[WatchedCamera]:
    """Return the cameras of a map that have a source."""
    return [
        WatchedCamera(store.id, camera, options.source, store.agent_detection_at(camera))
        for store in stores.stores.values()
        for camera, options in store.cameras.items()
        if options.source is not None
    ]


def _end(agents: Mapping[WatchedCamera, KeptAgent]) -> None:
    """Stop agents, all at once, and wait for them: a spool has one owner."""
    for kept in agents.values():
        kept.stop()
    for kept in agents.values():
        kept.join()
