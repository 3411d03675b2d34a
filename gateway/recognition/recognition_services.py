"""All services that recognize, wired together: cameras' pictures, and searches for people."""

from dataclasses import dataclass
from typing import Self

from gateway.chain.chain import Chain
from gateway.clock.clock import Clock
from gateway.metrics import GatewayMetrics
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
from gateway.record.database import Database


@dataclass(frozen=True)
class TimeLimits:
    """Seconds: of a whole request, of one shard with a picture, and of a fan-out."""

    request: float
    home: float
    fan_out: float


@dataclass(frozen=True)
class RecognitionServices:
    """The services that recognize."""

    cameras: CameraEndpoint
    search: PictureSearch
    fan_out: FanOut
    names: MemberNames
    learning: Learning

    @classmethod
    def of(
        cls,
        chain: Chain,
        database: Database,
        metrics: GatewayMetrics,
        steady: Clock,
        limits: TimeLimits,
    ) -> Self:
        """Wire the services; keys of frames expire by the `steady` clock."""
        fan_out = FanOut(chain.shards, metrics, limits.fan_out)
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
            metrics=metrics,
        )
        return cls(
            CameraEndpoint(
                CameraPictures(recognition, database, names, metrics, learning),
                IdempotentAnswers(database, limits.request, steady),
            ),
            PictureSearch(false_rates, encoder, fan_out),
            fan_out,
            names,
            learning,
        )
