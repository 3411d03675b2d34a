"""The rules of the house: who may import whom, and which one module knows a foreign library."""

import ast
from collections import defaultdict
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "contract": set[str](),
    "service": {"contract"},
    "scoring": {"contract", "service"},
    "encoder": {"contract", "service"},
    "shard": {"contract", "service", "scoring", "encoder"},
    "gateway": {"contract", "service", "scoring"},
    # `evaluate` measures the encoder itself, and the agent finds faces where the camera is.
    "facegate": {"contract", "service", "scoring", "encoder"},
}
ROOMS_MAY_IMPORT = {
    "contract": {
        "text": {"errors"},
        "messages": {"errors", "text"},
        "stores": {"errors", "text", "messages"},
        "pictures": {"text"},
    },
    "service": {
        "files": set[str](),
        "http": {"background", "garbage_collection", "request_id", "settings", "tls"},
        "mqtt": set[str](),
        "tls": set[str](),
    },
    "scoring": {},
    "encoder": {
        "files": set[str](),
        "picture": {"face"},
        "dlib": {"alignment", "descriptor", "detector", "files"},
        "onnx": {"descriptor", "detector", "files", "non_maximum_suppression"},
        "turbo": {
            *("alignment", "descriptor", "detector", "non_maximum_suppression", "files", "dlib"),
        },
        "reference": {"face", "files", "interface", "picture"},
        "custom": {
            *("alignment", "detector", "face", "files", "non_maximum_suppression", "recognizer"),
        },
        "load": {
            *("alignment", "descriptor", "detector", "interface", "pipeline", "files", "picture"),
            *("recognizer", "resnet_recognizer", "custom", "dlib", "onnx", "turbo", "reference"),
            *("face_locator", "duty_budget"),
        },
        "workers": {"face", "interface", "load", "picture"},
        "admission": {
            *("alignment", "detector", "pipeline", "recognizer", "custom", "files", "load"),
            *("onnx", "picture"),
        },
    },
    "shard": {
        "gallery": set[str](),
        "index": {"gallery"},
        "faces": set[str](),
        "recognition": {"service", "search_batches", "faces", "index"},
        "enrollment": {"service", "gallery", "index", "recognition"},
        "api": {
            *("service", "services", "search_batches", "metrics", "shared_parts"),
            *("gallery", "index", "faces", "recognition", "enrollment"),
        },
    },
    "gateway": {
        "clock": set[str](),
        "http": set[str](),
        "record": {"clock"},
        "audit": {"clock", "http", "record"},
        "access": {"audit", "clock", "http", "metrics", "record"},
        "chain": {"clock", "http", "metrics", "drain"},
        "directory": {"chain", "record"},
        "camera_watch": {"clock", "http", "record"},
        "recognition": {
            *("audit", "camera_watch", "chain", "clock", "directory", "http", "metrics"),
            *("periodic", "record"),
        },
        "push": {"camera_watch", "chain", "http", "metrics", "recognition", "record"},
        "shard_updates": {"chain", "clock", "directory", "periodic", "record"},
        "people": {
            *("audit", "chain", "clock", "directory", "http", "periodic", "recognition"),
            *("record", "shard_updates"),
        },
        "footfall": {"chain", "clock", "http", "record"},
        "live": {"audit", "chain", "clock", "http", "record"},
        "pages": {"access", "audit", "camera_watch", "chain", "http", "metrics", "record"},
        "demo": {"chain", "http", "record"},
    },
    "facegate": {
        "client": set[str](),
        "camera": {"client"},
        "frigate": {"client"},
        "output": set[str](),
        "evaluation": {"output"},
        "models": {"demo", "evaluation"},
        "cluster": {"camera", "client", "output"},
        "demo": {"client", "cluster", "output"},
        "commands": {
            *("camera", "client", "cluster", "demo", "evaluation", "frigate", "models", "output"),
        },
    },
}
"""Of each folder, which other folders and modules of its part it may import."""
MODULES_A_FOLDER = 25
PARTS = set(MAY_IMPORT)
ONE_MODULE = {
    "faiss": {"shard/index/faiss_vectors.py"},
    "dlib": {
        "encoder/dlib/alignment.py",
        "encoder/dlib/cnn.py",
        "encoder/dlib/descriptor.py",
        "encoder/dlib/hog.py",
    },
    "onnx": {"encoder/onnx/graph.py", "encoder/onnx/tuning.py"},
    "onnxruntime": {"encoder/onnx/session.py"},
    "face_recognition": {"encoder/reference/face_recognition_encoder.py"},
    "cryptography": {"service/tls/authority.py", "service/cipher.py"},
    "defusedxml": {"gateway/push/event_xml.py"},
    "av": {"facegate/camera/sources/video.py"},
    "httptools": {"gateway/http/connections.py", "service/http/guarded_connection.py"},
    "aiomqtt": {"service/mqtt/broker.py"},
    "httpcore": {"facegate/client/bounded_transport.py"},
    "authlib": {"gateway/access/openid_provider.py"},
    "joserfc": {"gateway/access/openid_provider.py"},
    "httpx": {
        "gateway/access/openid_provider.py",
        "facegate/client/bounded_transport.py",
        "facegate/client/http_transport.py",
        "facegate/frigate/snapshots.py",
    },
    "pillow_heif": {"encoder/picture/heif_plugin.py"},
    "matplotlib": {"facegate/output/plot.py"},
    "jinja2": {"gateway/pages/pages.py"},
    "supervisor": {
        "facegate/cluster/supervision.py",
        "facegate/cluster/supervisor_process.py",
    },
    "numba": {
        "encoder/turbo/numba_types.py",
        "encoder/turbo/alignment/kernel/run.py",
        "encoder/turbo/hog/kernel/histograms.py",
        "encoder/turbo/hog/kernel/run.py",
        "encoder/turbo/network/kernel/constants.py",
        "encoder/turbo/network/kernel/lanes.py",
        "encoder/turbo/network/kernel/run.py",
    },
    "llvmlite": {
        "encoder/turbo/hog/kernel/histograms.py",
        "encoder/turbo/machine_code.py",
        "encoder/turbo/network/kernel/lanes.py",
    },
}
SQL = {"sqlalchemy", "sqlite3", "alembic", "psycopg"}
SQL_FILES = (
    "service/files/schema_version.py",
    "service/files/sqlite_file.py",
    "service/sealed_columns.py",
    "contract/stores/stored_galleries.py",
    "shard/gallery/",
    "gateway/record/",
    "gateway/directory/tables/",
)
FASTAPI = {"fastapi", "uvicorn"}


@cache
def sources(part: str) -> list[Path]:
    return sorted((ROOT / part).rglob("*.py"))


@cache
def nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


@cache
def imported(path: Path) -> set[str]:
    """Return the top-level names of every module that the file imports, wherever it does."""
    names = set[str]()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.partition(".")[0])
    return names


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def rooms_imported(path: Path, part: str) -> set[str]:
    """Return the folders, and the modules beside them, of `part` that the file needs to run."""
    for_types = {
        node
        for branch in nodes(path)
        if isinstance(branch, ast.If) and ast.unparse(branch.test) == "TYPE_CHECKING"
        for node in branch.body
    }
    dotted = [
        f"{node.module}.{alias.name}"
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom) and node not in for_types
        for alias in node.names
    ]
    return {module.split(".")[1] for module in dotted if module.startswith(f"{part}.")}


@pytest.mark.parametrize("part", sorted(PARTS))
def test_imports_run_one_way_between_the_folders_of_a_part(part: str) -> None:
    folders = {path.name for path in (ROOT / part).iterdir() if (path / "__init__.py").exists()}
    allowed = ROOMS_MAY_IMPORT[part]

    strays = {
        name(path): rooms_imported(path, part) - allowed[folder] - {folder}
        for folder in sorted(folders & allowed.keys())
        for path in sources(f"{part}/{folder}")
    }

    assert allowed.keys() == folders
    assert {file: names for file, names in strays.items() if names} == {}
    tuple(TopologicalSorter(allowed).static_order())  # raises CycleError


def test_no_folder_is_crowded() -> None:
    folders = {path.parent for part in (*PARTS, "bench", "tests") for path in sources(part)}
    modules = {name(folder): len(list(folder.glob("*.py"))) for folder in folders}

    assert {folder: n for folder, n in modules.items() if n > MODULES_A_FOLDER} == {}


def test_no_class_name_stands_for_two_things() -> None:
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path in (path for part in PARTS for path in sources(part)):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(name(path))

    assert {noun: files for noun, files in places.items() if len(files) > 1} == {}


@pytest.mark.parametrize("part", sorted(PARTS))
def test_imports_run_one_way(part: str) -> None:
    allowed = MAY_IMPORT[part] | {part}

    strays = {name(path): imported(path) & PARTS - allowed for path in sources(part)}

    assert {file: names for file, names in strays.items() if names} == {}


def test_of_what_users_hold_the_agent_evaluations_and_models_alone_know_the_encoder() -> None:
    users = {name(path) for path in sources("facegate") if "encoder" in imported(path)}
    finders = ("facegate/models/", "facegate/commands/model/", "facegate/camera/")

    assert {file for file in users if not file.startswith(finders)} == {
        "facegate/evaluation/encoding.py"
    }


@pytest.mark.parametrize("library", sorted(ONE_MODULE))
def test_one_module_alone_knows_a_foreign_library(library: str) -> None:
    users = {name(path) for part in PARTS for path in sources(part) if library in imported(path)}

    assert users == ONE_MODULE[library]


def test_the_compiled_kernels_have_one_door() -> None:
    users = {
        name(path)
        for part in PARTS
        for path in sources(part)
        if "encoder.turbo" in path.read_text(encoding="utf-8")
    }

    assert {file for file in users if not file.startswith("encoder/turbo/")} == {
        "encoder/load/turbo.py"
    }


def test_sql_stays_in_the_gallery_the_record_and_their_migrations() -> None:
    users = {name(path) for part in PARTS for path in sources(part) if SQL & imported(path)}

    assert users
    assert {file for file in users if not file.startswith(SQL_FILES)} == set()


def test_http_is_spoken_by_api_and_app_modules_alone() -> None:
    users = {name(path) for part in PARTS for path in sources(part) if FASTAPI & imported(path)}

    assert {
        file
        for file in users
        if not file.startswith(("service/http/", "gateway/http/", "shard/api/"))
        and not file.endswith(("_api.py", "/app.py", "/__main__.py", "/picture_upload.py"))
    } == set()


@pytest.mark.parametrize("part", sorted(PARTS))
def test_the_environment_is_read_by_settings_alone(part: str) -> None:
    readers = {
        name(path)
        for path in sources(part)
        if "os.environ" in path.read_text(encoding="utf-8")
        and name(path)
        not in {
            "service/one_thread.py",
            "encoder/turbo/processor.py",
        }
    }

    assert readers == set()


@pytest.mark.parametrize("part", sorted(PARTS))
def test_a_broad_except_says_why(part: str) -> None:
    silent = [
        f"{name(path)}:{handler.lineno}"
        for path in sources(part)
        for lines in [path.read_text(encoding="utf-8").splitlines()]
        for handler in ast.walk(ast.parse("\n".join(lines)))
        if isinstance(handler, ast.ExceptHandler) and _is_broad(handler)
        if "  # " not in lines[handler.lineno - 1]
    ]

    assert silent == []


def _is_broad(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or ast.unparse(handler.type) in {"Exception", "BaseException"}


@pytest.mark.parametrize("part", sorted(PARTS))
def test_nothing_is_global(part: str) -> None:
    offenders = {
        name(path)
        for path in sources(part)
        if any(isinstance(node, ast.Global) for node in nodes(path))
    }

    assert offenders == set()
