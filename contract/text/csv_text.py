"""CSV as spreadsheets write it, with cells escaped that they would run as formulas."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from contract.errors import BadText

_FORMULA = "=+\\-@\t\r＝＋－＠"
"""What a formula starts with in spreadsheets; in East Asian ones the wide forms, too."""
_HARMFUL = re.compile(f"'*[{_FORMULA}]")
_ESCAPED = re.compile(f"'+[{_FORMULA}]")
_SEPARATORS = ",;\t"
"""Spreadsheets write a semicolon where the comma separates decimals, and a tab in UTF-16."""

_SEPARATOR_LINE = re.compile(r'"?sep=([,;|:\t])"?[,;\t]*(?:[\r\n]|$)', re.IGNORECASE)
"""The line with which a table tells Excel what separates cells; Excel shows it to nobody."""


class BrokenRow(Exception):
    """A row that cannot be read, so that those after it cannot be told from it either."""


def escape_formula(cell: str) -> str:
    """Return a cell as text for a spreadsheet: an apostrophe before what it takes for a formula."""
    return f"'{cell}" if _HARMFUL.match(cell) else cell


def unescape_formula(cell: str) -> str:
    """Return the cell without the apostrophe that `escape_formula` put before it."""
    return cell[1:] if _ESCAPED.match(cell) else cell


def encoding_of(head: bytes) -> str:
    """Return the encoding of a table that begins so: UTF-16 where its mark says so, or UTF-8."""
    return "utf-16" if head[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"


def decoded(raw: bytes) -> str:
    """Return the text of a file in UTF-8, or in UTF-16 with its mark. Raises BadText."""
    try:
        return raw.decode(encoding_of(raw))
    except UnicodeDecodeError as error:
        raise BadText(f"the table is not in UTF-8: byte {error.start}") from error


def written(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as CSV, with the formulas in their cells escaped."""
    text = io.StringIO()
    csv.writer(text).writerows([[escape_formula(cell) for cell in row] for row in rows])
    return text.getvalue()


def rows_of(text: str) -> Iterator[list[str]]:
    """Yield the rows of a text, as `rows_in` does those of a file."""
    return rows_in(io.StringIO(text, newline=""))


def rows_in(file: Iterable[str]) -> Iterator[list[str]]:
    """Yield the rows as a spreadsheet numbers them, unescaped; those without any text are empty.

    `file` is open with `newline=""`. What separates cells is said by a line `sep=;` or shown by the
    first row. Raises BrokenRow where a quote does not end, a cell is too long, or no text follows.
    """
    lines = iter(file)
    try:
        first = _first_line(lines).removeprefix("\ufeff")
        first = first if first.strip("\r\n") else _first_line(lines)
        if said := _SEPARATOR_LINE.match(first):
            separator, first = said[1], _first_line(lines)
        else:
            separator = max(_SEPARATORS, key=first.count)
        for row in csv.reader(chain([first], lines), delimiter=separator, strict=True):
            cells = [unescape_formula(cell.strip()) for cell in row]
            yield cells if any(cells) else []
    except csv.Error as error:
        raise BrokenRow(str(error)) from error
    except UnicodeDecodeError as error:
        raise BrokenRow(f"the table is not in UTF-8: byte {error.start}") from error


def _first_line(lines: Iterator[str]) -> str:
    """Return the next line that has anything; an empty one where none does."""
    return next((line for line in lines if line.strip("\r\n")), "")
