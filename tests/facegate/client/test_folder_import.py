import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from facegate import ApiError, Client
from facegate.client.folder_import import import_folder
from facegate.client.imported_picture import ImportedPicture, hints
from tests.facegate.fake_gateway import FakeGateway, problem


@pytest.fixture
def client(gateway: FakeGateway) -> Iterator[Client]:
    with Client(gateway.url) as client:
        yield client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "members"
    write(folder / "095_0.bmp", b"ninety five")
    write(folder / "095_1.bmp", b"ninety five 2")
    write(folder / "张三" / "at the door.jpg", b"zhang san")
    return folder


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def outcomes(results: list[ImportedPicture]) -> dict[str, str]:
    return {result.name: result.outcome for result in results}


def test_both_namings_give_face_ids(client: Client, gateway: FakeGateway, folder: Path) -> None:
    results = import_folder(client, "a", folder)

    assert set(outcomes(results).values()) == {"enrolled"}
    assert {face: len(pictures) for face, pictures in gateway.stores["a"].faces.items()} == {
        "095": 2,
        "张三": 1,
    }
    assert "members/张三/at the door.jpg" in gateway.stores["a"].sources


def test_unchanged_pictures_are_not_sent_again(
    client: Client, gateway: FakeGateway, folder: Path
) -> None:
    import_folder(client, "a", folder)
    write(folder / "095_1.bmp", b"ninety five 3")

    results = import_folder(client, "a", folder)

    assert outcomes(results) == {
        "095_0.bmp": "unchanged",
        "095_1.bmp": "replaced",
        "张三/at the door.jpg": "unchanged",
    }
    assert gateway.sent("POST", "/faces") == 4


def test_pictures_that_are_refused_are_named_and_do_not_stop_the_others(
    client: Client, gateway: FakeGateway, folder: Path
) -> None:
    write(folder / "001_0.jpg", b"no face")
    write(folder / "002_0.jpg", b"crowd")
    write(folder / "_.jpg", b"nobody's")

    first = {result.name: result for result in import_folder(client, "a", folder)}
    again = {result.name: result for result in import_folder(client, "a", folder)}

    refused = {name for name, result in first.items() if result.outcome == "refused"}
    assert refused == {"001_0.jpg", "002_0.jpg", "_.jpg"}
    assert first["001_0.jpg"].reason == again["001_0.jpg"].reason == "No face in the picture"
    assert set(gateway.stores["a"].faces) == {"095", "张三"}
    assert gateway.sent("POST", "/faces") == 5


def test_pictures_gone_from_the_folder_are_reported_and_kept(
    client: Client, gateway: FakeGateway, folder: Path
) -> None:
    import_folder(client, "a", folder)
    (folder / "095_0.bmp").unlink()

    results = import_folder(client, "a", folder)

    assert outcomes(results)["095_0.bmp"] == "removed"
    assert len(gateway.stores["a"].faces["095"]) == 2


def test_an_erased_face_is_not_brought_back(
    client: Client, gateway: FakeGateway, folder: Path
) -> None:
    import_folder(client, "a", folder)
    gateway.stores["a"].sources["members/095_0.bmp"]["outcome"] = "erased"

    assert outcomes(import_folder(client, "a", folder))["095_0.bmp"] == "erased"


def test_a_busy_shard_is_asked_again(client: Client, gateway: FakeGateway, folder: Path) -> None:
    busy = json.dumps(problem(503, "BUSY", "All workers are busy")[1]).encode()
    gateway.raw += [(200, {}, b'{"sources": []}')] + [(503, {"Retry-After": "0"}, busy)] * 4

    assert set(outcomes(import_folder(client, "a", folder)).values()) == {"enrolled"}


def test_a_full_disk_stops_the_import(client: Client, gateway: FakeGateway, folder: Path) -> None:
    full = json.dumps(problem(507, "STORAGE_FULL", "No space left for the record")[1]).encode()
    gateway.raw += [(200, {}, b'{"sources": []}'), (507, {}, full)]

    with pytest.raises(ApiError, match="No space left"):
        import_folder(client, "a", folder)


def test_progress_counts_every_picture(client: Client, folder: Path) -> None:
    seen: list[tuple[int, int]] = []

    import_folder(client, "a", folder, lambda done, total: seen.append((done, total)))

    assert sorted(seen)[-1] == (3, 3)
    assert len(seen) == 2, "once for each person"


def test_a_telephones_pictures_of_several_people_are_nobodys(
    client: Client, gateway: FakeGateway, tmp_path: Path
) -> None:
    for number, person in enumerate(["ann", "bob", "cid", "dan"]):
        write(tmp_path / "camera" / f"IMG_{1000 + number}.jpg", person.encode())

    results = import_folder(client, "a", tmp_path / "camera")

    reason = "no person is on more than half of the 4 pictures of IMG"
    assert {(result.outcome, result.reason) for result in results} == {("refused", reason)}
    assert gateway.stores["a"].faces == {}
    assert gateway.sent("POST", "/faces") == 0
    assert list(hints(results).values()) == [["IMG"]]


@pytest.mark.parametrize("order", list(itertools.permutations(range(5)))[::7])
def test_of_two_people_of_one_name_the_one_on_most_pictures_is_taken(
    client: Client, gateway: FakeGateway, tmp_path: Path, order: tuple[int, ...]
) -> None:
    people = [b"gore 1", b"gore 2", b"gore 3", b"pacino 1", b"pacino 2"]
    for place, number in enumerate(order):
        write(tmp_path / "actors" / f"Al_{place}.jpg", people[number])

    results = import_folder(client, "a", tmp_path / "actors")

    assert sorted(gateway.stores["a"].faces["Al"]) == people[:3]
    left_out = [result for result in results if result.outcome == "refused"]
    assert {(tmp_path / "actors" / each.name).read_bytes() for each in left_out} == set(people[3:])
    for each in left_out:
        assert "not like the others of Al; Al is the person on Al_" in (each.reason or "")
    assert list(hints(results).values()) == [["Al"]]


def test_a_picture_with_no_face_has_no_say_in_who_a_name_is(
    client: Client, gateway: FakeGateway, tmp_path: Path
) -> None:
    contents = [b"no face", b"crowd", b"ann 1", b"ann 1", b"ann 2", b"bob"]
    for number, content in enumerate(contents):
        write(tmp_path / "people" / f"x_{number}.jpg", content)

    results = import_folder(client, "a", tmp_path / "people")

    assert sorted(set(gateway.stores["a"].faces["x"])) == [b"ann 1", b"ann 2"]
    assert [name for name, outcome in outcomes(results).items() if outcome == "refused"] == [
        "x_0.jpg",
        "x_1.jpg",
        "x_5.jpg",
    ]


def test_who_is_known_already_is_compared_with_what_is_stored(
    client: Client, gateway: FakeGateway, folder: Path
) -> None:
    client.enroll("a", "095", b"ninety five 7")
    for number in range(2, 5):
        write(folder / f"095_{number}.bmp", b"somebody else")

    results = import_folder(client, "a", folder)

    assert set(gateway.stores["a"].faces["095"]) == {
        b"ninety five 7",
        b"ninety five",
        b"ninety five 2",
    }
    assert [result.code for result in results if result.outcome == "refused"] == [
        "UNLIKE_OWN_FACE"
    ] * 3
    assert gateway.sent("POST", "/likeness") == 0


def test_one_picture_of_a_camera_is_taken_with_a_hint(client: Client, tmp_path: Path) -> None:
    write(tmp_path / "camera" / "IMG_1000.jpg", b"ann")
    write(tmp_path / "camera" / "img" / "1.jpg", b"bob")

    results = import_folder(client, "a", tmp_path / "camera")

    assert set(outcomes(results).values()) == {"enrolled"}
    assert list(hints(results).values()) == [["IMG"]]


def test_everything_in_the_folder_is_named(
    client: Client, gateway: FakeGateway, folder: Path
) -> None:
    write(folder / "@eaDir" / "095_0.bmp" / "SYNOPHOTO_THUMB_XL.jpg", b"ninety five")
    write(folder / "notes.txt", b"hello")
    write(folder / "Zoe.HEIC", b"zoe")
    (folder / "Gone_1.jpg").symlink_to(folder / "nowhere")

    results = import_folder(client, "a", folder)

    assert outcomes(results) == {
        "095_0.bmp": "enrolled",
        "095_1.bmp": "enrolled",
        "@eaDir": "passed over",
        "Gone_1.jpg": "refused",
        "Zoe.HEIC": "enrolled",
        "notes.txt": "passed over",
        "张三/at the door.jpg": "enrolled",
    }
    assert all(result.reason for result in results if result.outcome != "enrolled")
    assert set(gateway.stores["a"].faces) == {"095", "张三", "Zoe"}


def test_a_folder_that_is_none_is_refused(client: Client, folder: Path) -> None:
    with pytest.raises(NotADirectoryError):
        import_folder(client, "a", folder / "095_0.bmp")
