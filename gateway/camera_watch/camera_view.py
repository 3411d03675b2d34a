"""Cameras as they are shown: those of the map, and those that have sent something."""

from collections.abc import Iterable, Iterator

from contract.messages.cameras.agent_status import AgentStatus
from contract.messages.cameras.camera_status import CameraStatus
from contract.stores.store_map import Store
from gateway.camera_watch.camera_hints import hints
from gateway.clock.clock import iso
from gateway.record.cameras.camera_rows import CameraRow


def camera_statuses(stores: Iterable[Store], rows: Iterable[CameraRow]) -> list[CameraStatus]:
    """Return the cameras of `stores`, store by store in their order: the listed ones first."""
    found = {(row.store, row.camera): row for row in rows}
    return [status for store in stores for status in _of_store(store, found)]


def _of_store(store: Store, rows: dict[tuple[str, str], CameraRow]) -> Iterator[CameraStatus]:
    seen = [camera for name, camera in rows if name == store.id]
    for camera in dict.fromkeys([*store.cameras, *sorted(seen)]):
        status = _status(store, camera, rows.get((store.id, camera)))
        yield status.model_copy(update={"hints": hints(status)})


def _status(store: Store, camera: str, row: CameraRow | None) -> CameraStatus:
    listed = store.cameras.get(camera)
    base = CameraStatus(
        store=store.id,
        camera=camera,
        name=(listed.name if listed else "") or camera,
        listed=listed is not None,
        silent_after_seconds=int(store.silence_of(camera).total_seconds()),
    )
    if row is None:
        return base
    return base.model_copy(
        update={
            "first_at": iso(row.first_at),
            "last_at": iso(row.last_at),
            "taken_at": _iso(row.taken_at),
            "silent": row.silent_since is not None,
            "silent_since": _iso(row.silent_since),
            "hours": row.hours,
            "frames": row.frames,
            "faces": row.faces,
            "empty": row.empty,
            "refused": row.refused,
            "refusal": row.refusal if row.refused else None,
            "frames_an_hour": _share(row.frames, row.hours) or 0,
            "faces_an_hour": _share(row.faces, row.hours) or 0,
            "empty_share": _share(row.empty, row.frames),
            "unfit": row.unfit,
            "face_px": round(row.width / row.faces) if row.faces else None,
            "clock_ahead_seconds": None if row.ahead_ms is None else row.ahead_ms / 1000,
            "agent": row.agent,
            "agent_status": row.agent_status and AgentStatus.model_validate(row.agent_status),
        }
    )


def _iso(at: int | None) -> str | None:
    return None if at is None else iso(at)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None
