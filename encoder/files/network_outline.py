"""The architecture of a network of dlib without its weights: 2 kB of JSON instead of 20 MB.

It is all there is to read where the weights are in the cache in another form.
"""

import json
from pathlib import Path
from typing import Any, get_args

import numpy as np

from encoder.files.dlib_format import read_network
from encoder.files.file_cache import FileCache
from encoder.files.model_files import NetworkFile
from encoder.files.network import Layer, Network, Overlap

_VERSION = 2
"""Rises with every change of the outlines that are written."""
_KINDS = {kind.__name__: kind for kind in get_args(Layer)}
_SHAPE = "shape"


def outline_of(file: NetworkFile, cache: FileCache) -> Network:
    """Return the network in a file with zeros for weights, read once a machine.

    Raises BadNetwork when there is none, ConfigurationError when the file cannot be read.
    """
    name = f"{file.path.stem}-{file.digest[:16]}-{_VERSION}.json"
    outline = cache.get(name, lambda: written(read_network(file.contents())))
    return read(outline.read_bytes() if isinstance(outline, Path) else outline)


def written(network: Network) -> bytes:
    """Return the outline of a network."""
    layers = [[type(layer).__name__, *map(_without_numbers, layer)] for layer in network.layers]
    return json.dumps({**network._asdict(), "layers": layers}).encode()


def read(outline: bytes) -> Network:
    """Return the network of an outline, with zeros for weights."""
    told = json.loads(outline)
    layers = tuple(_KINDS[name](*map(_with_zeros, values)) for name, *values in told["layers"])
    return Network(
        tuple(told["means"]),
        told["size"] and tuple(told["size"]),
        layers,
        told["overlap"] and Overlap(*told["overlap"]),
    )


def _without_numbers(value: Any) -> Any:
    return {_SHAPE: value.shape} if isinstance(value, np.ndarray) else value


def _with_zeros(value: Any) -> Any:
    if isinstance(value, dict):
        return np.broadcast_to(np.float32(0), value[_SHAPE])
    return tuple(value) if isinstance(value, list) else value
