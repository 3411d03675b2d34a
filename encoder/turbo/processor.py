"""For which kinds of processor the kernels are compiled, and which of them is used here.

How wide the registers are is part of the kernels' source, so it is known when they are imported,
before any settings are read: the environment says it to set-up and to workers alike.
"""

import os
import re
from collections.abc import Set
from functools import cache
from pathlib import Path
from typing import NamedTuple

from contract.errors import ConfigurationError

VARIABLE = "FACEGATE_PROCESSOR"
"""The setting that names a kind, where it is not to be the best that this processor is of."""
_FLAGS = re.compile(r"^flags\s*:(.*)$", re.MULTILINE)


class Processor(NamedTuple):
    """A kind of processor."""

    name: str
    """As LLVM calls it."""
    lanes: int
    """Numbers of float32 in a vector register; its instructions take narrower ones for two."""
    is_here: bool
    """Whether this machine's processor is of that kind."""


_KINDS = {
    "x86-64-v4": (16, {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}),
    "x86-64-v3": (8, {"avx2", "bmi2", "f16c", "fma", "movbe"}),
    "generic": (8, set[str]()),
}
"""The best first: the levels of the x86-64 psABI, what those with AVX-512 understand and what all
of the last decade do; and what every processor of an architecture does. An image is built on one
machine and runs on others; code for the very model is no faster."""


@cache
def processor() -> Processor:
    """Return the kind that kernels are compiled for and loaded for. Raises ConfigurationError."""
    return kind_of(features(), os.environ.get(VARIABLE))


def features() -> Set[str]:
    """Return what Linux says that this x86 processor understands; nothing elsewhere."""
    try:
        flags = _FLAGS.search(Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace"))
    except OSError:
        return frozenset()
    return frozenset(flags[1].split() if flags else ())


def kind_of(features: Set[str], wanted: str | None = None) -> Processor:
    """Return the kind that is wanted, else the best one with these features.

    Raises ConfigurationError when another kind is wanted than there are.
    """
    known = [Processor(name, lanes, need <= features) for name, (lanes, need) in _KINDS.items()]
    if not wanted:
        return next(kind for kind in known if kind.is_here)
    for kind in known:
        if kind.name == wanted:
            return kind
    raise ConfigurationError(f"{VARIABLE}={wanted!r}: not one of {', '.join(_KINDS)}")
