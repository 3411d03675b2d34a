"""What was freed is given back, where the C library can."""

import os
import platform
from pathlib import Path

import numpy as np
import pytest

from service.unused_memory import return_unused_memory


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc alone has malloc_trim")
def test_what_was_freed_between_things_in_use_is_given_back() -> None:
    blocks = [np.ones(10_000, np.uint8) for _ in range(6000)]  # smaller than what is mapped alone
    kept = blocks[::50]
    del blocks
    before = resident_bytes()

    return_unused_memory()

    assert before - resident_bytes() > 30_000_000
    assert all(block.all() for block in kept)


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
