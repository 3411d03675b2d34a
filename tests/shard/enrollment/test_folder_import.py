"""The store's folder at start: what is enrolled, left out, replaced, kept, and said about it."""

from pathlib import Path

import httpx
import pytest

from contract.errors import Busy, ConfigurationError
from tests.shard.conftest import RunningShard, StartShard, eventually, ready
from tests.shard.fakes import FailsOnce, FakeEncoder, picture_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "galleries" / "west"
    folder.mkdir(parents=True)
    return folder


def write(folder: Path, pictures: dict[str, bytes]) -> None:
    for name, picture in pictures.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(picture)


async def imported(
    start_shard: StartShard, folder: Path, encoder: FakeEncoder | None = None
) -> RunningShard:
    """Return a shard that has imported `folder`."""
    shard = await start_shard(encoder, gallery=folder)
    await ready(shard)
    return shard


async def faces(shard: httpx.AsyncClient) -> dict[str, int]:
    """Return how many templates each FaceId has."""
    listed = (await shard.get("/faces")).json()["faces"]
    return {face["face_id"]: len(face["templates"]) for face in listed}


async def sources(shard: httpx.AsyncClient) -> dict[str, tuple[str, str | None]]:
    listed = (await shard.get("/sources")).json()["sources"]
    return {entry["source"]: (entry["outcome"], entry["reason"]) for entry in listed}


async def test_both_ways_to_name_a_person_are_read(start_shard: StartShard, folder: Path) -> None:
    write(
        folder,
        {
            "095_0.bmp": picture_of(1),
            "095_1.BMP": picture_of(1, take="0.2"),
            "张三/front.jpg": picture_of(2),
            "张三/2026/side.png": picture_of(2, take="0.2"),
            "notes.txt": b"not a picture by its name",
        },
    )

    shard = await imported(start_shard, folder)

    assert await faces(shard) == {"095": 2, "张三": 2}
    assert set(await sources(shard)) == {
        "west/095_0.bmp",
        "west/095_1.BMP",
        "west/张三/front.jpg",
        "west/张三/2026/side.png",
    }
    record = (await shard.get("/faces/095")).json()
    assert (record["kind"], record["member"]) == ("member", None)


async def test_pictures_without_one_face_are_left_out_and_named_with_the_reason(
    start_shard: StartShard, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(
        folder,
        {
            "a_0.jpg": picture_of(1),
            "b_0.jpg": picture_of(),
            "c_0.jpg": picture_of(1, 2, 3),
            "d_0.jpg": b"nonsense",
            "e_0.jpg": b"",
            "_.jpg": picture_of(4),
        },
    )

    shard = await imported(start_shard, folder)

    assert await faces(shard) == {"a": 1}
    assert await sources(shard) == {
        "west/a_0.jpg": ("enrolled", None),
        "west/b_0.jpg": ("refused", "no face was found"),
        "west/c_0.jpg": ("refused", "3 faces of about the same size; exactly one is needed"),
        "west/d_0.jpg": ("refused", "not a picture at all"),
        "west/e_0.jpg": ("refused", "No picture in the request"),
    }
    for name in ["b_0.jpg", "c_0.jpg", "d_0.jpg", "e_0.jpg", "_.jpg"]:
        assert f"west/{name} is left out: " in caplog.text


async def test_at_the_next_start_only_new_and_changed_pictures_are_encoded(
    start_shard: StartShard, folder: Path
) -> None:
    write(folder, {"a_0.jpg": picture_of(1), "b_0.jpg": picture_of(2), "c_0.jpg": picture_of()})
    await (await imported(start_shard, folder)).stop()
    write(folder, {"b_0.jpg": picture_of(3), "d_0.jpg": picture_of(4)})
    encoder = FakeEncoder()

    shard = await imported(start_shard, folder, encoder)

    assert sorted(encoder.encoded) == [picture_of(3), picture_of(4)]
    assert await faces(shard) == {"a": 1, "b": 1, "d": 1}
    for person, face_id in [(1, "a"), (2, None), (3, "b"), (4, "d")]:
        answer = await shard.post("/recognize", content=picture_of(person))
        assert answer.json()["result"] == face_id


async def test_a_face_of_a_picture_that_turned_bad_is_kept(
    start_shard: StartShard, folder: Path
) -> None:
    write(folder, {"a_0.jpg": picture_of(1)})
    await (await imported(start_shard, folder)).stop()
    write(folder, {"a_0.jpg": b"cut short"})

    shard = await imported(start_shard, folder)

    assert await faces(shard) == {"a": 1}
    assert await sources(shard) == {"west/a_0.jpg": ("refused", "not a picture at all")}


async def test_removed_pictures_are_reported_and_their_faces_kept(
    start_shard: StartShard, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(folder, {"a_0.jpg": picture_of(1), "b_0.jpg": picture_of(2)})
    await (await imported(start_shard, folder)).stop()
    (folder / "a_0.jpg").unlink()

    shard = await imported(start_shard, folder)

    assert await faces(shard) == {"a": 1, "b": 1}
    assert "west/a_0.jpg is no longer in the folder; its face is kept" in caplog.text
    assert "west/b_0.jpg" not in caplog.text


async def test_an_erased_face_comes_back_only_with_another_picture(
    start_shard: StartShard, folder: Path
) -> None:
    write(folder, {"a_0.jpg": picture_of(1), "b_0.jpg": picture_of(2)})
    first = await imported(start_shard, folder)
    await first.delete("/faces/a")
    await first.delete("/faces/b")
    await first.stop()
    write(folder, {"b_0.jpg": picture_of(2, take="new")})

    shard = await imported(start_shard, folder)

    assert await faces(shard) == {"b": 1}
    assert (await sources(shard))["west/a_0.jpg"] == ("erased", None)


@pytest.mark.parametrize("meanwhile", [b"cut short", picture_of(1, take="0.2")])
async def test_no_content_that_a_file_had_brings_back_who_was_erased(
    start_shard: StartShard, folder: Path, meanwhile: bytes
) -> None:
    for content in (picture_of(1), meanwhile):
        write(folder, {"a_0.jpg": content})
        shard = await imported(start_shard, folder)
        if content == meanwhile:
            await shard.delete("/faces/a")
        await shard.stop()

    for content in (picture_of(1), b"no picture at all", picture_of(1)):
        write(folder, {"a_0.jpg": content})
        shard = await imported(start_shard, folder)

        assert await faces(shard) == {}
        await shard.stop()


async def test_a_picture_that_was_left_out_does_not_bring_back_whose_it_was(
    start_shard: StartShard, folder: Path
) -> None:
    write(folder, {"a/1.jpg": picture_of(1), "a/2.jpg": picture_of(1, take="0.2")})
    write(folder, {"a/3.jpg": picture_of(2)})
    first = await imported(start_shard, folder)
    assert (await sources(first))["west/a/3.jpg"][0] == "refused"
    await first.put("/faces/a/name", json={"face_id": "anna"})
    await first.delete("/faces/anna")
    await first.stop()

    shard = await imported(start_shard, folder)

    assert await faces(shard) == {}
    assert await imported_counts(shard) == {"unchanged": 3}


async def imported_counts(shard: httpx.AsyncClient) -> dict[str, int]:
    counts: dict[str, int] = (await shard.get("/status")).json()["imported"]
    return counts


async def test_a_telephones_pictures_of_several_people_are_nobodys(
    start_shard: StartShard, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(folder, {f"IMG_{number}.jpg": picture_of(number) for number in range(4)})

    shard = await imported(start_shard, folder)

    reason = "no person is on more than half of the 4 pictures of IMG"
    assert await faces(shard) == {}
    assert set((await sources(shard)).values()) == {("refused", reason)}
    assert f"west/IMG_3.jpg is left out: {reason}" in caplog.text
    assert "IMG: cameras and telephones begin the names" in caplog.text
    assert await imported_counts(shard) == {"unchanged": 0, "refused": 4}


async def test_they_are_compared_again_at_the_next_start(
    start_shard: StartShard, folder: Path
) -> None:
    write(folder, {"Al_0.jpg": picture_of(1), "Al_1.jpg": picture_of(2)})
    await (await imported(start_shard, folder)).stop()
    write(folder, {"Al_2.jpg": picture_of(1, take="0.2")})

    shard = await imported(start_shard, folder)

    assert await faces(shard) == {"Al": 2}
    assert {
        name for name, (outcome, _) in (await sources(shard)).items() if outcome == "refused"
    } == {"west/Al_1.jpg"}


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (4, 3, 2, 1, 0), (2, 4, 0, 3, 1)])
async def test_of_two_people_of_one_name_the_one_on_most_pictures_is_taken(
    start_shard: StartShard,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
    order: tuple[int, ...],
) -> None:
    people = [picture_of(1, take=f"{n * 0.15:.2f}") for n in range(1, 4)]
    people += [picture_of(2, take=f"{n * 0.15:.2f}") for n in range(1, 3)]
    write(folder, {f"Al_{place}.jpg": people[number] for place, number in enumerate(order)})

    shard = await imported(start_shard, folder)

    left_out = {f"west/Al_{place}.jpg" for place, number in enumerate(order) if number > 2}
    told = await sources(shard)
    assert await faces(shard) == {"Al": 3}
    assert {name for name, (outcome, _) in told.items() if outcome == "refused"} == left_out
    assert all("not like the other pictures of Al" in (told[name][1] or "") for name in left_out)
    assert "put each person's pictures into a folder of their name" in caplog.text
    assert await imported_counts(shard) == {"unchanged": 0, "enrolled": 3, "refused": 2}


async def test_pictures_are_compared_without_being_encoded_twice(
    start_shard: StartShard, folder: Path
) -> None:
    write(folder, {f"a_{n}.jpg": picture_of(1, take=f"{n * 0.15:.2f}") for n in range(1, 5)})
    encoder = FakeEncoder()

    shard = await imported(start_shard, folder, encoder)

    assert await faces(shard) == {"a": 4}
    assert len(encoder.encoded) == 4


async def test_everything_in_the_folder_is_named(
    start_shard: StartShard, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    write(
        folder,
        {
            "@eaDir/095_0.jpg/SYNOPHOTO_THUMB_XL.jpg": picture_of(1),
            ".thumbnails/x.jpg": picture_of(2),
            "notes.txt": b"hello",
            "Zoe.HEIC": picture_of(3),
        },
    )
    (folder / "Gone_1.jpg").symlink_to(folder / "nowhere")
    (folder / "Linked").symlink_to(folder.parent / "elsewhere")
    write(folder.parent / "elsewhere", {"1.jpg": picture_of(4)})

    shard = await imported(start_shard, folder)

    assert await faces(shard) == {"Linked": 1, "Zoe": 1}
    assert "west/@eaDir is passed over: a folder that the system keeps for itself" in caplog.text
    assert "west/.thumbnails is passed over" in caplog.text
    assert "west/notes.txt is passed over: not a picture" in caplog.text
    assert "west/Gone_1.jpg is left out: a link that leads nowhere" in caplog.text
    assert await imported_counts(shard) == {
        "passed over": 3,
        "refused": 1,
        "unchanged": 0,
        "enrolled": 2,
    }


async def test_pictures_that_crash_a_worker_are_tried_again_at_the_next_start(
    start_shard: StartShard, folder: Path
) -> None:
    write(folder, {"a_0.jpg": b"crash", "b_0.jpg": picture_of(2)})
    first = await imported(start_shard, folder)
    assert await faces(first) == {"b": 1}
    assert set(await sources(first)) == {"west/b_0.jpg"}
    await first.stop()
    encoder = FakeEncoder()

    await imported(start_shard, folder, encoder)

    assert encoder.encoded == [b"crash"]


async def test_an_import_waits_while_the_encoder_is_busy(
    start_shard: StartShard, folder: Path
) -> None:
    write(folder, {"a_0.jpg": picture_of(1)})

    shard = await imported(start_shard, folder, FailsOnce(Busy()))

    assert await faces(shard) == {"a": 1}


async def test_several_pictures_are_encoded_at_once(start_shard: StartShard, folder: Path) -> None:
    write(folder, {f"{number}_0.jpg": picture_of(number) for number in range(5)})
    encoder = FakeEncoder()
    encoder.gate.clear()
    shard = await start_shard(encoder, gallery=folder)

    async def two_inside() -> bool:
        return len(encoder.encoded) == 2

    await eventually(two_inside)
    assert (await shard.get("/status")).json()["importing"] == "importing pictures: 0 of 5"
    encoder.gate.set()
    await ready(shard)
    assert len(await faces(shard)) == 5


async def test_a_missing_folder_is_a_configuration_error(
    start_shard: StartShard, folder: Path
) -> None:
    with pytest.raises(ConfigurationError, match=r"stores\.s\.gallery: .*nowhere is not a folder"):
        await start_shard(gallery=folder / "nowhere")


async def test_stopping_during_an_import_loses_nothing_that_was_stored(
    start_shard: StartShard, folder: Path
) -> None:
    write(folder, {f"{number}_0.jpg": picture_of(number) for number in range(5)})
    encoder = FakeEncoder()
    encoder.gate.clear()
    first = await start_shard(encoder, gallery=folder)
    await encoder.asked.wait()
    await first.stop()

    shard = await imported(start_shard, folder)

    assert encoder.closed
    assert len(await faces(shard)) == 5
