"""Whatever is in stores.yaml, loading it gives a map or a StoreMapError, in bounded time."""

import json
import time
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contract.errors import StoreMapError
from contract.stores.map_parser import parse_store_map
from contract.stores.store_map import StoreMap
from tests.fuzzing import fuzzed

FILE = Path("/etc/facegate/stores.yaml")
VALID = """\
version: 1
defaults: {cross_store: members, visit_gap: 30m, timezone: Asia/Shanghai, threshold: 1%}
stores:
  west: {name: West Lake, shards: [127.0.0.1:5001, "[::1]:5002"], gallery: galleries/west}
  门店B:
    shards: shard-b:5000
    min_face_px: 40
    same_visitor: 3%
    missed_visits: 5%
    cameras:
      door: {name: Front door, rotate: 90, region: [0, .2, 1, .9], source: "rtsp://10.0.0.9/1"}
      till:
    visitor_retention: 30d
  c: 10.0.0.5:5000
"""
PLAIN = [
    *("2026-02-30", "2026-05-04 25:00:00", "0x_", "0b_", "0o", "08", "1:99:1", ".nan", ".inf"),
    *("-.inf", "1e999", "5.0e-324", "1_000", "~", "null", "yes", "=", "<<", "!", "&a", "*a"),
    *('"\\U00110000"', '"\\ud83d"', '"\\0"', '"\\x7f"', "'\u200b'", "'\u202e'", "|99", "? ", "- "),
    *("!!int x", "!!map [a]", "!!set x", "!!set {a}", "!!omap [a]", "!!pairs [a]", "!!float x"),
    *("!!binary x", "!!binary aGk=", "!!timestamp x", "!!null x", "!!bool x", "!!seq x", "!!str 1"),
    *("!!python/object:os.system x", "!<tag:yaml.org,2002:int> x", "!local x", "%YAML 1.9"),
    *("9" * 5000, "-" + "9" * 5000, "0x" + "f" * 5000, "1" + ":1" * 5000, ":1" * 5000 + ".5"),
    *("h:1", "h:99999999999999999", "127.0.0.1:١", "[fe80::1%eth0]:1", "[::1%\x01]:1", '"h\\n:1"'),
    *("0s", "0.0000000001s", "9" * 30 + "d", "1e9d", "٣0m", "../x", "/etc/passwd", "Asia", "a\tb"),
    *("{}", "[]", "[[]]", "{a: {b: {c: d}}}", "{? [a] : b}", "{[a]: b}", "{1: 2}", "{: }", "' '"),
]
"""Values that are odd in YAML, in PyYAML or in a store map."""
UNSEEN = {"Cc", "Cs", "Zl", "Zp"}
OPTIONS = ["shards", "name", "gallery", "threshold", "timezone", "cross_store", "visit_gap"]
OPTIONS += ["missed_visits", "confused_visitors", "count_unfit"]
OPTIONS += ["visitor_retention", "detector", "min_face_px", "same_visitor", "learning", "model"]
OPTIONS += ["second_model", "index", "cameras", "silent_after"]
OF_CAMERAS = ["name", "rotate", "region", "min_face_px", "source", "silent_after"]
KEYS = ["version", "defaults", "stores", "a", "id", "<<", "=", *OPTIONS, *OF_CAMERAS]

odd = st.one_of(
    st.sampled_from(PLAIN),
    st.text(max_size=20),
    st.text(max_size=20).map(json.dumps),
    st.integers().map(str),
    st.floats().map(repr),
    st.datetimes().map(str),
)


def flow(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    keys = st.one_of(st.sampled_from(KEYS), odd)
    pairs = st.lists(st.tuples(keys, children), max_size=4)
    return st.one_of(
        st.lists(children, max_size=4).map(lambda parts: f"[{', '.join(parts)}]"),
        pairs.map(lambda parts: "{" + ", ".join(f"{key}: {value}" for key, value in parts) + "}"),
    )


values = st.recursive(odd, flow, max_leaves=8)


@st.composite
def lines(draw: st.DrawFn) -> str:
    """Return a document of `key: value` lines."""
    keys = st.one_of(st.sampled_from(KEYS), odd)
    pairs = draw(st.lists(st.tuples(keys, values), max_size=5))
    return "\n".join(f"{key}: {value}" for key, value in pairs)


@st.composite
def options(draw: st.DrawFn) -> str:
    """Return a map whose stores have odd options."""
    given_options = st.lists(st.tuples(st.sampled_from(OPTIONS), values), max_size=4)
    parts = [f"{key}: {value}" for key, value in draw(given_options)]
    where = draw(
        st.sampled_from(
            [
                "defaults: {%s}\nstores: {a: h:1}",
                "stores: {a: {%s}}",
                "defaults: {cameras: {b: {%s}}}\nstores: {a: {shards: h:1, cameras: {b: }}}",
            ]
        )
    )
    return where % ", ".join(parts)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Return the valid map with some of its parts replaced, doubled, or left out."""
    text = VALID
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 20)))
        text = text[:start] + draw(st.one_of(odd, st.just(text[start:end] * 2))) + text[end:]
    return text


def outcome(raw: bytes) -> StoreMap | str:
    """Return the map, or what is wrong; whatever else is raised fails the test."""
    try:
        return parse_store_map(raw, FILE)
    except StoreMapError as error:
        return error.detail


def check(raw: bytes) -> None:
    """Whoever shows a map or a problem can: it is text that UTF-8 has, of a length to read."""
    found = outcome(raw)
    if isinstance(found, str):
        assert found.startswith(f"{FILE}: ")
        assert len(found.encode()) < 2000
        assert "\n" not in found
        return
    assert found.stores
    for store in found.stores.values():
        shown: list[Any] = [store.id, store.name, str(store.gallery), *map(str, store.shards)]
        shown += [*store.cameras, json.dumps(store.camera_options, ensure_ascii=False)]
        assert all(text.strip() and text.encode() for text in shown)
        assert {unicodedata.category(c) for text in shown for c in text} & UNSEEN == set()


@fuzzed(250)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_random_bytes_and_text(raw: bytes) -> None:
    check(raw)


@fuzzed(250)
@given(st.one_of(values, lines(), options(), mutated()))
@example("{}")
@example('stores: {a: {shards: h:1, name: "\\ud83d"}}')
@example("stores: {a: {shards: h:1, gallery: ''}}")
def test_odd_yaml(text: str) -> None:
    check(text.encode(errors="surrogatepass"))


@pytest.mark.parametrize("value", PLAIN)
@pytest.mark.parametrize(
    "document",
    ["%s", "a: %s", "%s: h:1", "stores: {a: {shards: h:1, name: %s}}", "stores: {%s: h:1}"]
    + [f"stores: {{a: {{shards: h:1, {key}: %s}}}}" for key in OPTIONS[2:]]
    + [
        "stores: {a: {shards: h:1, cameras: {%s: {}}}}",
        "stores: {a: {shards: h:1, cameras: {a: %s}}}",
    ]
    + [f"stores: {{a: {{shards: h:1, cameras: {{a: {{{key}: %s}}}}}}}}" for key in OF_CAMERAS],
)
def test_every_odd_value_in_every_place(document: str, value: str) -> None:
    check((document % value).encode(errors="surrogatepass"))


@pytest.mark.parametrize(
    "document",
    [
        "a: 1" + ":1" * 490_000,
        "a: 1" + ":1" * 490_000 + ".5",
        "a: 0x" + "f" * 900_000,
        "? a\n" * 30_000,
        "a: [" + "[]," * 30_000 + "]",
        "a: [" + "[" * 400_000,
        "".join(f"s{n}: {{}}\n" for n in range(20_000)),
        "stores:\n" + "".join(f" s{n}: {{timezone: Asia/Tokyo, x: 1}}\n" for n in range(2_000)),
    ],
    ids=lambda document: f"{document[:12]!r}…",
)
def test_a_long_file_takes_seconds_not_minutes(document: str) -> None:
    began = time.process_time()

    check(document.encode())

    assert time.process_time() - began < 10


def test_the_time_zones_of_a_thousand_stores_are_looked_up_once() -> None:
    stores = "".join(f" s{n}: {{shards: h:{n + 1}, timezone: Asia/Tokyo}}\n" for n in range(1_000))
    began = time.process_time()

    assert len(parse_store_map(f"stores:\n{stores}".encode(), FILE).stores) == 1_000
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{}", ["at least one store", "{}"]),
        ("a: h:1\nb: 2026-02-30", ["line 2", "'2026-02-30'", "timestamp", "quotes"]),
        ("a: h:1\nb: 2026-05-04 25:00:00", ["line 2", "'2026-05-04 25:00:00'", "timestamp"]),
        ("a: 0x_", ["line 1", "'0x_'", "int"]),
        ("\na: !!int x", ["line 2", "tags", "int", "not allowed"]),
        ("a: !!set x", ["line 1", "tags"]),
        ('\n\na: "\\U00110000"', ["line 3", "cannot be read"]),
        ("a: " + "9" * 5000, ["line 1", "999...", "too long for a number"]),
        ("stores: {a: {shards: h:1, threshold: 5.0e-324}}", ["a.threshold", "5e-324", "at least"]),
        ("stores: {a: {shards: h:1, visit_gap: 8d}}", ["a.visit_gap", "'8d'", "from 1s to 7d"]),
        ("stores: {a: {shards: h:1, visit_gap: 0.001s}}", ["a.visit_gap", "'0.001s'", "from 1s"]),
        (
            "stores: {a: {shards: h:1, missed_visits: 41%}}",
            ["stores.a.missed_visits: '41%'", "40%"],
        ),
        ("stores: {a: {shards: h:1, confused_visitors: yes}}", ["confused_visitors: True", "3%"]),
        ("stores: {a: {shards: h:1, confused_visitors: -1}}", ["confused_visitors: -1", "0.03"]),
        ("stores: {a: {shards: h:1, missed_visits: [3%]}}", ["missed_visits: ['3%']", "0.03"]),
        ("stores: {a: {shards: h:1, cameras: [door]}}", ["a.cameras", "cameras by their ids"]),
        ("stores: {a: {shards: h:1, cameras: {door: 90}}}", ["a.cameras", "door", "rotate: 90"]),
        (
            "stores: {a: {shards: h:1, cameras: {door: {rotat: 90}}}}",
            ["stores.a.cameras.door.rotat: unknown key", "region, rotate, silent_after, source"],
        ),
        (
            "defaults: {cameras: {door: {rotate: 45}}}\nstores: {a: h:1}",
            ["defaults.cameras.door.rotate: 45", "90, 180 or 270"],
        ),
        (
            "stores: {a: {shards: h:1, cameras: {door: {region: [0, 0, 0, 1]}}}}",
            ["cameras.door.region: [0, 0, 0, 1]", "[left, top, right, bottom]"],
        ),
        (
            "stores: {a: {shards: h:1, cameras: {door: {region: [[0, 0], [1, 2], [1, 1]]}}}}",
            ["cameras.door.region", "from 0 to 1"],
        ),
        (
            "stores: {a: {shards: h:1, cameras: {door: {region: [[0, 0], [1, 1], [.5, .5]]}}}}",
            ["cameras.door.region", "so small a region"],
        ),
        (
            "stores: {a: {shards: h:1, cameras: {door: {min_face_px: 8}}}}",
            ["cameras.door.min_face_px: 8", "20"],
        ),
        (
            "stores: {a: {shards: h:1, cameras: {door: {silent_after: 1s}}}}",
            ["cameras.door.silent_after: '1s'", "10s to 365d"],
        ),
        (
            "stores: {a: {shards: h:1, cameras: {'cafe\u0301': , 'caf\u00e9': }}}",
            ["a.cameras", "duplicate camera 'caf\u00e9'"],
        ),
        ("stores: {a: {shards: h:1, cameras: {' ': }}}", ["a.cameras", "the camera is empty"]),
        (
            "stores: {a: {shards: h:1, cameras: {door: {source: 'webcam:x'}}}}",
            ["cameras.door.source", "webcam:0"],
        ),
        ("stores: {a: {shards: h:1, count_unfit: 1}}", ["stores.a.count_unfit: 1", "boolean"]),
        ("stores: {a: {shards: h:1, count_unfit: pv}}", ["count_unfit: 'pv'", "`visits`"]),
        ("stores: {a: {shards: h:1, visitor_retention: 99999d}}", ["'99999d'", "to 36500d"]),
        ("stores: {a: {shards: h:1, timezone: ../x}}", ["a.timezone", "'../x'"]),
        ("stores: {a: {shards: h:1, timezone: localtime}}", ["a.timezone", "'localtime'"]),
        ('stores: {a: {shards: h:1, name: "a\\u0007b"}}', ["a.name", "cannot be seen"]),
        ('stores: {a: {shards: h:1, name: "\\ud83d"}}', ["a.name", "'\\ud83d'"]),
        (
            'stores: {a: {shards: h:1, gallery: "a\\0b"}}',
            ["a.gallery", "'a\\x00b'", "U+0000"],
        ),
        ("stores: {a: {shards: h:1, gallery: ''}}", ["a.gallery", "path of a folder"]),
        ("stores: {a: {shards: h:1, gallery: 7}}", ["a.gallery", "7", "path of a folder"]),
        ('a: "h\\n:1"', ["a.shards", "'h\\n'", "host name"]),
        ("a: '[::1%a b]:1'", ["a.shards", "IPv6"]),
        ("a: h:" + "9" * 5000, ["a.shards", "port", "65535"]),
        ("defaults: []\nstores: {a: h:1}", ["defaults", "[]"]),
        (f"stores: {{a: {{shards: h:1, ? {'x' * 5000} : 1}}}}", ["a.'xxx", "...: unknown key"]),
        ("stores: {'\u200b': h:1}", ["'\\u200b'", "cannot be seen"]),
        ("stores: {a: {shards: h:1, name: '\u202ea'}}", ["a.name", "cannot be seen"]),
        ('"a\\nb": {}\n', ["'a\\nb'"]),
    ],
)
def test_an_odd_value_is_named_by_line_or_key(text: str, named: list[str]) -> None:
    found = outcome(text.encode())

    assert isinstance(found, str)
    for part in [str(FILE), *named]:
        assert part in found
