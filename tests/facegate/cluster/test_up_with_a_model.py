"""`facegate model add`, then `facegate up` with it: known in one store, recognized in the other."""

from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from click.testing import CliRunner
from onnx import TensorProto

from encoder.files.file_cache import FileCache
from encoder.files.model_files import RESNET, NetworkFile
from encoder.onnx.cached_graph import cached_graph
from facegate.command import main
from tests.facegate.cluster.up_process import Up
from tests.pictures import SHARED, needs_shared, sample
from tests.ports import free_port

pytestmark = [pytest.mark.processes, pytest.mark.slow]


def dlibs_own() -> bytes:
    """Return dlib's network as an ONNX file of somebody: whatever machine has one has the other.

    It is fed 0 to 255, for the means are in its first weights.
    """
    graph = cached_graph(NetworkFile.published(RESNET), FileCache())
    network = onnx.load_model_from_string(graph if isinstance(graph, bytes) else graph.read_bytes())
    network.graph.input[0].type.tensor_type.elem_type = TensorProto.FLOAT
    return bytes(network.SerializeToString())


def mobilefacenet() -> bytes:
    return (SHARED / "models" / "mobilefacenet.onnx").read_bytes()


@pytest.mark.parametrize(
    ("network", "declared", "seen"),
    [
        # by a safe scale, which is strict with cosines of dlib's, another picture is too different
        (dlibs_own, ["--preset", "dlib", "--mean", "0", "--std", "1"], "obama.jpg"),
        pytest.param(mobilefacenet, ["--preset", "arcface"], "obama3.jpg", marks=needs_shared),
    ],
)
def test_a_member_of_one_store_is_recognized_in_the_other_by_the_users_model(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    network: Callable[[], bytes],
    declared: list[str],
    seen: str,
) -> None:
    file = tmp_path / "mine.onnx"
    file.write_bytes(network())
    monkeypatch.setenv("FACEGATE_MODELS", str(tmp_path / "models"))
    added = CliRunner().invoke(main, ["model", "add", str(file), *declared])
    assert added.exit_code == 0, added.output
    monkeypatch.setenv("FACEGATE_MODEL", "mine")  # for west, of which the map says nothing
    up = Up(tmp_path)
    up.write_map(
        f"version: 1\nstores:\n  west: 127.0.0.1:{free_port()}\n"
        f"  east: {{shards: 127.0.0.1:{free_port()}, model: mine}}\n"
    )

    with up.running():
        assert up.first_line().startswith("facegate ready"), up.stderr.read_text()
        with up.client() as client:
            client.enroll("west", "obama", sample("obama.jpg"))
            [home] = client.recognize("west", sample(seen), mint=False).faces
            [roaming] = client.recognize("east", sample(seen), mint=False).faces
            [stranger] = client.recognize("east", sample("biden.jpg"), mint=False).faces
            statuses = [store.replicas[0].status for store in client.cluster().stores]

    assert (home.match, home.face_id) == ("home", "obama")
    assert (roaming.match, roaming.store, roaming.face_id) == ("roaming", "west", "obama")
    assert stranger.match == "unknown"
    models = {str(status.model) for status in statuses if status is not None}
    assert len(models) == 1
    assert models.pop().startswith("mine-")
    assert {status.scale.kind for status in statuses if status and status.scale} == {"safe"}
