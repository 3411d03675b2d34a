"""`python -m encoder.compile`: make machine code of the kernels for this processor, at set-up.

It takes half a minute, and numba (facegate[turbo]). Where it is not run dlib finds and aligns
the faces and ONNX Runtime describes them.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from encoder.turbo.alignment.program import keep_alignment, linked_alignment
from encoder.turbo.hog.build import build_program
from encoder.turbo.hog.program import keep_program, load_program
from encoder.turbo.machine_code import NoProgram, machine_code
from encoder.turbo.network.program import keep_network, linked_network


def main() -> None:
    """Compile the kernels that are not there."""
    _compile("face detector", load_program, lambda: keep_program(build_program()))
    _compile("face alignment", linked_alignment, _build_alignment)
    _compile("face network", linked_network, _build_network)


def _compile(what: str, load: Callable[[], object], build: Callable[[], Path]) -> None:
    try:
        load()
    except NoProgram:
        sys.stdout.write(f"facegate: compiled the {what} for this processor: {build()}\n")


def _build_alignment() -> Path:
    from encoder.turbo.alignment.kernel.run import intermediate_code  # needs numba

    return keep_alignment(machine_code(*intermediate_code()))


def _build_network() -> Path:
    from encoder.turbo.network.kernel.run import intermediate_code  # needs numba

    return keep_network(machine_code(*intermediate_code()))


if __name__ == "__main__":
    main()
