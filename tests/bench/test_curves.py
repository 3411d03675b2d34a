"""What benchmarks have measured is drawn."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from bench.curves import draw
from bench.search.clients import Searched
from bench.search.measured import Measured
from tests.bench.test_chain import row
from tests.project import ROOT


def search_figures() -> dict[str, Any]:
    """Return what `bench.search --json` writes of two systems at two sizes."""
    rows = [
        Measured(system, people, {1: Searched(1, people / 10, 3, ()), 32: Searched(9, 2, 3, ())},
                 exact=1, start=1, bytes_each=1)
        for people in (10_000, 100_000)
        for system in ("Faiss alone", "facegate flat")
    ]  # fmt: skip
    return {"search": json.loads(json.dumps([asdict(each) for each in rows]))}


def chain_figures() -> dict[str, Any]:
    rows = [row(stores, "directory") for stores in (10, 100, 1000)]
    return {"chain": [asdict(each) for each in [*rows, row(10, "plain"), row(100, "plain")]]}


@pytest.mark.parametrize(
    ("figures", "files", "systems"),
    [
        (chain_figures(), {"chain-cpu.svg", "chain-time.svg"}, ["with a directory", "1,000"]),
        (search_figures(), {"search-time.svg", "search-throughput.svg"}, ["facegate flat"]),
    ],
)
def test_a_picture_names_its_systems_and_sizes(
    tmp_path: Path, figures: dict[str, Any], files: set[str], systems: list[str]
) -> None:
    drawn = list(draw(figures, tmp_path))

    assert {path.name for path in drawn} == files
    for path in drawn:
        text = path.read_text(encoding="utf-8")
        assert text.lstrip().startswith("<?xml")
        assert all(f">{system}<" in text for system in systems)


def test_the_same_figures_give_the_same_file(tmp_path: Path) -> None:
    once = [path.read_bytes() for path in draw(chain_figures(), tmp_path)]
    again = [path.read_bytes() for path in draw(chain_figures(), tmp_path)]

    assert once == again


@pytest.mark.processes
def test_the_command_draws_what_it_is_given(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    figures.write_text(json.dumps(chain_figures()), encoding="utf-8")

    printed = subprocess.run(
        [sys.executable, "-m", "bench.curves", figures, "--to", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert printed.split() == [str(tmp_path / f"chain-{what}.svg") for what in ("cpu", "time")]
