"""From an untrusted picture file to upright pixels, or to an error that says why not.

Of several frames or pages the first one is read, of a container its primary one. Transparent parts
become white. Colour profiles are ignored: they move a face vector less than two photographs of one
person differ. A JPEG is decoded no further than is asked for: in grey, at a half, a quarter or an
eighth of its size. What browsers show in spite of a fault is read, see `picture_mending`.
"""

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from contract.errors import BrokenPicture, FacegateError, TooManyPixels, UnsupportedPicture
from contract.pictures.kind import HEAD_BYTES, NAMED, PictureKind, picture_kind
from encoder.picture.file_structure import check_frames, check_parts, check_passes
from encoder.picture.heif_container import is_turned
from encoder.picture.limits import PictureLimits
from encoder.picture.repair import (
    accepting_truncated_files,
    check_nearly_whole,
    repaired,
    with_end_marker,
    without_metadata,
)
from encoder.picture.sample_depth import grey_of_16_bits, halves_samples, with_lower_bytes

Pixels = NDArray[np.uint8]
"""uint8 RGB, shape (height, width, 3), upright."""

_OPAQUE_MODES = frozenset({"1", "L", "P", "RGB", "RGBX", "CMYK", "YCbCr"})
_ALPHA_MODES = frozenset({"LA", "La", "PA", "RGBA", "RGBa"})
_SIXTEEN_BIT_MODES = frozenset({"I;16", "I;16L", "I;16B", "I;16N"})
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a picture upright, by its orientation in Exif."""
_ON_ITS_SIDE = frozenset({5, 6, 7, 8})
_ODD_NOTES = (
    AttributeError,
    LookupError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
)
"""What Pillow raises when Exif is none."""
_NO_MEMORY = "emory"
"""In what libheif and libavif say when there is none left; they have no error of its own for it."""
_ANIMATED = frozenset({"PNG", "WEBP", "HEIF", "AVIF"})
"""Kinds whose frames cost something; a GIF's are counted before, a TIFF's pages cost nothing."""
_CUT_SHORT = frozenset({"PNG", "GIF", "BMP"})
"""Kinds of which browsers show what is there, and which are decoded row by row."""
_HALF = 0.5
"""What a decoder can reduce a JPEG to: this, a quarter or an eighth."""
_CLOSE_ENOUGH, _LITTLE_MORE = 0.88, 1.05
"""A picture between these parts of the wanted size is not resized: that would take longer."""


class ColourPicture:
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

    def colours(self, reduction: int) -> ColourPicture:
        """Return the upright picture in colour, reduced by 1, 2, 4 or 8, or by less than that."""


def open_picture(picture: bytes, limits: PictureLimits) -> OpenPicture:
    """Return the picture in a file.

    Raises EmptyPicture, BodyTooLarge, TooManyPixels, UnsupportedPicture or BrokenPicture.
    """
    limits.check_file(picture)
    kind = picture_kind(picture[:HEAD_BYTES])
    if kind is None:
        raise UnsupportedPicture(f"not a {NAMED} picture")
    passes = check_parts(picture, kind, limits.max_pixels)
    try:
        return _opened(picture, kind, passes, limits)
    except BrokenPicture:
        better = repaired(picture, kind, limits)
        if better is None:
            raise
    return _opened(better, kind, passes, limits)


def _opened(picture: bytes, kind: PictureKind, passes: int, limits: PictureLimits) -> OpenPicture:
    with _refusing(kind):
        if kind == "JPEG":
            return _Jpeg(picture, passes, limits)
        return _Whole(picture, kind, limits)


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
        self._orientation = _orientation(image)
        self._lying = image.size
        turned = self._orientation in _ON_ITS_SIDE
        self.size = self._lying[::-1] if turned else self._lying
        self._scans = passes
        self._cut_short = False
        self._opened: Image.Image | None = image

    def grey(self, scale: float) -> NDArray[np.uint8]:
        needed = scale * _CLOSE_ENOUGH
        image = self._decoded("L", needed) if needed <= _HALF else self._all
        return np.asarray(_resized(image.convert("L"), self.size, scale))

    def small(self, scale: float) -> Pixels:
        image = self._decoded("RGB", scale * _CLOSE_ENOUGH)
        return np.asarray(_resized(image.convert("RGB"), self.size, scale))

    def colours(self, reduction: int) -> ColourPicture:
        image = self._all if reduction == 1 else self._decoded("RGB", 1 / reduction)
        return ColourPicture(image, max(1, round(max(self.size) / max(image.size))))

    @cached_property
    def _all(self) -> Image.Image:
        return self._decoded("RGB", 1)

    def _decoded(self, mode: str, scale: float) -> Image.Image:
        """Return the upright picture, at least `scale` in size; in `mode` if it is possible."""
        with _refusing("JPEG"):
            try:
                image = self._loaded(mode, scale)
            except OSError:
                if self._cut_short:
                    raise
                image = self._nearly_whole(mode, scale)
            return _upright(image, self._orientation)

    def _loaded(self, mode: str, scale: float) -> Image.Image:
        image, self._opened = self._opened or self._open(), None  # decoded once each
        image.draft(mode, _least(self._lying, scale))
        image.load()
        return image

    def _nearly_whole(self, mode: str, scale: float) -> Image.Image:
        """Return what there is of a file that is cut short, if that is nearly everything."""
        progressive = "progressive" in self._open().info
        self._picture = with_end_marker(self._picture, self._scans, progressive)
        self._cut_short = True
        image = self._loaded(mode, scale)
        check_nearly_whole(image)
        return image

    def _open(self) -> Image.Image:
        return Image.open(io.BytesIO(self._picture), formats=["JPEG"])


class _Whole:
    """Decoded at once and in full: no other format has a cheaper way."""

    def __init__(self, picture: bytes, kind: PictureKind, limits: PictureLimits) -> None:
        if kind in {"HEIF", "AVIF"}:
            _teach_heif()
        image = self._decoded(picture, kind, limits)
        turned = kind == "HEIF" and not is_turned(picture)  # the plugin turns what is said there
        orientation = image.info.get("original_orientation") if turned else _orientation(image)
        self._image = _rgb(_upright(image, orientation or 1))
        self.size = self._image.size

    def _decoded(self, picture: bytes, kind: PictureKind, limits: PictureLimits) -> Image.Image:
        def opened() -> ImageFile.ImageFile:
            return Image.open(io.BytesIO(picture), formats=[kind])

        image = opened()
        limits.check_size(*image.size)  # known from the header, before anything is decoded
        if kind in _ANIMATED:
            check_frames(getattr(image, "n_frames", 1))
        halved = halves_samples(image)
        try:
            image.load()
        except OSError:
            if kind not in _CUT_SHORT:
                raise
            return self._nearly_whole(picture, kind)
        return with_lower_bytes(image, opened) if halved else image

    def _nearly_whole(self, picture: bytes, kind: PictureKind) -> Image.Image:
        """Return what there is of a file that is cut short, if that is nearly everything."""
        with accepting_truncated_files():
            image = Image.open(io.BytesIO(without_metadata(picture, kind)), formats=[kind])
            image.load()
        check_nearly_whole(image)
        return image

    def grey(self, scale: float) -> NDArray[np.uint8]:
        return np.asarray(_resized(self._image.convert("L"), self.size, scale))

    def small(self, scale: float) -> Pixels:
        return np.asarray(_resized(self._image, self.size, scale))

    def colours(self, reduction: int) -> ColourPicture:
        return ColourPicture(self._image, 1)


def _least(size: tuple[int, int], scale: float) -> tuple[int, int]:
    width, height = size
    return max(1, int(width * scale)), max(1, int(height * scale))


def _resized(image: Image.Image, original: tuple[int, int], scale: float) -> Image.Image:
    """Return the picture `original` × `scale` in size, or nearly so if it is that already."""
    width, height = (max(1, round(side * scale)) for side in original)
    if _CLOSE_ENOUGH <= image.width / width <= _LITTLE_MORE:
        return image
    return image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)


def _teach_heif() -> None:
    """Have Pillow read HEIC; what does so is loaded when the first one comes."""
    from encoder.picture.heif_plugin import read_heif

    read_heif()


def _orientation(image: Image.Image) -> int:
    """Return the picture's orientation; 1, upright, where nothing readable says so."""
    try:
        orientation = image.getexif().get(_ORIENTATION, 1)
    except _ODD_NOTES:
        return 1
    return orientation if isinstance(orientation, int) else 1


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


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
        except RuntimeError as error:
            if _NO_MEMORY not in str(error):
                raise BrokenPicture(f"the {file_format} file is broken or cut short") from error
            raise TooManyPixels("the picture takes more memory than one may") from error
        except Exception as error:  # on broken files Pillow's plugins raise whatever comes up
            raise BrokenPicture(f"the {file_format} file is broken or cut short") from error


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in _SIXTEEN_BIT_MODES:
        return Image.fromarray(grey_of_16_bits(np.asarray(image))).convert("RGB")
    if image.mode not in _OPAQUE_MODES | _ALPHA_MODES:
        raise UnsupportedPicture(f"pictures with samples of kind {image.mode} are not read")
    if image.has_transparency_data:
        with_alpha = image if image.mode == "RGBA" else image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(with_alpha, mask=with_alpha)
        return white
    return image.convert("RGB")
