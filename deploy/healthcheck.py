"""Exit 0 when the service in this container answers 200 on the path given, else 1 with the reason.

The slim image has no curl. Run on every check, so only what starts fast is imported.
"""

import contextlib
import http.client
import os
import sys

_TLS = {"FACEGATE_CLUSTER_TLS", "FACEGATE_TLS_CERTIFICATE"}
"""With the one a shard speaks TLS, and a gateway with the other."""


def main(path: str) -> str | None:
    """Return what is wrong with the answer on `path`; None when all is well."""
    port = int(os.environ.get("FACEGATE_PORT", "8000"))
    host = os.environ.get("FACEGATE_HOST", "127.0.0.1").strip("[]")
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    try:
        status = _status(host, port, path)
    except (OSError, http.client.HTTPException) as error:
        return f"{path}: {error!r}"
    return None if status == 200 else f"{path}: status {status}"


def _status(host: str, port: int, path: str) -> int:
    """Return the status answered, by TLS where the service may speak it, and else in plain."""
    if _TLS & os.environ.keys():
        import ssl

        # It is the service of this container: nobody else listens there, and nothing is told.
        trust = ssl._create_unverified_context()  # noqa: S323 - see above
        with contextlib.suppress(ssl.SSLError):
            return _asked(http.client.HTTPSConnection(host, port, timeout=2, context=trust), path)
    return _asked(http.client.HTTPConnection(host, port, timeout=2), path)


def _asked(connection: http.client.HTTPConnection, path: str) -> int:
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
