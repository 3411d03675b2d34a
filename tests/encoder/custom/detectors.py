"""Small graphs that give what YuNet and SCRFD give: for chosen faces, or for those of pictures."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from encoder.admission.detector_trial import turned
from encoder.admission.known_faces import KnownPicture
from encoder.custom.detector import CustomDetector
from encoder.custom.detector_manifest import DetectorManifest, Kind
from encoder.custom.detector_presets import DETECTOR_PRESETS
from encoder.detector import FacePlaces

SIDE, CELL = 128, 8
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


def fitted_detector(
    kind: Kind, pictures: Sequence[KnownPicture], order: Sequence[int] = range(5), **others: Any
) -> bytes:
    """Return a detector that sees these faces in these very pictures, fed as `others` say.

    It knows the pictures by the light in their cells, also when they are turned as in a trial, and
    sees nobody in black and in grey. `order` is that of the points that it gives.
    """
    blank = [np.full((SIDE, SIDE, 3), grey, np.uint8) for grey in (0, 128)]
    shown = [
        *pictures,
        *map(turned, pictures),
        *(KnownPicture(pixels, ()) for pixels in blank),
    ]
    manifest = detector_manifest(kind, b"", **others)
    inputs = np.concatenate([_given(manifest, picture) for picture in shown])
    cells = inputs.reshape(len(shown), 3, SIDE // CELL, CELL, SIDE // CELL, CELL).mean((3, 5))
    known = cells.reshape(len(shown), -1)
    wanted = [outputs_of(kind, _seen(picture, order)) for picture in shown]
    inverse = known.T @ np.linalg.inv(known @ known.T + 1e-4 * np.eye(len(shown)))
    given = {name: np.stack([each[name] for each in wanted]) for name in wanted[0]}
    return _memory(inverse.astype(np.float32), given)


class _Recorder:
    """A graph that keeps what it is given, and sees nobody."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self.given = np.empty(0, np.float32)

    def run_all(self, pictures: NDArray[np.float32]) -> Mapping[str, NDArray[np.float32]]:
        self.given = pictures
        return outputs_of(self._kind, [])


def _given(manifest: DetectorManifest, picture: KnownPicture) -> NDArray[np.float32]:
    recorder = _Recorder(manifest.preset)
    CustomDetector(manifest, recorder).detect(picture.pixels)
    return recorder.given


def _seen(picture: KnownPicture, order: Sequence[int]) -> list[Seen]:
    scale = SIDE / max(picture.pixels.shape)
    seen = []
    for face in picture.faces:
        assert face.points is not None
        box = tuple(side * scale for side in (face.left, face.top, face.right, face.bottom))
        points = tuple((face.points[n][0] * scale, face.points[n][1] * scale) for n in order)
        seen.append(Seen(16, 0.9375, box, points))
    return seen


def _memory(recall: NDArray[np.float32], given: Mapping[str, NDArray[np.float32]]) -> bytes:
    """Return a graph that tells by its cells which pictures one is like, and gives what they do.

    `recall` is float32 (cells, pictures), `given` has by name what each picture gives; scores are
    cut off at 0 and 1.
    """
    cell = [CELL, CELL]
    nodes = [
        helper.make_node("AveragePool", ["input"], ["cells"], kernel_shape=cell, strides=cell),
        helper.make_node("Flatten", ["cells"], ["flat"]),
        helper.make_node("MatMul", ["flat", "recall"], ["alike"]),
    ]
    constants: dict[str, NDArray[Any]] = {
        "recall": recall,
        "zero": np.zeros((), np.float32),
        "one": np.ones((), np.float32),
    }
    for name, of_pictures in given.items():
        is_score = name.partition("_")[0] in {"cls", "obj", "score"}
        constants |= {
            f"{name}_each": of_pictures.reshape(len(of_pictures), -1),
            f"{name}_shape": np.array(of_pictures.shape[1:], np.int64),
        }
        nodes += [
            helper.make_node("MatMul", ["alike", f"{name}_each"], [f"{name}_row"]),
            helper.make_node("Reshape", [f"{name}_row", f"{name}_shape"], [f"{name}_free"]),
            helper.make_node("Clip", [f"{name}_free", "zero", "one"], [name])
            if is_score
            else helper.make_node("Identity", [f"{name}_free"], [name]),
        ]
    graph = helper.make_graph(
        nodes,
        "memory",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, SIDE, SIDE])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, each.shape[1:])
            for name, each in given.items()
        ],
        [numpy_helper.from_array(each, name) for name, each in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    return bytes(model.SerializeToString())
