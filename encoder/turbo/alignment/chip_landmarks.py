"""The landmarks by which dlib aligns a face, and their places in a chip without padding."""

from typing import NamedTuple


class ChipLandmark(NamedTuple):
    """A landmark and its place, of which a face is 1 wide and high."""

    landmark: int
    x: float
    y: float


CHIP_LANDMARKS = {
    5: (
        ChipLandmark(0, 0.8595674595992, 0.2134981538014),
        ChipLandmark(1, 0.6460604764104, 0.2289674387677),
        ChipLandmark(2, 0.1205750620789, 0.2137274526848),
        ChipLandmark(3, 0.3340850613712, 0.2290642403242),
        ChipLandmark(4, 0.4901123135679, 0.6277975316475),
    ),
    68: (
        ChipLandmark(27, 0.490127, 0.203352),
        ChipLandmark(28, 0.490127, 0.307009),
        ChipLandmark(29, 0.490127, 0.409805),
        ChipLandmark(30, 0.490127, 0.515625),
        ChipLandmark(31, 0.36688, 0.587326),
        ChipLandmark(32, 0.426036, 0.609345),
        ChipLandmark(33, 0.490127, 0.628106),
        ChipLandmark(34, 0.554217, 0.609345),
        ChipLandmark(35, 0.613373, 0.587326),
        ChipLandmark(36, 0.121737, 0.216423),
        ChipLandmark(37, 0.187122, 0.178758),
        ChipLandmark(38, 0.265825, 0.179852),
        ChipLandmark(39, 0.334606, 0.231733),
        ChipLandmark(40, 0.260918, 0.245099),
        ChipLandmark(41, 0.182743, 0.244077),
        ChipLandmark(42, 0.645647, 0.231733),
        ChipLandmark(43, 0.714428, 0.179852),
        ChipLandmark(44, 0.793132, 0.178758),
        ChipLandmark(45, 0.858516, 0.216423),
        ChipLandmark(46, 0.79751, 0.244077),
        ChipLandmark(47, 0.719335, 0.245099),
        ChipLandmark(48, 0.254149, 0.780233),
        ChipLandmark(49, 0.340985, 0.745405),
        ChipLandmark(50, 0.428858, 0.727388),
        ChipLandmark(51, 0.490127, 0.742578),
        ChipLandmark(52, 0.551395, 0.727388),
        ChipLandmark(53, 0.639268, 0.745405),
        ChipLandmark(54, 0.726104, 0.780233),
        ChipLandmark(60, 0.290379, 0.784792),
        ChipLandmark(61, 0.428096, 0.778746),
        ChipLandmark(62, 0.490127, 0.785343),
        ChipLandmark(63, 0.552157, 0.778746),
        ChipLandmark(64, 0.689874, 0.784792),
    ),
}
"""By how many landmarks there are: dlib's `get_face_chip_details`. Of 68 those of the nose, the
eyes and the upper lip: a jaw, brows and a lower lip move."""
