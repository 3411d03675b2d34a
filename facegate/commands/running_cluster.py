"""The chain as the gateway sees it, for commands that can do without."""

from contract.messages.cluster import ClusterStatus
from facegate.client.api_error import ClientError
from facegate.commands.options import gateway_client


def running_cluster(url: str) -> ClusterStatus | None:
    """Return what the gateway knows of the chain; None where none answers."""
    try:
        with gateway_client(url, timeout=5, retry_seconds=0) as client:
            return client.cluster()
    except ClientError:
        return None
