"""Footfall as a table for spreadsheets: the columns of CSV, and a row's cells."""

from contract.messages.traffic import Footfall, FootfallRow

ESTIMATED = ("uv", "new", "returning")
"""What has an estimate, in the field `<name>_estimate`."""
COUNTED = tuple(
    name for name in Footfall.model_fields if name not in {f"{each}_estimate" for each in ESTIMATED}
)
COLUMNS = (
    "start",
    *COUNTED,
    *(f"{name}_{part}" for name in ESTIMATED for part in ("estimate", "low", "high")),
)

Cell = str | float | None


def cells(row: FootfallRow) -> list[Cell]:
    """Return what a line has: beside the start nothing where nobody can have come yet."""
    if row.state == "to come":
        return [row.start, *[None] * (len(COLUMNS) - 1)]
    counted = [getattr(row, name) for name in COUNTED]
    return [row.start, *counted, *(cell for name in ESTIMATED for cell in _estimate(row, name))]


def _estimate(row: FootfallRow, name: str) -> list[Cell]:
    found = getattr(row, f"{name}_estimate")
    return [None] * 3 if found is None else [found.value, found.low, found.high]
