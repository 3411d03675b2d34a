"""From an untrusted picture file to upright pixels, or to an error that says why not.

Of several frames or pages the first one is read. Transparent parts become white. Colour profiles
are ignored: they move a face vector less than two photographs of one person differ. A JPEG is
decoded no further than is asked for: in grey, at a half, a quarter or an eighth of its size.
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from contract.errors import BrokenPicture, FacegateError, TooManyPixels, UnsupportedPicture
from encoder.picture_limits import PictureLimits
from encoder.picture_parts import check_frames, check_parts, check_passes

Pixels = NDArray[np.uint8]
"""uint8 RGB, shape (height, width, 3), upright."""

_SIGNATURES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"RIFF": "WEBP",
    b"BM": "BMP",
    b"GIF8": "GIF",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
}
_OPAQUE_MODES = frozenset({"1", "L", "P", "RGB", "RGBX", "CMYK", "YCbCr"})
_ALPHA_MODES = frozenset({"LA", "La", "PA", "RGBA", "RGBa"})
_SIXTEEN_BIT_MODES = frozenset({"I;16", "I;16L", "I;16B", "I;16N"})
_ORIENTATION = 0x0112
_ON_ITS_SIDE = frozenset({5, 6, 7, 8})
_HALF = 0.5
"""What a decoder can reduce a JPEG to: this, a quarter or an eighth."""
_CLOSE_ENOUGH, _LITTLE_MORE = 0.88, 1.05
"""A picture between these parts of the wanted size is not resized: that would take longer."""


class Colours:
    """An upright picture in colour, perhaps smaller than the file's by a whole factor."""

    def __init__(self, image: Image.Image, reduction: int) -> None:
        self.width, self.height = image.size
        self.reduction = reduction
        """A pixel here is a square of so many pixels of the file, along each side."""
        self._image = image

    def region(self, left: int, top: int, right: int, bottom: int) -> Pixels:
        """Return a part of the picture; right and bottom are exclusive."""
        part = self._image
        if (left, top, right, bottom) != (0, 0, self.width, self.height):
            part = part.crop((left, top, right, bottom))
        return np.asarray(part if part.mode == "RGB" else part.convert("RGB"))


class OpenPicture(Protocol):
    """A picture whose file begins well. What else is asked for may raise a PictureError."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the upright picture."""

    def grey(self, scale: float) -> NDArray[np.uint8]:
        """Return the upright picture in grey (h, w), scaled by about this factor."""

    def small(self, scale: float) -> Pixels:
        """Return the upright picture in RGB (h, w, 3), scaled by about this factor."""

    def colours(self, reduction: int) -> Colours:
        """Return the upright picture in colour, reduced by 1, 2, 4 or 8, or by less than that."""


def open_picture(picture: bytes, limits: PictureLimits) -> OpenPicture:
    """Return the picture in a file.

    Raises EmptyPicture, BodyTooLarge, TooManyPixels, UnsupportedPicture or BrokenPicture.
    """
    limits.check_file(picture)
    file_format = _format_of(picture)
    passes = check_parts(picture, file_format)
    with _refusing(file_format):
        if file_format == "JPEG":
            return _Jpeg(picture, passes, limits)
        return _Whole(picture, file_format, limits)


def decode(picture: bytes, limits: PictureLimits) -> Pixels:
    """Return all upright RGB pixels of the picture file. Raises as `open_picture` does."""
    opened = open_picture(picture, limits)
    return opened.colours(1).region(0, 0, *opened.size)


class _Jpeg:
    """Decoded in grey and reduced for the detector, then in colour for the faces that it sees.

    Where the detector gets all pixels, they are decoded once, in colour: grey is made of them in
    less time than a second decoding takes.
    """

    def __init__(self, picture: bytes, passes: int, limits: PictureLimits) -> None:
        self._picture = picture
        image = self._open()
        limits.check_size(*image.size)  # known from the header, before anything is decoded
        check_passes(passes, image.width * image.height, limits.max_pixels)
        turned = image.getexif().get(_ORIENTATION, 1) in _ON_ITS_SIDE
        self._lying = image.size
        self.size = self._lying[::-1] if turned else self._lying
        self._opened: Image.Image | None = image

    def grey(self, scale: float) -> NDArray[np.uint8]:
        needed = scale * _CLOSE_ENOUGH
        image = self._decoded("L", needed) if needed <= _HALF else self._all
        return np.asarray(_resized(image.convert("L"), self.size, scale))

    def small(self, scale: float) -> Pixels:
        image = self._decoded("RGB", scale * _CLOSE_ENOUGH)
        return np.asarray(_resized(image.convert("RGB"), self.size, scale))

    def colours(self, reduction: int) -> Colours:
        image = self._all if reduction == 1 else self._decoded("RGB", 1 / reduction)
        return Colours(image, max(1, round(max(self.size) / max(image.size))))

    @cached_property
    def _all(self) -> Image.Image:
        return self._decoded("RGB", 1)

    def _decoded(self, mode: str, scale: float) -> Image.Image:
        """Return the upright picture, at least `scale` in size; in `mode` if it is possible."""
        with _refusing("JPEG"):
            image, self._opened = self._opened or self._open(), None  # decoded once each
            image.draft(mode, _least(self._lying, scale))
            image.load()
            ImageOps.exif_transpose(image, in_place=True)
            return image

    def _open(self) -> Image.Image:
        return Image.open(io.BytesIO(self._picture), formats=["JPEG"])


class _Whole:
    """Decoded at once and in full: no other format has a cheaper way."""

    def __init__(self, picture: bytes, file_format: str, limits: PictureLimits) -> None:
        with Image.open(io.BytesIO(picture), formats=[file_format]) as image:
            limits.check_size(*image.size)
            if file_format in {"PNG", "WEBP"}:  # a GIF's are counted, a TIFF's pages cost nothing
                check_frames(getattr(image, "n_frames", 1))
            image.load()
            ImageOps.exif_transpose(image, in_place=True)
            self._image = _rgb(image)
        self.size = self._image.size

    def grey(self, scale: float) -> NDArray[np.uint8]:
        return np.asarray(_resized(self._image.convert("L"), self.size, scale))

    def small(self, scale: float) -> Pixels:
        return np.asarray(_resized(self._image, self.size, scale))

    def colours(self, reduction: int) -> Colours:
        return Colours(self._image, 1)


def _least(size: tuple[int, int], scale: float) -> tuple[int, int]:
    width, height = size
    return max(1, int(width * scale)), max(1, int(height * scale))


def _resized(image: Image.Image, original: tuple[int, int], scale: float) -> Image.Image:
    """Return the picture `original` × `scale` in size, or nearly so if it is that already."""
    width, height = (max(1, round(side * scale)) for side in original)
    if _CLOSE_ENOUGH <= image.width / width <= _LITTLE_MORE:
        return image
    return image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)


@contextmanager
def _refusing(file_format: str) -> Iterator[None]:
    """Make an error for the user of whatever happens while a file is decoded."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what matters of Pillow's warnings is an error below
        try:
            yield
        except FacegateError:
            raise
        except Image.DecompressionBombError as error:
            raise TooManyPixels("the picture has too many pixels") from error
        except MemoryError as error:
            raise TooManyPixels("the picture takes more memory than one may") from error
        except Exception as error:  # on broken files Pillow's plugins raise whatever comes up
            raise BrokenPicture(f"the {file_format} file is broken or cut short") from error


def _format_of(picture: bytes) -> str:
    for signature, name in _SIGNATURES.items():
        if picture.startswith(signature) and (name != "WEBP" or picture[8:12] == b"WEBP"):
            return name
    raise UnsupportedPicture("not a JPEG, PNG, WebP, BMP, GIF or TIFF picture")


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in _SIXTEEN_BIT_MODES:
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    if image.mode not in _OPAQUE_MODES | _ALPHA_MODES:
        raise UnsupportedPicture(f"pictures with samples of kind {image.mode} are not read")
    if image.has_transparency_data:
        with_alpha = image if image.mode == "RGBA" else image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(with_alpha, mask=with_alpha)
        return white
    return image.convert("RGB")
