"""From an untrusted picture file to upright RGB pixels, or to an error that says why not.

Of several frames or pages the first one is read. Transparent parts become white. Colour profiles
are ignored: they move a face vector less than two photographs of one person differ.
"""

import io
import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from contract.errors import BrokenPicture, PictureError, TooManyPixels, UnsupportedPicture
from encoder.picture_limits import PictureLimits

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


def decode(picture: bytes, limits: PictureLimits) -> Pixels:
    """Return the upright RGB pixels of the picture file.

    Raises EmptyPicture, BodyTooLarge, TooManyPixels, UnsupportedPicture or BrokenPicture.
    """
    limits.check_file(picture)
    file_format = _format_of(picture)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what matters of Pillow's warnings is an error below
            return _decode(picture, file_format, limits)
    except PictureError:
        raise
    except Image.DecompressionBombError as error:
        raise TooManyPixels(f"at most {limits.max_pixels} pixels are read") from error
    except MemoryError as error:
        raise TooManyPixels("the picture takes more memory than one may") from error
    except Exception as error:  # on broken files Pillow's plugins raise whatever comes up
        raise BrokenPicture(f"the {file_format} file is broken or cut short") from error


def _format_of(picture: bytes) -> str:
    for signature, name in _SIGNATURES.items():
        if picture.startswith(signature) and (name != "WEBP" or picture[8:12] == b"WEBP"):
            return name
    raise UnsupportedPicture("not a JPEG, PNG, WebP, BMP, GIF or TIFF picture")


def _decode(picture: bytes, file_format: str, limits: PictureLimits) -> Pixels:
    with Image.open(io.BytesIO(picture), formats=[file_format]) as image:
        limits.check_size(*image.size)  # known from the header, before anything is decoded
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
        return np.asarray(_rgb(image))


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
