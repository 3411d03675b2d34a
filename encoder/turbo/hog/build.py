"""Makes the HOG kernel's tables from the file in which dlib saves its detector. Needs numba."""

import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from encoder.dlib.hog import save_detector
from encoder.turbo.hog.approximate_filters import MARGIN, approximate_filters, synthetic_pictures
from encoder.turbo.hog.model import read_detector
from encoder.turbo.hog.program import HogTables


def hog_tables() -> HogTables:
    """Return what the kernel reads beside the picture."""
    from encoder.turbo.hog.kernel.run import features_of

    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "detector.svm"
        save_detector(saved)
        model = read_detector(saved.read_bytes())
    weights = corner_weights()
    examples = [features_of(picture, weights) for picture in synthetic_pictures(4, 320)]
    rough = approximate_filters(model, examples)
    return HogTables(
        weights,
        model.filters,
        model.limits,
        np.array([model.overlap, model.covered]),
        np.array(MARGIN),
        rough.mix,
        rough.filters,
        rough.planes,
        rough.factors,
    )


def corner_weights() -> NDArray[np.float32]:
    """Return a pixel's shares in the four cells around it: above and below left, then right."""
    part = (np.arange(8) + 0.5) / 8
    down, across = np.meshgrid(part, part, indexing="ij")
    shares = [(1 - down) * (1 - across), down * (1 - across), (1 - down) * across, down * across]
    return np.stack(shares, axis=-1).astype(np.float32)
