"""An evaluation from the folder to the terminal: progress, tables, curves."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from rich.progress import Progress

from facegate.commands.options import output, progress_bar, remarks
from facegate.commands.printing import print_json
from facegate.evaluation.counting.count_report import CountReport
from facegate.evaluation.encoding import Choose, largest
from facegate.evaluation.evaluate import NEAREST, EvaluationPlan, evaluate
from facegate.evaluation.report import Report
from facegate.evaluation.subjects import Subjects, choose_subjects
from facegate.evaluation.table import rates_table, threshold_table
from facegate.output.plot import Point, save_curves
from facegate.output.terminal_chart import Line, log_chart

_BY_HALF = (
    "the shipped cohort was made from these people; measured with the one from half of them,"
    " on the other half"
)


class PeopleOptions(NamedTuple):
    """Who is tested, and with what."""

    folder: Path
    vectors: Path | None
    """Where vectors are kept; None: nowhere."""
    model: Path | None
    """The folder of a model of the user's own; None: the installed network."""

    def choose(self, face: Choose) -> Subjects:
        """Return the people; `face` says which face of a picture is encoded. Raises BadRequest."""
        return choose_subjects(self.folder, self.vectors, face, self.model)


class EvaluationOptions(NamedTuple):
    """What the user asks for."""

    gallery: int | None
    draws: int
    seed: int


class OutputOptions(NamedTuple):
    """Where it goes."""

    plot: Path
    as_json: bool


def run(people: PeopleOptions, options: EvaluationOptions, out: OutputOptions) -> None:
    """Evaluate people. Raises BadRequest, ConfigurationError."""
    with progress_bar(remarks()) as bar:
        report = _report(people, options, bar)
    if out.as_json:
        print_json(report)
    else:
        _print(report)
    _draw(report, out.plot)
    remarks().print(f"the curve is in {out.plot}", markup=False)


def _report(people: PeopleOptions, options: EvaluationOptions, bar: Progress) -> Report:
    subjects = people.choose(largest)
    with subjects.explaining_exclusions(people.folder):
        encoded = subjects.encode(progress_in(bar, "encoding"))
        seen = len(encoded.photographs.people)
        plan = EvaluationPlan.for_people(seen, options.gallery, options.draws, options.seed)
        return evaluate(encoded, subjects, plan, progress_in(bar, "measuring"))


def remarks_on(report: Report | CountReport) -> list[str]:
    """Return what is said of the scale that was used."""
    half = [_BY_HALF] if report.cohort_of_half else []
    if report.scale.kind == "measured":
        return half
    return [f"the scale of {report.model} is {report.scale.kind}: {report.scale.detail}"]


def progress_in(bar: Progress, what: str) -> Callable[[int, int], None]:
    """Return what shows how many steps of `what` are done."""
    task = bar.add_task(what, total=None)
    return lambda done, total: bar.update(task, completed=done, total=total)


def _print(report: Report) -> None:
    left_out = f"; {report.left_out} people of the cohort are left out"
    without = f"; {report.without_face} pictures without a face" if report.without_face else ""
    refused = f"; {report.refused} refused" if report.refused else ""
    output().print(
        f"{report.photographs} pictures of {report.people} people"
        f"{left_out if report.left_out else ''}{without}{refused}"
    )
    for remark in remarks_on(report):
        output().print(remark, markup=False)
    output().print(rates_table(report))
    output().print(threshold_table(report))
    output().print(_terminal_curve(report), markup=False)


def _terminal_curve(report: Report) -> str:
    return log_chart(report.curve_fpirs, _lines(report), "strangers taken for somebody", "TPIR")


def _draw(report: Report, plot: Path) -> None:
    points = [
        Point(f"{rate.fpir:.1%}", rate.shipped_fpir.value, rate.shipped_tpir.value)
        for row in report.rows
        for rate in row.rates
        if rate.shipped_fpir and rate.shipped_tpir and row.frames == 1
    ]
    title = f"{report.people} people, galleries of {report.gallery} with one picture each"
    save_curves(plot, report.curve_fpirs, _lines(report), points, title)


def _lines(report: Report) -> list[Line]:
    return [
        Line(f"{row.rule}, {row.frames} frames" if row.frames > 1 else row.rule, row.curve)
        for row in report.rows
        if row.rule != NEAREST
    ]
