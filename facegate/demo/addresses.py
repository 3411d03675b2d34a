"""Where the processes of a demo listen: at the usual ports of this machine, or at free ones."""

import socket

from contract.stores.address import Address
from facegate.cluster.cluster_error import ClusterError
from facegate.cluster.listening import check_free

USUAL_GATEWAY, USUAL_SHARD = 8000, 5001
HOST = "127.0.0.1"


def choose_addresses(port: int | None, shards: int) -> list[Address]:
    """Return where the gateway and the shards listen: the usual ports, or free ones instead."""
    chosen: list[Address] = [] if port is None else [Address(HOST, port)]
    usual = [USUAL_GATEWAY, *range(USUAL_SHARD, USUAL_SHARD + shards)]
    for wanted in usual[len(chosen) :]:
        address = Address(HOST, wanted)
        while address in chosen or not _is_free(address):
            address = Address(HOST, _free_port())
        chosen.append(address)
    return chosen


def _is_free(address: Address) -> bool:
    try:
        check_free("the demo", address)
    except ClusterError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port
