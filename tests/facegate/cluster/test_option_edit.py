"""Options of stores are edited in the text of the map; comments, order and all else stay."""

from pathlib import Path

import pytest

from contract.errors import StoreMapError
from contract.stores.map_parser import parse_store_map
from facegate.cluster.option_edit import Value, with_options

PATH = Path("stores.yaml")
FULL = """\
# the chain
version: 1
defaults: {timezone: Asia/Shanghai}   # of all
stores:
  # the old harbour
  west: {shards: 127.0.0.1:5001, name: west}   # west
  "east": 127.0.0.1:5002  # east
"""
BLOCK = """\
version: 1
defaults:
  model: dlib  # for now
  second_model: mobile
stores:
  west:
    shards:
      - h:1
      - h:2
    model: other   # its own
    second_model: dlib

  east:
    - h:3
    # the spare one
    - h:4
"""


def edited(text: str, **changes: dict[str, Value]) -> str:
    return with_options(text.encode(), PATH, changes).decode()


def everywhere(text: str, **options: Value) -> str:
    stores = parse_store_map(text.encode(), PATH).stores
    return edited(text, **{store: dict(options) for store in stores})


def test_what_all_stores_get_goes_into_the_defaults() -> None:
    assert everywhere(FULL, second_model="mobile") == FULL.replace(
        "Asia/Shanghai}", "Asia/Shanghai, second_model: mobile}"
    )


def test_what_one_store_gets_goes_into_its_line() -> None:
    assert edited(FULL, west={"second_model": "mobile"}) == FULL.replace(
        "name: west}", "name: west, second_model: mobile}"
    )


def test_a_store_that_is_an_address_gets_options_and_keeps_its_comment() -> None:
    assert edited(FULL, east={"second_model": "1.5"}) == FULL.replace(
        "127.0.0.1:5002", '{shards: 127.0.0.1:5002, second_model: "1.5"}'
    )


def test_a_list_of_addresses_becomes_an_option_of_its_own() -> None:
    assert edited(BLOCK, east={"second_model": "new"}) == BLOCK.replace(
        "    - h:3\n    # the spare one\n    - h:4\n",
        "    shards:\n    - h:3\n    # the spare one\n    - h:4\n    second_model: new\n",
    )


def test_a_new_option_comes_after_the_model() -> None:
    without = BLOCK.replace("    second_model: dlib\n", "")

    assert edited(without, west={"second_model": "dlib"}) == BLOCK


def test_values_are_changed_where_they_stand_and_what_is_the_default_is_not_repeated() -> None:
    changed = edited(BLOCK, west={"model": "dlib", "second_model": "other"})

    assert changed == BLOCK.replace("    model: other   # its own\n", "").replace(
        "    second_model: dlib", "    second_model: other"
    )


def test_what_all_stores_have_alike_is_said_once() -> None:
    changed = everywhere(BLOCK, model="mobile", second_model="dlib")

    expected = BLOCK.replace("model: dlib  # for", "model: mobile  # for")
    expected = expected.replace("  second_model: mobile", "  second_model: dlib", 1)
    expected = expected.replace("    model: other   # its own\n    second_model: dlib\n", "")
    assert changed == expected


def test_an_option_is_taken_out_or_said_to_be_none_where_the_default_is_one() -> None:
    assert edited(BLOCK, west={"second_model": None}) == BLOCK.replace(
        "second_model: dlib", "second_model: null"
    )
    assert everywhere(BLOCK, second_model=None) == BLOCK.replace(
        "  second_model: mobile\n", ""
    ).replace("    second_model: dlib\n", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "# two\n门店A: h:1   # one\nb: [h:2, h:3]\n",
            "# two\nversion: 1\ndefaults: {second_model: m}\nstores:\n"
            "  门店A: h:1   # one\n  b: [h:2, h:3]\n",
        ),
        ("a: h:1\r\n", "version: 1\r\ndefaults: {second_model: m}\r\nstores:\r\n  a: h:1\r\n"),
        (
            '{"a": "h:1"}',
            '{"version": 1, "defaults": {"second_model": "m"}, "stores": {"a": "h:1"}}',
        ),
        (
            "\ufeffversion: 1\ndefaults:\nstores: {a: h:1}\n",
            "\ufeffversion: 1\ndefaults: {second_model: m}\nstores: {a: h:1}\n",
        ),
        (
            "defaults:\n  timezone: UTC\n\nstores: {a: h:1}",
            "defaults:\n  timezone: UTC\n  second_model: m\n\nstores: {a: h:1}",
        ),
        (
            "stores:\n  a:\n    shards: h:1\n    cameras: # two\n"
            "      door: # left\n        rotate: 90\n      till:\n",
            "defaults: {second_model: m}\nstores:\n  a:\n    shards: h:1\n    cameras: # two\n"
            "      door: # left\n        rotate: 90\n      till:\n",
        ),
        (
            "version: 1\ndefaults: {}\nstores: {a: h:1}",
            "version: 1\ndefaults: {second_model: m}\nstores: {a: h:1}",
        ),
    ],
)
def test_every_form_of_a_map_can_be_edited_and_back(text: str, expected: str) -> None:
    changed = everywhere(text, second_model="m")

    assert changed == expected
    stores = parse_store_map(everywhere(changed, second_model=None).encode(), PATH).stores
    assert stores == parse_store_map(text.encode(), PATH).stores


def test_an_edit_that_makes_the_map_invalid_is_refused() -> None:
    with pytest.raises(StoreMapError, match=r"stores\.west\.second_model"):
        edited(BLOCK, west={"model": "mobile", "second_model": "mobile"})


@pytest.mark.parametrize(
    "text", ["a: h:1\n...\n", "stores:\n  b: h:1\n  a:\n    ? shards\n    : h:3\n"]
)
def test_what_cannot_be_edited_is_said(text: str) -> None:
    with pytest.raises(StoreMapError, match="write the options into it yourself"):
        edited(text, a={"second_model": "m"})


def test_an_edit_that_changes_nothing_leaves_the_text_as_it_is() -> None:
    assert everywhere(FULL, second_model=None) == FULL
