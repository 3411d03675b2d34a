"""The largest picture file and the most pixels that are accepted."""

from dataclasses import dataclass

from contract.errors import BodyTooLarge, EmptyPicture, TooManyPixels

_LONGEST_SIDE = 65_535
"""Pixels; no JPEG has more. Decoders keep a pointer for each row: a picture of 1 × 49,999,999 takes
1.3 GB."""


@dataclass(frozen=True)
class PictureLimits:
    """Caps that are checked before a picture costs anything."""

    max_bytes: int = 20_000_000
    max_pixels: int = 50_000_000

    def check_file(self, picture: bytes) -> None:
        """Raise EmptyPicture or BodyTooLarge when the file cannot be accepted."""
        if not picture:
            raise EmptyPicture("the picture has no bytes")
        if len(picture) > self.max_bytes:
            raise BodyTooLarge(f"the picture has more than {self.max_bytes} bytes")

    def check_size(self, width: int, height: int) -> None:
        """Raise TooManyPixels when a picture of this size cannot be accepted."""
        if max(width, height) > _LONGEST_SIDE:
            raise TooManyPixels(f"{width}×{height} pixels; a side has {_LONGEST_SIDE} at most")
        if width * height > self.max_pixels:
            raise TooManyPixels(f"{width}×{height} pixels; at most {self.max_pixels} are read")
