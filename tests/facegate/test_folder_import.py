import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from facegate import ApiError, Client
from facegate.folder_import import ImportedPicture, import_folder
from tests.facegate.fake_gateway import FakeGateway, problem


@pytest.fixture
def client(gateway: FakeGateway) -> Iterator[Client]:
    with Client(gateway.url) as client:
        yield client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "members"
    write(folder / "095_0.bmp", b"ninety five")
    write(folder / "095_1.bmp", b"ninety five again")
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
    write(folder / "095_1.bmp", b"a new picture of ninety five")

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

    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_a_folder_that_is_none_is_refused(client: Client, folder: Path) -> None:
    with pytest.raises(NotADirectoryError):
        import_folder(client, "a", folder / "095_0.bmp")
