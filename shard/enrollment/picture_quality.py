"""Whether a picture is good enough to be enrolled: one face, and that can be seen well.

A bad template costs its person every later recognition, and strangers are taken for it; so it is
refused with a reason that the person at the camera can act on.
"""

from contract.errors import (
    Blurred,
    EnrollmentRefused,
    NoFace,
    Pose,
    SeveralFaces,
    TooDark,
    TooSmall,
)
from encoder import Face, FaceQuality

SMALLEST = 60
"""Pixels of the face's width."""
DARKEST = 58.0
"""Mean luminance, of 255."""
LEAST_SHARPNESS = 1.5
"""Measured on 219 faces 105 pixels wide: a Gaussian blur of σ 3 px, which moves vectors (cosine
0.96 to the sharp picture), falls below in 98%; of σ 1 px, which does not, in 1%."""
LARGEST_YAW = 0.45
PITCH = (0.42, 1.2)
LARGEST_ROLL = 30.0
"""Degrees."""

_RIVAL_SIZE = 0.8
_RIVAL_CONFIDENCE = 1.0
"""What the detector takes for a second face is one from this confidence on."""


def face_to_enroll(faces: list[Face]) -> Face:
    """Return the one face of a picture. Raises the EnrolmentRefused that says what is wrong.

    Smaller faces in the background do not matter, `faces` being largest first.
    """
    if not faces:
        raise NoFace("no face was found")
    largest = faces[0]
    rivals = sum(_rivals(face, largest) for face in faces[1:])
    if rivals:
        raise SeveralFaces(f"{1 + rivals} faces of about the same size; exactly one is needed")
    if refusal := refusal_of(largest.quality):
        raise refusal
    return largest


def refusal_of(quality: FaceQuality) -> EnrollmentRefused | None:
    """Return why a face that looks so is refused; None when it is not."""
    if quality.width < SMALLEST:
        return TooSmall(f"the face is {quality.width} pixels wide; {SMALLEST} are needed")
    if quality.light < DARKEST:  # before the blur: noise in the dark looks sharp
        return TooDark("the face is too dark; more light is needed")
    if quality.sharpness < LEAST_SHARPNESS:
        return Blurred("the face is blurred by motion or focus")
    if _turned(quality):
        return Pose("the face is turned away; it should look at the camera")
    return None


def _rivals(face: Face, largest: Face) -> bool:
    return (
        face.confidence >= _RIVAL_CONFIDENCE
        and face.quality.width >= _RIVAL_SIZE * largest.quality.width
    )


def _turned(quality: FaceQuality) -> bool:
    lowest, highest = PITCH
    return (
        not quality.frontal
        or abs(quality.yaw) > LARGEST_YAW
        or not lowest <= quality.pitch <= highest
        or abs(quality.roll) > LARGEST_ROLL
    )
