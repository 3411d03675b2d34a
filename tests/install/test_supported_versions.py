"""pyproject.toml says which versions of Python are supported, and nothing else says otherwise."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.project import PYPROJECT, ROOT

PROJECT = PYPROJECT["project"]
[(FIRST, BEYOND)] = re.findall(r"^>=3\.(\d+),<3\.(\d+)$", PROJECT["requires-python"])
SUPPORTED = [f"3.{minor}" for minor in range(int(FIRST), int(BEYOND))]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "deploy/README.md", "deploy/Dockerfile")


@pytest.mark.processes
def test_make_reads_them() -> None:
    asked = ("make", "--no-print-directory", "python-versions")

    printed = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert printed.split() == SUPPORTED


@pytest.mark.processes
def test_make_refuses_others_and_says_which_it_takes(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    asked = ("make", "setup", "PYTHON=false")  # which is no Python at all

    refused = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert refused.returncode != 0
    assert f"facegate needs Python {SUPPORTED[0]} to {SUPPORTED[-1]}" in refused.stderr


def test_the_classifiers_name_them() -> None:
    prefix = "Programming Language :: Python :: "

    named = [name.removeprefix(prefix) for name in PROJECT["classifiers"] if prefix in name]

    assert named == SUPPORTED


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_name_the_oldest_and_the_newest(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")

    named = re.findall(r"\b(3\.\d+)(?: to |–|-)(3\.\d+)\b", text)

    assert set(named) == {(SUPPORTED[0], SUPPORTED[-1])}


@pytest.mark.parametrize("name", [".ci/run", ".ci/next-debian", ".github/workflows/ci.yml"])
def test_continuous_integration_has_no_list_of_its_own(name: str) -> None:
    assert re.findall(r"\b3\.1\d\b", (ROOT / name).read_text(encoding="utf-8")) == []


def test_the_image_has_one_of_them() -> None:
    [default] = re.findall(
        r"^ARG PYTHON_VERSION=(.+)$",
        (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8"),
        re.MULTILINE,
    )

    assert default in SUPPORTED
