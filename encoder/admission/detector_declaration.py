"""Declares a face detector of the user's own: what its file must be like for its preset."""

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from contract.errors import ConfigurationError
from contract.stores.detection import BUILT_IN
from contract.text.first_fault import first_fault
from encoder.custom.detector_manifest import DetectorManifest, Kind
from encoder.custom.detector_presets import (
    ANCHORS,
    DETECTOR_PRESETS,
    OUTPUT_WIDTHS,
    SCORES,
    STRIDES,
)
from encoder.onnx.session import GraphFailed, OnnxSession
from encoder.onnx.tuning import tuned_graph

_USUAL_SIZE = 640
"""Pixels of the side that both kinds were trained with."""
_YUNET_OUTPUTS = tuple(
    f"{what}_{step}" for what in ("cls", "obj", "bbox", "kps") for step in STRIDES
)


class DeclaredDetector(NamedTuple):
    """A detector that may be kept: what is declared of it, and the file."""

    manifest: DetectorManifest
    network: bytes


def declared_detector(file: bytes, kind: Kind, given: Mapping[str, Any]) -> DeclaredDetector:
    """Return a detector of a kind, with the fields of its manifest that are given.

    Raises ConfigurationError when the file is none, or gives what that kind does not.
    """
    if given["name"] in BUILT_IN:
        raise ConfigurationError(f"{given['name']} is a detector of dlib's: give another --name")
    network = tuned_graph(file)
    session = OnnxSession(network)
    fields = {
        **DETECTOR_PRESETS[kind],
        "size": _size(session),
        **given,
        "preset": kind,
        "digest": hashlib.sha256(network).hexdigest(),
        "input": session.input,
        "outputs": _outputs(kind, session.outputs),
    }
    try:
        manifest = DetectorManifest.model_validate(fields)
    except ValidationError as error:
        raise ConfigurationError(first_fault(error)) from error
    _check_results(manifest, session)
    return DeclaredDetector(manifest, network)


def _size(session: OnnxSession) -> int:
    """Return the side of the square that the graph takes. Raises ConfigurationError."""
    shape = session.input_shape
    if len(shape) != 4 or (isinstance(shape[1], int) and shape[1] != 3):
        raise ConfigurationError(f"it takes {shape}, a detector takes n × 3 × rows × columns")
    sides = {side for side in shape[2:] if isinstance(side, int)}
    if len(sides) > 1:
        raise ConfigurationError(f"it takes {shape}: its pictures are not square")
    return sides.pop() if sides else _USUAL_SIZE


def _outputs(kind: Kind, there: list[str]) -> tuple[str, ...]:
    """Return the outputs in the preset's order: YuNet's by name, SCRFD's as they come."""
    if kind == "yunet":
        absent = [name for name in _YUNET_OUTPUTS if name not in there]
        if absent:
            raise ConfigurationError(f"a YuNet has an output {absent[0]!r}; this has {there}")
        return _YUNET_OUTPUTS
    count = len(OUTPUT_WIDTHS[kind]) * len(STRIDES)
    if len(there) != count:
        raise ConfigurationError(
            f"it has {len(there)} outputs; an SCRFD with five points has {count}"
        )
    return tuple(there)


def _check_results(manifest: DetectorManifest, session: OnnxSession) -> None:
    """Raise ConfigurationError when a picture does not give what the preset computes with."""
    side, kind = manifest.size, manifest.preset
    noise = np.random.default_rng(0).standard_normal((1, 3, side, side), np.float32)
    try:
        given = session.run_all(noise)
    except GraphFailed as error:
        raise ConfigurationError(f"it does not take 1 × 3 × {side} × {side}: {error}") from error
    names = iter(manifest.outputs)
    for group, width in enumerate(OUTPUT_WIDTHS[kind]):
        for stride in STRIDES:
            name = next(names)
            numbers = (side // stride) ** 2 * ANCHORS[kind] * width
            if given[name].size != numbers:
                raise ConfigurationError(
                    f"{name} has {given[name].size} numbers; of a {kind} it would have {numbers}"
                )
            if group in SCORES[kind] and not _are_scores(given[name]):
                raise ConfigurationError(f"{name} are not scores from 0 to 1")


def _are_scores(numbers: NDArray[np.float32]) -> bool:
    return bool((numbers > -1e-3).all() and (numbers < 1 + 1e-3).all())
