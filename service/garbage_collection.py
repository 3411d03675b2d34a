"""How a service spares its modules the garbage collector: as they load, and once they are there."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collections() -> Iterator[None]:
    """Let the block, which loads modules, run without collections, and exempt what it has made."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def freeze_loaded_objects() -> None:
    """Exempt every object that exists now from garbage collection.

    A full collection would visit each of them, and no request is answered meanwhile.
    """
    gc.collect()
    gc.freeze()
