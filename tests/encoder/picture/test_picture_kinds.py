"""Every kind of picture that is read gives the face vector of the plain upright RGB picture."""

import io
import zipfile
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from contract.errors import UnsupportedPicture
from encoder import Encoder, PictureLimits
from encoder.picture.decode import decode
from tests.encoder.picture_files import gif_with_frames, png_of_16_bits, saved, tiff_of_16_bits

_ORIENTATION = 0x0112
_UNDO = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def _turned(image: Image.Image, orientation: int, kind: str, **options: Any) -> bytes:
    """Return a file whose pixels lie as a camera in that orientation stores them."""
    undo = _UNDO[orientation]
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    lying = image.transpose(undo) if undo is not None else image
    return saved(lying, kind, **{"exif": exif, **options})


def _turned_twice(image: Image.Image, orientation: int, **options: Any) -> bytes:
    """Return a HEIC as telephones write it: both container and Exif say how it is turned."""
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    picture = _turned(image, orientation, "HEIF", exif=exif.tobytes(), **options)
    assert orientation == 1 or b"irot" in picture or b"imir" in picture
    return picture


def _with_alpha(image: Image.Image) -> Image.Image:
    mask = Image.new("L", image.size, 255)
    mask.paste(0, (0, 0, 20, image.height))
    image.putalpha(mask)
    return image


def _grey_16(image: Image.Image) -> Image.Image:
    return Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)


def _samples(image: Image.Image, bits: int) -> NDArray[np.uint16]:
    """Return the picture (h, w, n) in samples of so many bits, white being the largest."""
    pixels: NDArray[np.float64] = np.atleast_3d(np.asarray(image, np.float64))
    samples: NDArray[np.uint16] = np.rint(pixels * ((2**bits - 1) / 255)).astype(np.uint16)
    return samples


def _heic_of_10_bits(pixels: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    height, width = pixels.shape[:2]
    samples = (pixels.astype("<u2") * 257).tobytes()
    pillow_heif.encode("RGB;16", (width, height), samples, file, quality=90)
    return file.getvalue()


def _others(image: Image.Image) -> list[Image.Image]:
    return [ImageOps.invert(image), Image.new("RGB", image.size)]


def _with_archive(picture: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("run.sh", "echo polyglot")
    return picture + archive.getvalue()


_KINDS: dict[str, Callable[[Image.Image], bytes]] = {
    "JPEG": lambda image: saved(image, "JPEG", quality=90),
    "JPEG, progressive": lambda image: saved(image, "JPEG", quality=90, progressive=True),
    "JPEG, stored in RGB": lambda image: saved(image, "JPEG", quality=95, keep_rgb=True),
    "JPEG, grey": lambda image: saved(image.convert("L"), "JPEG", quality=95),
    "JPEG, CMYK": lambda image: saved(image.convert("CMYK"), "JPEG", quality=95),
    "JPEG, several pictures (MPO)": lambda image: saved(
        image, "MPO", save_all=True, append_images=_others(image)
    ),
    "JPEG that is a ZIP archive too": lambda image: _with_archive(saved(image, "JPEG")),
    "PNG": lambda image: saved(image, "PNG"),
    "PNG, grey": lambda image: saved(image.convert("L"), "PNG"),
    "PNG, grey of 16 bits": lambda image: saved(_grey_16(image), "PNG"),
    "PNG, colour of 16 bits": lambda image: png_of_16_bits(_samples(image, 16)),
    "PNG, alpha": lambda image: saved(_with_alpha(image.copy()), "PNG"),
    "PNG, grey and alpha": lambda image: saved(_with_alpha(image.copy()).convert("LA"), "PNG"),
    "PNG, palette": lambda image: saved(image.quantize(256), "PNG"),
    "PNG, palette with a transparent colour": lambda image: saved(
        _with_alpha(image.copy()).quantize(256), "PNG"
    ),
    "PNG, animated": lambda image: saved(
        image, "PNG", save_all=True, append_images=_others(image), default_image=False
    ),
    "WebP": lambda image: saved(image, "WEBP", quality=90),
    "WebP, alpha": lambda image: saved(_with_alpha(image.copy()), "WEBP", quality=90),
    "WebP, animated": lambda image: saved(
        image, "WEBP", quality=90, save_all=True, append_images=_others(image)
    ),
    "BMP": lambda image: saved(image, "BMP"),
    "GIF": lambda image: saved(image.quantize(256), "GIF"),
    "GIF, animated": lambda image: saved(image, "GIF", save_all=True, append_images=_others(image)),
    "GIF of 500 frames": lambda image: gif_with_frames(image, 500),
    "TIFF": lambda image: saved(image, "TIFF"),
    "TIFF, deflated": lambda image: saved(image, "TIFF", compression="tiff_adobe_deflate"),
    "TIFF, CMYK": lambda image: saved(image.convert("CMYK"), "TIFF"),
    "TIFF, grey of 16 bits": lambda image: saved(_grey_16(image), "TIFF"),
    "TIFF, several pages": lambda image: saved(
        image, "TIFF", save_all=True, append_images=_others(image)
    ),
    "HEIC": lambda image: saved(image, "HEIF", quality=90),
    "HEIC of tiles": lambda image: saved(image, "HEIF", quality=90, tile_size=128),
    "HEIC, grey": lambda image: saved(image.convert("L"), "HEIF", quality=95),
    "HEIC, alpha": lambda image: saved(_with_alpha(image.copy()), "HEIF", quality=90),
    "HEIC, 4:4:4": lambda image: saved(image, "HEIF", quality=90, chroma=444),
    "HEIC, the second of three": lambda image: saved(
        _others(image)[0],
        "HEIF",
        save_all=True,
        append_images=[image, _others(image)[1]],
        primary_index=1,
    ),
    "HEIC, 10 bits": lambda image: _heic_of_10_bits(np.asarray(image)),
    "AVIF": lambda image: saved(image, "AVIF", quality=90),
    "AVIF, grey": lambda image: saved(image.convert("L"), "AVIF", quality=90),
    "AVIF, alpha": lambda image: saved(_with_alpha(image.copy()), "AVIF", quality=90),
    "AVIF, animated": lambda image: saved(
        image, "AVIF", quality=90, save_all=True, append_images=_others(image)
    ),
    **{f"HEIC, turned by {n}": partial(_turned_twice, orientation=n) for n in range(1, 9)},
    "HEIC of tiles, turned by 6": partial(_turned_twice, orientation=6, tile_size=128),
    **{
        f"{file_format}, EXIF orientation {n}": partial(_turned, orientation=n, kind=file_format)
        for file_format in ("JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF")
        for n in (range(1, 9) if file_format == "JPEG" else (3, 6))
    },
}


@pytest.fixture(scope="module")
def upright(onnx_encoder: Encoder, portrait: Image.Image) -> np.ndarray:
    (face,) = onnx_encoder.encode(saved(portrait, "PNG"))
    return face.vector


@pytest.mark.parametrize("kind", _KINDS)
def test_gives_the_vector_of_the_upright_rgb_picture(
    kind: str, onnx_encoder: Encoder, portrait: Image.Image, upright: np.ndarray
) -> None:
    (face,) = onnx_encoder.encode(_KINDS[kind](portrait))
    cosine = face.vector @ upright / np.linalg.norm(face.vector) / np.linalg.norm(upright)
    assert cosine >= 0.99


_DEEP: dict[str, Callable[[NDArray[np.uint16]], bytes]] = {
    "PNG": png_of_16_bits,
    "TIFF, little-endian": partial(tiff_of_16_bits, order="<"),
    "TIFF, big-endian": partial(tiff_of_16_bits, order=">"),
}


@pytest.mark.parametrize("kind", _DEEP)
@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("bits", [10, 12, 14, 16])
def test_samples_of_any_depth_in_16_bits_are_as_bright_as_in_8(
    kind: str, mode: str, bits: int, portrait: Image.Image
) -> None:
    plain = portrait.convert(mode)
    picture = _DEEP[kind](_samples(plain, bits))

    pixels = decode(picture, PictureLimits()).astype(int)

    assert np.abs(pixels - np.asarray(plain.convert("RGB"))).max() <= 1


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
@pytest.mark.parametrize("alpha_bits", [10, 16])
def test_alpha_has_a_depth_of_its_own(mode: str, alpha_bits: int, portrait: Image.Image) -> None:
    plain = _with_alpha(portrait.copy()).convert(mode)
    samples = _samples(plain, 10)
    samples[..., -1] = _samples(plain, alpha_bits)[..., -1]

    pixels = decode(png_of_16_bits(samples), PictureLimits()).astype(int)

    assert np.abs(pixels - decode(saved(plain, "PNG"), PictureLimits())).max() <= 1


def test_a_deflated_tiff_of_12_bits_is_as_bright(portrait: Image.Image) -> None:
    grey = portrait.convert("L")
    image = Image.fromarray(_samples(grey, 12)[..., 0])

    pixels = decode(saved(image, "TIFF", compression="tiff_adobe_deflate"), PictureLimits())

    assert np.abs(pixels[..., 0].astype(int) - np.asarray(grey)).max() <= 1


def test_transparent_parts_are_white(portrait: Image.Image) -> None:
    pixels = decode(saved(_with_alpha(portrait.copy()), "PNG"), PictureLimits())
    assert (pixels[:, :20] == 255).all()
    assert (pixels[:, 20:] == np.asarray(portrait)[:, 20:]).all()


def test_black_and_white_is_read(portrait: Image.Image) -> None:
    pixels = decode(saved(portrait.convert("1"), "PNG"), PictureLimits())
    assert set(np.unique(pixels)) == {0, 255}
    assert pixels.shape == (*reversed(portrait.size), 3)


def test_samples_of_32_bits_are_refused() -> None:
    picture = saved(Image.new("F", (40, 40)), "TIFF")
    with pytest.raises(UnsupportedPicture):
        decode(picture, PictureLimits())
