"""Everything about one person in one answer, whatever stores they are known in."""

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from facegate.command import main
from tests.gateway.people.chain import Chain
from tests.shard.fakes import vector_of


async def anna_of_two_stores(chain: Chain) -> None:
    """Make `m-1` known by person 1 in `a` and by person 2 in `b`, with a visit to each of three."""
    await chain.put_member("m-1", True, name="Anna", profile={"note": "likes tea"})
    await chain.enroll("a", 1, "anna", member_id="m-1")
    await chain.enroll("b", 2, "anne", member_id="m-1")
    for store, person in (("a", 1), ("b", 2), ("c", 1)):
        await chain.sees(store, person, camera="door")
    await chain.sees("a", 5)  # somebody else


async def test_an_export_has_profile_faces_visits_and_what_was_said(chain: Chain) -> None:
    await anna_of_two_stores(chain)
    stranger = (await chain.sees("b", 7))["face_id"]
    said = {"store": "b", "face_id": stranger}
    await chain.call("POST", "/v1/stores/a/faces/anna/not", json=said)

    export = await chain.call("GET", "/v1/members/m-1/export")

    assert export["complete"]
    assert export["member"] == await chain.call("GET", "/v1/members/m-1")
    faces = {(face["store"], face["face_id"]): face for face in export["faces"]}
    assert set(faces) == {("a", "anna"), ("b", "anne")}
    assert faces["a", "anna"]["not_the_same"] == [said]
    stored = [face["stored"]["templates"] for face in export["faces"]]
    assert [len(templates) for templates in stored] == [1, 1]
    visits = [(visit["store"], visit["camera"], visit["match"]) for visit in export["visits"]]
    assert visits == [("a", "door", "home"), ("b", "door", "home"), ("c", "door", "roaming")]
    other = await chain.call("GET", f"/v1/stores/b/faces/{stranger}/export")
    assert (other["member"], len(other["visits"])) == (None, 1)
    assert other["faces"][0]["not_the_same"] == [{"store": "a", "face_id": "anna"}]


async def test_a_face_that_no_camera_has_seen_is_exported_as_its_store_has_it(chain: Chain) -> None:
    await chain.enroll("a", 1, "anna")

    export = await chain.call("GET", "/v1/stores/a/faces/anna/export")

    [face] = export["faces"]
    assert (face["face_id"], face["first_seen"], export["visits"]) == ("anna", None, [])
    assert len(face["stored"]["templates"]) == 1


async def test_no_vector_leaves_with_it(chain: Chain) -> None:
    await anna_of_two_stores(chain)

    export = (await chain.http.get("/v1/members/m-1/export")).text

    for vector in (vector_of(1), vector_of(2)):
        assert base64.b64encode(vector.tobytes()).decode() not in export
        assert str(float(vector[0])) not in export


async def test_a_store_that_is_away_is_said_to_be_missing(chain: Chain, tmp_path: Path) -> None:
    await anna_of_two_stores(chain)
    await chain.stop_shard("b")
    file = tmp_path / "anna.json"

    arguments = ["members", "export", "--member", "m-1", str(file)]
    url = ["--url", str(chain.http.base_url)]
    exported = await asyncio.to_thread(CliRunner().invoke, main, [*arguments, *url])

    export: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    faces = {face["store"]: face for face in export["faces"]}
    assert (exported.exit_code, export["complete"]) == (1, False)
    assert faces["a"]["stored"] is not None
    assert faces["b"]["stored"] is None
    assert faces["b"]["problem"]
    assert len(export["visits"]) == 3


async def test_of_the_erased_nothing_is_left_to_export(chain: Chain) -> None:
    await anna_of_two_stores(chain)
    await chain.call("DELETE", "/v1/members/m-1", params={"erase": True})

    member = await chain.refused("GET", "/v1/members/m-1/export")
    face = await chain.refused("GET", "/v1/stores/a/faces/anna/export")

    assert (member, face) == ((404, "UNKNOWN_MEMBER"), (404, "UNKNOWN_FACE"))
