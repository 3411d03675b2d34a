"""Writes what a chain of this release has on disk, for later releases to be tested with.

`python -m tests.former_release.write` replaces `data.tar.gz` and `answers.json` beside it. People
are numbers, their vectors are drawn by lot, and no picture is involved.
"""

import asyncio
import json
import shutil
import sqlite3
import tarfile
import tempfile
from contextlib import AbstractAsyncContextManager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.gateway.people.chain import Chain, running

HERE = Path(__file__).parent
DATA = HERE / "data.tar.gz"
ANSWERS = HERE / "answers.json"
STORES = ("a", "b", "c")
OPTIONS = {store: {"visitor_retention": "36500d", "name": f"Store {store}"} for store in STORES}
MEMBERS: dict[str, dict[str, Any]] = {
    "m-anna": {"name": "Anna", "tags": ["gold"], "profile": {"shoe": 38}},
    "m-ben": {"name": "Ben", "consent": {"cross_store": False}},
    "m-cleo": {"name": "Cleo", "tags": ["gold", "new"]},
}
CAMERAS = (
    ("a", "1"),
    ("b", "1"),
    ("c", "1"),
    ("b", "2"),
    ("a", "2"),
    ("c", "3"),
    ("a", "4"),
    ("a", "5"),
    ("b", "6"),
    ("a", "7"),
    ("a", "7 0.9"),
    ("c", "9"),
)
"""Who comes into which store: 1 to 4 are enrolled, 5 to 9 strangers."""
PEOPLE = tuple((store, str(person)) for store in STORES for person in range(1, 12))
"""Whom cameras show at the end: 4 is erased; 8, 10 and 11 never came."""


_OF_THE_TIME = {"state", "so_far", "counted_until", "days_in_30"}
"""What an answer says about the time at which it is asked for."""
_NEWER = {"learned_from", "faces_unfit", "uv_estimate", "new_estimate", "returning_estimate"}
"""What the former release did not tell yet."""


def chain_in(folder: Path) -> AbstractAsyncContextManager[Chain]:
    """Run three stores and their gateway, all with their files below `folder`/data."""
    settings = {"data": folder / "data", "demo": True}
    return running(folder, stores=STORES, options=OPTIONS, settings=settings)


async def live(chain: Chain) -> list[str]:
    """Let people be enrolled, come, be merged, renamed and erased; return further paths to read."""
    for member_id, draft in MEMBERS.items():
        body = {"consent": {"cross_store": True}, **draft}
        await _send(chain, "PUT", f"/v1/members/{member_id}", json=body)
    await _enroll(chain, "a", "1", face_id="anna", member_id="m-anna", source="people/anna_0.jpg")
    await _enroll(chain, "a", "1 0.3", face_id="anna", source="people/anna_1.jpg")
    await _enroll(chain, "b", "2", face_id="ben", member_id="m-ben", source="people/ben_0.jpg")
    await _enroll(chain, "c", "3", face_id="cleo", member_id="m-cleo")
    await _enroll(chain, "a", "4", face_id="dora", source="people/dora_0.jpg")
    came = {
        (store, shows): await _face(chain, store, shows, camera="door") for store, shows in CAMERAS
    }
    former, other, latter = (came["a", shows] for shows in ("5", "7", "7 0.9"))
    merged = {"into": _ref(other), "from": _ref(latter)}
    merge = await _send(chain, "POST", "/v1/faces/merge", json=merged)
    await _send(chain, "POST", "/v1/stores/b/faces/ben/rename", json={"face_id": "benjamin"})
    stranger = f"/v1/stores/a/faces/{former['face_id']}"
    await _send(chain, "POST", f"{stranger}/not", json=_ref(other))
    receipt = await _send(chain, "DELETE", "/v1/stores/a/faces/dora")
    return [f"/v1/faces/merge/{merge['merge']}", f"/v1/erasures/{receipt['erasure']}"]


async def read(chain: Chain, path: str) -> Any:
    """Return what a path answers, without what is newer or depends on the time of asking."""
    return _timeless(await chain.call("GET", path))


async def recognized(chain: Chain, store: str, shows: str) -> list[str | None]:
    """Return as whom, and of which store, a camera knows a person; it counts no visit."""
    face = await _face(chain, store, shows, mint=False, visit=False)
    return [face["face_id"], face["store"], face["match"]]


async def write(folder: Path) -> dict[str, Any]:
    """Let a chain live below `folder`; return what it answers at the end, by path and person."""
    today = datetime.now(UTC).date()
    days = f"from={today - timedelta(3)}&to={today + timedelta(2)}"
    async with chain_in(folder) as chain:
        demo = await _send(chain, "POST", "/v1/demo?days=2")
        paths = await live(chain)
        paths += [f"/v1/stores/{store}/faces?limit=1000" for store in STORES]
        paths += [f"/v1/stores/{store}/sources" for store in STORES]
        paths += [f"/v1/stores/{store}/traffic?{days}" for store in STORES]
        paths += [f"/v1/traffic?{days}", f"/v1/traffic/roaming?{days}", "/v1/members"]
        paths += [f"/v1/members/{member_id}/trace" for member_id in ("m-anna", "m-cleo")]
        return {
            "demo": demo["visits"],
            "reads": {path: await read(chain, path) for path in paths},
            "people": [[*camera, *await recognized(chain, *camera)] for camera in PEOPLE],
        }


async def _enroll(chain: Chain, store: str, shows: str, **fields: str) -> None:
    path, picture = f"/v1/stores/{store}/faces", f"faces {shows}".encode()
    await _send(chain, "POST", path, params=fields, content=picture)


async def _face(chain: Chain, store: str, shows: str, **query: Any) -> dict[str, Any]:
    path, picture = f"/v1/stores/{store}/recognize", f"faces {shows}".encode()
    answer = await _send(chain, "POST", path, params=query, content=picture)
    face: dict[str, Any] = answer["faces"][0]
    return face


def _ref(face: dict[str, Any]) -> dict[str, str]:
    return {"store": face["store"], "face_id": face["face_id"]}


async def _send(chain: Chain, method: str, path: str, **given: Any) -> Any:
    answer = await chain.http.request(method, path, **given)
    assert answer.is_success, answer.text
    return answer.json()


def _timeless(answer: Any) -> Any:
    """Return an answer without what is newer or depends on the time of asking."""
    if isinstance(answer, dict):
        left_out = _OF_THE_TIME | _NEWER
        return {key: _timeless(value) for key, value in answer.items() if key not in left_out}
    return [_timeless(item) for item in answer] if isinstance(answer, list) else answer


def _pack(data: Path) -> None:
    """Put the databases, without their logs, and the kept store map into one archive."""
    for database in data.rglob("*.sqlite*"):
        if database.suffix in {".sqlite", ".sqlite3"}:
            with closing(sqlite3.connect(database)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                connection.execute("VACUUM")
    with tarfile.open(DATA, "w:gz") as archive:
        for path in sorted(data.rglob("*")):
            if path.is_file() and path.suffix in {".sqlite", ".sqlite3", ".yaml"}:
                archive.add(path, path.relative_to(data).as_posix())


def main() -> None:
    """Write both files."""
    folder = Path(tempfile.mkdtemp())
    try:
        answers = asyncio.run(write(folder))
        _pack(folder / "data")
    finally:
        shutil.rmtree(folder)
    text = json.dumps(answers, ensure_ascii=False, indent=1, sort_keys=True)
    ANSWERS.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
