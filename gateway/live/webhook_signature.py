"""Signatures of webhook requests, by which receivers know that a request is ours and recent."""

import hashlib
import hmac

SIGNATURE, TIMESTAMP = "Facegate-Signature", "Facegate-Timestamp"


def signature_headers(secret: str, now: float, body: bytes) -> dict[str, str]:
    """Return the headers that sign `body`: HMAC-SHA256 over `timestamp.body`, in hex.

    Receivers refuse a timestamp that is more than five minutes from their clock.
    """
    timestamp = str(int(now))
    signed = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return {TIMESTAMP: timestamp, SIGNATURE: f"v1={signed.hexdigest()}"}
