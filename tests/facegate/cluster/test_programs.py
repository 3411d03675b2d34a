"""Which model the shards of `facegate up` are told to use."""

from pathlib import Path

import pytest

from contract.errors import ConfigurationError
from contract.stores.address import Address
from contract.stores.map_parser import parse_store_map
from facegate.cluster.programs import ClusterPrograms, ClusterSettings, gateway_url
from tests.certificates import TestAuthority

MAP = """
version: 1
defaults: {model: mobile}
stores:
  west: 127.0.0.1:5001
  east: {shards: 127.0.0.1:5002, model: %s}
"""


def commands(settings: ClusterSettings, east: str) -> dict[str, tuple[str, ...]]:
    """Return how the programs are started, by name, where east has the model `east`."""
    stores = parse_store_map((MAP % east).encode(), Path("stores.yaml"))
    programs = ClusterPrograms.of(
        settings,
        stores,
        stores=Path("stores.yaml"),
        data=Path("data"),
        gateway=Address("127.0.0.1", 8000),
        demo=False,
    )
    return {program.name: program.command for program in programs.all(stores)}


def test_a_store_is_told_its_model_and_an_edit_of_it_changes_that_stores_command_alone() -> None:
    before = commands(ClusterSettings(), "dlib")
    after = commands(ClusterSettings(), "other")

    assert "FACEGATE_MODEL=mobile" in before["shard-5001"]
    assert "FACEGATE_MODEL=dlib" in before["shard-5002"]
    assert "FACEGATE_MODEL=other" in after["shard-5002"]
    assert [name for name in before if before[name] != after[name]] == ["shard-5002"]


def test_an_edit_of_the_second_model_changes_that_stores_command_alone() -> None:
    before = commands(ClusterSettings(), "dlib")
    after = commands(ClusterSettings(), "dlib, second_model: other")

    assert "FACEGATE_SECOND_MODEL=other" in after["shard-5002"]
    assert [name for name in before if before[name] != after[name]] == ["shard-5002"]


def test_keeping_pictures_begins_with_a_start_of_that_stores_shard() -> None:
    before = commands(ClusterSettings(), "dlib")
    after = commands(ClusterSettings(), "dlib, keep_pictures: true")

    assert "FACEGATE_KEEP_PICTURES=True" in after["shard-5002"]
    assert [name for name in before if before[name] != after[name]] == ["shard-5002"]


def test_another_kind_of_index_begins_with_a_start_of_that_stores_shard() -> None:
    before = commands(ClusterSettings(), "dlib")
    after = commands(ClusterSettings(), "dlib, index: ivf_flat")

    assert "FACEGATE_INDEX=ivf_flat" in after["shard-5002"]
    assert [name for name in before if before[name] != after[name]] == ["shard-5002"]


def test_files_and_folders_are_found_from_the_folder_where_shards_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own.dat").write_bytes(b"weights")
    text = "stores: {west: 127.0.0.1:5001}"
    stores = parse_store_map(text.encode(), Path("stores.yaml"))
    programs = ClusterPrograms.of(
        ClusterSettings(models=Path("mine"), model="own.dat"),
        stores,
        stores=Path("stores.yaml"),
        data=Path("data"),
        gateway=Address("127.0.0.1", 8000),
        demo=False,
    )

    [shard, _] = programs.all(stores)

    assert f"FACEGATE_MODELS={tmp_path / 'mine'}" in shard.command
    assert f"FACEGATE_MODEL={tmp_path / 'own.dat'}" in shard.command


def test_cameras_with_a_source_are_watched_by_one_program_whatever_their_sources() -> None:
    door = "dlib, cameras: {door: {source: 'rtsp://admin:s3cret@10.0.0.7/1'}}"
    hall = "dlib, cameras: {door: {source: 'rtsp://10.0.0.7/1'}, hall: {source: 'webcam:0'}}"
    one, two = commands(ClusterSettings(), door), commands(ClusterSettings(), hall)

    assert "cameras" not in commands(ClusterSettings(), "dlib, cameras: {door: {rotate: 90}}")
    assert one["cameras"] == two["cameras"]  # it follows the map itself
    assert "http://127.0.0.1:8000" in one["cameras"]
    assert "s3cret" not in " ".join(one["cameras"])


def test_each_program_has_its_own_folder_of_certificates_and_the_gateway_its_files() -> None:
    certificate = Path("site/tls.crt")
    found = commands(
        ClusterSettings(
            cluster_tls=Path("certs"),
            tls_certificate=None,
            tls_key=Path("site/tls.key"),
            oidc_roles=Path("site/roles.yaml"),
            mqtt_password_file=Path("site/mqtt"),
        ),
        "dlib",
    )

    assert f"FACEGATE_CLUSTER_TLS={Path('certs/shard-5001').absolute()}" in found["shard-5001"]
    assert f"FACEGATE_CLUSTER_TLS={Path('certs/gateway').absolute()}" in found["gateway"]
    assert f"FACEGATE_TLS_KEY={Path('site/tls.key').absolute()}" in found["gateway"]
    assert f"FACEGATE_OIDC_ROLES={Path('site/roles.yaml').absolute()}" in found["gateway"]
    assert f"FACEGATE_MQTT_PASSWORD_FILE={Path('site/mqtt').absolute()}" in found["gateway"]
    with pytest.raises(ConfigurationError, match=r"tls\.crt"):
        commands(ClusterSettings(tls_certificate=certificate), "dlib")


@pytest.mark.parametrize(
    ("names", "url"),
    [
        (["127.0.0.1", "facegate.lan"], "https://127.0.0.1:8000"),
        (["facegate.lan", "*.a.lan"], "https://facegate.lan:8000"),
        (["*.a.lan"], "https://127.0.0.1:8000"),
    ],
)
def test_a_gateway_with_tls_is_asked_under_a_name_of_its_certificate(
    tmp_path: Path, names: list[str], url: str
) -> None:
    folder = TestAuthority(tmp_path).folder("site", "site", names)

    assert gateway_url(Address("0.0.0.0", 8000), folder / "tls.crt") == url
    assert gateway_url(Address("0.0.0.0", 8000), None) == "http://127.0.0.1:8000"
