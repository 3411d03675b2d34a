"""A running chain changes its model by the commands alone: there, back, and for good."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from facegate import ClientError
from facegate.models.model_names import ModelNames
from tests.cluster.processes import wait_until
from tests.encoder.custom.models import add_small_model
from tests.facegate.cluster.up_process import Up
from tests.pictures import sample
from tests.ports import free_port

pytestmark = [pytest.mark.processes, pytest.mark.slow]


@pytest.fixture
def up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Up]:
    """A store that keeps the pictures of its members, of whom there is one, Obama."""
    add_small_model(tmp_path / "models")
    monkeypatch.setenv("FACEGATE_MODELS", str(tmp_path / "models"))
    up = Up(tmp_path)
    up.write_map(f"west: {{shards: 127.0.0.1:{free_port()}, keep_pictures: true}}  # ours\n")
    text = up.map.read_text(encoding="utf-8")
    up.write_map(f"version: 1\nstores:\n  {text}")
    with up.running():
        assert up.first_line().startswith("facegate ready")
        with up.client() as client:
            client.enroll("west", "obama", sample("obama.jpg"))
        yield up


def model(up: Up, *arguments: str) -> Any:
    """Run a command of `facegate model`; return what it says to programs."""
    places = [] if arguments[0] == "progress" else ["--stores", str(up.map)]
    command = [str(Path(sys.executable).parent / "facegate"), "model", *arguments, "--json"]
    command += [*places, "--url", f"http://127.0.0.1:{up.port}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def served(up: Up) -> str | None:
    """Return the model that the store serves when it is ready; None before."""
    try:
        with up.client() as client:
            [replica] = client.cluster().stores[0].replicas
    except ClientError:
        return None
    status = replica.status
    return status.model if replica.healthy and status is not None and status.ready else None


def recognized(up: Up) -> str | None:
    with up.client() as client:
        [face] = client.recognize("west", sample("obama.jpg"), mint=False).faces
    return face.face_id


def test_a_chain_changes_over_and_back_and_forgets(up: Up, tmp_path: Path) -> None:
    names = ModelNames(tmp_path / "models")
    dlib, small = names.vectors_of("dlib"), names.vectors_of("small")
    assert small is not None

    model(up, "prepare", "small")
    wait_until(
        lambda: (
            (model(up, "progress")[0]["second"] or {}).get("members", {}) == {"changed": 1, "of": 1}
        ),
        "the kept picture is described by the second model",
    )
    assert (served(up), recognized(up)) == (dlib, "obama")
    model(up, "switch")
    wait_until(lambda: served(up) == small, "the second model serves")
    assert recognized(up) == "obama"
    model(up, "switch")
    wait_until(lambda: served(up) == dlib, "the first model serves again")
    assert recognized(up) == "obama"

    [forgotten] = model(up, "forget")

    assert forgotten["templates"] >= 1
    assert "# ours" in up.map.read_text(encoding="utf-8")
    with up.client() as client:
        assert client.model_templates("west", small).templates == 0
        assert {each.model for each in client.face("west", "obama").templates} == {dlib}
    assert recognized(up) == "obama"
