"""Hypothesis where the bytes of strangers come in: briefly in the suite, long by `make fuzz`."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

TIMES = int(os.environ.get("FACEGATE_FUZZ_TIMES", "1"))
"""How many times the usual number of examples are tried."""


def fuzzed(examples: int = 100) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark a property as one that `make fuzz` tries, with so many examples in the suite.

    Examples of the suite are the same in every run; those of `make fuzz` are new ones.
    """

    def mark(test: Callable[..., Any]) -> Callable[..., Any]:
        bounds = settings(
            max_examples=examples * TIMES,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        )
        marked: Callable[..., Any] = pytest.mark.fuzz(bounds(test))
        return marked

    return mark
