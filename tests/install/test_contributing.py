"""What CONTRIBUTING.md sends newcomers to is there."""

import re

from tests.project import PYPROJECT, ROOT

PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_folders_of_its_table_are_there() -> None:
    named = {
        f"{folder}/{inner}"
        for folder, about in re.findall(r"^\| `([\w]+)/` \| (.+) \|$", PAGE, re.MULTILINE)
        for inner in ("", *re.findall(r"`([\w/]+)/`", about))
    }

    assert named
    assert {path for path in named if not (ROOT / path).is_dir()} == set()


def test_its_table_has_every_package() -> None:
    packages = PYPROJECT["tool"]["setuptools"]["packages"]["find"]["include"]

    assert [name for name in packages if f"| `{name.removesuffix('*')}/` |" not in PAGE] == []


def test_the_files_of_its_example_are_there() -> None:
    files = re.findall(r"`([\w/.]+/[\w.]+\.\w+)`", PAGE)

    assert files
    assert [file for file in files if not (ROOT / file).exists()] == []


def test_make_has_the_targets_it_names() -> None:
    targets = re.findall(r"^([\w-]+):(?!=)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    named = re.findall(r"\bmake ((?:[a-z-]+ ?)+)(?:ONCE|  |`|$)", PAGE, re.MULTILINE)

    assert named
    assert {target for words in named for target in words.split()} - set(targets) == set()
