"""The image's packages are enough: services that find no others recognize, enroll and refuse."""

import importlib.metadata
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from tests import plain_http
from tests.cluster.processes import Cluster
from tests.pictures import sample
from tests.project import PYPROJECT, ROOT

pytest.importorskip("numba", reason="the image has the compiled kernels: needs facegate[turbo]")

pytestmark = [pytest.mark.timeout(600), pytest.mark.processes]  # may compile

GROUP = PYPROJECT["dependency-groups"]["service"]
LOCK = (ROOT / "requirements/service.txt").read_text(encoding="utf-8")
ONLY = """
import json, os, sys
from importlib.machinery import PathFinder

class Only(PathFinder):
    absent = frozenset(json.loads(os.environ["ABSENT"]))

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name.partition(".")[0] in cls.absent:
            return None
        return super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = Only
"""
"""Hides modules from a Python that finds this as its sitecustomize."""


def normal(package: str) -> str:
    """Return what a distribution is called in a lock."""
    return re.sub(r"[-_.]+", "-", package).lower()


def modules(distribution: importlib.metadata.Distribution) -> set[str]:
    """Return the names of an installed package's modules, by its files."""
    tops = {file.parts[0] for file in distribution.files or () if file.suffix in {".py", ".so"}}
    return {top.partition(".")[0] for top in tops}


def absent() -> list[str]:
    """Return the modules of all installed packages that the image lacks."""
    present = {normal(name) for name in re.findall(r"^([\w.-]+)==", LOCK, re.MULTILINE)}
    inside, outside = set[str](), set[str]()
    for distribution in importlib.metadata.distributions():
        known = normal(distribution.metadata["Name"]) in {*present, "facegate"}
        (inside if known else outside).update(modules(distribution))
    return sorted(outside - inside)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a Python is started with that finds nothing but the image's packages."""
    for made in ("encoder.prepare", "encoder.compile"):
        subprocess.run([sys.executable, "-m", made], check=True)
    folder = tmp_path_factory.mktemp("only")
    (folder / "sitecustomize.py").write_text(ONLY, encoding="utf-8")
    return {"PYTHONPATH": str(folder), "ABSENT": json.dumps(absent())}


@pytest.fixture(scope="module")
def gateway(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """A gateway and one shard."""
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    shard = cluster.add_store("store-a")
    for service in (cluster.gateway, shard):
        service.environment |= environment
    try:
        cluster.start()
        with plain_http.Client(base_url=cluster.gateway.url) as client:
            yield client
    finally:
        cluster.stop()


def test_the_locked_packages_are_those_that_the_group_names_and_what_they_need() -> None:
    names = {normal(re.split(r"[\[ ;<>=]", package)[0]) for package in GROUP}
    asked = {
        normal(re.split(r"[\[ ;<>=]", package)[0])
        for package in (
            *PYPROJECT["project"]["dependencies"],
            *PYPROJECT["project"]["optional-dependencies"]["mqtt"],
        )
    }

    assert names <= asked
    assert names <= {normal(name) for name in re.findall(r"^([\w.-]+)==", LOCK, re.MULTILINE)}


def test_what_is_not_locked_is_hidden(environment: dict[str, str]) -> None:
    code = "print([name for name in ('dlib', 'numba', 'onnx', 'numpy') if find_spec(name)])"

    found = run(f"from importlib.util import find_spec; {code}", environment)

    assert found.stdout == "['numpy']\n"


@pytest.mark.parametrize(("detector", "name"), [("hog", "obama"), ("cnn", "biden")])
def test_services_recognize_whom_they_enroll(
    gateway: httpx.Client, detector: str, name: str
) -> None:
    enrolled = gateway.post(
        "/v1/stores/store-a/faces",
        params={"face_id": name, "detector": detector},
        content=sample(f"{name}.jpg"),
    )
    assert enrolled.status_code == 201, enrolled.text

    answer = gateway.post(
        "/v1/stores/store-a/recognize",
        params={"detector": detector},
        content=sample(f"{name}.jpg"),
    ).json()

    assert [face["match"] for face in answer["faces"]] == ["home"]


@pytest.mark.parametrize(
    ("encoder", "missing"), [("dlib", "dlib"), ("face_recognition", "face_recognition")]
)
def test_an_encoder_that_needs_more_is_refused_with_what_it_needs(
    environment: dict[str, str], encoder: str, missing: str
) -> None:
    code = f"from encoder import load_encoder; load_encoder({encoder!r})"

    refused = run(code, environment)

    assert refused.returncode == 1
    assert "ConfigurationError" in refused.stderr.splitlines()[-1]
    assert f"the encoder {encoder} needs the package" in refused.stderr
    assert missing in refused.stderr.splitlines()[-1]


def run(code: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
