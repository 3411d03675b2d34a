"""Exit 0 when the service in this container answers 200 on the path given, else 1 with the reason.

The slim image has no curl. Run on every check, so only what starts fast is imported.
"""

import http.client
import os
import sys


def main(path: str) -> str | None:
    """Return what is wrong with the answer on `path`; None when all is well."""
    port = int(os.environ.get("FACEGATE_PORT", "8000"))
    host = os.environ.get("FACEGATE_HOST", "127.0.0.1").strip("[]")
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", path)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"{path}: {error!r}"
    finally:
        connection.close()
    return None if status == 200 else f"{path}: status {status}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
