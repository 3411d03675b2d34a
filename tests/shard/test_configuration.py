"""How a shard is told what to serve, and what it says when that makes no sense."""

from pathlib import Path

import pytest

from contract.errors import ConfigurationError
from service.environment_settings import read_settings
from shard.__main__ import main
from shard.gallery.gallery import Gallery
from shard.served_stores import gallery_path, served_stores
from shard.settings import ShardSettings


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


MAP = """
version: 1
stores:
  s: 127.0.0.1:5001
  t: 127.0.0.1:5002
  u,v: 127.0.0.1:5003
  large: {shards: 127.0.0.1:5004, index: ivf_flat}
"""


def write_map(text: str) -> None:
    Path("stores.yaml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "variables", "message"),
    [
        (["--store", "nowhere"], {}, "stores.yaml: there is no store 'nowhere'; the map has s, t"),
        (["--store", "s"], {"FACEGATE_PORT": "99999"}, "FACEGATE_PORT='99999': "),
        (["--store", "s"], {"FACEGATE_ENCODER": "magic"}, "FACEGATE_ENCODER='magic': "),
        (["--store", "s"], {"FACEGATE_STORES": "absent.yaml"}, "absent.yaml: No such file"),
        (["--stores", "stores.yaml"], {}, "where the store map is, says --map"),
        (["--stores", "s,nowhere"], {}, "there is no store 'nowhere'"),
        (["--stores", "s,t"], {}, "FACEGATE_PORT is not set"),
        (["--stores", "s,large"], {}, "stores of one process have one `index`"),
        (
            ["--stores", "s,t"],
            {"FACEGATE_DATABASE_URL": "sqlite:///g.db"},
            "the gallery of one store",
        ),
        ([], {}, "FACEGATE_STORE is not set"),
        (["--store", "s"], {"FACEGATE_DATABASE_URL": "mysql://u:pw@h/d"}, "a file of SQLite"),
    ],
)
def test_a_wrong_configuration_is_one_line_and_exit_78(
    arguments: list[str],
    variables: dict[str, str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_map(MAP)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit) as ended:
        main(arguments)

    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (78, "")
    [line] = said.err.splitlines()
    assert line.startswith("facegate shard: ")
    assert message in line
    assert "pw" not in line


def test_a_shard_without_a_map_serves_its_store_with_default_options() -> None:
    [store] = served_stores(read_settings(ShardSettings, store="门店A"))

    assert (store.id, str(store.shards[0]), store.threshold) == ("门店A", "127.0.0.1:5001", 0.01)


@pytest.mark.parametrize(
    ("said", "served"),
    [
        ("s", ["s"]),
        ("s,t", ["s", "t"]),
        ("u,v", ["u,v"]),  # a name with a comma
        (("u,v", "s", "s"), ["u,v", "s"]),
    ],
)
def test_a_shard_serves_the_stores_that_it_is_told(
    said: object, served: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_map(MAP)
    if isinstance(said, str):
        monkeypatch.setenv("FACEGATE_STORE", said)
        settings = read_settings(ShardSettings)
    else:
        settings = read_settings(ShardSettings, store=said)

    assert [store.id for store in served_stores(settings)] == served


def test_several_stores_without_a_map_have_default_options() -> None:
    stores = served_stores(read_settings(ShardSettings, store="a,b"))

    assert [(store.id, str(store.shards[0])) for store in stores] == [
        ("a", "127.0.0.1:5001"),
        ("b", "127.0.0.1:5001"),
    ]


def test_a_map_that_is_asked_for_must_be_there() -> None:
    with pytest.raises(ConfigurationError, match="absent"):
        served_stores(read_settings(ShardSettings, store="s", stores=Path("absent")))


@pytest.mark.parametrize("name", ["", "..", "a/b", "x" * 101, " a"])
def test_a_name_that_no_store_may_have_is_refused_without_a_map_too(name: str) -> None:
    with pytest.raises(ConfigurationError, match="the store name"):
        served_stores(ShardSettings(store=(name,)))


def test_galleries_of_all_stores_lie_apart_below_the_data_folder() -> None:
    names = ["a", "A b", "门店A", "门" * 99 + "A", "门" * 99 + "B", "50%", "data"]
    paths = []
    for name in names:
        settings = ShardSettings(store=(name,), data=Path("data"))
        paths.append(gallery_path(settings, served_stores(settings)[0]))

    assert len(set(paths)) == len(names)
    for path, name in zip(paths, names, strict=True):
        assert path.parts[0] == "data"
        Gallery.open(path, name).close()


def test_a_database_url_names_the_gallery(somewhere: Path) -> None:
    settings = read_settings(ShardSettings, store="s", database_url=f"sqlite:///{somewhere}/g.db")

    assert gallery_path(settings, served_stores(settings)[0]) == somewhere / "g.db"


def test_a_data_folder_that_cannot_be_made_is_a_configuration_error(somewhere: Path) -> None:
    (somewhere / "data").write_text("a file")

    with pytest.raises(ConfigurationError, match=r"data/s/gallery\.sqlite3: "):
        Gallery.open(Path("data/s/gallery.sqlite3"), "s")
