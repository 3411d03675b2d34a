"""Ways of counting visitors, from the folder to the terminal."""

from collections.abc import Callable
from typing import NamedTuple

from rich.progress import Progress

from contract.messages.by_kind import ByKind
from facegate.commands.evaluation_output import (
    OutputOptions,
    PeopleOptions,
    progress_in,
    remarks_on,
)
from facegate.commands.options import output, progress_bar, remarks
from facegate.commands.printing import print_json
from facegate.evaluation.counting.count_report import CountReport, CountRow, Spread, count_rows
from facegate.evaluation.counting.count_table import count_table, count_title
from facegate.evaluation.counting.mix import Mix
from facegate.evaluation.counting.policies import policies
from facegate.evaluation.counting.simulation import CountingPlan, Crowd, simulate
from facegate.evaluation.counting.visit_plan import fitting_mix
from facegate.evaluation.encoding import only
from facegate.output.plot import Bars, save_bars

_GROUPS: tuple[tuple[str, Callable[[CountRow], Spread]], ...] = (
    ("UV by day", lambda row: row.uv_by_day_off),
    ("UV by week", lambda row: row.uv_by_week_off),
    ("UV in all", lambda row: row.uv_off),
    ("new", lambda row: row.new_off),
    ("returning", lambda row: row.returning_off),
)


class CountingOptions(NamedTuple):
    """What the user asks for."""

    mix: Mix
    rates: ByKind[float]
    """The shares of strangers who may be taken for a member, for a visitor."""
    draws: int
    seed: int


def run(people: PeopleOptions, options: CountingOptions, out: OutputOptions) -> None:
    """Count people. Raises BadRequest, ConfigurationError."""
    with progress_bar(remarks()) as bar:
        report = _report(people, options, bar)
    if out.as_json:
        print_json(report)
    else:
        _print(report)
    save_bars(out.plot, [name for name, _ in _GROUPS], _bars(report), count_title(report))
    remarks().print(f"the bars are in {out.plot}", markup=False)


def _print(report: CountReport) -> None:
    for remark in remarks_on(report):
        output().print(remark, markup=False)
    output().print(count_table(report))


def _bars(report: CountReport) -> list[Bars]:
    spreads = [(row.rule, [off(row) for _, off in _GROUPS]) for row in report.rows]
    return [
        Bars(rule, [one.mean for one in off], [one.deviation for one in off])
        for rule, off in spreads
    ]


def _report(people: PeopleOptions, options: CountingOptions, bar: Progress) -> CountReport:
    subjects = people.choose(only)
    with subjects.explaining_exclusions(people.folder):
        photographs = subjects.encode(progress_in(bar, "encoding")).photographs
        mix = fitting_mix(photographs, options.mix)
        plan = CountingPlan(mix, options.draws, options.seed)
        crowd = Crowd(photographs, subjects.scale)
        rules = policies(options.rates)
        tallies = simulate(crowd, rules, plan, progress_in(bar, "counting"))
    return CountReport(
        model=photographs.model,
        people=len(photographs.people),
        photographs=len(photographs.person),
        scale=subjects.scale.status,
        left_out=subjects.left_out,
        cohort_of_half=subjects.by_half,
        mix=mix,
        threshold=options.rates.member,
        same_visitor=options.rates.visitor,
        draws=options.draws,
        seed=options.seed,
        rows=count_rows(tallies),
    )
