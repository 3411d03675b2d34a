"""Curves drawn with characters."""

import math
from collections.abc import Sequence
from typing import NamedTuple

_WIDTH, _HEIGHT = 60, 16
_BAR_WIDTH = 40
_MARKS = "●○△×+"


class Line(NamedTuple):
    """A curve: values of y, from 0 to 1, at the chart's values of x."""

    name: str
    y: Sequence[float]


def log_chart(x: Sequence[float], lines: Sequence[Line], x_name: str, y_name: str) -> str:
    """Draw lines over a logarithmic x axis; where they meet, the first one is seen."""
    rows = [[" "] * _WIDTH for _ in range(_HEIGHT)]
    low, high = math.log(x[0]), math.log(x[-1])
    for line, mark in reversed(list(zip(lines, _MARKS, strict=False))):
        for place, value in zip(x, line.y, strict=True):
            if math.isfinite(value):
                column = round((math.log(place) - low) / (high - low) * (_WIDTH - 1))
                rows[_HEIGHT - 1 - round(min(max(value, 0), 1) * (_HEIGHT - 1))][column] = mark
    scale = {0: "100%", (_HEIGHT - 1) // 2: " 50%", _HEIGHT - 1: "  0%"}
    drawn = [f"{scale.get(number, ''):>5} │{''.join(row)}" for number, row in enumerate(rows)]
    keys = "   ".join(f"{mark} {line.name}" for line, mark in zip(lines, _MARKS, strict=False))
    return "\n".join([f" {y_name}", *drawn, *_axis(low, high), f"{x_name:>{_WIDTH + 7}}", keys])


def histogram_chart(edges: Sequence[float], lines: Sequence[Line], x_name: str) -> str:
    """Draw shares of how many fall between neighbouring edges, one row of bars for each line."""
    most = [max(line.y, default=0) or 1 for line in lines]
    name_width = max(len(line.name) for line in lines)
    blocks = " ▁▂▃▄▅▆▇█"
    drawn = [
        f"{line.name:>{name_width}} │"
        + "".join(blocks[math.ceil(value / top * 8)] for value in line.y)
        for line, top in zip(lines, most, strict=True)
    ]
    indent = " " * (name_width + 2)
    left, right = f"{edges[0]:g}", f"{edges[-1]:g}"
    gap = " " * max(1, len(edges) - 1 - len(left) - len(right))
    return "\n".join([*drawn, indent + left + gap + right, indent + x_name])


def bar_chart(names: Sequence[str], values: Sequence[float], unit: str) -> str:
    """Draw a bar for each value, no negative ones, with the value behind it."""
    width = max(map(len, names))
    most = max(values, default=0) or 1
    drawn = [
        f"{name:>{width}} │{'█' * round(value / most * _BAR_WIDTH)} {value:.3g}"
        for name, value in zip(names, values, strict=True)
    ]
    return "\n".join([f"{unit:>{width}}", *drawn])


def _axis(low: float, high: float) -> list[str]:
    ticks, labels = ["─"] * _WIDTH, [" "] * (_WIDTH + 6)
    for power in range(math.ceil(low / math.log(10) - 1e-9), math.floor(high / math.log(10)) + 1):
        column = round((power * math.log(10) - low) / (high - low) * (_WIDTH - 1))
        ticks[column] = "┴"
        text = f"{10.0**power:.4%}".rstrip("0%").rstrip(".") + "%" if power < 0 else "100%"
        labels[column : column + len(text)] = text
    return ["      └" + "".join(ticks), "       " + "".join(labels).rstrip()]
