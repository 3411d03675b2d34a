"""`facegate up` where keys are asked for, and the commands beside it, as real processes."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from facegate import ApiError, Client, ClientError
from tests import plain_http
from tests.cluster.processes import wait_until
from tests.facegate.cluster.up_process import Up
from tests.ports import free_port

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    up = Up(tmp_path_factory.mktemp("keys"), FACEGATE_KEYS="required")
    up.write_map(f"west: 127.0.0.1:{free_port()}\n")
    with up.running():
        assert up.first_line().startswith("facegate ready")
        yield up


def facegate(up: Up, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the folder of the cluster."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FACEGATE_KEY")}
    return subprocess.run(
        [str(Path(sys.executable).parent / "facegate"), *words, "--url", up.url],
        cwd=up.folder,
        env={**environment, **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def refusal(up: Up, key: str | None) -> str | None:
    with Client(up.url, key=key) as client:
        try:
            client.present("west")
        except ApiError as error:
            return error.code
    return None


def test_the_admins_key_is_the_owners_alone_and_nobody_gets_in_without_one(up: Up) -> None:
    assert up.admin_key.stat().st_mode & 0o777 == 0o600
    said = up.stderr.read_text(encoding="utf-8")
    assert f"sign in at {up.url}/ with the key in {up.admin_key}\n" in said
    assert refusal(up, None) == "KEY_REQUIRED"
    assert refusal(up, up.admin_key.read_text()) is None


def test_the_commands_find_the_admins_key_and_make_list_replace_and_revoke_others(up: Up) -> None:
    made = facegate(up, "keys", "create", "till 1", "--role", "till", "--store", "west")
    assert made.returncode == 0, made.stderr
    key = made.stdout.strip()
    key_id = key[:11]
    assert refusal(up, key) is None

    replaced = facegate(up, "keys", "rotate", key_id, "--grace", "0")
    assert (refusal(up, key), refusal(up, replaced.stdout.strip())) == ("KEY_REFUSED", None)

    new_id = replaced.stdout[:11]
    assert "is revoked" in facegate(up, "keys", "revoke", new_id).stdout
    assert refusal(up, replaced.stdout.strip()) == "KEY_REFUSED"
    listed = json.loads(facegate(up, "keys", "list", "--json").stdout)
    states = {one["id"]: one["state"] for one in listed}
    assert (states[new_id], states[key_id]) == ("revoked", "expired")
    table = facegate(up, "keys", "list").stdout
    assert new_id in table
    assert key.removeprefix(key_id) not in table


def test_the_commands_show_who_is_signed_in_and_sign_them_out(up: Up) -> None:
    key = facegate(up, "keys", "create", "west till", "--role", "till", "--store", "west").stdout
    with plain_http.Client(base_url=up.url) as browser:
        browser.post("/sign-in", data={"key": key.strip()})
        assert browser.get("/v1/sessions").status_code == 200
        [found] = json.loads(facegate(up, "keys", "sessions", "--json").stdout)
        assert (found["name"], found["address"]) == ("west till", "127.0.0.1")
        assert found["id"] in facegate(up, "keys", "sessions").stdout

        assert "is signed out" in facegate(up, "keys", "sign-out", found["id"]).stdout

        assert browser.get("/v1/sessions").status_code == 401


def test_a_command_brings_the_key_that_the_environment_says(up: Up, tmp_path: Path) -> None:
    key = facegate(up, "keys", "create", "chief", "--role", "manager").stdout
    file = tmp_path / "key"
    file.write_text(key)

    for settings in ({"FACEGATE_KEY": key.strip()}, {"FACEGATE_KEY_FILE": str(file)}):
        assert facegate(up, "traffic", **settings).returncode == 0
        refused = facegate(up, "members", "list", **settings)
        assert refused.returncode == 1
        assert "NOT_FOR_ROLE" in refused.stderr
        assert key.strip()[12:] not in refused.stderr
    lost = facegate(up, "traffic", FACEGATE_KEY_FILE=str(tmp_path / "lost"))
    assert (lost.returncode, "FACEGATE_KEY_FILE" in lost.stderr) == (1, True)


def test_a_key_that_was_shown_works_after_a_kill_in_the_middle_of_rotating(up: Up) -> None:
    shown = []
    stop = threading.Event()

    def rotate() -> None:
        with up.client() as client:
            last = client.create_key("tills", "till", stores=["west"])
            shown.append(last.key)
            while not stop.is_set():
                with suppress(ClientError):
                    last = client.rotate_key(last.id)
                    shown.append(last.key)

    rotating = threading.Thread(target=rotate)
    rotating.start()
    try:
        wait_until(lambda: len(shown) > 3, "keys are replaced")
        before = up.pid_of("-m gateway")
        os.kill(before, signal.SIGKILL)
        count = len(shown)
        wait_until(lambda: len(shown) > count + 3, "keys are replaced again")
    finally:
        stop.set()
        rotating.join()

    assert [refusal(up, key) for key in shown] == [None] * len(shown)


def test_the_logs_show_no_key(up: Up) -> None:
    secret = up.admin_key.read_text().strip()[12:]
    logs = [path.read_text() for path in (up.folder / "data" / "logs").iterdir()]

    assert any("/v1/keys" in log for log in logs)
    assert not any(secret in log for log in logs)
    assert secret not in up.stderr.read_text()
