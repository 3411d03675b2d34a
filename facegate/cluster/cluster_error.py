"""What keeps a cluster of this machine from running."""

from contract.errors import FacegateError


class ClusterError(FacegateError):
    """The cluster cannot start or go on; the text says what to change."""

    code, title = "CLUSTER", "The cluster cannot run"
