"""How the care for people gives orders to the shards that write."""

from typing import TypeVar

from contract.deadline import Deadline
from contract.messages.message import Message
from contract.stores.store_map import Store
from gateway.chain.routing import Router
from gateway.chain.shard_client import Order, ShardClient

_M = TypeVar("_M", bound=Message)

_SECONDS = 5.0


class Orders:
    """Gives orders to the shards that write."""

    def __init__(self, router: Router, client: ShardClient) -> None:
        self._router = router
        self._client = client

    async def give(
        self, store: Store, order: Order, answer: type[_M], seconds: float = _SECONDS
    ) -> _M:
        """Return what a store's shard answers to an order. Raises ShardError."""
        return await self._router.write(
            store,
            lambda address: self._client.order(address, order, answer, Deadline(seconds)),
        )
