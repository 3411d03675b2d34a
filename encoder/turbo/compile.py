"""Makes machine code of the kernels for one kind of processor. Needs numba; half a minute."""

import sys
from collections.abc import Callable

from encoder.files.file_cache import FileCache
from encoder.turbo.alignment.kernel import run as alignment
from encoder.turbo.alignment.program import ALIGNMENT
from encoder.turbo.hog.build import hog_tables
from encoder.turbo.hog.kernel import run as hog
from encoder.turbo.hog.program import HOG, keep_tables
from encoder.turbo.kernel import Kernel
from encoder.turbo.network.kernel import run as network
from encoder.turbo.network.program import NETWORK
from encoder.turbo.processor import processor


def compile_all(cache: FileCache) -> None:
    """Compile the kernels that are not there. Raises OSError when they cannot be kept."""
    _compile("face detector", HOG, hog.intermediate_code, cache)
    keep_tables(cache, hog_tables)
    _compile("face alignment", ALIGNMENT, alignment.intermediate_code, cache)
    _compile("face network", NETWORK, network.intermediate_code, cache)


def _compile(
    what: str, kernel: Kernel, intermediate: Callable[[], tuple[str, str]], cache: FileCache
) -> None:
    def told() -> tuple[str, str]:
        sys.stdout.write(f"facegate: compiling the {what} for this processor: {processor().name}\n")
        return intermediate()

    kernel.compile(cache, told)
