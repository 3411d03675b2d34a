"""Any file is a table of members whose lines are told with their numbers, or is refused."""

import json

from hypothesis import given
from hypothesis import strategies as st

from contract.errors import BadRequest, BadText
from contract.messages.member_table import COLUMNS, MemberLine, read_table
from contract.text.csv_text import decoded
from tests.fuzzing import fuzzed

cells = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["m-1", "true", "store", "a/x|b/y", "\\|", '{"a": 1}', '"', "'=1", "\r", "\0"]),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=4),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    ).map(json.dumps),
)
quoted = cells.map(lambda cell: '"' + cell.replace('"', '""') + '"')
rows = st.lists(st.one_of(cells, quoted), max_size=len(COLUMNS) + 1)
separators = st.sampled_from([",", ";", "\t"])


@st.composite
def tables(draw: st.DrawFn) -> str:
    """Return a table with some columns and any cells."""
    separator, end = draw(separators), draw(st.sampled_from(["\n", "\r\n", "\r"]))
    columns = draw(st.permutations(COLUMNS))[: draw(st.integers(1, len(COLUMNS)))]
    lines = [columns, *draw(st.lists(rows, max_size=4))]
    return end.join(separator.join(line) for line in lines)


encodings = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"])
files = st.one_of(
    st.binary(max_size=200),
    st.tuples(tables(), encodings).map(lambda drawn: drawn[0].encode(drawn[1], "replace")),
)


@fuzzed(200)
@given(files)
def test_any_file_is_a_table_or_refused(file: bytes) -> None:
    try:
        lines = list(read_table(decoded(file)))
    except (BadText, BadRequest):
        return
    numbers = [line.line for line in lines]
    assert numbers == sorted(set(numbers))
    for line in lines:
        if isinstance(line, MemberLine):
            json.dumps(line.draft.model_dump(mode="json"), allow_nan=False).encode()
            assert line.member_id.strip()
        else:
            assert line.reason.encode()
