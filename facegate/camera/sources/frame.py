"""A picture of a source, with its number and its moment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from PIL import Image

THUMBNAIL_WIDTH = 160
"""Pixels: enough to see that somebody moves, and averaged enough to hide a sensor's noise."""


@dataclass(frozen=True, eq=False)
class SourceFrame:
    """One picture. What it takes to see whether anything moved is there; the rest when asked."""

    number: int
    """Counts the source's frames that were looked at, from 0."""
    at: datetime
    """When it was taken, in UTC."""
    thumbnail: NDArray[np.uint8]
    """Luminance, uint8 of shape (h, THUMBNAIL_WIDTH)."""
    picture: Callable[[], Image.Image]
    """Returns the whole picture in RGB."""


def thumbnail_of(picture: Image.Image) -> NDArray[np.uint8]:
    """Return the thumbnail of a whole picture."""
    height = max(1, round(picture.height * THUMBNAIL_WIDTH / picture.width))
    grey = picture.convert("L").resize(
        (THUMBNAIL_WIDTH, height), Image.Resampling.BOX, reducing_gap=2.0
    )
    return np.asarray(grey)
