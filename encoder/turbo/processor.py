"""For which kinds of processor the kernels are compiled, and which of them is used here.

How wide the registers are is part of the kernels' source, so it is known when they are imported,
before any settings are read: the environment says it to set-up and to workers alike.
"""

import os
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import llvmlite.binding as llvm

from contract.errors import ConfigurationError

VARIABLE = "FACEGATE_PROCESSOR"
"""The setting that names a kind, where it is not to be the best that this processor is of."""


class Processor(NamedTuple):
    """A kind of processor."""

    name: str
    """As LLVM calls it."""
    features: str
    """What it has beside that, in LLVM's words."""
    lanes: int
    """Numbers of float32 in a vector register; its instructions take narrower ones for two."""
    is_here: bool
    """Whether this machine's processor is of that kind."""


_X86 = {
    "x86-64-v4": (16, {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}),
    "x86-64-v3": (8, {"avx2", "bmi2", "f16c", "fma", "movbe"}),
}
"""The best first. The levels of the x86-64 psABI: what all of the last decade understand, and what
those with AVX-512 do. An image is built on one machine and runs on others; code for the very model
is no faster."""


@cache
def processor() -> Processor:
    """Return the kind that kernels are compiled for and loaded for. Raises ConfigurationError."""
    features = llvm.get_host_cpu_features()
    model = Processor(llvm.get_host_cpu_name(), features.flatten(), lanes=8, is_here=True)
    return kind_of(model, features, os.environ.get(VARIABLE))


def kind_of(model: Processor, features: Mapping[str, bool], wanted: str | None = None) -> Processor:
    """Return the kind that is wanted, else the best one with these features, else the very model.

    Raises ConfigurationError when another kind is wanted than there are.
    """
    known = {
        name: Processor(name, "", lanes, all(features.get(feature) for feature in needed))
        for name, (lanes, needed) in _X86.items()
    }
    if not wanted:
        return next((kind for kind in known.values() if kind.is_here), model)
    if wanted not in known:
        raise ConfigurationError(f"{VARIABLE}={wanted!r}: not one of {', '.join(known)}")
    return known[wanted]
