"""Small graphs that give what YuNet and SCRFD give, for a few faces at chosen places."""

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from encoder.custom.detector_manifest import DetectorManifest, Kind
from encoder.custom.detector_presets import DETECTOR_PRESETS
from encoder.detector import FacePlaces

SIDE = 128
_GROUPS = {"yunet": ("cls", "obj", "bbox", "kps"), "scrfd": ("score", "bbox", "kps")}
_WIDTHS = {"cls": 1, "obj": 1, "score": 1, "bbox": 4, "kps": 10}
_STRIDES = (8, 16, 32)


class Seen(NamedTuple):
    """A face that the graph sees, in pixels of its input."""

    stride: int
    score: float
    box: tuple[float, ...]
    """Left, top, right, bottom."""
    points: FacePlaces


FACE = Seen(
    16,
    0.9375,
    (30.0, 20.0, 80.0, 90.0),
    ((43.0, 50.0), (63.5, 50.0), (53.0, 62.0), (44.5, 72.0), (62.0, 72.0)),
)


def outputs_of(kind: Kind, faces: Sequence[Seen]) -> dict[str, NDArray[np.float32]]:
    """Return what the detector gives by name, in the manifest's order."""
    each_place = 2 if kind == "scrfd" else 1
    given = {
        f"{group}_{stride}": np.zeros(
            ((SIDE // stride) ** 2 * each_place, _WIDTHS[group]), np.float32
        )
        for group in _GROUPS[kind]
        for stride in _STRIDES
    }
    for face in faces:
        left, top, right, bottom = (side / face.stride for side in face.box)
        column, row = int((left + right) / 2), int((top + bottom) / 2)
        place = (row * (SIDE // face.stride) + column) * each_place + each_place - 1
        at = np.array([column, row])
        numbers = {
            "kps": (np.array(face.points) / face.stride - at).ravel(),
            "score": face.score,
            "cls": face.score,
            "obj": face.score,
        }
        if kind == "scrfd":
            numbers["bbox"] = [column - left, row - top, right - column, bottom - row]
        else:
            middle = np.array([left + right, top + bottom]) / 2
            numbers["bbox"] = [*(middle - at), *np.log([right - left, bottom - top])]
        for group in _GROUPS[kind]:
            given[f"{group}_{face.stride}"][place] = numbers[group]
    return {name: each[None] if kind == "yunet" else each for name, each in given.items()}


def detector_graph(kind: Kind, faces: Sequence[Seen], side: int | str = SIDE) -> bytes:
    """Return the file of a detector that sees these faces in every picture."""
    outputs = outputs_of(kind, faces)
    nodes = [
        helper.make_node("ReduceMean", ["input"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "nothing"], ["zero"]),
    ]
    nodes += [helper.make_node("Add", [f"{name}_seen", "zero"], [name]) for name in outputs]
    constants = {f"{name}_seen": each for name, each in outputs.items()}
    constants["nothing"] = np.zeros((), np.float32)
    graph = helper.make_graph(
        nodes,
        kind,
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, side, side])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, each.shape)
            for name, each in outputs.items()
        ],
        [numpy_helper.from_array(each, name) for name, each in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    return bytes(model.SerializeToString())


def detector_manifest(kind: Kind, network: bytes, **others: Any) -> DetectorManifest:
    """Return a manifest for such a file."""
    fields = {
        "name": kind,
        "preset": kind,
        "digest": hashlib.sha256(network).hexdigest(),
        "input": "input",
        "outputs": tuple(outputs_of(kind, [])),
        "size": SIDE,
        **DETECTOR_PRESETS[kind],
        "threshold": 0.5,
        **others,
    }
    return DetectorManifest.model_validate(fields)
