"""Memory that nothing uses any more, back to the operating system."""

import ctypes


def return_unused_memory() -> None:
    """Give back what was freed and lies between things in use.

    The C library keeps it for the next time: after a gallery was read, that is some 60 MB. Only
    glibc has a call for it; elsewhere nothing happens.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
