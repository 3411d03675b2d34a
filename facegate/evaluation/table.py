"""An evaluation as a table for the terminal."""

from rich.table import Table

from facegate.evaluation.rates import Rate
from facegate.evaluation.report import Report, ReportRow


def rates_table(report: Report) -> Table:
    """Return the rules' rates, the interval of each below it."""
    table = Table(title=_title(report), title_justify="left", caption_justify="left")
    table.caption = (
        "members named rightly (TPIR) while that share of strangers is taken for somebody (FPIR);"
        " in brackets 95% of the bootstrap over people"
    )
    table.add_column("rule")
    table.add_column("frames", justify="right")
    for heading in ("nearest is right", "TPIR at FPIR 10%", "at 1%", "at 0.1%", "own limit"):
        table.add_column(heading, justify="right")
    for row in report.rows:
        rates = [_share(rate.tpir) for rate in row.rates] or ["", "", ""]
        table.add_row(row.rule, str(row.frames), _share(row.rank_one), *rates, _own_limit(row))
    return table


def threshold_table(report: Report) -> Table:
    """Return what the thresholds do to these people."""
    table = Table(title="with the cohort's own threshold", title_justify="left")
    for heading in ("threshold", "frames", "strangers taken for somebody", "members named rightly"):
        table.add_column(heading, justify="right")
    for row in report.rows:
        for rate in row.rates:
            if rate.shipped_fpir is not None and rate.shipped_tpir is not None:
                table.add_row(
                    f"{rate.fpir:.1%}",
                    str(row.frames),
                    _share(rate.shipped_fpir),
                    _share(rate.shipped_tpir),
                )
    return table


def _title(report: Report) -> str:
    return (
        f"{report.people} people, {report.people_seen_twice} of them with two pictures or more;"
        f" {report.draws} galleries of {report.gallery} people with one picture each"
    )


def _own_limit(row: ReportRow) -> str:
    if row.fixed_tpir is None or row.fixed_fpir is None:
        return ""
    return f"TPIR {row.fixed_tpir.value:.1%}, FPIR {row.fixed_fpir.value:.1%}"


def _share(rate: Rate) -> str:
    digits = 2 if rate.value < 0.02 else 1
    low, high = (f"{bound:.{digits}%}"[:-1] for bound in (rate.low, rate.high))
    return f"{rate.value:.{digits}%} [{low} {high}]"
