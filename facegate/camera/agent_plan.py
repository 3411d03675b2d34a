"""What one camera's agent is to do."""

from dataclasses import dataclass, field
from pathlib import Path

from contract.stores.detection import Detection
from encoder.duty_budget import USUAL_SHARE
from facegate.camera.outgoing.spool import spool_of_camera
from facegate.camera.sources.source_address import SourceAddress
from facegate.camera.sources.source_options import SourceOptions
from facegate.camera.watcher import Sent
from facegate.client.gateway_key import Key

SPOOL_BYTES = 200_000_000
"""Ten thousand shots, a day or two of a busy door."""


@dataclass(frozen=True)
class AgentPlan:
    """Which camera is watched for which store, how, and what is sent where."""

    store: str
    camera: str
    address: SourceAddress
    url: str
    """Of the gateway."""
    spool: Path
    """The folder of the spools, one for each camera."""
    options: SourceOptions = field(default_factory=SourceOptions)
    detection: Detection = Detection("auto")
    cnn_share: float = USUAL_SHARE
    """Of the time: what the CNN may compute where the detector is `auto`."""
    sent: Sent = "faces"
    once: bool = False
    spool_bytes: int = SPOOL_BYTES
    key: Key | None = None
    """What opens the gateway."""

    @property
    def folder(self) -> Path:
        """Where what this camera has to send waits."""
        return spool_of_camera(self.spool, self.store, self.camera)
