"""What a camera calls a frame, so that it may send it again."""

import hashlib
import re
from collections.abc import Iterable

from contract.errors import BadKey
from gateway.chain.shard_request import Picture
from gateway.record.visits.idempotency_keys import IdempotencyKey

_KEY = re.compile(r"[\x20-\x7e]{1,200}")


def frame_key(
    store: str,
    *,
    header: str | None,
    camera: str | None,
    frame: str | None,
    query: Iterable[tuple[str, str]],
    picture: Picture,
) -> IdempotencyKey | None:
    """Return the key of a frame: its `Idempotency-Key`, or its camera and number there.

    None when it has neither. Raises BadKey.
    """
    name = frame_name(header=header, camera=camera, frame=frame)
    return None if name is None else IdempotencyKey(store, name, _digest(query, picture))


def frame_name(*, header: str | None, camera: str | None, frame: str | None) -> str | None:
    """Return what a frame is called in its store; None when it has no name. Raises BadKey."""
    if header is not None:
        if not _KEY.fullmatch(header):
            raise BadKey("an Idempotency-Key has 1 to 200 printable ASCII characters")
        return f"key {header}"
    if frame is None:
        return None
    if camera is None:
        raise BadKey("`frame` needs `camera`: each camera counts its own frames")
    return f"frame {frame!r} of {camera!r}"


def _digest(query: Iterable[tuple[str, str]], picture: Picture) -> str:
    """Return a digest of the whole question. Forms have a boundary drawn by chance: left out."""
    boundary = re.search(r'boundary="?([^";,]+)', picture.content_type)
    body = picture.body.replace(boundary[1].encode(), b"") if boundary else picture.body
    digest = hashlib.sha256(repr(sorted(query)).encode())
    digest.update(body)
    return digest.hexdigest()
