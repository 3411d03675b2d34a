"""How a service spares its loaded modules the garbage collector's full collections."""

import gc


def freeze_loaded_objects() -> None:
    """Exempt every object that exists now from garbage collection.

    A full collection would visit each of them, and no request is answered meanwhile.
    """
    gc.collect()
    gc.freeze()
