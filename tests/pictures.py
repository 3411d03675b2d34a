"""Photographs for the tests: the samples of the demo, and the larger sets where they are present.

Obama: obama.jpg, obama2.jpg, obama3.jpg, obama_partial_face.jpg, obama_partial_face2.jpg,
32bit.png. Biden: biden.jpg. Collins: astronaut.png.
"""

import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from facegate.demo.sample_pictures import sample_pictures

SHARED = Path(__file__).resolve().parents[2] / "shared"
"""Larger sets of photographs, on the machines that have them."""

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared with photographs")


@cache
def _samples() -> Mapping[str, bytes]:
    return sample_pictures(Path(sys.prefix) / "demo-packages")


def sample(name: str) -> bytes:
    """Return the file of the sample photograph `name`."""
    return _samples()[name]
