"""Pictures of curves and histograms: the one module that knows matplotlib."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter, StrMethodFormatter

from facegate.output.terminal_chart import Line

_SIZE = (8, 5)
"""Inches, at 120 points an inch."""


class Point(NamedTuple):
    """A marked place of a chart."""

    name: str
    x: float
    y: float


def save_curves(
    path: Path, x: Sequence[float], lines: Sequence[Line], points: Sequence[Point], title: str
) -> None:
    """Draw TPIR against FPIR, on a logarithmic axis, into the PNG file `path`."""
    figure, axes = _figure(title)
    for line in lines:
        axes.semilogx(x, line.y, label=line.name)
    for number, point in enumerate(points):
        label = "own thresholds" if number == 0 else None
        axes.plot(point.x, point.y, "k.", label=label)
        axes.annotate(point.name, (point.x, point.y), xytext=(4, -10), textcoords="offset points")
    axes.set_xlabel("strangers taken for somebody (FPIR)")
    axes.set_ylabel("members named rightly (TPIR)")
    axes.set_ylim(0, 1.01)
    axes.set_xlim(x[0], x[-1])
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=1))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    _save(figure, axes, path)


def save_histograms(
    path: Path, edges: Sequence[float], lines: Sequence[Line], limits: Sequence[Point], title: str
) -> None:
    """Draw shares of scores between edges, and limits as upright lines, into the PNG `path`."""
    figure, axes = _figure(title)
    for line in lines:
        axes.stairs(line.y, edges, label=line.name, fill=True, alpha=0.5)
    for limit in limits:
        axes.axvline(limit.x, color="black", linestyle="--", linewidth=1)
        axes.annotate(limit.name, (limit.x, 1), xycoords=("data", "axes fraction"), rotation=90)
    axes.set_xlabel("score")
    axes.set_ylabel("share of pairs")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    _save(figure, axes, path)


class Bars(NamedTuple):
    """Bars of one colour, one a group, and how far each of them varies."""

    name: str
    heights: Sequence[float]
    deviations: Sequence[float]


def save_bars(path: Path, groups: Sequence[str], series: Sequence[Bars], title: str) -> None:
    """Draw by which part each number of `groups` is off, by every series, into the PNG `path`."""
    figure, axes = _figure(title)
    width = 0.8 / len(series)
    for number, bars in enumerate(series):
        places = [group + (number - (len(series) - 1) / 2) * width for group in range(len(groups))]
        axes.bar(places, bars.heights, width, yerr=bars.deviations, label=bars.name, capsize=2)
    axes.axhline(0, color="black", linewidth=1)
    axes.set_xticks(range(len(groups)), groups)
    axes.set_ylabel("counted / true − 1")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    _save(figure, axes, path)


class Growth(NamedTuple):
    """A curve: what something takes at each size."""

    name: str
    sizes: Sequence[float]
    values: Sequence[float]


def save_growth(path: Path, curves: Sequence[Growth], names: tuple[str, str], title: str) -> None:
    """Draw curves on two logarithmic axes with these names, into the SVG file `path`.

    The same figures give the same file.
    """
    figure, axes = _figure(title)
    for curve in curves:
        axes.loglog(curve.sizes, curve.values, "o-", label=curve.name)
    x_name, y_name = names
    axes.set_xlabel(x_name)
    axes.set_ylabel(y_name)
    axes.set_xticks(sorted({size for curve in curves for size in curve.sizes}))
    axes.minorticks_off()
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="best")
    with rc_context({"svg.hashsalt": "facegate", "svg.fonttype": "none"}):
        figure.savefig(path, metadata={"Date": None, "Creator": None})


def _figure(title: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=_SIZE, layout="constrained")
    FigureCanvasAgg(figure)  # draws without a display, and without matplotlib's global state
    axes = figure.subplots()
    axes.set_title(title, fontsize="medium")
    return figure, axes


def _save(figure: Figure, axes: Axes, path: Path) -> None:
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="best")
    figure.savefig(path, dpi=120, metadata={"Software": None})
