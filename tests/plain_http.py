"""HTTP to the services under test, which speak no TLS.

httpx reads the machine's certificates for every client, and for every request without one: that
takes more CPU than all else that many a test does. And it gives up after five seconds, in which a
machine that runs several tests at once may not have come to answer. And it keeps a connection for
as long as uvicorn does, so that a request may meet one that is just being closed.
"""

import ssl
from functools import partial

import httpx

TRUSTS_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
SECONDS = 60
LIMITS = httpx.Limits(keepalive_expiry=3)

Client = partial(httpx.Client, verify=TRUSTS_NOBODY, timeout=SECONDS, limits=LIMITS)
AsyncClient = partial(httpx.AsyncClient, verify=TRUSTS_NOBODY, timeout=SECONDS, limits=LIMITS)
get = partial(httpx.get, verify=TRUSTS_NOBODY, timeout=SECONDS)
post = partial(httpx.post, verify=TRUSTS_NOBODY, timeout=SECONDS)
put = partial(httpx.put, verify=TRUSTS_NOBODY, timeout=SECONDS)
delete = partial(httpx.delete, verify=TRUSTS_NOBODY, timeout=SECONDS)
