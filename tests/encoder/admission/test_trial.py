"""A network is tried on faces: what tells people apart passes, and what does not is told why."""

from typing import Any

import numpy as np
import pytest
from onnx import helper

from contract.errors import BadRequest, ConfigurationError
from encoder.admission.admission import DeclaredNetwork
from encoder.admission.trial import USUAL, FaceTrial, Trial, TrialLimits
from encoder.admission.trial_faces import TrialFace
from encoder.custom.recognizer import CustomRecognizer
from encoder.onnx.session import OnnxSession
from tests.encoder.admission.people import MiddleOfTheFace, faces_of
from tests.encoder.custom.models import SIZE, graph_file, manifest_of, small_network, value

FACES = faces_of(people=6, pictures=3)


def tried(
    network: bytes, faces: list[TrialFace] = FACES, limits: TrialLimits = USUAL, **how: Any
) -> Trial:
    one = DeclaredNetwork(manifest_of(network, **how), network)
    graph = OnnxSession(network)
    points = MiddleOfTheFace()
    tester = FaceTrial(lambda manifest: CustomRecognizer(manifest, graph, points), faces, limits)
    return tester.run(one.manifest)


def network_of(*nodes: Any, **constants: Any) -> bytes:
    """Return a graph from `input` to `output`, in which `nodes` come before a small network's."""
    dimension = 64
    cells = 3 * (SIZE // 8) ** 2
    weights = np.random.default_rng(0).normal(size=(cells, dimension)).astype(np.float32)
    usual = [
        helper.make_node("AveragePool", ["seen"], ["cells"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Flatten", ["cells"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["vectors"]),
    ]
    output = [helper.make_node("Identity", ["vectors"], ["output"])]
    after = [node for node in nodes if "vectors" in node.input]
    before = [node for node in nodes if node not in after]
    return graph_file(
        [*before, *usual, *(after or output)],
        [value("input", "n", 3, SIZE, SIZE)],
        [value("output", "n", dimension)],
        {"weights": weights, **constants},
    )


def test_a_network_that_tells_people_apart_has_no_fault_and_its_figures_are_told() -> None:
    trial = tried(small_network())

    assert trial.faults == []
    assert (trial.pictures, trial.people) == (18, 6)
    assert trial.separation.decidability > 5
    assert (len(trial.separation.same), len(trial.separation.others)) == (18, 135)
    assert trial.kept == 1
    assert trial.batch == pytest.approx(1, abs=1e-5)
    assert [other.what for other in trial.alternatives].count("--alignment") == 2


def test_a_network_to_which_everybody_is_the_same_is_refused() -> None:
    bias = np.full(64, 1e6, np.float32)
    same = network_of(
        helper.make_node("Identity", ["input"], ["seen"]),
        helper.make_node("Add", ["vectors", "bias"], ["output"]),
        bias=bias,
    )

    [fault] = tried(same).faults

    assert fault.startswith("every face looks like every other: cosines from 1.0000 on")


def test_a_network_that_sees_no_more_than_chance_is_refused() -> None:
    noise = faces_of(people=6, pictures=3, noise=2000)

    faults = tried(small_network(), noise).faults

    assert any(fault.startswith("it does not tell people apart") for fault in faults)
    assert any("look more like somebody else than like themselves" in fault for fault in faults)


def test_a_network_whose_vectors_depend_on_the_faces_beside_is_refused() -> None:
    mean = helper.make_node("ReduceMean", ["input"], ["mean"], axes=[0], keepdims=1)
    beside = network_of(mean, helper.make_node("Sub", ["input", "mean"], ["seen"]))
    others = helper.make_node("Add", ["vectors", "sum"], ["output"])
    total = helper.make_node("ReduceMean", ["vectors"], ["sum"], axes=[0], keepdims=1)
    added = network_of(helper.make_node("Identity", ["input"], ["seen"]), total, others)

    assert any("the faces beside it: --batch 1" in fault for fault in tried(added).faults)
    assert not any("--batch 1" in fault for fault in tried(added, batch=1).faults)
    with pytest.raises(ConfigurationError, match="vectors of length 0"):
        tried(beside, batch=1)


def test_numbers_that_are_not_finite_are_refused() -> None:
    roots = network_of(
        helper.make_node("Identity", ["input"], ["seen"]),
        helper.make_node("Sqrt", ["vectors"], ["output"]),
    )

    with pytest.raises(ConfigurationError, match="not finite"):
        tried(roots)


def test_a_scale_that_does_clearly_better_is_warned_of() -> None:
    limit = {"low": np.array(-1, np.float32), "high": np.array(1, np.float32)}
    clipped = network_of(helper.make_node("Clip", ["input", "low", "high"], ["seen"]), **limit)

    right, wrong = tried(clipped), tried(clipped, mean=0, std=1)

    assert not any("a scale" in text for text in right.warnings)
    assert any("a scale of −1 to 1 tells people apart better" in text for text in wrong.warnings)


def test_a_network_that_gives_one_vector_whatever_it_sees_is_refused() -> None:
    constant = graph_file(
        [helper.make_node("Identity", ["fixed"], ["output"])],
        [value("input", "n", 3, SIZE, SIZE)],
        [value("output", 1, 64)],
        {"fixed": np.ones((1, 64), np.float32)},
    )

    with pytest.raises(ConfigurationError, match="gives 2 vectors for 4 pictures"):  # by twos
        tried(constant)
    assert tried(constant, batch=1).faults[0].startswith("every face looks like every other")


@pytest.mark.parametrize("people", [1, 4])
def test_too_few_faces_are_no_trial(people: int) -> None:
    faces = faces_of(people=people, pictures=1 if people > 1 else 3)

    with pytest.raises(BadRequest, match="needs two pictures of one person, and one of somebody"):
        tried(small_network(), faces)


def test_limits_can_be_given() -> None:
    strict = TrialLimits(decidability=1000)

    assert any(
        "at least 1000 are needed" in text for text in tried(small_network(), limits=strict).faults
    )
