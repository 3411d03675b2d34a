"""The file of a network that a user gives: its contents, and a name for it."""

import re
from pathlib import Path

from contract.errors import BadRequest

_LARGEST = 2_000_000_000
"""Bytes of a file: ONNX cannot hold more in one."""


def contents_of(file: Path) -> bytes:
    """Return what is in a file. Raises BadRequest when it cannot be read."""
    try:
        if not file.is_file():  # a pipe would be read for ever
            raise BadRequest(f"{file} is no file")
        if file.stat().st_size > _LARGEST:
            raise BadRequest(f"{file} is larger than a network in one file can be")
        return file.read_bytes()
    except OSError as error:
        raise BadRequest(f"{file} cannot be read: {error.strerror}") from error


def name_of(file: Path) -> str:
    """Return the name of a model by that of its file."""
    name = re.sub(r"[^a-z0-9._-]+", "-", file.stem.lower()).strip("._-")[:63]
    return name or "model"
