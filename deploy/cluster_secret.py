"""Makes the secret by which gateway and shards of docker-compose.yml know each other.

Run once, before they start; where there is a secret it stays. nginx, which asks the replicas of
store-a itself, shows it by a line of its own configuration.
"""

import sys
from pathlib import Path

from service.cluster_secret import ClusterSecret, make_secret

_NGINX = """map $server_port $facegate_authorization {{
    8081    "{shown}";
    default $http_authorization;
}}
"""


def main(folder: Path) -> None:
    """Write `secret`, for the user of the services, and `nginx.conf`, for that of nginx."""
    secret, nginx = folder / "secret", folder / "nginx.conf"
    make_secret(secret)
    shown = ClusterSecret.read(secret).header["Authorization"]
    nginx.write_text(_NGINX.format(shown=shown), encoding="ascii")
    nginx.chmod(0o644)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
