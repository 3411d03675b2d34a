"""Whether a face looks into the camera, told by who else sees it.

The CNN also finds profiles. The predictor of five points was trained on faces from the front, and
puts a profile's eyes and nose where those of a frontal face would be, so the pose that is measured
from them says nothing: of the clip's four people in profile the yaw is 0.1 to 0.5, as of many who
look into the camera. But dlib's HOG detector is one of frontal faces, and an aligned face is where,
as large and as upright as it sees best. By its score, 0 being its limit:

| aligned faces that the CNN found in the clip | score |
|---|---|
| a singer who looks about, 22 | 0.5 to 1.9 |
| a man from the front, dim and out of focus, 6 | −0.1 to 0.3 |
| four people in profile, 33 | −0.65 and less |

Of 904 faces of LFW that it finds in the whole picture, it misses 8 when they are aligned; of 399
that the CNN finds, 4. In 28 of 6,598 pictures it sees nobody where the CNN sees 26 people: of these
it does not see 20 aligned either. Of 12 of them another picture was among 616 people: nobody was
recognized, at a share of strangers of 1%. They pass for somebody in it as seldom as other strangers
do, but for one another, among 5 at a share of .003, in .02 of all cases (others: .002).

Of the people of `bench.detect` whom the CNN finds it misses 1 of 100 as they are, 2 of 100 inclined
by 40 degrees, 11 of 98 in a seventh of the light, 13 of 100 whose mouth and 68 of 71 whose eyes are
hidden.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from encoder.detector import FaceDetector


def is_frontal(chip: NDArray[np.uint8], hog: FaceDetector) -> bool:
    """Say whether an aligned face, uint8 RGB (150, 150, 3), is one that `hog` sees, too."""
    return bool(hog.detect(np.asarray(Image.fromarray(chip).convert("L"))))
