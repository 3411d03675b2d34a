"""All services that recognize, wired together: cameras' pictures, and searches for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Self

from gateway.camera_watch.camera_places import CameraPlaces
from gateway.camera_watch.camera_watch import CameraWatch
from gateway.chain.chain import Chain
from gateway.clock.clock import Clock
from gateway.directory.directory import Directory
from gateway.metrics import GatewayMetrics
from gateway.periodic import repeat
from gateway.recognition.camera_api import CameraEndpoint
from gateway.recognition.camera_pictures import CameraPictures
from gateway.recognition.distinctions import Distinctions
from gateway.recognition.false_rates import FalseRates
from gateway.recognition.fan_out import FanOut
from gateway.recognition.home_store import HomeStore
from gateway.recognition.idempotency import IdempotentAnswers
from gateway.recognition.learning import Learning
from gateway.recognition.member_names import MemberNames
from gateway.recognition.minting import Minting
from gateway.recognition.picture_encoder import PictureEncoder
from gateway.recognition.picture_search import PictureSearch
from gateway.recognition.recognition import Recognition
from gateway.recognition.tracks.quiet_tracks import QuietTracks
from gateway.recognition.tracks.track_histories import TrackHistories
from gateway.record.database import Database
from service.background import Job


@dataclass(frozen=True)
class TimeLimits:
    """Seconds: of a whole request, of one shard with a picture, of a fan-out, of a quiet track."""

    request: float
    home: float
    fan_out: float
    quiet: float


@dataclass(frozen=True)
class RecognitionServices:
    """The services that recognize."""

    cameras: CameraEndpoint
    pictures: CameraPictures
    idempotent: IdempotentAnswers
    search: PictureSearch
    fan_out: FanOut
    names: MemberNames
    learning: Learning
    quiet_tracks: QuietTracks

    @classmethod
    def of(
        cls,
        chain: Chain,
        database: Database,
        metrics: GatewayMetrics,
        steady: Clock,
        limits: TimeLimits,
        *,
        directory: Directory | None,
        places: CameraPlaces,
        watch: CameraWatch,
    ) -> Self:
        """Wire the services; keys of frames expire by the `steady` clock."""
        fan_out = FanOut(chain.shards, chain.replicas, metrics, limits.fan_out, directory)
        encoder = PictureEncoder(chain.shards, limits.home)
        false_rates = FalseRates(chain.replicas)
        names = MemberNames(database)
        learning = Learning(chain.shards, metrics)
        recognition = Recognition(
            false_rates,
            HomeStore(chain.shards, encoder, limits.home),
            fan_out,
            minting=Minting(chain.shards, metrics, limits.home),
            distinctions=Distinctions(database),
            histories=TrackHistories(database),
            metrics=metrics,
        )
        pictures = CameraPictures(
            recognition,
            database,
            names,
            metrics,
            learning,
            places=places,
            watch=watch,
            quiet=timedelta(seconds=limits.quiet),
        )
        idempotent = IdempotentAnswers(database, limits.request, steady)
        return cls(
            CameraEndpoint(pictures, idempotent),
            pictures,
            idempotent,
            PictureSearch(false_rates, encoder, fan_out),
            fan_out,
            names,
            learning,
            QuietTracks(database, chain.shards, false_rates, chain.current),
        )

    @property
    def work(self) -> Mapping[str, Job]:
        """The background work, by its name."""
        return {
            "learning": self.learning.run,
            "tracks": partial(repeat, self.quiet_tracks.step, 1, "tracks cannot be named"),
        }
