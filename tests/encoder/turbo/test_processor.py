"""Kernels for kinds of processor: the best that there is here, and all give the same."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from contract.errors import ConfigurationError
from encoder.turbo.processor import Processor, features, kind_of

V3 = {"avx2", "bmi2", "f16c", "fma", "movbe"}
V4 = V3 | {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}

SHOW = """
import json
from encoder import load_encoder
from tests.pictures import sample
encoder = load_encoder()
faces = [face for name in ("obama.jpg", "biden.jpg") for face in encoder.encode(sample(name))]
shown = [[face.box, face.quality, face.confidence, face.vector.tolist()] for face in faces]
print(json.dumps(shown))
"""


@pytest.mark.parametrize(
    ("understood", "name", "lanes"),
    [
        (V4, "x86-64-v4", 16),
        (V3, "x86-64-v3", 8),
        (V4 - {"avx512vl"}, "x86-64-v3", 8),
        ({"avx2"}, "generic", 8),
        (set(), "generic", 8),
    ],
)
def test_the_best_kind_with_the_features_is_taken(
    understood: set[str], name: str, lanes: int
) -> None:
    assert kind_of(understood) == Processor(name, lanes, is_here=True)


def test_a_kind_that_is_not_here_can_be_compiled_for() -> None:
    assert kind_of(V3, "x86-64-v4") == Processor("x86-64-v4", 16, is_here=False)
    assert kind_of(V4, "x86-64-v3").is_here


def test_another_kind_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(
        ConfigurationError, match=r"'x86-64-v5': not one of x86-64-v4, x86-64-v3, generic"
    ):
        kind_of(V4, "x86-64-v5")


def python(*arguments: str, kind: str) -> str:
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "FACEGATE_PROCESSOR": kind},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.timeout(600)  # compiles on a busy machine
@pytest.mark.processes
@pytest.mark.parametrize("kind", ["x86-64-v3", "x86-64-v4"])
def test_each_kind_gives_the_same_to_the_bit(kind: str) -> None:
    pytest.importorskip("numba", reason="needs facegate[turbo]")
    if not kind_of(features(), kind).is_here:
        pytest.skip(f"this processor is no {kind}")
    for name in (kind, ""):
        python("-m", "encoder.compile", kind=name)

    assert _faces(kind) == _faces("")


@pytest.mark.timeout(600)  # compiles on a busy machine
@pytest.mark.processes
def test_code_for_every_processor_gives_the_same_but_for_rounding() -> None:
    pytest.importorskip("numba", reason="needs facegate[turbo]")
    for name in ("generic", ""):
        python("-m", "encoder.compile", kind=name)

    for plain, best in zip(_faces("generic"), _faces(""), strict=True):
        assert plain[0] == best[0]
        assert plain[3] == pytest.approx(best[3], abs=1e-5)


@pytest.mark.processes
@pytest.mark.parametrize("kind", ["x86-64-v3", "x86-64-v4"])
def test_kernels_of_a_kind_that_is_not_here_are_not_run(kind: str) -> None:
    if kind_of(features(), kind).is_here:
        pytest.skip(f"this processor is an {kind}")
    code = "from encoder import load_encoder; load_encoder(); import sys; print(*sys.modules)"

    assert {"dlib", "onnxruntime"} <= set(python("-c", code, kind=kind).split())


def _faces(kind: str) -> list[Any]:
    faces: list[Any] = json.loads(python("-c", SHOW, kind=kind))
    assert len(faces) == 2
    return faces
