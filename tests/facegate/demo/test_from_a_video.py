"""From a video to visits on the till, with the one command that the README says."""

import itertools
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import plain_http
from tests.cluster.processes import wait_until
from tests.footage import make_footage
from tests.ports import free_port
from tests.project import ROOT

FACEGATE = Path(sys.executable).parent / "facegate"


def readme_command() -> list[str]:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    [line] = re.findall(r"visits on the till, in one command.*?```sh\n([^\n]+)\n```", readme, re.S)
    words = shlex.split(line)
    assert words[0] == ".venv/bin/facegate"
    return [str(FACEGATE), *words[1:]]


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("usual_ports_taken")
def test_the_readmes_command_brings_those_in_a_video_to_the_till(
    processes: None, slow: None, tmp_path: Path
) -> None:
    footage = make_footage(tmp_path)
    assert footage.video.name == "door.mp4"
    url = f"http://127.0.0.1:{free_port()}"
    environment = {**os.environ, "FACEGATE_ENCODER_WORKERS": "1", "FACEGATE_URL": url}
    port = url.rpartition(":")[2]
    demo = [str(FACEGATE), "demo", "--data", str(tmp_path / "demo"), "--port", port]

    def at_the_till() -> list[dict[str, Any]]:
        here = plain_http.get(f"{url}/v1/stores/store-a/present?camera=door").json()
        cards: list[dict[str, Any]] = here["visits"]
        return cards

    with subprocess.Popen(demo, env=environment, stdout=subprocess.PIPE, text=True) as serving:
        try:
            assert serving.stdout is not None
            list(itertools.takewhile(lambda line: "Ctrl-C" not in line, serving.stdout))
            done = subprocess.run(readme_command(), cwd=tmp_path, env=environment, check=False)
            assert done.returncode == 0
            wait_until(lambda: len(at_the_till()) >= footage.people, "all of them are at the till")
            assert plain_http.get(f"{url}/till/store-a").status_code == 200
        finally:
            serving.send_signal(signal.SIGINT)
