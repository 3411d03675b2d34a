"""Which stores of a map may be served together, so many of them by each shard."""

from contract.stores.address import Address
from contract.stores.one_process import differing_option
from contract.stores.store_map import Store, StoreMap

_HIGHEST_PORT = 65535


def grouped_addresses(stores: StoreMap, per_shard: int) -> dict[str, Address]:
    """Return where stores have to be served so that up to `per_shard` of them share a process.

    Those that follow each other in the map, on one host and with the options that a process has in
    common, are put together; each group keeps the address of its first store where no other group
    has it. Stores with replicas are left as they are, and not in what is returned.
    """
    taken = {address for store in stores.stores.values() for address in store.shards[1:]}
    taken |= {store.shards[0] for store in stores.stores.values() if len(store.shards) > 1}
    found: dict[str, Address] = {}
    for group in _groups(stores, per_shard):
        address = group[0].shards[0]
        if address in taken:
            address = _free_address(address.host, stores, taken)
        taken.add(address)
        found |= dict.fromkeys((store.id for store in group), address)
    return found


def _groups(stores: StoreMap, per_shard: int) -> list[list[Store]]:
    groups: list[list[Store]] = []
    for store in stores.stores.values():
        if len(store.shards) > 1:
            continue
        last = groups[-1] if groups else []
        if (
            last
            and len(last) < per_shard
            and last[0].shards[0].host == store.shards[0].host
            and differing_option([last[0], store]) is None
        ):
            last.append(store)
        else:
            groups.append([store])
    return groups


def _free_address(host: str, stores: StoreMap, taken: set[Address]) -> Address:
    """Return an address of the host that the map does not name, behind those that it does."""
    known = taken | {address for store in stores.stores.values() for address in store.shards}
    ports = {address.port for address in known if address.host == host}
    behind = range(max(ports) + 1, _HIGHEST_PORT + 1)
    port = behind[0] if behind else min(set(range(1024, _HIGHEST_PORT)) - ports)
    return Address(host, port)
