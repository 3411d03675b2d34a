"""Runs of things of which no two name the same: what is done to all of a run at once is right."""

from collections.abc import Callable, Iterable, Iterator, Set
from typing import Any, TypeVar

T = TypeVar("T")


def distinct_runs(things: Iterable[T], names: Callable[[T], Set[Any]]) -> Iterator[list[T]]:
    """Yield things in their order, in runs in which each name is in one of them."""
    run: list[T] = []
    seen = set[Any]()
    for thing in things:
        named = names(thing)
        if not seen.isdisjoint(named):
            yield run
            run, seen = [], set()
        run.append(thing)
        seen |= named
    if run:
        yield run
