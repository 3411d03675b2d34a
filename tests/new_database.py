"""New databases with all their tables, copied: making them takes longer than most tests."""

import tempfile
from functools import cache
from pathlib import Path

from service.files.schema_version import migrate
from shard.gallery.file import connect
from tests.project import ROOT

RECORD = ROOT / "gateway" / "record" / "migrations"
_GALLERY = ROOT / "shard" / "gallery" / "migrations"


def put_record(data: Path) -> None:
    """Put a new record into a gateway's folder of data, unless there is one."""
    _put(data / "gateway.sqlite", RECORD)


def put_gallery(file: Path) -> None:
    """Put a new gallery, no store's yet, where a shard would make it, unless there is one."""
    _put(file, _GALLERY)


def _put(path: Path, migrations: Path) -> None:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_new(migrations))


@cache
def _new(migrations: Path) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "new.sqlite"
        with connect(path, read_only=False) as connection, connection.begin():
            migrate(connection, migrations, str(path))
        return path.read_bytes()
