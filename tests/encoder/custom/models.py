"""Small networks for the tests, and manifests for them."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

from encoder.admission.trial_faces import TrialFace
from encoder.custom.face_points import FacePoints
from encoder.custom.manifest import ModelManifest
from encoder.custom.model_folder import ModelFolder
from encoder.custom.presets import preset
from encoder.custom.recognizer import CustomRecognizer
from encoder.onnx.session import OnnxSession

SIZE, CELL, DIMENSION = 112, 8, 64
CELLS = 3 * (SIZE // CELL) ** 2


def small_network(seed: int = 0, dimension: int = DIMENSION) -> bytes:
    """Return a network whose vectors are some colours of some parts of a face, evenly lit.

    Networks of other seeds give other vectors. None of them knows real people apart.
    """
    dice = np.random.default_rng(seed)
    return network_of(dice.normal(size=(CELLS, dimension)).astype(np.float32))


def network_of(weights: NDArray[np.float32]) -> bytes:
    """Return a network of a picture's cells, evenly lit, times weights (CELLS, dimension)."""
    sides = [CELL, CELL]
    nodes = [
        helper.make_node("InstanceNormalization", ["input", "one", "zero"], ["even"]),
        helper.make_node("AveragePool", ["even"], ["cells"], kernel_shape=sides, strides=sides),
        helper.make_node("Flatten", ["cells"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["output"]),
    ]
    constants = {"one": np.ones(3, np.float32), "zero": np.zeros(3, np.float32)}
    taken, given = value("input", "n", 3, SIZE, SIZE), value("output", "n", weights.shape[1])
    return graph_file(nodes, [taken], [given], {**constants, "weights": weights})


def fitted_network(
    faces: Sequence[TrialFace], manifest: ModelManifest, points: FacePoints
) -> bytes:
    """Return a network that tells these very people apart, cut out as the manifest says."""
    pixels = OnnxSession(network_of(np.eye(CELLS, dtype=np.float32)))
    recognizer = CustomRecognizer(manifest, pixels, points)
    chips = [recognizer.chip(*view) for face in faces for view in (face.plain, *face.others)]
    cells = recognizer.vectors(np.stack(chips + [chip[:, ::-1] for chip in chips]))
    people = sorted({face.person for face in faces})
    number = [people.index(face.person) for face in faces for _ in range(1 + len(face.others))]
    wanted = np.random.default_rng(0).normal(size=(len(people), DIMENSION))[number * 2]
    kept = cells.T @ np.linalg.solve(cells @ cells.T + 0.1 * np.eye(len(cells)), wanted)
    return network_of(kept.astype(np.float32))


def graph_file(
    nodes: Sequence[NodeProto],
    inputs: Sequence[ValueInfoProto],
    outputs: Sequence[ValueInfoProto],
    constants: dict[str, np.ndarray[Any, Any]] | None = None,
) -> bytes:
    """Return an ONNX file."""
    arrays = [numpy_helper.from_array(array, name) for name, array in (constants or {}).items()]
    graph = helper.make_graph(nodes, "small", inputs, outputs, arrays)
    opsets = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def value(name: str, *shape: int | str | None, type_: int = TensorProto.FLOAT) -> ValueInfoProto:
    """Return what a graph takes or gives."""
    return helper.make_tensor_value_info(name, type_, shape)


def manifest_of(network: bytes, **others: Any) -> ModelManifest:
    """Return a manifest for the bytes of a network, by the preset arcface but for `others`."""
    fields = {
        "name": "small",
        "digest": hashlib.sha256(network).hexdigest(),
        "input": "input",
        "output": "output",
        "layout": "nchw",
        "dimension": DIMENSION,
        **preset("arcface"),
        **others,
    }
    return ModelManifest.model_validate(fields)


def add_small_model(
    models: Path, name: str = "small", seed: int = 0, **others: Any
) -> ModelManifest:
    """Keep a small network as a model, and return its manifest."""
    network = small_network(seed)
    manifest = manifest_of(network, name=name, **others)
    ModelFolder(models).add(manifest, network)
    return manifest
