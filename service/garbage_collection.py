"""What a service has loaded when it starts, and keeps."""

import gc


def keep_what_is_loaded() -> None:
    """Leave everything there is now out of garbage collections.

    Each full collection would walk it, and nobody gets an answer for as long.
    """
    gc.collect()
    gc.freeze()
