"""What an edit of the store map would do, compared with what runs and with what is stored."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from contract.messages.cluster import ClusterStatus, StoredGallery, StoreStatus
from contract.stores.store_map import Store, StoreMap
from contract.stores.stored_galleries import gallery_file, orphaned_galleries
from facegate.output.plural import pluralize


class Finding(NamedTuple):
    """One thing that the map would do. `kind` is for programs, `text` for people."""

    kind: str
    store: str
    text: str


def orphan_text(gallery: StoredGallery) -> str:
    """Return a sentence about a gallery without a store."""
    faces = "unknown faces" if gallery.faces is None else pluralize(gallery.faces, "FaceId")
    return (
        f"{gallery.path}: {faces} of store {gallery.store!r}, which the map does not name. Was its"
        f" key changed? facegate stores rename keeps the faces: see docs/operation.md"
    )


def check(stores: StoreMap, running: ClusterStatus | None, data: Path) -> list[Finding]:
    """Return what `stores` would do to the cluster that is `running`, if one is.

    `data` is the folder where `facegate up` keeps the galleries; it may not be there.
    """
    orphans = orphaned_galleries(data, stores.stores) if data.is_dir() else []
    known = {store.store: store for store in running.stores} if running is not None else {}
    added = [store for store in stores.stores.values() if store.id not in known]
    gone = [store for name, store in known.items() if name not in stores.stores]
    findings = [
        *(_changes(known, stores)),
        *(_added(added, data, running is not None)),
        *(_removed(store) for store in gone),
        *(Finding("orphan", gallery.store, orphan_text(gallery)) for gallery in orphans),
    ]
    fresh = [store for store in added if not gallery_file(data, store.id).exists()]
    return [
        *findings,
        *_renamed(fresh, {g.store for g in orphans} | {s.store for s in gone}, known),
    ]


def _changes(known: Mapping[str, StoreStatus], stores: StoreMap) -> Iterator[Finding]:
    for store in stores.stores.values():
        before = known.get(store.id)
        if before is None:
            continue
        was = [replica.address for replica in before.replicas]
        now = [str(address) for address in store.shards]
        if was != now:
            text = f"{store.id}: moves from {', '.join(was)} to {', '.join(now)}"
            yield Finding("moved", store.id, text)
        yield from _options(before, store)


def _options(before: StoreStatus, store: Store) -> Iterator[Finding]:
    was = {"name": before.name, "cross_store": before.cross_store, **before.options}
    now = {"name": store.name, "cross_store": store.cross_store, **store.options}
    for option in was.keys() & now.keys():
        if was[option] != now[option]:
            text = f"{store.id}: {option} changes from {was[option]} to {now[option]}"
            yield Finding("option", store.id, text)
    yield from _cameras(before.cameras, store)


def _cameras(before: Mapping[str, object], store: Store) -> Iterator[Finding]:
    now = store.camera_options
    for camera in dict.fromkeys([*before, *now]):
        if camera not in now:
            what = "is no longer listed; it goes on working"
        elif camera not in before:
            what = "is listed"
        elif before[camera] != now[camera]:
            what = f"changes from {before[camera]} to {now[camera]}"
        else:
            continue
        yield Finding("camera", store.id, f"{store.id}: camera {camera} {what}")


def _added(added: list[Store], data: Path, runs: bool) -> Iterator[Finding]:
    for store in added:
        has_faces = gallery_file(data, store.id).exists()
        if runs:
            what = "with the gallery that is stored" if has_faces else "with an empty gallery"
            yield Finding("added", store.id, f"{store.id}: is added, {what}")
        elif not has_faces and data.is_dir():
            yield Finding("added", store.id, f"{store.id}: has no gallery in {data} yet")


def _removed(store: StoreStatus) -> Finding:
    counts = [replica.status.counts for replica in store.replicas if replica.status]
    faces = f"its {counts[0].faces} FaceIds" if counts else "its FaceIds"
    text = f"{store.store}: is removed; {faces} stay on disk, and nobody recognises them"
    return Finding("removed", store.store, text)


def _renamed(
    fresh: list[Store], lost: set[str], known: Mapping[str, StoreStatus]
) -> Iterator[Finding]:
    """Yield which of the stores without a gallery look like one that is gone, by another key."""
    for store in fresh:
        addresses = {str(address) for address in store.shards}
        same = [
            name
            for name in sorted(lost)
            if name in known and addresses & {r.address for r in known[name].replicas}
        ]
        if not same and len(lost) == len(fresh) == 1:
            same = list(lost)
        for old in same[:1]:
            text = (
                f"{old} looks renamed to {store.id}: its faces would be unknown. Take the edit back"
                f" and run: facegate stores rename {old} {store.id}"
            )
            yield Finding("renamed", store.id, text)
