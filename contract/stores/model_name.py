"""What face networks and detectors are called in settings and in the store map."""

import re

INSTALLED_MODEL = "dlib"
"""The network that comes with facegate."""
MODEL_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


def model_name(value: object) -> str | None:
    """Return a name of a model; None is none. Raises ValueError."""
    if value is None:
        return None
    if isinstance(value, str) and MODEL_NAME.fullmatch(value):
        return value
    raise ValueError("expected the name of a model: small letters a to z, digits, `.`, `_`, `-`")


def detector_name(value: object) -> str:
    """Return `hog`, `cnn`, `auto` or the name of a user's own detector. Raises ValueError."""
    if isinstance(value, str) and MODEL_NAME.fullmatch(value):
        return value
    raise ValueError("expected `hog`, `cnn`, `auto`, or the name of a detector that was added")
