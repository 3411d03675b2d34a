"""Whether the processes of a cluster could listen at their addresses."""

import errno
import socket
import time

from contract.stores.address import Address
from facegate.cluster.cluster_error import ClusterError
from facegate.cluster.service_probe import is_service
from facegate.cluster.supervisor_configuration import STOP_SECONDS

_PAUSE_SECONDS = 0.3


def wait_free(label: str, address: Address) -> None:
    """Return when `address` is free; raise ClusterError when it is another program's.

    A service of facegate may be left of a run that was killed, and about to end.
    """
    deadline = time.monotonic() + STOP_SECONDS
    while is_service(address) and time.monotonic() < deadline:
        time.sleep(_PAUSE_SECONDS)
    check_free(label, address)


def check_free(label: str, address: Address) -> None:
    """Raise ClusterError unless a process of this machine could listen at `address` now."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(place)
    except socket.gaierror as error:
        raise ClusterError(f"{label}: the host of {address} is not known") from error
    except OSError as error:
        problems = {
            errno.EADDRINUSE: "is in use by another program",
            errno.EADDRNOTAVAIL: "is not an address of this machine",
            errno.EACCES: "needs more rights than this user has",
        }
        reason = problems.get(error.errno or 0, str(error))
        raise ClusterError(f"{label}: {address} {reason}") from error
