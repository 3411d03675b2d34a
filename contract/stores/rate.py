"""Shares as ops write them: `1%`, `0.1%`, or a number such as 0.01."""

import re

LOWEST = 1e-9
"""Nobody could measure a lower one: it would take a billion strangers to see the first pass."""
HIGHEST = 0.5
"""A higher share of strangers taken for somebody is a slip of the pen: `1` for `1%`."""

MOST_WRONG = 0.4
"""Where a larger share is counted wrongly, nothing can be told of how many came."""


def parse_rate(value: object) -> float:
    """Return the share that `value` says. Raises ValueError with what is expected."""
    rate = _share(value)
    if rate is None or not LOWEST <= rate <= HIGHEST:
        raise ValueError(
            f"expected a share such as 1% or 0.01, at least {LOWEST:.7%} and at most {HIGHEST:.0%}"
        )
    return rate


def parse_error_rate(value: object) -> float | None:
    """Return the share of what is counted wrongly that `value` says, None as it is.

    Raises ValueError with what is expected.
    """
    rate = _share(value)
    if value is not None and (rate is None or rate > MOST_WRONG):
        raise ValueError(f"expected a share such as 3% or 0.03, at most {MOST_WRONG:.0%}")
    return rate


def _share(value: object) -> float | None:
    """Return the share that `value` says, None when it says none."""
    match = re.fullmatch(r"(\d+(?:\.\d*)?(?:[eE]-?\d+)?)\s*(%?)", str(value).strip(), re.ASCII)
    if match is None or isinstance(value, bool):
        return None
    return float(match[1]) / (100 if match[2] else 1)
