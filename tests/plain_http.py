"""HTTP to the services under test, which speak no TLS.

httpx reads the machine's certificates for every client, and for every request without one: that
takes more CPU than all else that many a test does.
"""

import ssl
from functools import partial

import httpx

TRUSTS_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

Client = partial(httpx.Client, verify=TRUSTS_NOBODY)
AsyncClient = partial(httpx.AsyncClient, verify=TRUSTS_NOBODY)
get = partial(httpx.get, verify=TRUSTS_NOBODY)
post = partial(httpx.post, verify=TRUSTS_NOBODY)
put = partial(httpx.put, verify=TRUSTS_NOBODY)
delete = partial(httpx.delete, verify=TRUSTS_NOBODY)
