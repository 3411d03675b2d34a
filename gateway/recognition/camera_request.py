"""What a camera asks, with the store map that its request keeps to its end."""

from dataclasses import dataclass, replace

from contract.deadline import Deadline
from contract.stores.detection import Detection, Detector
from contract.stores.store_map import Store, StoreMap
from gateway.camera_watch.agent import NOBODY, Agent
from gateway.chain.shard_request import Picture


@dataclass(frozen=True)
class CameraRequest:
    """Who is in `picture`, taken in the store `home`?

    `mint`: give strangers a FaceId. `candidates`: how many to show for each face. The frames of one
    `track` are one person walking in. `counts`: it makes visits. `cut_out`: the picture is
    part of a whole one, to which `rotate` and `region` of the camera were applied.
    """

    stores: StoreMap
    home: Store
    picture: Picture
    deadline: Deadline
    mint: bool = True
    candidates: int = 0
    camera: str | None = None
    track: str | None = None
    counts: bool = False
    cut_out: bool = False
    detector: Detector | None = None
    """What looks for faces; None: the store's."""
    address: str | None = None
    """Where it comes from."""
    agent: Agent = NOBODY
    """What posts it for the camera, as that says itself."""

    @property
    def detection(self) -> Detection:
        """How faces are looked for in the picture."""
        detection = self.home.detection_at(self.camera)
        if self.detector is not None:
            detection = replace(detection, detector=self.detector)
        return replace(detection, rotate=0, region=None) if self.cut_out else detection

    @property
    def remember(self) -> bool:
        """Whether the home shard keeps for a while who is in the picture: everybody is named."""
        return self.mint and self.counts

    @property
    def others(self) -> list[Store]:
        """Every store but the camera's own."""
        return [store for store in self.stores.stores.values() if store.id != self.home.id]
