"""stores.yaml: both forms are read, and every mistake is named by file, key and value."""

from datetime import timedelta
from pathlib import Path

import pytest

from contract.errors import StoreMapError, UnknownStore
from contract.stores.address import Address
from contract.stores.detection import Detection
from contract.stores.map_parser import load_store_map, parse_store_map
from contract.stores.one_process import by_process
from contract.stores.store_map import StoreMap

FILE = Path("/etc/facegate/stores.yaml")


def parse(text: str) -> StoreMap:
    return parse_store_map(text.encode(), FILE)


def test_short_form_maps_unicode_stores_to_addresses_and_replicas() -> None:
    stores = parse("门店A: 127.0.0.1:5001\n门店B: [10.0.0.5:5000, '[::1]:6000']\n").stores

    assert list(stores) == ["门店A", "门店B"]
    assert stores["门店A"].shards == (Address("127.0.0.1", 5001),)
    assert [str(address) for address in stores["门店B"].shards] == ["10.0.0.5:5000", "[::1]:6000"]
    assert stores["门店A"].cross_store == "members"


def test_full_form_gives_options_and_defaults() -> None:
    store_map = parse(
        """
        version: 1
        defaults: {cross_store: nobody, visit_gap: 10m, timezone: Asia/Shanghai, model: mobile}
        stores:
          west: {name: West Lake, model: dlib, shards: [shard-west:5000], gallery: galleries/west}
          east: {shards: "shard-east:5000", cross_store: everyone, threshold: 0.1%,
                 same_visitor: 3%, detector: cnn, min_face_px: 40}
          north: shard-north:5000
        """
    )
    west, east, north = (store_map.store(name) for name in ("west", "east", "north"))

    assert (west.name, west.gallery) == ("West Lake", FILE.parent / "galleries/west")
    assert (west.cross_store, west.visit_gap) == ("nobody", timedelta(minutes=10))
    assert (east.name, east.cross_store, east.threshold) == ("east", "everyone", 0.001)
    assert (east.detection, west.detection) == (Detection("cnn", 40), Detection("hog", None))
    assert (west.threshold, north.threshold) == (0.01, 0.01)
    assert (east.rates, west.rates) == ((0.001, 0.03), (0.01, 0.003))
    assert (north.gallery, north.timezone) == (None, "Asia/Shanghai")
    assert (west.model, east.model) == ("dlib", "mobile")


def test_a_store_needs_no_second_model_though_the_others_have_one() -> None:
    store_map = parse(
        """
        version: 1
        defaults: {second_model: mobile}
        stores:
          west: h:1
          east: {shards: h:2, model: mobile, second_model: dlib}
          north: {shards: h:3, model: mobile, second_model: null}
        """
    )

    chosen = {store.id: (store.model, store.second_model) for store in store_map.stores.values()}
    assert chosen == {
        "west": (None, "mobile"),
        "east": ("mobile", "dlib"),
        "north": ("mobile", None),
    }


def test_a_store_is_found_by_either_unicode_form_of_its_name() -> None:
    store_map = parse("cafe\u0301: 127.0.0.1:5001")

    assert store_map.store("caf\u00e9").id == store_map.store("cafe\u0301").id == "caf\u00e9"


def test_an_unknown_store_is_named() -> None:
    with pytest.raises(UnknownStore, match="'west'"):
        parse("east: 127.0.0.1:5001").store("west")


def test_equal_text_has_equal_version_and_an_edit_another() -> None:
    first = parse("a: h:1").version

    assert first == parse("a: h:1").version
    assert first != parse("a: h:2").version


def test_a_short_form_store_may_be_called_stores() -> None:
    assert list(parse("stores: 127.0.0.1:5001").stores) == ["stores"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", ["empty"]),
        ("# nothing but a comment\n", ["empty"]),
        ("- a\n- b", ["expected store", "'a'"]),
        ("a: [", ["line 1"]),
        ("a: h:1\na: h:2", ["line 2", "duplicate key 'a'", "line 1"]),
        ("a: [h:1, h:1]", ["a", "h:1", "already used by 'a'"]),
        ("a: [h:1, h:2]\nb: h:1", ["b", "h:1", "already used by 'a'", "the same addresses"]),
        ("a: [h:1, h:2]\nb: [h:2, h:1]", ["b", "h:2", "in the same order"]),
        (
            "stores: {a: {shards: h:1}, b: {shards: h:1, index: ivf_flat}}",
            ["a", "one process", "one `index`"],
        ),
        ("a: [h:1, h:1]", ["h:1", "already used"]),
        ("cafe\u0301: h:1\ncaf\u00e9: h:2", ["duplicate store 'caf\u00e9'"]),
        ("a: http://h:1", ["a.shards", "'http://h:1'", "without a scheme"]),
        ("a: h", ["a.shards", "'h'", "host:port"]),
        ("a: h:0", ["'0'", "65535"]),
        ("a: h:99999", ["'99999'"]),
        ("a: ho st:1", ["'ho st'", "host name"]),
        ("a: 300.1.1.1:1", ["300.1.1.1"]),
        ("a: '[::zz]:1'", ["::zz"]),
        ("a: 5001", ["a.shards", "5001"]),
        ("a: []", ["a.shards", "[]"]),
        ("a: [1]", ["a.shards", "1"]),
        ("1: h:1", ["line 1", "1", "quotes"]),
        ("a/b: h:1", ["'a/b'", "slash"]),
        ("' a': h:1", ["' a'", "space"]),
        (f"{'x' * 101}: h:1", ["longer than 100"]),
        ("version: 2\nstores: {a: h:1}", ["version", "2"]),
        ("version: 1\nstores: {}", ["stores", "at least one"]),
        ("version: 1\nextra: 1\nstores: {a: h:1}", ["extra", "unknown key"]),
        ("stores: {a: {shards: h:1, galery: x}}", ["stores.a.galery", "unknown key", "gallery"]),
        ("stores: {a: {name: A}}", ["stores.a.shards", "missing"]),
        ("stores: {a: {id: b, shards: h:1}}", ["stores.a.id", "unknown key"]),
        ("defaults: {shards: h:1}\nstores: {a: h:1}", ["defaults.shards", "unknown key"]),
        ("defaults: [1]\nstores: {a: h:1}", ["defaults", "[1]"]),
        ("stores: {a: {shards: h:1, cross_store: all}}", ["stores.a.cross_store", "'all'"]),
        ("stores: {a: {shards: h:1, threshold: 1}}", ["stores.a.threshold", "1", "such as 1%"]),
        ("stores: {a: {shards: h:1, threshold: 0%}}", ["stores.a.threshold", "'0%'"]),
        ("stores: {a: {shards: h:1, threshold: true}}", ["stores.a.threshold", "True"]),
        ("stores: {a: {shards: h:1, threshold: strict}}", ["threshold", "'strict'", "0.01"]),
        ("defaults: {threshold: 60%}\nstores: {a: h:1}", ["defaults.threshold", "at most 50%"]),
        ("stores: {a: {shards: h:1, learning: all}}", ["stores.a.learning", "'all'"]),
        ("stores: {a: {shards: h:1, same_visitor: 0}}", ["a.same_visitor", "0", "such as 1%"]),
        ("defaults: {same_visitor: x}\nstores: {a: h:1}", ["defaults.same_visitor", "'x'"]),
        ("stores: {a: {shards: h:1, max_distance: 0.5}}", ["a.max_distance: 0.5", "`threshold`"]),
        ("stores: {a: {shards: h:1, detector: MTCNN}}", ["stores.a.detector", "'MTCNN'", "`cnn`"]),
        ("stores: {a: {shards: h:1, min_face_px: 5}}", ["stores.a.min_face_px", "5", "20"]),
        ("stores: {a: {shards: h:1, min_face_px: '80'}}", ["stores.a.min_face_px", "'80'"]),
        ("stores: {a: {shards: h:1, model: ../x}}", ["stores.a.model", "'../x'", "small letters"]),
        ("stores: {a: {shards: h:1, model: [dlib]}}", ["stores.a.model", "the name of a model"]),
        ("stores: {a: {shards: h:1, index: hnsw}}", ["stores.a.index: 'hnsw'", "ivf_flat"]),
        ("stores: {a: {shards: h:1, second_model: X}}", ["stores.a.second_model", "'X'"]),
        (
            "stores: {a: {shards: h:1, model: m, second_model: m}}",
            ["stores.a.second_model: 'm'", "`model` already"],
        ),
        (
            "defaults: {second_model: m}\nstores: {a: {shards: h:1, model: m}}",
            ["stores.a.second_model: 'm'", "`model` already"],
        ),
        ("stores: {a: {shards: h:1, visit_gap: soon}}", ["visit_gap", "'soon'", "30m"]),
        ("stores: {a: {shards: h:1, visit_gap: 0m}}", ["visit_gap", "'0m'"]),
        ("stores: {a: {shards: h:1, timezone: Mars/Base}}", ["timezone", "'Mars/Base'"]),
        ("stores: {a: {shards: h:1, name: 7}}", ["stores.a.name", "7"]),
    ],
)
def test_a_mistake_is_named_by_file_key_and_value(text: str, named: list[str]) -> None:
    with pytest.raises(StoreMapError) as caught:
        parse(text)

    for part in [str(FILE), *named]:
        assert part in caught.value.detail


def test_a_yaml_bomb_is_refused_before_it_unfolds() -> None:
    bomb = "a: &a [h:1]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
        for before, name in zip("abcdefghi", "bcdefghij", strict=True)
    )

    with pytest.raises(StoreMapError, match="aliases"):
        parse(bomb)


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(StoreMapError, match="nested deeper"):
        parse("a: " + "[" * 500 + "]" * 500)


def test_a_huge_file_is_refused() -> None:
    with pytest.raises(StoreMapError, match="at most"):
        parse("# " + "x" * 1_000_001)


def test_bytes_that_are_not_utf8_are_refused() -> None:
    with pytest.raises(StoreMapError, match="byte 3 is not UTF-8"):
        parse_store_map(b"a: \xff", FILE)


def test_tags_that_build_objects_are_refused() -> None:
    with pytest.raises(StoreMapError, match=r"line 1: tags \(.*os\.system.* are not allowed"):
        parse("a: !!python/object/apply:os.system ['true']")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreMapError, match=r"nowhere\.yaml: No such file"):
        load_store_map(tmp_path / "nowhere.yaml")


def test_the_example_of_the_repository_is_valid() -> None:
    example = Path(__file__).parents[3] / "stores.yaml"

    assert len(load_store_map(example).stores) >= 3


@pytest.mark.parametrize(
    ("detector", "usual", "own"),
    [
        ("hog", "hog", None),
        ("cnn", "cnn", None),
        ("auto", "auto", None),
        ("det_10g", "hog", "det_10g"),
    ],
)
def test_a_detector_of_ones_own_looks_where_hog_would(
    detector: str, usual: str, own: str | None
) -> None:
    store = parse(f"stores: {{a: {{shards: h:1, detector: {detector}}}}}").stores["a"]

    assert (store.detection.detector, store.own_detector) == (usual, own)


@pytest.mark.parametrize(
    ("said", "agents"),
    [("", "auto"), ("hog", "hog"), ("cnn", "cnn"), ("auto", "auto"), ("det_10g", "auto")],
)
@pytest.mark.parametrize("where", ["store", "defaults"])
def test_an_agent_looks_by_auto_unless_the_map_says_how(said: str, agents: str, where: str) -> None:
    option = f"detector: {said}, " if said else ""
    at_store, by_default = (option, "") if where == "store" else ("", option)
    text = (
        f"defaults: {{{by_default}timezone: UTC}}\n"
        f"stores: {{a: {{{at_store}shards: h:1, min_face_px: 50}}}}"
    )

    store = parse(text).stores["a"]

    assert store.agent_detection_at("door") == Detection(agents, 50)  # type: ignore[arg-type]  # one of the table's


def test_stores_with_the_same_addresses_are_served_together() -> None:
    stores = parse_store_map(b"a: [h:1, h:2]\nb: [h:1, h:2]\nc: h:3", Path("stores.yaml")).stores
    together = by_process(stores.values())

    assert [[store.id for store in each] for each in together.values()] == [["a", "b"], ["c"]]
