"""The ONNX graph of a network of dlib, from the file cache, or made by a process of its own."""

import subprocess
import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from contract.errors import ConfigurationError
from encoder.files.dlib_format import read_network
from encoder.files.file_cache import FileCache
from encoder.files.model_files import NetworkFile
from encoder.files.network import BadNetwork

GRAPH_VERSION = 1
"""Rises with every change of the graphs that are written."""
_MAKING_SECONDS = 120
"""It takes half a second; this is for a machine that swaps."""


def cached_graph(file: NetworkFile, cache: FileCache) -> Path | bytes:
    """Return the ONNX file of a network, or its bytes. Raises ConfigurationError."""
    name = f"{file.path.stem}-{file.digest[:16]}-{GRAPH_VERSION}.onnx"
    return cache.get(name, partial(_made, file))


def _made(file: NetworkFile) -> bytes:
    """Return the graph of a network file; a process of its own makes it.

    What that takes, the package onnx above all, does not stay in the memory of a worker.
    """
    try:
        read_network(file.contents())
    except BadNetwork as error:
        raise ConfigurationError(
            f"{file.path} is not a network that can be loaded: {error}"
        ) from error
    if find_spec("onnx") is None:
        reason = "its graph cannot be made without the package onnx, which is not installed"
        raise ConfigurationError(f"{file.path}: {reason}")
    maker = subprocess.run(  # noqa: S603  (our own module)
        [sys.executable, "-m", "encoder.onnx.graph", file.path],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        timeout=_MAKING_SECONDS,
        check=False,
    )
    if maker.returncode:
        raise ConfigurationError(f"{file.path}: its graph cannot be made; the reason is above")
    return maker.stdout
