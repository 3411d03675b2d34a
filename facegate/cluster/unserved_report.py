"""Reports which shards do not serve their stores: each problem once, and when it is over."""

from collections.abc import Callable

from contract.messages.cluster import ClusterStatus
from facegate.cluster.readiness import UnservedShard, unserved_shards


class UnservedReport:
    """Compares what the gateway says about the shards with what was reported before."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._reported: dict[str, UnservedShard] = {}

    def report(self, status: ClusterStatus, *, everything: bool = False) -> None:
        """Say which shards have a problem, or all that do not serve, and which serve again."""
        now = {one.address: one for one in unserved_shards(status)}
        for address in self._reported.keys() - now.keys():
            store = self._reported.pop(address).store
            if any(one.address == address for s in status.stores for one in s.replicas):
                self._say(f"store {store!r} is served by {address} again")
        for address, trouble in now.items():
            known = self._reported.get(address)
            if (trouble.problem and trouble != known) or (everything and known is None):
                self._reported[address] = trouble
                self._say(str(trouble))
