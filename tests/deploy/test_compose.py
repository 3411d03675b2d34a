"""What docker-compose.yml, the store map beside it, nginx and the services promise each other."""

import re
import runpy
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from contract.stores.map_parser import load_store_map
from gateway.settings import GatewaySettings
from service.cluster_secret import ClusterSecret
from service.environment_settings import PREFIX
from shard.settings import ShardSettings

ROOT = Path(__file__).parents[2]
SECRET_SCRIPT = ROOT / "deploy/cluster_secret.py"
STORES = ROOT / "deploy/stores.compose.yaml"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SHARDS = {name: service for name, service in SERVICES.items() if "--store" in service["command"]}
ONE_OFF = {name for name, service in SERVICES.items() if service["restart"] == "on-failure"}
NGINX = (ROOT / "deploy/nginx.conf").read_text(encoding="utf-8")


def nginx_value(directive: str) -> int:
    """Return the whole number that `directive` of nginx.conf starts with."""
    match = re.search(rf"^\s*{directive}\s+(\d+)[ms];", NGINX, re.MULTILINE)
    assert match
    return int(match[1])


def default_of(field: str) -> float:
    """Return a default that gateway and shard agree on."""
    gateway, shard = (
        settings.model_fields[field].default for settings in (GatewaySettings, ShardSettings)
    )
    assert gateway == shard
    return float(shard)


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_confined(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - ONE_OFF))
def test_what_goes_on_is_watched_and_started_again(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"]


def test_ports_are_published_by_nginx_alone_and_on_this_machine_alone() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}

    assert set(published) == {"nginx"}
    assert all(port.startswith("127.0.0.1:") for port in published["nginx"])


def test_shards_are_on_the_internal_network_alone() -> None:
    assert COMPOSE["networks"]["shards"]["internal"] is True
    assert all(service["networks"] == ["shards"] for service in SHARDS.values())


def test_the_store_map_names_the_shards_and_the_first_of_each_store_writes() -> None:
    expected = {
        str(address): (store.id, replica > 0)
        for store in load_store_map(STORES).stores.values()
        for replica, address in enumerate(store.shards)
    }

    actual = {
        f"{name}:{service['environment']['FACEGATE_PORT']}": (
            service["command"][-1],
            service["environment"].get("FACEGATE_READ_ONLY") == "true",
        )
        for name, service in SHARDS.items()
    }

    assert actual == expected


def test_replicas_of_a_store_share_its_volume() -> None:
    volumes: dict[str, set[str]] = {}
    for service in SHARDS.values():
        volumes.setdefault(service["command"][-1], set()).add(service["volumes"][-1])

    assert volumes == {store: {f"{store}:/data"} for store in volumes}


def test_the_folder_of_the_store_map_is_mounted_so_that_edits_are_seen() -> None:
    for service in SERVICES.values():
        mount = service["volumes"][0]
        assert ROOT / mount["source"] == STORES.parent
        for variable, value in service.get("environment", {}).items():
            assert variable != "FACEGATE_STORES" or value == f"{mount['target']}/{STORES.name}"


def test_every_variable_is_a_setting() -> None:
    dockerfile = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
    used = set(re.findall(rf"\b{PREFIX}\w+(?==)", dockerfile))
    for service in SERVICES.values():
        used |= service.get("environment", {}).keys()

    known = GatewaySettings.model_fields.keys() | ShardSettings.model_fields.keys()
    known |= {"processor"}  # of set-up and encoder workers, encoder/turbo/processor.py

    assert {name for name in used if name.removeprefix(PREFIX).lower() not in known} == set()


def test_nginx_leaves_limits_to_the_services_which_say_why() -> None:
    assert nginx_value("client_max_body_size") * 2**20 > default_of("max_body_bytes")
    assert nginx_value("proxy_read_timeout") > default_of("request_seconds")
    assert nginx_value("client_body_timeout") >= default_of("body_seconds")


def test_the_image_gets_the_packages_of_services_and_nothing_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = set(project["tool"]["setuptools"]["packages"]["find"]["include"])
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()

    let_in = {line[1:] for line in lines if line.startswith("!")}

    assert "*" in lines
    assert {name for name in let_in if (ROOT / name).is_dir()} == {
        package.removesuffix("*") for package in packages - {"facegate*"}
    }


def test_gateway_and_shards_know_each_other_by_a_secret_that_is_made_before_they_start() -> None:
    [maker] = ONE_OFF
    [_, script, folder] = SERVICES[maker]["command"]
    assert script == f"/etc/facegate/{SECRET_SCRIPT.name}"
    assert SERVICES[maker]["network_mode"] == "none"

    for name in {"gateway", *SHARDS}:
        service = SERVICES[name]
        assert service["environment"]["FACEGATE_CLUSTER_SECRET_FILE"] == f"{folder}/secret"
        assert service["depends_on"][maker] == {"condition": "service_completed_successfully"}
        [mount] = [v for v in service["volumes"] if isinstance(v, dict) and v["target"] == folder]
        assert mount["read_only"] is True
    assert f"include {folder}/nginx.conf;" in NGINX


def test_the_secret_is_made_once_and_nginx_shows_it(tmp_path: Path) -> None:
    main = runpy.run_path(str(SECRET_SCRIPT))["main"]
    main(tmp_path)
    before = {path.name: path.read_text() for path in tmp_path.iterdir()}
    main(tmp_path)

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == before
    shown = ClusterSecret.read(tmp_path / "secret").header["Authorization"]
    assert f'8081    "{shown}";' in before["nginx.conf"]
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"secret": 0o600, "nginx.conf": 0o644}
