"""What the stores of one process share: encoder, scales, threads, metrics."""

import logging
from functools import cached_property
from pathlib import Path

from encoder import AsyncEncoder
from scoring.score_scale import ScoreScale
from shard.metrics import ShardMetrics
from shard.threads import SharedThreads

log = logging.getLogger(__name__)


class SharedParts:
    """One of each, for as long as the process runs.

    `scale_folder` is where the scale of the encoder's model is, if it has one of its own,
    `second_scale_folder` where that of its second model is.
    """

    def __init__(
        self,
        encoder: AsyncEncoder,
        *,
        scale_folder: Path | None = None,
        second_scale_folder: Path | None = None,
    ) -> None:
        self.encoder = encoder
        self.threads = SharedThreads()
        self.metrics = ShardMetrics()
        self._scale_folder = scale_folder
        self._second_scale_folder = second_scale_folder

    @cached_property
    def scale(self) -> ScoreScale:
        """What the vectors of this encoder's model are scored with. Raises ConfigurationError.

        The encoder has to be started, as for `second_scale`.
        """
        return _logged(ScoreScale.of_model(self.encoder.model, self._scale_folder))

    @cached_property
    def second_scale(self) -> ScoreScale | None:
        """What the second model's vectors are scored with, if there is one."""
        second = self.encoder.second
        if second is None:
            return None
        return _logged(ScoreScale.of_model(second.model, self._second_scale_folder))


def _logged(scale: ScoreScale) -> ScoreScale:
    """Say at start what the model's scores are worth."""
    said, status = log.info if scale.kind == "measured" else log.warning, scale.status
    said(
        "scale of %s: %s, made from %s: %s",
        scale.model,
        status.kind,
        status.made_from,
        status.detail,
    )
    return scale
