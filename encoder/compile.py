"""`python -m encoder.compile`: make machine code of the kernels for this processor, at set-up.

It takes half a minute, and numba (facegate[turbo]). Where it is not run dlib finds and aligns
the faces and ONNX Runtime describes them.
"""

from encoder.files.file_cache import FileCache
from encoder.load.turbo import compile_kernels


def main() -> None:
    """Compile the kernels that are not there. Raises OSError when they cannot be kept."""
    compile_kernels(FileCache.of_installation())


if __name__ == "__main__":
    main()
