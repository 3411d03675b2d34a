"""What every encoder promises, and how far two of them may differ."""

from collections.abc import Callable
from typing import get_args

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from contract.errors import ConfigurationError, EmptyPicture
from contract.stores.detection import Detection, Detector
from encoder import Backend, Encoder, Face, FaceBox
from encoder.files.model_files import model_file
from tests.encoder.picture_files import saved
from tests.pictures import SHARED, needs_shared, sample

_OBAMA = (
    "obama.jpg",
    "obama2.jpg",
    "obama3.jpg",
    "obama_partial_face.jpg",
    "obama_partial_face2.jpg",
    "32bit.png",
)
_SAME = 0.36
"""Largest L2 distance that counts as one person: the default of the store map."""


@pytest.fixture(params=get_args(Backend))
def encoder(request: pytest.FixtureRequest, encoders: Callable[[Backend], Encoder]) -> Encoder:
    return encoders(request.param)


@pytest.fixture
def face_recognition_encoder(encoders: Callable[[Backend], Encoder]) -> Encoder:
    return encoders("face_recognition")


def _distance(one: Face, other: Face) -> float:
    return float(np.linalg.norm(one.vector - other.vector))


def _only(faces: list[Face]) -> Face:
    (face,) = faces
    return face


def test_says_what_its_vectors_are(encoder: Encoder) -> None:
    face = _only(encoder.encode(sample("obama.jpg")))
    assert encoder.model == "dlib-resnet-v1-55533b28a958"
    assert face.vector.shape == (encoder.dimension,)
    assert face.vector.dtype == np.float32
    assert np.linalg.norm(face.vector) == pytest.approx(1, abs=1e-6)
    assert face.confidence > 0


def test_says_how_well_a_face_can_be_seen(encoder: Encoder, portrait: Image.Image) -> None:
    face = _only(encoder.encode(saved(portrait, "PNG")))
    dark = _only(encoder.encode(saved(portrait.point(lambda value: value // 2), "PNG")))
    blurred = _only(encoder.encode(saved(portrait.filter(ImageFilter.GaussianBlur(2)), "PNG")))
    turned = _only(encoder.encode(saved(portrait.rotate(10), "PNG")))

    assert face.quality.width == face.box.right - face.box.left
    assert dark.quality.light == pytest.approx(face.quality.light / 2, rel=0.05)
    assert blurred.quality.sharpness < face.quality.sharpness / 4
    assert abs(face.quality.yaw) < 0.3
    assert 0.5 < face.quality.pitch < 1
    assert turned.quality.roll == pytest.approx(face.quality.roll - 10, abs=3)


def test_tells_people_apart(encoder: Encoder) -> None:
    known = encoder.encode(sample("obama.jpg"))[0]
    for name in _OBAMA[1:]:
        assert _distance(known, encoder.encode(sample(name))[0]) < _SAME, name
    for name in ("biden.jpg", "astronaut.png"):
        assert _distance(known, encoder.encode(sample(name))[0]) > 0.5, name


def test_shows_the_networks_own_vector_beside(encoder: Encoder) -> None:
    """What the plain rule compares: one person below a distance of 0.6."""
    plain = [encoder.encode(sample(name))[0].plain for name in ("obama.jpg", "obama2.jpg")]
    other = encoder.encode(sample("biden.jpg"))[0].plain
    assert plain[0] is not None
    assert plain[1] is not None
    assert other is not None
    assert np.linalg.norm(plain[0] - plain[1]) < 0.6 < np.linalg.norm(plain[0] - other)
    assert np.linalg.norm(plain[0]) > 1.2


@pytest.mark.parametrize("backend", ["onnx", "dlib"])
def test_who_is_to_be_enrolled_is_looked_at_more_closely(
    backend: Backend, portrait: Image.Image, encoders: Callable[[Backend], Encoder]
) -> None:
    """By four alignments of their own: those of the mirror image are nearly the same four."""
    encoder = encoders(backend)
    face, image = (
        _only(encoder.encode(saved(picture, "PNG"), to_enroll=True))
        for picture in (portrait, ImageOps.mirror(portrait))
    )
    assert face.template is not None
    assert image.template is not None
    assert np.linalg.norm(face.template) == pytest.approx(1, abs=1e-6)
    assert 0.99 < face.template @ face.vector < 0.99999
    assert face.template @ image.template > face.vector @ image.vector > 0.99
    assert np.array_equal(face.to_enroll, face.template)

    seen = _only(encoder.encode(saved(portrait, "PNG")))
    assert seen.template is None
    assert np.array_equal(seen.to_enroll, seen.vector)
    assert np.array_equal(seen.vector, face.vector)


def test_the_largest_face_alone_is_enrolled(encoder: Encoder, portrait: Image.Image) -> None:
    together = Image.new("RGB", (900, 420), "grey")
    together.paste(portrait.resize((260, 280)), (20, 20))
    together.paste(portrait, (400, 0))

    first, second = encoder.encode(saved(together, "PNG"), to_enroll=True)

    assert first.box.left > 400
    assert np.linalg.norm(first.to_enroll - first.vector) < 0.1
    assert second.template is None


def test_a_picture_without_a_face_gives_none(encoder: Encoder) -> None:
    picture = saved(Image.radial_gradient("L"), "PNG")
    assert encoder.encode(picture) == encoder.encode(picture, to_enroll=True) == []


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (7, 7), (40, 65_535)])
def test_a_picture_of_any_shape_is_searched(encoder: Encoder, size: tuple[int, int]) -> None:
    assert encoder.encode(saved(Image.new("RGB", size), "PNG")) == []


def test_refuses_what_is_no_picture(encoder: Encoder) -> None:
    with pytest.raises(EmptyPicture):
        encoder.encode(b"")


def test_several_faces_come_largest_first(encoder: Encoder, portrait: Image.Image) -> None:
    small = portrait.resize((260, 280))
    together = Image.new("RGB", (900, 420), "grey")
    together.paste(small, (20, 20))
    together.paste(portrait, (400, 0))
    faces = encoder.encode(saved(together, "PNG"))
    assert [face.box.left > 400 for face in faces] == [True, False]
    assert _distance(*faces) < _SAME


@pytest.mark.parametrize("factor", [0.3, 1, 4, 8])
def test_boxes_are_in_pixels_of_the_picture(
    encoder: Encoder, portrait: Image.Image, factor: float
) -> None:
    """From a face below the detector's window, which is larger, to one in a reduced view."""
    expected = _only(encoder.encode(saved(portrait, "PNG")))
    scaled = portrait.resize((round(portrait.width * factor), round(portrait.height * factor)))
    actual = _only(encoder.encode(saved(scaled, "PNG")))
    size = (expected.box.bottom - expected.box.top) * factor
    assert np.allclose(actual.box, np.array(expected.box) * factor, atol=size * 0.36)
    assert _distance(actual, expected) < 0.4


def test_boxes_end_with_the_picture(encoder: Encoder) -> None:
    face = encoder.encode(sample("obama_partial_face.jpg"))[0]
    assert face.box.left == 0
    assert face.box.right > face.box.left


def test_upside_down_is_no_face_but_its_orientation_is_followed(
    encoder: Encoder, portrait: Image.Image
) -> None:
    turned = portrait.transpose(Image.Transpose.ROTATE_180)
    exif = Image.Exif()
    exif[0x0112] = 3
    assert encoder.encode(saved(turned, "PNG")) == []
    assert len(encoder.encode(saved(turned, "PNG", exif=exif))) == 1


def _shared_area(one: FaceBox, other: FaceBox) -> float:
    """Return the part of both boxes together that lies in both."""
    both = FaceBox(
        max(one.top, other.top),
        min(one.right, other.right),
        min(one.bottom, other.bottom),
        max(one.left, other.left),
    )
    return both.area / (one.area + other.area - both.area)


def test_onnx_gives_what_dlib_gives(onnx_encoder: Encoder, dlib_encoder: Encoder) -> None:
    """The same pictures of the faces go in; what comes out differs by rounding."""
    for name in (*_OBAMA, "biden.jpg", "astronaut.png"):
        one = _only(onnx_encoder.encode(sample(name), to_enroll=True)[:1])
        other = _only(dlib_encoder.encode(sample(name), to_enroll=True)[:1])
        assert (one.box, one.quality) == (other.box, other.quality), name
        assert one.confidence == pytest.approx(other.confidence, rel=1e-6), name
        assert _distance(one, other) < 1e-5, name
        assert np.linalg.norm(one.to_enroll - other.to_enroll) < 1e-5, name
    assert onnx_encoder.model == dlib_encoder.model


def test_onnx_sees_the_people_that_face_recognition_sees(
    onnx_encoder: Encoder, face_recognition_encoder: Encoder
) -> None:
    """The package detects in colour and in larger pictures, so boxes differ by some pixels."""
    for name in (*_OBAMA, "biden.jpg", "astronaut.png"):
        one = onnx_encoder.encode(sample(name))[0]
        other = face_recognition_encoder.encode(sample(name))[0]
        assert _shared_area(one.box, other.box) > 0.7, name
        assert _distance(one, other) < (0.3 if "partial" in name else 0.2), name
    assert onnx_encoder.model == face_recognition_encoder.model


@needs_shared
def test_onnx_and_face_recognition_agree_on_who_is_who(
    onnx_encoder: Encoder, face_recognition_encoder: Encoder
) -> None:
    distances = []
    for path in sorted(SHARED.glob("lfw/*/*_0001.jpg"))[::200]:
        picture = path.read_bytes()
        pair = onnx_encoder.encode(picture), face_recognition_encoder.encode(picture)
        if all(pair):
            distances.append(_distance(pair[0][0], pair[1][0]))
    assert len(distances) >= 10
    assert np.median(distances) < 0.15
    assert max(distances) < _SAME


@pytest.mark.parametrize("backend", get_args(Backend))
def test_the_smallest_wanted_face_decides_what_is_found(
    backend: Backend, portrait: Image.Image, encoders: Callable[[Backend], Encoder]
) -> None:
    """A face of 64 pixels in a photograph of 1,600: the usual view of it is too small."""
    street = Image.new("RGB", (1600, 1200), "grey")
    street.paste(portrait.resize((156, 168)), (700, 500))
    picture = saved(street, "JPEG", quality=95)
    encoder = encoders(backend)

    (face,) = encoder.encode(picture, Detection(min_face_px=50))
    assert 700 < face.box.left < face.box.right < 860
    assert encoder.encode(picture, Detection(min_face_px=200)) == []


@pytest.mark.parametrize("backend", get_args(Backend))
def test_the_convolutional_detector_finds_the_same_person(
    backend: Backend, portrait: Image.Image, encoders: Callable[[Backend], Encoder]
) -> None:
    picture = saved(portrait, "PNG")
    hog, cnn, auto = (
        _only(encoders(backend).encode(picture, Detection(detector)))
        for detector in get_args(Detector)
    )
    assert _shared_area(hog.box, cnn.box) > 0.6
    assert _distance(hog, cnn) < 0.2
    assert auto.box == hog.box


@pytest.mark.parametrize("reduced", [False, True])
def test_the_way_a_jpeg_is_decoded_changes_next_to_nothing(
    onnx_encoder: Encoder, portrait: Image.Image, reduced: bool
) -> None:
    """A JPEG with large faces is decoded at half its size, a PNG never."""
    photograph = portrait.resize((1560, 1680)) if reduced else portrait
    jpeg = _only(onnx_encoder.encode(saved(photograph, "JPEG", quality=100, subsampling=0)))
    png = _only(onnx_encoder.encode(saved(photograph, "PNG")))
    assert _shared_area(jpeg.box, png.box) > 0.8
    assert _distance(jpeg, png) < 0.12


def test_face_recognition_leaves_pillow_strict(face_recognition_encoder: Encoder) -> None:
    from PIL import ImageFile

    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def test_locations_are_those_of_the_package(
    face_recognition_encoder: Encoder, portrait: Image.Image
) -> None:
    import face_recognition

    pixels: NDArray[np.uint8] = np.array(portrait)
    ((top, right, bottom, left),) = face_recognition.face_locations(pixels)
    (face,) = face_recognition_encoder.encode(saved(portrait, "PNG"))
    assert face.box == (top, right + 1, bottom + 1, left)
    (vector,) = face_recognition.face_encodings(pixels, [(top, right, bottom, left)])
    assert vector @ face.vector / np.linalg.norm(vector) > 0.98  # the mirror image is in it too


def test_a_missing_model_file_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"models/absent\.dat"):
        model_file("absent.dat")
