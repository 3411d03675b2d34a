"""What a webhook's secret may be, and the key that it stands for."""

import base64
import binascii
import secrets

PREFIX = "whsec_"
"""What the secrets of Standard Webhooks begin with, before the base64 of the key."""
LEAST_BYTES, MOST_BYTES = 24, 64
"""Of such a key, as the specification says."""


def new_secret() -> str:
    """Return a new secret, in the form of Standard Webhooks."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode("ascii")


def signing_key(secret: str) -> bytes:
    """Return the key of HMAC-SHA256: what `whsec_…` holds in base64, or any other text itself.

    Raises ValueError where what follows `whsec_` is not the base64 of a key.
    """
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not LEAST_BYTES <= len(key) <= MOST_BYTES:
        raise ValueError(f"after {PREFIX} comes the base64 of {LEAST_BYTES} to {MOST_BYTES} bytes")
    return key
