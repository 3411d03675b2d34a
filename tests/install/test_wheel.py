"""The wheel, installed by pip in an empty environment and used away from the checkout."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import plain_http
from tests.pictures import sample
from tests.ports import free_port
from tests.project import PYPROJECT, ROOT

pytestmark = [pytest.mark.timeout(600), pytest.mark.processes]

SETUPTOOLS = PYPROJECT["tool"]["setuptools"]
PACKAGES = [name.removesuffix("*") for name in SETUPTOOLS["packages"]["find"]["include"]]
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("FACEGATE_", "PYTHON", "VIRTUAL_ENV"))
}
"""The machine's, without what would lead back to the checkout."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build it in a copy, where no former build has left anything."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in PACKAGES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", ".", cwd=source)
    [wheel] = source.glob("*.whl")
    return wheel


class Installed:
    """An environment with what pip installed there, and a folder to work in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder / "environment" / "bin"
        self.report = folder / "report.json"

    def run(self, program: str, *arguments: str) -> str:
        """Return what it prints."""
        return run(str(self.programs / program), *arguments, cwd=self.folder)

    @contextmanager
    def up(self, stores: str) -> Iterator[str]:
        """Run `facegate up` and yield the gateway's address."""
        (self.folder / "stores.yaml").write_text(stores, encoding="utf-8")
        command = [str(self.programs / "facegate"), "up", f"--port={free_port()}"]
        with subprocess.Popen(
            command, cwd=self.folder, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            try:
                first, _, address = process.stdout.readline().strip().rpartition(" ")
                assert first == "facegate ready"
                yield address
            finally:
                process.terminate()


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    installed = Installed(tmp_path_factory.mktemp("installed"))
    environment = installed.programs.parent
    # Without a pip of its own, which would take longest to come.
    run(sys.executable, "-m", "venv", "--without-pip", str(environment), cwd=installed.folder)
    pip = (sys.executable, "-m", "pip", f"--python={environment}", "--quiet")
    try:
        run(*pip, "download", "--retries=0", "--no-deps", "click", cwd=installed.folder)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no package registry answers pip: {error.stderr.strip()[-200:]}")
    # Not compiled: most of what is installed is never imported here.
    report = f"--report={installed.report}"
    run(*pip, "install", "--no-compile", report, str(wheel), cwd=installed.folder)
    return installed


def run(*command: str, cwd: Path) -> str:
    """Return what a command prints. Raises CalledProcessError when it fails."""
    done = subprocess.run(
        command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    sys.stderr.write(done.stderr)
    done.check_returncode()
    return done.stdout


def test_the_wheel_has_every_file_of_the_packages(wheel: Path) -> None:
    files = {
        path.relative_to(ROOT).as_posix()
        for name in PACKAGES
        for path in (ROOT / name).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }

    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert {name for name in packed ^ files if not name.endswith(".md")} == set()


def test_type_checkers_find_types_in_every_package(wheel: Path) -> None:
    packed = zipfile.ZipFile(wheel).namelist()

    assert [name for name in PACKAGES if f"{name}/py.typed" not in packed] == []


def test_nothing_is_compiled(installed: Installed) -> None:
    report = json.loads(installed.report.read_text(encoding="utf-8"))
    sources = [
        package["metadata"]["name"]
        for package in report["install"]
        if not package["download_info"]["url"].endswith(".whl")
    ]

    assert sources == ["face_recognition_models"]  # data alone


def test_the_command_says_its_version(installed: Installed) -> None:
    printed = installed.run("facegate", "--version")

    assert printed == f"facegate, version {PYPROJECT['project']['version']}\n"


def test_an_enrolled_face_is_recognised(installed: Installed) -> None:
    for name in ("obama.jpg", "obama2.jpg"):
        (installed.folder / name).write_bytes(sample(name))

    with installed.up(f"store-a: 127.0.0.1:{free_port()}\n") as address:
        at = f"--url={address}"
        installed.run("facegate", "enroll", at, "store-a", "44", "obama.jpg")
        printed = installed.run("facegate", "recognize", at, "--json", "store-a", "obama2.jpg")
        page = plain_http.get(f"{address}/", follow_redirects=True)

    [answer] = json.loads(printed)
    assert [(face["match"], face["face_id"]) for face in answer["faces"]] == [("home", "44")]
    assert page.status_code == 200
    assert "text/html" in page.headers["content-type"]


def test_the_reference_encoder_says_what_to_install(installed: Installed) -> None:
    program = "from encoder import load_encoder; load_encoder('face_recognition')"

    with pytest.raises(subprocess.CalledProcessError) as failed:
        installed.run("python", "-c", program)

    [package] = PYPROJECT["project"]["optional-dependencies"]["reference"]
    assert f"pip install --no-deps {package}" in failed.value.stderr
