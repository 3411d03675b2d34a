"""Reports which shards do not serve their stores: each problem once, and when it is over."""

from collections.abc import Callable

from contract.messages.cluster import ClusterStatus
from facegate.cluster.readiness import UnservedShard, unserved_shards


class UnservedReport:
    """Compares what the gateway says about the shards with what was reported before."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._reported: dict[tuple[str, str], UnservedShard] = {}
        """By store and address."""

    def report(self, status: ClusterStatus, *, everything: bool = False) -> None:
        """Say which shards have a problem, or all that do not serve, and which serve again."""
        now = {(one.store, one.address): one for one in unserved_shards(status)}
        known_places = {(s.store, one.address) for s in status.stores for one in s.replicas}
        for place in sorted(self._reported.keys() - now.keys()):
            store, address = place
            del self._reported[place]
            if place in known_places:
                self._say(f"store {store!r} is served by {address} again")
        for place, trouble in now.items():
            known = self._reported.get(place)
            if (trouble.problem and trouble != known) or (everything and known is None):
                self._reported[place] = trouble
                self._say(str(trouble))
