"""Whose vectors a store takes: those of its model, and of its second one."""

from collections.abc import Sequence

from contract.errors import ModelMismatch
from encoder import VectorModel


def dimension_of(given: str, models: Sequence[VectorModel]) -> int:
    """Return the dimension of vectors that the model `given` has made.

    Raises ModelMismatch when it is none of the store's `models`.
    """
    for model, dimension in models:
        if given == model:
            return dimension
    own = " and ".join(repr(model.model) for model in models)
    raise ModelMismatch(f"the vectors are of model {given[:100]!r}, this store's of {own}")
