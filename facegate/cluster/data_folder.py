"""The data folder of a cluster, which one cluster uses at a time."""

from pathlib import Path
from typing import IO

from facegate.cluster.cluster_error import ClusterError
from service.files.file_lock import lock_file


def lock_folder(data: Path) -> IO[bytes]:
    """Lock a data folder until the returned file is closed. Raises ClusterError.

    Two clusters in one folder would spoil each other's files.
    """
    try:
        lock = lock_file(data / "run" / "lock")
    except OSError as error:
        raise ClusterError(f"{data}: {error.strerror or error}") from error
    if lock is None:
        raise ClusterError(f"{data}: another facegate cluster is running in this folder")
    return lock
