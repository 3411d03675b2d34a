"""What deploy/kubernetes, the store map in it and the services promise each other."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from contract.stores.address import Address
from contract.stores.map_parser import load_store_map
from gateway.directory.tables.database import parsed
from gateway.settings import GatewaySettings
from service.environment_settings import PREFIX
from shard.served_stores import served_stores
from shard.settings import ShardSettings

FOLDER = Path(__file__).parents[2] / "deploy/kubernetes"
MAP = FOLDER / "stores.yaml"
KUSTOMIZATION: dict[str, Any] = yaml.safe_load(
    (FOLDER / "kustomization.yaml").read_text(encoding="utf-8")
)
MANIFESTS: list[dict[str, Any]] = [
    manifest
    for file in KUSTOMIZATION["resources"]
    for manifest in yaml.safe_load_all((FOLDER / file).read_text(encoding="utf-8"))
]


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    """Return the `spec` of every manifest of a kind by its name."""
    return {each["metadata"]["name"]: each["spec"] for each in MANIFESTS if each["kind"] == kind}


SETS, SERVICES = of_kind("StatefulSet"), of_kind("Service")
PODS = {name: spec["template"]["spec"] for name, spec in SETS.items()}
CONTAINERS = {name: container for name, pod in PODS.items() for container in pod["containers"]}
SHARDS = {name: each for name, each in CONTAINERS.items() if "shard" in each["args"]}


def environment(name: str) -> dict[str, str]:
    """Return the variables of a container that have their values in the manifest."""
    return {each["name"]: each["value"] for each in CONTAINERS[name]["env"] if "value" in each}


def test_every_manifest_is_applied() -> None:
    files = {path.name for path in FOLDER.iterdir()}

    assert files == {*KUSTOMIZATION["resources"], "kustomization.yaml", MAP.name}


@pytest.mark.parametrize("name", SHARDS)
def test_a_process_serves_the_stores_that_the_map_has_at_its_address(
    name: str, tmp_path: Path
) -> None:
    [*_, option, stores] = SHARDS[name]["args"]
    address = Address(name, int(environment(name)["FACEGATE_PORT"]))
    here = [s.id for s in load_store_map(MAP).stores.values() if s.shards == (address,)]

    served = served_stores(ShardSettings(store=(stores,), stores=MAP, data=tmp_path))

    assert option == "--stores"
    assert len(here) > 1
    assert [store.id for store in served] == here


def test_every_store_of_the_map_is_served() -> None:
    hosts = {address.host for s in load_store_map(MAP).stores.values() for address in s.shards}

    assert hosts == SHARDS.keys()


@pytest.mark.parametrize("name", SETS)
def test_a_service_leads_to_the_port_of_every_set(name: str) -> None:
    [port] = CONTAINERS[name]["ports"]

    assert SERVICES[name]["selector"] == SETS[name]["template"]["metadata"]["labels"]
    assert SERVICES[name]["ports"] == [{"name": port["name"], "port": port["containerPort"]}]
    assert SETS[name]["selector"]["matchLabels"] == SERVICES[name]["selector"]
    assert SETS[name]["serviceName"] == name
    assert SETS[name]["replicas"] == 1, "one process writes"


def test_services_listen_where_they_are_looked_for() -> None:
    [gateway] = CONTAINERS["gateway"]["ports"]

    assert GatewaySettings().port == gateway["containerPort"]
    for name, shards in SHARDS.items():
        [port] = shards["ports"]
        assert environment(name)["FACEGATE_PORT"] == str(port["containerPort"])


@pytest.mark.parametrize("name", SETS)
def test_every_pod_is_confined_and_watched(name: str) -> None:
    pod, container = PODS[name], CONTAINERS[name]

    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["fsGroup"] == pod["securityContext"]["runAsUser"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False
    assert container["securityContext"] == {
        "readOnlyRootFilesystem": True,
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"]["memory"]
    assert {"startupProbe", "readinessProbe"} <= container.keys()


@pytest.mark.parametrize("name", [*SHARDS, "gateway"])
def test_a_pod_that_is_alive_is_left_alone_until_it_is_ready(name: str) -> None:
    paths = {
        kind: CONTAINERS[name][f"{kind}Probe"]["httpGet"]["path"]
        for kind in ("startup", "liveness", "readiness")
    }

    assert paths == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}


def test_pods_run_as_the_user_of_the_image() -> None:
    image = (FOLDER.parent / "Dockerfile").read_text(encoding="utf-8")
    [user] = re.findall(r"^USER (\d+):\d+$", image, re.MULTILINE)

    assert {PODS[n]["securityContext"]["runAsUser"] for n in [*SHARDS, "gateway"]} == {int(user)}


@pytest.mark.parametrize("name", SETS)
def test_every_mount_is_a_volume_and_every_volume_is_mounted(name: str) -> None:
    mounted = {mount["name"] for mount in CONTAINERS[name]["volumeMounts"]}
    claimed = {claim["metadata"]["name"] for claim in SETS[name]["volumeClaimTemplates"]}

    assert mounted == claimed | {volume["name"] for volume in PODS[name]["volumes"]}


def test_the_map_is_mounted_where_the_image_looks_for_it() -> None:
    image = (FOLDER.parent / "Dockerfile").read_text(encoding="utf-8")
    [path] = re.findall(r"FACEGATE_STORES=(\S+)", image)
    [generated] = KUSTOMIZATION["configMapGenerator"]

    assert generated["files"] == [Path(path).name]
    for name in [*SHARDS, "gateway"]:
        [mount] = [m for m in CONTAINERS[name]["volumeMounts"] if m["name"] == generated["name"]]
        assert mount["mountPath"] == str(Path(path).parent)
        assert {"name": "stores", "configMap": {"name": generated["name"]}} in PODS[name]["volumes"]


def test_an_edit_of_the_map_reaches_pods_that_run() -> None:
    assert KUSTOMIZATION["generatorOptions"]["disableNameSuffixHash"] is True


def test_the_gateway_is_given_the_directory_that_is_made() -> None:
    server, given = environment("directory"), environment("gateway")["FACEGATE_DIRECTORY_URL"]
    [port] = SERVICES["directory"]["ports"]

    url = parsed(
        GatewaySettings(
            directory_url=given.replace("$(DIRECTORY_PASSWORD)", "secret")
        ).directory_address
        or ""
    )

    assert (url.username, url.password, url.host, url.database) == (
        server["POSTGRES_USER"],
        "secret",
        "directory",
        server["POSTGRES_DB"],
    )
    assert (url.port or 5432) == port["port"]


def test_both_know_the_password_from_one_secret() -> None:
    secrets = {
        name: {each["name"]: each["valueFrom"] for each in container["env"] if "valueFrom" in each}
        for name, container in CONTAINERS.items()
    }
    known = {"secretKeyRef": {"name": "directory", "key": "password"}}

    assert secrets["gateway"] == {"DIRECTORY_PASSWORD": known}
    assert secrets["directory"] == {"POSTGRES_PASSWORD": known}


def test_shards_and_directory_are_reached_by_the_gateway_alone() -> None:
    [policy] = of_kind("NetworkPolicy").values()
    labels = [spec["template"]["metadata"]["labels"] for spec in SETS.values()]
    everyone = policy["podSelector"]["matchLabels"]

    assert all(everyone.items() <= each.items() for each in labels)
    assert policy["policyTypes"] == ["Ingress"]
    assert policy["ingress"] == [
        {"from": [{"podSelector": {"matchLabels": SERVICES["gateway"]["selector"]}}]}
    ]
    assert {each.get("type", "ClusterIP") for each in SERVICES.values()} == {"ClusterIP"}


def test_every_variable_is_a_setting() -> None:
    used = {variable for name in [*SHARDS, "gateway"] for variable in environment(name)}
    known = GatewaySettings.model_fields.keys() | ShardSettings.model_fields.keys()

    assert {v for v in used if v.removeprefix(PREFIX).lower() not in known} == set()


def test_a_process_is_ended_after_it_has_drained() -> None:
    compose = (FOLDER.parents[1] / "docker-compose.yml").read_text(encoding="utf-8")
    [seconds] = re.findall(r"stop_grace_period: (\d+)s", compose)

    assert {PODS[name]["terminationGracePeriodSeconds"] for name in [*SHARDS, "gateway"]} == {
        int(seconds)
    }


@pytest.mark.parametrize("name", [*SHARDS, "gateway"])
def test_gateway_and_shards_know_each_other_by_the_secret_of_the_cluster(name: str) -> None:
    [mount] = [m for m in CONTAINERS[name]["volumeMounts"] if m["name"] == "cluster"]
    [volume] = [v for v in PODS[name]["volumes"] if v["name"] == "cluster"]

    assert environment(name)["FACEGATE_CLUSTER_SECRET_FILE"] == f"{mount['mountPath']}/secret"
    assert volume["secret"] == {"secretName": "cluster", "defaultMode": 0o440}
