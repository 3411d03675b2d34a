"""Counting as a table for the terminal."""

from rich.table import Table

from facegate.evaluation.counting.count_report import CountReport, CountRow, Spread

_ROAMING = "roaming"
_COLUMNS = (
    "rule",
    "UV off",
    "by day",
    "by week",
    "new",
    "returning",
    _ROAMING,
    "FaceIds a person",
    "people with one",
    "FaceIds of several",
    "missed",
    "confused",
)


def count_table(report: CountReport) -> Table:
    """Return what each rule counted, as parts of what is true."""
    table = Table(title=count_title(report), title_justify="left", caption_justify="left")
    table.caption = (
        "UV off: counted / true − 1, with the deviation between draws; missed: of visits of people"
        " known, those not joined to them; confused: of people, those who vanish in the FaceId of"
        " somebody else"
    )
    for column in _COLUMNS:
        if column == _ROAMING and not _shows_roaming(report):
            continue
        is_rule = column == "rule"
        table.add_column(column, justify="left" if is_rule else "right", no_wrap=is_rule)
    for row in report.rows:
        table.add_row(*_cells(row))
    return table


def _shows_roaming(report: CountReport) -> bool:
    return any(row.roaming_off is not None for row in report.rows)


def count_title(report: CountReport) -> str:
    """Return who came."""
    mix = report.mix
    fewest, most = mix.visits
    comers = [f"{mix.once} people once"] if mix.once else []
    if mix.often:
        comers.append(
            f"{mix.often} people {fewest if fewest == most else f'{fewest} to {most}'} times"
        )
    members = f", {mix.members} of them members" if mix.members else ""
    stores = f", {mix.stores} stores" if mix.stores > 1 else ""
    frames = f"{mix.frames} frame{'s' if mix.frames > 1 else ''} a visit"
    return f"{' and '.join(comers)}{members}, {frames}{stores}; {report.draws} draws"


def _cells(row: CountRow) -> list[str]:
    return [
        row.rule,
        f"{row.uv_off.mean:+.1%} ±{row.uv_off.deviation:.1%}",
        *(_off(spread) for spread in (row.uv_by_day_off, row.uv_by_week_off)),
        *(_off(spread) for spread in (row.new_off, row.returning_off, row.roaming_off) if spread),
        f"{row.faceids_a_person.mean:.2f}",
        f"{row.people_counted_once.mean:.0%}",
        *(f"{rate.mean:.1%}" for rate in (row.faceids_of_several, row.missed, row.confused)),
    ]


def _off(spread: Spread) -> str:
    return f"{spread.mean:+.1%}"
