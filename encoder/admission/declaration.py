"""From a network's file, a preset and what the user says to a manifest that contradicts none."""

import hashlib
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
from pydantic import ValidationError

from contract.errors import ConfigurationError
from contract.stores.model_name import INSTALLED_MODEL
from encoder.custom.detector_manifest import DETECTORS
from encoder.custom.manifest import ModelManifest
from encoder.custom.presets import preset
from encoder.onnx.session import (
    GraphFailed,
    GraphSignature,
    GraphTensor,
    OnnxSession,
    read_signature,
)

_FLOAT32 = "tensor(float)"
_LEAST_DIMENSION = 8
"""What is shorter is no description of a face: AdaFace's exports give the vector's length, too."""

Layout = Literal["nchw", "nhwc"]


class _Picture(NamedTuple):
    """What the graph states of its input; None where it leaves it open."""

    name: str
    batch: int | None
    layout: Layout | None
    size: int | None


def declared(network: bytes, kind: str, given: Mapping[str, Any]) -> ModelManifest:
    """Return the manifest of a network, by the preset `kind` and the fields that are given.

    Raises ConfigurationError when the file is no network that takes pictures and gives vectors, or
    states something else than preset and fields say.
    """
    signature = read_signature(network)
    picture = _picture(signature)
    fields = {**preset(kind), "preset": kind, **given}
    _check_name(fields["name"])
    _check_together(fields, given)
    fields |= {
        "digest": hashlib.sha256(network).hexdigest(),
        "input": picture.name,
        "layout": _layout(picture, given.get("layout")),
        "size": _size(picture, kind, fields["size"], "size" in given),
        "batch": _batch(picture, given.get("batch")),
        "output": _output(signature, given.get("output")),
        "margin": fields.get("margin", 0.0) if fields["alignment"] == "box" else 0.0,
        "dimension": _LEAST_DIMENSION,  # until the network has run
    }
    manifest = _manifest(fields)
    return manifest.model_copy(update={"dimension": _dimension(network, manifest)})


def _check_name(name: str) -> None:
    """Raise ConfigurationError for a name that stands for something else."""
    if name == INSTALLED_MODEL:
        raise ConfigurationError(f"{INSTALLED_MODEL} is the installed network: give another --name")
    if name == DETECTORS:
        raise ConfigurationError(f"{DETECTORS} is the folder of the detectors: give another --name")


def _check_together(fields: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Raise ConfigurationError when one of the fields given makes another meaningless."""
    if given.get("margin") and fields["alignment"] != "box":
        raise ConfigurationError(
            f"--margin widens the detector's box, and the alignment is {fields['alignment']}:"
            " --alignment box goes with it"
        )
    if given.get("whitened") and given.keys() & {"mean", "std"}:
        raise ConfigurationError("--whitened takes the place of --mean and --std: give either")


def _manifest(fields: dict[str, Any]) -> ModelManifest:
    try:
        return ModelManifest.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        option = str(first["loc"][0])
        message = first["msg"].removeprefix("Value error, ")
        raise ConfigurationError(f"--{option} {fields[option]}: {message}") from error


def _picture(signature: GraphSignature) -> _Picture:
    if len(signature.inputs) != 1:
        names = ", ".join(taken.name for taken in signature.inputs) or "none"
        raise ConfigurationError(
            f"the network has {len(signature.inputs)} inputs ({names}); a face network has one"
        )
    (taken,) = signature.inputs
    if taken.type != _FLOAT32:
        raise ConfigurationError(
            f"the network takes {taken.type}; export it with an input of float32, tensor(float)"
        )
    if len(taken.shape) != 4:
        raise ConfigurationError(f"the network takes no pictures: its input is {_shown(taken)}")
    batch, *others = taken.shape
    layout = _stated_layout(taken)
    sides = set(others[1:] if layout == "nchw" else others[:2] if layout else [])
    stated = {side for side in sides if isinstance(side, int)}
    if len(stated) > 1:
        raise ConfigurationError(f"the network's pictures are not square: {_shown(taken)}")
    at_once = batch if isinstance(batch, int) else None
    return _Picture(taken.name, at_once, layout, next(iter(stated), None))


def _stated_layout(taken: GraphTensor) -> Layout | None:
    first, last = taken.shape[1], taken.shape[3]
    if first == 3:
        return "nchw"
    if last == 3:
        return "nhwc"
    if isinstance(first, int) and isinstance(last, int):
        raise ConfigurationError(
            f"the network takes no pictures of three channels: its input is {_shown(taken)}"
        )
    return None


def _layout(picture: _Picture, given: Layout | None) -> Layout:
    if picture.layout is None and given is None:
        raise ConfigurationError(
            "the graph does not state where its channels are: give --layout nchw or nhwc"
        )
    if None not in {picture.layout, given} and picture.layout != given:
        raise ConfigurationError(f"--layout {given}: the graph states {picture.layout}")
    layout = picture.layout or given
    assert layout is not None
    return layout


def _size(picture: _Picture, kind: str, size: int, is_given: bool) -> int:
    if picture.size not in {None, size}:
        said = (
            f"--size {size}" if is_given else f"the preset {kind} has pictures of {size} × {size}"
        )
        hint = (
            "" if is_given else f"; another preset, or --size {picture.size} if it fits otherwise"
        )
        raise ConfigurationError(f"{said}: the graph takes {picture.size} × {picture.size}{hint}")
    return size


def _batch(picture: _Picture, given: int | None) -> int | None:
    stated = picture.batch
    if stated not in {None, 1}:
        raise ConfigurationError(
            f"the network takes {stated} pictures at once, neither more nor fewer: export it with"
            " a batch of 1, or of any size"
        )
    if stated == 1 and given not in {None, 1}:
        raise ConfigurationError(f"--batch {given}: the graph takes one picture at a time")
    return stated or given


def _output(signature: GraphSignature, given: str | None) -> str:
    outputs = {output.name: output for output in signature.outputs}
    shown = ", ".join(_shown(output) for output in signature.outputs)
    if given is not None:
        if given not in outputs:
            raise ConfigurationError(f"--output {given}: the network gives {shown}")
        if not _gives_vectors(outputs[given]):
            raise ConfigurationError(f"--output {given} is no vector a picture: {shown}")
        return given
    fitting = [name for name, output in outputs.items() if _gives_vectors(output)]
    if not fitting:
        raise ConfigurationError(f"the network gives no vector for each picture: {shown}")
    if len(fitting) > 1:
        raise ConfigurationError(f"the network gives several vectors: {shown}; give --output NAME")
    return fitting[0]


def _gives_vectors(output: GraphTensor) -> bool:
    if output.type != _FLOAT32 or len(output.shape) != 2:
        return False
    length = output.shape[1]
    return not isinstance(length, int) or length >= _LEAST_DIMENSION


def _dimension(network: bytes, manifest: ModelManifest) -> int:
    """Return how many numbers a vector has: the network runs once, on a grey picture."""
    side = manifest.size
    shape = (1, 3, side, side) if manifest.layout == "nchw" else (1, side, side, 3)
    try:
        vectors = OnnxSession(network, manifest.output).run(np.zeros(shape, np.float32))
    except GraphFailed as error:
        raise ConfigurationError(
            f"the network does not run on a picture of {side} × {side}: {error}"
        ) from error
    if vectors.ndim != 2 or len(vectors) != 1 or vectors.shape[1] < _LEAST_DIMENSION:
        raise ConfigurationError(
            f"the network gives {' × '.join(map(str, vectors.shape))} numbers for one picture of"
            f" {side} × {side}, not one vector"
        )
    return int(vectors.shape[1])


def _shown(tensor: GraphTensor) -> str:
    sides = " × ".join("?" if side is None else str(side) for side in tensor.shape)
    return f"{tensor.name} ({sides or 'one number'})"
