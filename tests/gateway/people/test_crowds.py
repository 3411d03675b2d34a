"""A picture of more strangers than a shard takes at once, over real shards."""

from tests.gateway.people.chain import Chain
from tests.shard.fakes import picture_of


async def test_everybody_in_a_crowd_has_a_face_id_and_no_store_is_blamed(chain: Chain) -> None:
    path = "/v1/stores/a/recognize"

    first = await chain.call("POST", path, content=picture_of(*range(300)))
    again = await chain.call("POST", path, content=picture_of(*range(300)))

    for answer in (first, again):
        assert len(answer["faces"]) == 300
        assert answer["coverage"]["failed"] == {}
        assert all(face["face_id"] for face in answer["faces"])
    names = [[face["face_id"] for face in answer["faces"]] for answer in (first, again)]
    assert names[0][:40] == names[1][:40]  # those are far enough apart to be told from each other
    assert {face["match"] for face in again["faces"]} == {"home"}
