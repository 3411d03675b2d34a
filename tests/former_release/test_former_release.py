"""What the former release has written opens unchanged: the same answers, and more can be stored."""

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from contract.stores.last_good_map import LastGoodMap, read_map_or_last_good
from contract.stores.map_file import MapFile
from tests.former_release.write import ANSWERS, DATA, chain_in, read, recognized

DORA = {"face_id": "dora", "source": "people/dora_0.jpg"}
FORMER: dict[str, Any] = json.loads(ANSWERS.read_text(encoding="utf-8"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as `facegate up` of the former release has left it."""
    with tarfile.open(DATA) as archive:
        archive.extractall(tmp_path / "data", filter="data")
    return tmp_path


async def test_a_chain_answers_what_it_did_before(folder: Path) -> None:
    async with chain_in(folder) as chain:
        reads = {path: await read(chain, path) for path in FORMER["reads"]}
        people = [
            [store, shows, *await recognized(chain, store, shows)]
            for store, shows, *_ in FORMER["people"]
        ]

    assert reads == FORMER["reads"]
    assert people == FORMER["people"]


async def test_a_chain_goes_on_from_there(folder: Path) -> None:
    traffic = next(path for path in FORMER["reads"] if path.startswith("/v1/traffic?"))
    async with chain_in(folder) as chain:
        former = await chain.enroll("a", 1, "anna", source="people/anna_0.jpg")
        erased = await chain.refused("POST", "/v1/stores/a/faces", params=DORA, content=b"faces 4")
        await chain.put_member("m-new", cross_store=True)
        await chain.enroll("c", 11, "eve", member_id="m-new")
        stranger = await chain.sees("b", 10)
        again = await chain.sees("b", 10, visit=False)
        visits = [(await chain.sees(store, 11))["match"] for store in "ca"]
        trace = await chain.call("GET", "/v1/members/m-new/trace")
        undone = await chain.call("POST", "/v1/faces/merge/1/undo")
        receipt = await chain.call("DELETE", "/v1/members/m-anna?erase=true")
        gone = await recognized(chain, "a", "1")
        before = await chain.call("GET", traffic)
        demo = await chain.call("DELETE", "/v1/demo")
        left = await chain.call("GET", traffic)

    assert former["outcome"] == "unchanged"
    assert erased == (409, "PICTURE_ERASED")
    assert (stranger["match"], again["face_id"]) == ("new", stranger["face_id"])
    assert visits == ["home", "roaming"]
    assert [visit["store"] for visit in trace["visits"]] == ["a", "c"]
    assert undone["undone_at"]
    assert all(part["confirmed"] for part in receipt["stores"])
    assert gone == [None, None, "unknown"]
    assert demo["visits"] == FORMER["demo"]
    assert left["pv"] == before["pv"] - demo["visits"]


def test_the_store_map_that_was_kept_is_in_force(folder: Path) -> None:
    broken = folder / "stores.yaml"
    broken.write_text("stores: [", encoding="utf-8")
    kept = LastGoodMap(broken, folder / "data")
    [former] = (folder / "data" / "run").glob("map-*.yaml")
    former.rename(kept.path)  # its name is of the path that the map had

    _, stores = read_map_or_last_good(MapFile(broken), kept)

    assert [(store.id, store.name) for store in stores.stores.values()] == [
        ("a", "Store a"),
        ("b", "Store b"),
        ("c", "Store c"),
    ]
