"""`facegate certs`: an authority and a certificate for each service of a map."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from contract.stores.map_parser import load_store_map
from facegate.cluster.certificate_folder import CertificateFolder
from facegate.cluster.cluster_error import ClusterError
from facegate.command import main
from service.tls.authority import Certificate

MAP = "a: 127.0.0.1:5001\nb: ['10.0.0.5:5000', '[fe80::1%eth0]:5000']\nc: Store_C.example.:5001\n"


@pytest.fixture
def stores(tmp_path: Path) -> Path:
    path = tmp_path / "stores.yaml"
    path.write_text(MAP, encoding="utf-8")
    return path


def certs(stores: Path, *options: str) -> Result:
    folder = str(stores.parent / "certs")
    return CliRunner().invoke(main, ["certs", "--stores", str(stores), "--to", folder, *options])


def outcomes(stores: Path, days: int = 90, *, renew: bool = False) -> dict[str, str]:
    folder = CertificateFolder(stores.parent / "certs", load_store_map(stores))
    return {each.service: each.outcome for each in folder.issue(days, renew=renew)}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def read(stores: Path, service: str) -> Certificate:
    return Certificate.read((stores.parent / "certs" / service / "tls.crt").read_bytes())


def test_each_shard_and_the_gateway_have_a_folder_that_nobody_else_reads(stores: Path) -> None:
    done = certs(stores, "--also", "localhost")

    assert done.exit_code == 0, done.output
    folder = stores.parent / "certs"
    services = {path.name for path in folder.iterdir() if path.is_dir()}
    assert services == {
        "gateway",
        "shard-5001",
        "shard-10.0.0.5-5000",
        "shard-fe80..1.eth0-5000",
        "shard-store_c.example.-5001",
    }
    for service in services:
        assert {path.name for path in (folder / service).iterdir()} == {
            "ca.crt",
            "tls.crt",
            "tls.key",
        }
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.rglob("*"))
    assert read(stores, "gateway").names == frozenset()
    assert read(stores, "shard-10.0.0.5-5000").names == {"10.0.0.5", "localhost"}
    assert read(stores, "shard-fe80..1.eth0-5000").names == {"fe80::1", "localhost"}
    assert read(stores, "shard-store_c.example.-5001").names == {"store_c.example", "localhost"}
    assert "shard-5001" in done.output


def test_run_again_it_adds_what_is_new_and_changes_nothing_else(stores: Path) -> None:
    outcomes(stores)
    before = contents(stores.parent / "certs")
    stores.write_text(MAP + "d: 10.0.0.6:5000\n", encoding="utf-8")

    again = outcomes(stores)

    assert {name for name, outcome in again.items() if outcome != "kept"} == {"shard-10.0.0.6-5000"}
    assert contents(stores.parent / "certs").items() >= before.items()


def test_what_is_to_expire_is_renewed_with_its_key_by_the_same_authority(stores: Path) -> None:
    outcomes(stores)
    folder = stores.parent / "certs"
    short = CertificateFolder(folder, load_store_map(stores))
    short.issue(1, renew=True)
    before = contents(folder)
    (folder / "gateway/tls.crt").unlink()  # as a kill between two files leaves it
    (folder / "shard-5001/tls.crt").write_text("nothing")

    again = outcomes(stores, renew=True)

    assert again.pop("gateway") == "made"
    assert set(again.values()) == {"renewed"}
    after = contents(folder)
    changed = {Path(name).name for name in after if after[name] != before.get(name)}
    assert changed == {"tls.crt"}
    assert read(stores, "gateway").expires_at > datetime.now(UTC) + timedelta(days=80)


def test_the_gateway_has_one_for_those_who_ask_it_where_it_is_given_a_name(stores: Path) -> None:
    done = certs(stores, "--site", "facegate.lan", "--site", "127.0.0.1")

    assert done.exit_code == 0, done.output
    assert read(stores, "site").names == {"facegate.lan", "127.0.0.1"}


def test_other_names_are_taken_up(stores: Path) -> None:
    outcomes(stores)

    assert certs(stores, "--also", "shard.internal").exit_code == 0
    assert read(stores, "shard-5001").names == {"127.0.0.1", "shard.internal"}


def test_names_that_were_given_once_stay(stores: Path) -> None:
    certs(stores, "--also", "shard.internal", "--site", "facegate.lan")

    renewed = outcomes(stores, renew=True)

    assert set(renewed.values()) == {"renewed"}
    assert read(stores, "shard-5001").names == {"127.0.0.1", "shard.internal"}
    assert read(stores, "site").names == {"facegate.lan"}


@pytest.mark.parametrize(
    ("file", "content"),
    [("ca.crt", "nothing"), ("ca.key", None), ("shard-5001/tls.key", "nothing"), ("ca.key", "x")],
)
def test_what_cannot_be_read_changes_nothing(stores: Path, file: str, content: str | None) -> None:
    outcomes(stores)
    path = stores.parent / "certs" / file
    path.unlink() if content is None else path.write_text(content)
    before = contents(stores.parent / "certs")

    with pytest.raises(ClusterError):
        outcomes(stores, renew=True)
    done = certs(stores, "--renew")

    assert done.exit_code == 1
    assert "certs" in done.output
    assert contents(stores.parent / "certs") == before


def test_a_map_that_is_wrong_or_a_name_that_is_none_makes_nothing(stores: Path) -> None:
    assert certs(stores, "--also", "https://x").exit_code == 2
    stores.write_text("a: https://10.0.0.5:5000\n", encoding="utf-8")
    assert certs(stores).exit_code == 1
    assert not (stores.parent / "certs").exists()
