"""Signatures of webhook requests, by which receivers know that a request is ours and recent.

As https://www.standardwebhooks.com has them, so that receivers find ready verifiers.
"""

import base64
import hashlib
import hmac

from contract.text.webhook_secret import signing_key


def signature_headers(secret: str, message_id: str, now: float, body: bytes) -> dict[str, str]:
    """Return the headers that sign `body`: HMAC-SHA256 over `id.timestamp.body`, in base64.

    `message_id` stays the same when an event is sent again, and has no full stop in it; `now` is
    in seconds since 1970. Receivers refuse what is more than five minutes from their clock.
    """
    timestamp = str(int(now))
    signed = _hmac(_key(secret), f"{message_id}.{timestamp}.".encode() + body).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode('ascii')}",
    }


def former_headers(secret: str, now: float, body: bytes) -> dict[str, str]:
    """Return the headers by which 0.1.0 signs as well, for receivers that were there before.

    The key is the text of the secret itself, whatever it begins with.
    """
    timestamp = str(int(now))
    signed = _hmac(secret.encode(), f"{timestamp}.".encode() + body).hexdigest()
    return {"Facegate-Timestamp": timestamp, "Facegate-Signature": f"v1={signed}"}


def _key(secret: str) -> bytes:
    try:
        return signing_key(secret)
    except ValueError:  # of a former release, which took any text
        return secret.encode()


def _hmac(key: bytes, signed: bytes) -> "hmac.HMAC":
    return hmac.new(key, signed, hashlib.sha256)
