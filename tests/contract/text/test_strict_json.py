"""JSON bodies: what would not come back as it was sent is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from contract.errors import BadText
from contract.text.strict_json import MAX_DEPTH, load_strict_json, mended

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("aé😀 "), inner),
    max_leaves=5,
)


@pytest.mark.parametrize(
    "text",
    [
        *('"\\ud83d"', '{"\\ud83d": 1}', '["a\\u0000"]', '{"\\u0000": 1}'),
        *("NaN", "[Infinity]", '{"a": -Infinity}', "1e999", "-1e999", "9007199254740992"),
        *("9" * 5000, "1" * 400 + ".0", '{"a": 1, "a": 2}', '{"a": 1, "\\u0061": 1}'),
        *("[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2), "[" * 200_000, '{"a":' * 100_000),
        *("", "{", "'a'", "{'a': 1}", "[1,]", "\x00", '"a\nb"'),
    ],
)
def test_what_would_not_come_back_is_refused(text: str) -> None:
    with pytest.raises(BadText) as refused:
        load_strict_json(text.encode())

    refused.value.detail.encode()


def test_other_encodings_are_refused() -> None:
    with pytest.raises(BadText, match="UTF-8"):
        load_strict_json('{"a": "ö"}'.encode("latin-1"))
    with pytest.raises(BadText):
        load_strict_json('{"a": 1}'.encode("utf-16"))
    assert load_strict_json('\ufeff{"a": "😀"}'.encode()) == {"a": "😀"}


@given(values)
def test_everything_else_is_taken_as_it_is(value: JsonValue) -> None:
    assert load_strict_json(json.dumps(value)) == value
    assert mended(value) == value


def test_what_an_earlier_release_stored_is_mended_to_be_shown() -> None:
    stored = json.loads('{"\\ud83d": ["a\\udc00b", NaN, 1e999, 5], "n": {"x": "\\ud83d\\ude00"}}')

    assert mended(stored) == {"\ufffd": ["a\ufffdb", None, None, 5], "n": {"x": "😀"}}
