"""Where a replica of a store is asked."""

from typing import NamedTuple

from contract.stores.address import Address


class ReplicaAddress(NamedTuple):
    """A store, and one of the addresses where it is served: other stores may be served there."""

    address: Address
    store: str

    def __str__(self) -> str:
        return f"{self.store} at {self.address}"
