"""The rules of the house: who may import whom, and which one module knows a foreign library."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "contract": set[str](),
    "encoder": {"contract"},
    "shard": {"contract", "encoder"},
    "gateway": {"contract"},
    "facegate": {"contract", "encoder"},  # `evaluate` measures the encoder itself
}
PARTS = set(MAY_IMPORT)
ONE_MODULE = {
    "faiss": {"shard/template_index.py"},
    "dlib": {
        "encoder/alignment_dlib.py",
        "encoder/cnn_dlib.py",
        "encoder/descriptor_dlib.py",
        "encoder/hog_dlib.py",
    },
    "onnx": {"encoder/onnx_graph.py"},
    "onnxruntime": {"encoder/onnx_session.py"},
    "face_recognition": {"encoder/face_recognition_encoder.py"},
    "aiohttp": {"gateway/webhook_client.py"},
    "httptools": {"gateway/shard_connections.py"},
    "httpx": {"facegate/http_transport.py"},
    "pillow_heif": {"encoder/heif_plugin.py"},
    "matplotlib": {"facegate/plot.py"},
    "jinja2": {"gateway/pages.py"},
    "supervisor": {"facegate/supervision.py"},
    "numba": {
        "encoder/alignment_kernel/run.py",
        "encoder/hog_kernel/histograms.py",
        "encoder/hog_kernel/search.py",
        "encoder/hog_kernel/sizes.py",
        "encoder/network_kernel/lanes.py",
        "encoder/network_kernel/run.py",
        "encoder/network_kernel/sizes.py",
    },
    "llvmlite": {
        "encoder/hog_kernel/histograms.py",
        "encoder/machine_code.py",
        "encoder/network_kernel/lanes.py",
        "encoder/processor.py",
    },
}
SQL = {"sqlalchemy", "sqlite3", "alembic", "psycopg"}
SQL_FILES = (
    "contract/sqlite_file.py",
    "contract/stored_galleries.py",
    "shard/migrations/",
    "shard/gallery",
    "gateway/record/",
)
FASTAPI = {"fastapi", "uvicorn"}


def sources(part: str) -> list[Path]:
    return sorted((ROOT / part).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Return the top-level names of every module that the file imports, wherever it does."""
    names = set[str]()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.partition(".")[0])
    return names


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("part", sorted(PARTS))
def test_imports_run_one_way(part: str) -> None:
    allowed = MAY_IMPORT[part] | {part}

    strays = {name(path): imported(path) & PARTS - allowed for path in sources(part)}

    assert {file: names for file, names in strays.items() if names} == {}


def test_the_client_and_its_commands_know_no_encoder_but_to_measure_it() -> None:
    users = {name(path) for path in sources("facegate") if "encoder" in imported(path)}

    assert users == {"facegate/evaluation/encoding.py"}


@pytest.mark.parametrize("library", sorted(ONE_MODULE))
def test_one_module_alone_knows_a_foreign_library(library: str) -> None:
    users = {name(path) for part in PARTS for path in sources(part) if library in imported(path)}

    assert users == ONE_MODULE[library]


def test_sql_stays_in_the_gallery_the_record_and_their_migrations() -> None:
    users = {name(path) for part in PARTS for path in sources(part) if SQL & imported(path)}

    assert users
    assert {file for file in users if not file.startswith(SQL_FILES)} == set()


def test_http_is_spoken_by_api_and_app_modules_alone() -> None:
    users = {name(path) for part in PARTS for path in sources(part) if FASTAPI & imported(path)}

    assert {
        file
        for file in users
        if not file.endswith(("_api.py", "/app.py", "/__main__.py", "/picture_upload.py"))
    } == set()


@pytest.mark.parametrize("part", sorted(PARTS))
def test_the_environment_is_read_by_settings_alone(part: str) -> None:
    readers = {
        name(path)
        for path in sources(part)
        if "os.environ" in path.read_text(encoding="utf-8")
        and name(path)
        not in {"contract/one_thread.py", "encoder/processor.py", "facegate/supervision.py"}
    }

    assert readers == set()


@pytest.mark.parametrize("part", sorted(PARTS))
def test_nothing_is_global(part: str) -> None:
    offenders = {
        name(path)
        for path in sources(part)
        if any(
            isinstance(node, ast.Global)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        )
    }

    assert offenders == set()
