"""Tests that share something run on one worker."""

from collections.abc import Iterable
from types import SimpleNamespace

import pytest

pytest.importorskip("xdist")

from xdist.remote import Producer

from tests.side_by_side import FilesTogether


class Worker:
    """Notes which tests it is given, by their numbers."""

    def __init__(self, name: str) -> None:
        self.gateway = SimpleNamespace(id=name)
        self.shutting_down = False
        self.given: list[int] = []

    def send_runtest_some(self, numbers: Iterable[int]) -> None:
        self.given += numbers

    def shutdown(self) -> None:
        self.shutting_down = True


def shared_out(tests: list[str], count: int) -> list[list[str]]:
    """Return which tests each of `count` workers is given at first."""
    config = SimpleNamespace(
        getvalue={"tx": ["popen"] * count}.__getitem__,
        option=SimpleNamespace(loadscopereorder=False),
    )
    scheduling = FilesTogether(config, Producer("tests"))
    workers = [Worker(f"gw{number}") for number in range(count)]
    for worker in workers:
        scheduling.add_node(worker)
    for worker in workers:
        scheduling.add_node_collection(worker, tests)
    scheduling.schedule()
    return [[tests[number] for number in worker.given] for worker in workers]


def test_a_file_goes_to_one_worker() -> None:
    a = [f"tests/test_a.py::test_some[{n}]" for n in range(20)]
    b = [f"tests/test_b.py::test_some[{n}::@]" for n in range(20)]

    assert shared_out([*a, *b], 2) == [a, b]


def test_tests_of_the_web_pages_go_to_one_worker() -> None:
    pages = [f"tests/pages/test_{n}.py::test_shown" for n in range(3)]
    others = [f"tests/test_{n}.py::test_some" for n in range(3)]

    assert shared_out([*pages, *others], 2)[0][:3] == pages
