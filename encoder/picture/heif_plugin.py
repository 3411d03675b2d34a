"""Registers pillow-heif, which reads HEIC, with Pillow."""

from functools import cache

from PIL import AvifImagePlugin
from pillow_heif import register_heif_opener


@cache
def read_heif() -> None:
    """Let Pillow read HEIC, and AVIF, on one thread, and nothing but the picture itself."""
    register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
