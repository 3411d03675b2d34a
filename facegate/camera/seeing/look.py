"""What a face looks like from one frame to the next: enough to tell two people apart who stand
where each other was, and to find one again who walked faster than their box.

The aligned face in grey, 20 × 22 pixels, as a direction. Measured on people of LFW in video (24
people; the cosine's 1st, 50th and 99th percentile): the same pose 0.2 s later .33, .99, 1; the same
person in another photograph −.04, .48, .79; two people −.38, .25, .65.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Look = NDArray[np.float32]
"""float32 of shape (440,), of unit length, or all 0 for a face without any contrast."""
_FACE = (25, 25, 125, 135)
_SIZE = (20, 22)


def look_of(chip: NDArray[np.uint8]) -> Look:
    """Return the look of an aligned face, uint8 RGB (150, 150, 3)."""
    small = Image.fromarray(chip).convert("L").resize(_SIZE, Image.Resampling.BOX, box=_FACE)
    look: Look = np.asarray(small, np.float32).ravel()
    look = look - look.mean()
    return np.divide(look, np.linalg.norm(look) or 1.0, dtype=np.float32)
