"""Which kinds of picture are read, told by how a file begins and not by its name."""

from typing import Literal

PictureKind = Literal["JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "HEIF", "AVIF"]

NAMED = "JPEG, PNG, WebP, HEIC, AVIF, BMP, GIF or TIFF"
HEAD_BYTES = 64
"""So much of a file tells what it is."""

_SIGNATURES: dict[bytes, PictureKind] = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"BM": "BMP",
    b"GIF8": "GIF",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
}
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_EITHER = frozenset({b"mif1", b"msf1"})
"""Brands of the container: the compatible ones after it say what is in it."""


def picture_kind(head: bytes) -> PictureKind | None:
    """Return the kind of picture whose file begins so; None when it is no picture that is read."""
    if head[4:8] == b"ftyp":
        return _container_kind(head)
    if head.startswith(b"RIFF"):
        return "WEBP" if head[8:12] == b"WEBP" else None
    return next((kind for start, kind in _SIGNATURES.items() if head.startswith(start)), None)


def _container_kind(head: bytes) -> PictureKind | None:
    end = min(int.from_bytes(head[:4]), HEAD_BYTES)
    compatible = {head[at : at + 4] for at in range(16, end, 4)}
    major = head[8:12]
    brands = {major, *compatible} if major in _EITHER else {major}
    if brands & _AVIF_BRANDS:
        return "AVIF"
    return "HEIF" if brands & (_HEIF_BRANDS | _EITHER) else None
