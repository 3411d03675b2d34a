"""A picture may be handed over in whatever form a program has it."""

import io
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from facegate import AsyncClient, Client, Picture
from tests.facegate.fake_gateway import FakeGateway

CONTENT = b"li si"


@pytest.fixture
def client(gateway: FakeGateway) -> Iterator[Client]:
    gateway.stores["a"].faces["li"] = [CONTENT]
    with Client(gateway.url) as client:
        yield client


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "李四.jpg"
    path.write_bytes(CONTENT)
    return path


class OwnPath:
    """A path of another library."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __fspath__(self) -> str:
        return str(self._path)


FORMS: dict[str, Callable[[Path], Picture]] = {
    "bytes": Path.read_bytes,
    "bytearray": lambda path: bytearray(path.read_bytes()),
    "memoryview": lambda path: memoryview(path.read_bytes()),
    "str": str,
    "Path": lambda path: path,
    "PathLike": OwnPath,
    "BytesIO": lambda path: io.BytesIO(path.read_bytes()),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_picture_is_sent_as_its_content(
    client: Client, path: Path, form: str
) -> None:
    answer = client.recognize("a", FORMS[form](path))

    assert [face.face_id for face in answer.faces] == ["li"]


def test_an_open_file_is_read_and_left_open(client: Client, path: Path) -> None:
    with path.open("rb") as file:
        answer = client.recognize("a", file)
        assert not file.closed

    assert answer.faces[0].face_id == "li"


async def test_the_async_client_takes_the_same_forms(client: Client, path: Path) -> None:
    async with AsyncClient(client.url) as patient:
        for form in FORMS.values():
            assert (await patient.recognize("a", form(path))).faces[0].face_id == "li"


def test_several_pictures_go_together_whatever_their_form(
    client: Client, gateway: FakeGateway, path: Path
) -> None:
    client.recognize("a", [str(path), path, CONTENT])
    client.recognize("a", (form(path) for form in FORMS.values()))
    client.compare(str(path), io.BytesIO(CONTENT))

    assert [body.count(CONTENT) for body in gateway.bodies] == [3, len(FORMS), 2]
    assert all(body.count(b'; name="image"') == body.count(CONTENT) for body in gateway.bodies)


def test_a_missing_file_is_named_and_nothing_is_sent(client: Client, gateway: FakeGateway) -> None:
    with pytest.raises(FileNotFoundError, match=r"camera\.jpg"):
        client.recognize("a", "nowhere/camera.jpg")
    with pytest.raises(FileNotFoundError):
        client.recognize("a", "")

    assert gateway.requests == []


@pytest.mark.parametrize(
    ("thing", "named"),
    [(None, "NoneType"), (7, "int"), (io.StringIO("text"), "open it with 'rb'")],
)
def test_what_is_no_picture_is_told_what_is_wanted(client: Client, thing: Any, named: str) -> None:
    for send in (client.search, partial(client.recognize, "a"), partial(client.enroll, "a", "li")):
        with pytest.raises(TypeError, match=named):
            send(thing)


def test_a_text_file_is_told_to_be_opened_in_binary(client: Client, path: Path) -> None:
    with path.open(encoding="ascii") as file, pytest.raises(TypeError, match="'rb'"):
        client.search(file)  # type: ignore[arg-type]  # what a user may do all the same


def test_a_path_in_bytes_is_content(client: Client, path: Path) -> None:
    answer = client.recognize("a", os.fsencode(path))

    assert answer.faces[0].match == "unknown"
