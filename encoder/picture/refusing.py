"""Translates what Pillow and its plugins raise into errors of the contract."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from contract.errors import BrokenPicture, FacegateError, TooManyPixels

_NO_MEMORY = "emory"
"""In what libheif and libavif say when there is none left; they have no error of its own for it."""


@contextmanager
def refusing(file_format: str) -> Iterator[None]:
    """Raise BrokenPicture or TooManyPixels for whatever is raised while a file is decoded."""
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
