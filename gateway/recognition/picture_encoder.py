"""Encoding by any shard: for a home shard that is down, and for searches that have no home."""

from collections.abc import Iterable

from contract.deadline import Deadline
from contract.errors import ShardUnavailable
from contract.messages.shard_answers import EncodeAnswer
from contract.stores.detection import Detection
from contract.stores.store_map import Store
from gateway.chain.shard_request import Picture
from gateway.chain.shards import Shards


class PictureEncoder:
    """Has pictures encoded by whichever shard has least to do."""

    def __init__(self, shards: Shards, seconds: float) -> None:
        self._shards = shards
        self._seconds = seconds

    async def encode(
        self, stores: Iterable[Store], picture: Picture, detection: Detection, deadline: Deadline
    ) -> EncodeAnswer:
        """Have a shard of `stores` encode the picture.

        Raises ShardUnavailable when there is none, ShardRefused when it refuses the picture.
        """
        limit = Deadline(min(self._seconds, deadline.left))
        try:
            return await self._shards.encode(stores, picture, detection, limit)
        except ShardUnavailable as error:
            raise ShardUnavailable("no shard can encode the picture") from error
