"""HTTP to the services under test, which speak no TLS unless a test says by what it trusts them.

httpx reads the machine's certificates for every client, and for every request without one: that
takes more CPU than all else that many a test does. It gives up after five seconds, in which a
machine that runs several tests at once may not have come to answer; and it keeps connections for
as long as uvicorn does, which facegate's own client does not for a good reason.
"""

import ssl
from functools import partial

import httpx

from facegate.client.bounded_transport import LIMITS

TRUSTS_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
SECONDS = 60

Client = partial(httpx.Client, verify=TRUSTS_NOBODY, timeout=SECONDS, limits=LIMITS)
AsyncClient = partial(httpx.AsyncClient, verify=TRUSTS_NOBODY, timeout=SECONDS, limits=LIMITS)
get = partial(httpx.get, verify=TRUSTS_NOBODY, timeout=SECONDS)
post = partial(httpx.post, verify=TRUSTS_NOBODY, timeout=SECONDS)
put = partial(httpx.put, verify=TRUSTS_NOBODY, timeout=SECONDS)
delete = partial(httpx.delete, verify=TRUSTS_NOBODY, timeout=SECONDS)
