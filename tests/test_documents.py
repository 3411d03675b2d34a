"""What the documents say of the code is so: paths, folders, and the ways through the modules."""

import re
from itertools import pairwise

import pytest

from tests.imports import needed_by, reached_from
from tests.project import ROOT
from tests.test_architecture import MAY_IMPORT, ROOMS_MAY_IMPORT

DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/*.md", "bench/*.md", "deploy/**/*.md", "encoder/**/*.md")
    for path in ROOT.glob(pattern)
    if path.name != "CHANGELOG.md"  # tells of what was
)
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
WAYS = re.findall(r"^## (The way of .*)$", ARCHITECTURE, re.MULTILINE)
WRITTEN = {"data", "models"}
"""Folders that services make where they are started."""
TOP = {path.name for path in ROOT.iterdir() if path.is_dir()} - WRITTEN
MODULE = re.compile(r"`([\w/]+\.py)`")


def section(title: str) -> str:
    return ARCHITECTURE.split(f"## {title}\n")[1].split("\n## ")[0]


def said_to_exist(text: str) -> set[str]:
    """Return what a text shows as code and means as a path from the project's folder."""
    words = re.findall(r"`([\w.\-/*]+)`", text)
    return {
        word
        for word in words
        if word.endswith(".py") or ("/" in word and word.partition("/")[0] in TOP)
    }


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_that_is_named_exists(document: str) -> None:
    named = said_to_exist((ROOT / document).read_text(encoding="utf-8"))

    assert {path for path in named if not any(ROOT.glob(_pattern(path)))} == set()


def _pattern(path: str) -> str:
    """Return where a path is looked for: the end of one, in every folder."""
    return path.rstrip("/") if path.partition("/")[0] in TOP else f"[!.]*/**/{path}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_to_a_file(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    targets = {target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text)}
    files = {target for target in targets if target and ":" not in target}

    assert {file for file in files if not (ROOT / document).parent.joinpath(file).exists()} == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_module_that_is_run_exists(document: str) -> None:
    run = re.findall(r"python3? -m ([\w.]+)", (ROOT / document).read_text(encoding="utf-8"))
    ours = {module.replace(".", "/") for module in run if module.partition(".")[0] in TOP}
    there = {path for path in ours if (ROOT / path).is_dir() or (ROOT / f"{path}.py").is_file()}

    assert there == ours


def test_the_list_of_folders_is_whole() -> None:
    drawing = section("The folders").split("```")[1].splitlines()
    listed: dict[str, set[str]] = {}
    for line in filter(None, drawing):
        folder = line.split()[0].rstrip("/")
        if line.startswith("  "):
            [*_, part] = listed
            listed[part].add(folder)
        else:
            listed[folder] = set()

    assert listed == {part: set(rooms) for part, rooms in _folders().items()}


def _folders() -> dict[str, set[str]]:
    return {
        part: {path.parent.name for path in (ROOT / part).glob("*/__init__.py")}
        for part in ROOMS_MAY_IMPORT
    }


def test_the_table_says_who_may_import_whom() -> None:
    rows = re.findall(r"^\| `(\w+)/` \| (.*) \|$", section("The folders"), re.MULTILINE)

    assert {part: set(re.findall(r"`(\w+)`", others)) for part, others in rows} == MAY_IMPORT


@pytest.mark.parametrize("way", WAYS)
def test_an_arrow_leads_to_a_module_that_is_needed(way: str) -> None:
    arrows = [
        (before, after)
        for chain in re.findall(r"`[\w/]+\.py`(?: → `[\w/]+\.py`)+", section(way))
        for before, after in pairwise(MODULE.findall(chain))
    ]

    assert arrows
    assert [(a, b) for a, b in arrows if not (ROOT / a).is_file() or b not in needed_by(a)] == []


def test_all_of_a_pictures_way_is_reached_from_the_routes_that_take_it() -> None:
    table = re.findall(r"^\|.*\|$", section("The way of a picture"), re.MULTILINE)
    way = set(MODULE.findall("\n".join(table)))

    reached = reached_from(
        "gateway/recognition/camera_api.py",
        "gateway/push/push_api.py",
        "shard/api/recognition.py",
        "shard/api/minting.py",
        "shard/api/learning.py",
    )

    assert way - reached == set()
