"""Files of all formats but JPEG: decoded at once and in full, as nothing less costs less."""

import io

import numpy as np
from PIL import Image, ImageFile

from contract.errors import UnsupportedPicture
from contract.pictures.kind import PictureKind
from contract.stores.detection import Rotation
from encoder.picture.file_structure import check_frames
from encoder.picture.heif_container import is_turned
from encoder.picture.limits import PictureLimits
from encoder.picture.orientation import orientation_of, turned, upright
from encoder.picture.pixels import RgbPicture
from encoder.picture.repair import check_nearly_whole
from encoder.picture.sample_depth import grey_of_16_bits, halves_samples, with_lower_bytes

_OPAQUE_MODES = frozenset({"1", "L", "P", "RGB", "RGBX", "CMYK", "YCbCr"})
_ALPHA_MODES = frozenset({"LA", "La", "PA", "RGBA", "RGBa"})
_SIXTEEN_BIT_MODES = frozenset({"I;16", "I;16L", "I;16B", "I;16N"})
_READ_MODES = _OPAQUE_MODES | _ALPHA_MODES | _SIXTEEN_BIT_MODES
_ANIMATED = frozenset({"WEBP", "HEIF", "AVIF"})
"""Kinds whose frames cost something: a GIF's are counted before, those of a PNG are left out, and a
TIFF's pages cost nothing."""
_CUT_SHORT = frozenset({"PNG", "GIF", "BMP"})
"""Kinds of which browsers show what is there, and which are decoded row by row."""


class FullyDecodedPicture(RgbPicture):
    """A picture of any kind but JPEG."""

    def __init__(
        self, picture: bytes, kind: PictureKind, limits: PictureLimits, rotate: Rotation
    ) -> None:
        if kind in {"HEIF", "AVIF"}:
            _teach_heif()
        image = self._decoded(picture, kind, limits)
        by_exif = kind == "HEIF" and not is_turned(picture)  # the plugin turns what is said there
        said = image.info.get("original_orientation") if by_exif else orientation_of(image)
        super().__init__(_rgb(upright(image, turned(said or 1, rotate))))

    def _decoded(self, picture: bytes, kind: PictureKind, limits: PictureLimits) -> Image.Image:
        def opened() -> ImageFile.ImageFile:
            return Image.open(io.BytesIO(picture), formats=[kind])

        image = opened()
        limits.check_size(*image.size)  # known from the header, before anything is decoded
        if image.mode not in _READ_MODES:
            raise UnsupportedPicture(f"pictures with samples of kind {image.mode} are not read")
        if kind in _ANIMATED:
            check_frames(getattr(image, "n_frames", 1))
        halved = halves_samples(image)
        try:
            image.load()
        except OSError:
            if kind not in _CUT_SHORT:
                raise
            image.tile = []  # what is decoded by now is there, and nothing is decoded once more
            check_nearly_whole(image)
            return image
        return with_lower_bytes(image, opened) if halved else image


def _teach_heif() -> None:
    """Have Pillow read HEIC; what does so is loaded when the first one comes."""
    from encoder.picture.heif_plugin import read_heif

    read_heif()


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in _SIXTEEN_BIT_MODES:
        return Image.fromarray(grey_of_16_bits(np.asarray(image))).convert("RGB")
    if image.has_transparency_data:
        with_alpha = image if image.mode == "RGBA" else image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(with_alpha, mask=with_alpha)
        return white
    return image if image.mode == "RGB" else image.convert("RGB")
