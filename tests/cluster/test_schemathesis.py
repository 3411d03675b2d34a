"""Both services are tried against all that their OpenAPI says, by schemathesis with all its checks.

`schemathesis.toml` names what it may not expect. The cluster is real and of its own: every route is
tried, those that erase among them.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.conftest import started
from tests.cluster.processes import Cluster

CONFIG = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = 2
"""Made at random for each operation, beside those of the schema and of each of its limits."""


@pytest.fixture(scope="module")
def tried_cluster(processes: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = started(tmp_path_factory.mktemp("tried-cluster"))
    cluster.gateway.terminate()
    cluster.gateway.environment |= {
        "FACEGATE_KEYS": "required",
        "FACEGATE_ADMIN_KEY_FILE": str(cluster.folder / "admin.key"),
    }
    cluster.gateway.start()
    cluster.gateway.wait_ready()
    yield cluster
    cluster.stop()


def tried(
    url: str, folder: Path, *but: str, key: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Try a service with the same examples in every run; where there is a `key`, also without."""
    program = Path(sys.executable).with_name("schemathesis")
    given = ["--config-file", str(CONFIG), "run", f"{url}/openapi.json", "--checks", "all"]
    bounds = ["--max-examples", str(EXAMPLES), "--request-timeout", "20"]
    fixed = ["--seed", "1", "--generation-deterministic"]
    left_out = [f"--exclude-operation-id={operation}" for operation in but]
    brought = [] if key is None else ["--header", f"Authorization: Bearer {key}"]
    usual = [*given, *bounds, *fixed, *brought]
    command = [str(program), *usual, *left_out, "--no-color", "--no-shrink"]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "tests.cluster.schemathesis_hooks"}
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    return subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=environment, check=False
    )


def test_the_gateway_keeps_what_its_openapi_promises(
    tried_cluster: Cluster, tmp_path: Path
) -> None:
    # A feed answers until its reader leaves, and the key that is used is not to be ended: they have
    # tests of their own.
    but = ("follow_live", "rotate_key", "revoke_key")
    key = (tried_cluster.folder / "admin.key").read_text().strip()
    run = tried(tried_cluster.gateway.url, tmp_path, *but, key=key)

    assert run.returncode == 0, run.stdout[-50_000:] + run.stderr[-2_000:]


def test_a_shard_keeps_what_its_openapi_promises(tried_cluster: Cluster, tmp_path: Path) -> None:
    run = tried(tried_cluster.shards["west"].url, tmp_path)

    assert run.returncode == 0, run.stdout[-50_000:] + run.stderr[-2_000:]
