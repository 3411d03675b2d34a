"""Another key for a store: its gallery, its rows in the record and the map, all or nothing.

What is to be done is written down first. What goes wrong is taken back; what is interrupted, by
kill -9 or a power cut, is brought to its end by the next `facegate up` or rename in the folder.
"""

import subprocess
import sys
from pathlib import Path

from pydantic import BaseModel

from contract.errors import StoreMapError
from contract.stores.map_file import MapFile
from contract.stores.map_parser import parse_store_map
from contract.stores.store_map import StoreMap
from contract.stores.stored_galleries import gallery_file
from contract.text.identifiers import STORE
from facegate.camera.outgoing.spool import spool_of_store
from facegate.cluster.cluster_error import ClusterError
from facegate.cluster.file_replacement import replace_file
from facegate.cluster.map_edit import with_renamed_store

_PLAN = Path("run") / "rename.json"
_SHARED = frozenset({"run", "logs"})
"""Folders that `facegate up` uses itself: a gallery in one cannot be moved with its folder."""


class _Plan(BaseModel):
    """What is to be done."""

    old: str
    new: str
    stores: Path


def rename_store(stores: Path, data: Path, old: str, new: str) -> None:
    """Call the store `old` `new`. Whoever calls has locked the folder `data`.

    Raises StoreMapError and ClusterError; then nothing has changed.
    """
    plan = _planned(stores.absolute(), STORE.known(old), STORE(new))
    for name in _SHARED & {plan.old, plan.new}:
        raise ClusterError(f"the folder {data / name} is facegate's own: {name!r} stays as it is")
    folder = gallery_file(data, plan.new).parent
    if folder.exists():
        raise ClusterError(f"{folder} is there already: a store {new!r} has faces in it")
    replace_file(data / _PLAN, plan.model_dump_json().encode())
    try:
        _carry_out(plan, data)
    except (ClusterError, StoreMapError):
        _take_back(plan, data)
        (data / _PLAN).unlink()
        raise
    (data / _PLAN).unlink()


def finish_renaming(data: Path) -> str | None:
    """Bring a rename that was interrupted to its end, and return what was done, if there is one.

    Raises ClusterError when that cannot be now.
    """
    path = data / _PLAN
    if not path.exists():
        return None
    plan = _Plan.model_validate_json(path.read_bytes())
    _carry_out(plan, data)
    path.unlink()
    return f"the renaming of store {plan.old!r} to {plan.new!r}, which was interrupted, is finished"


def _planned(stores: Path, old: str, new: str) -> _Plan:
    """Check that the map can be edited so, and that the edit does nothing else."""
    raw = MapFile(stores).read()
    before = parse_store_map(raw, stores)
    if new in before.stores:
        raise ClusterError(f"{stores}: there is a store {new!r} already")
    if old not in before.stores:
        raise ClusterError(f"{stores}: there is no store {old!r}")
    edited = with_renamed_store(raw, old, new)
    after = parse_store_map(edited, stores)
    if _places(after) != {new if n == old else n: p for n, p in _places(before).items()}:
        raise ClusterError(f"{stores}: {old!r} cannot be renamed without changing something else")
    return _Plan(old=old, new=new, stores=stores)


def _places(stores: StoreMap) -> dict[str, tuple[object, ...]]:
    return {
        name: (store.shards, store.cross_store, store.options, store.cameras)
        for name, store in stores.stores.items()
    }


def _carry_out(plan: _Plan, data: Path) -> None:
    """Do what is planned. Every step done again changes nothing."""
    _step("gateway.rename_store", data, plan.old, plan.new)
    _step("shard.gallery_rename", data, plan.old, plan.new)
    _move_spool(data, plan.old, plan.new)
    raw = MapFile(plan.stores).read()
    if plan.old in parse_store_map(raw, plan.stores).stores:
        try:
            replace_file(plan.stores, with_renamed_store(raw, plan.old, plan.new))
        except OSError as error:
            raise ClusterError(f"{plan.stores}: {error.strerror or error}") from error


def _take_back(plan: _Plan, data: Path) -> None:
    """Undo what was done of the plan, in the order in which that came."""
    _step("gateway.rename_store", data, plan.new, plan.old)
    _step("shard.gallery_rename", data, plan.new, plan.old)
    _move_spool(data, plan.new, plan.old)


def _move_spool(data: Path, old: str, new: str) -> None:
    """Take along what the agents of `facegate up` have not sent yet. Raises ClusterError."""
    source, target = (spool_of_store(data / "spool", store) for store in (old, new))
    if not source.exists() or target.exists():
        return
    try:
        source.rename(target)
    except OSError as error:
        raise ClusterError(f"{source}: {error.strerror or error}") from error


def _step(module: str, data: Path, old: str, new: str) -> None:
    """Have a service's own code rename within its own files. Raises ClusterError."""
    places = ["--data", str(data), "--", old, new]
    done = subprocess.run(  # noqa: S603 - this very Python; names come after --
        [sys.executable, "-X", "utf8", "-P", "-m", module, *places],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ClusterError(done.stderr.strip().splitlines()[-1] if done.stderr else module)
