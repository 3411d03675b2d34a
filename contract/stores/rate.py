"""Shares as ops write them: `1%`, `0.1%`, or a number such as 0.01."""

import re

LOWEST = 1e-9
"""Nobody could measure a lower one: it would take a billion strangers to see the first pass."""
HIGHEST = 0.5
"""A higher share of strangers taken for somebody is a slip of the pen: `1` for `1%`."""


def parse_rate(value: object) -> float:
    """Return the share that `value` says. Raises ValueError with what is expected."""
    match = re.fullmatch(r"(\d+(?:\.\d*)?(?:[eE]-?\d+)?)\s*(%?)", str(value).strip(), re.ASCII)
    rate = float(match[1]) / (100 if match[2] else 1) if match else 0.0
    if isinstance(value, bool) or not LOWEST <= rate <= HIGHEST:
        raise ValueError(
            f"expected a share such as 1% or 0.01, at least {LOWEST:.7%} and at most {HIGHEST:.0%}"
        )
    return rate
