"""The locked packages: those that pyproject.toml asks for, each with its hashes, and no host."""

import re

import pytest

from tests.project import PYPROJECT, ROOT

LOCKS = {path.stem: path.read_text(encoding="utf-8") for path in ROOT.glob("requirements/*.txt")}
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]
ASKED = {
    "base": PROJECT["dependencies"] + EXTRAS["mqtt"],
    "dev": [
        *PROJECT["dependencies"],
        *PYPROJECT["dependency-groups"]["dev"],
        *EXTRAS["reference"],
        *EXTRAS["mqtt"],
    ],
    "turbo": EXTRAS["turbo"],
    "service": PYPROJECT["dependency-groups"]["service"],
    "kernels": PYPROJECT["dependency-groups"]["kernels"],
}


def packages(lock: str) -> dict[str, list[str]]:
    """Return the versions of each package in the lock; some have another on another Python."""
    found = dict[str, list[str]]()
    for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", LOCKS[lock], re.MULTILINE):
        found.setdefault(name, []).append(version)
    return found


@pytest.mark.parametrize("lock", ASKED)
def test_a_lock_has_what_pyproject_asks_for(lock: str) -> None:
    asked = {re.split(r"[^\w.-]", package)[0].lower().replace("_", "-") for package in ASKED[lock]}

    assert asked - packages(lock).keys() == set()


@pytest.mark.parametrize(
    ("lock", "of"), [("dev", "base"), ("base", "service"), ("turbo", "kernels"), ("dev", "kernels")]
)
def test_a_package_has_one_version_in_all_locks(lock: str, of: str) -> None:
    one, other = packages(lock), packages(of)

    both = one.keys() & other.keys()

    assert both
    assert {name: one[name] for name in both} == {name: other[name] for name in both}


@pytest.mark.parametrize(("lock", "of"), [("dev", "base"), ("base", "service")])
def test_what_is_developed_has_all_that_is_installed(lock: str, of: str) -> None:
    assert packages(of).keys() - packages(lock).keys() == set()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_hashes_and_none_names_a_host(lock: str) -> None:
    entries = re.split(r"^(?=\S)", LOCKS[lock], flags=re.MULTILINE)[1:]

    assert entries
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in LOCKS[lock]


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_has_the_sources_of_dlib(lock: str) -> None:
    assert "dlib" not in packages(lock)
