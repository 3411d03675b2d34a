"""SOURCE as people write it, and passwords that nobody gets to see."""

from pathlib import Path

import pytest

from contract.errors import BadRequest, ConfigurationError
from facegate.camera.sources.credentials import CameraSettings, signed_in
from facegate.camera.sources.source_address import (
    SourceAddress,
    has_password,
    masked,
    parse_source,
)

SECRET = "rtsp://admin:p%40ss@10.0.0.7:554/Streaming/Channels/101?token=abc"


@pytest.mark.parametrize(
    ("text", "kind", "name", "is_live"),
    [
        ("rtsp://10.0.0.7/stream", "rtsp", "10.0.0.7", True),
        ("RTSPS://door.example/1", "rtsp", "door.example", True),
        ("http://[::1]:8080/video.mjpg", "http", "::1", True),
        ("https://cam.example/snap.jpg", "http", "cam.example", True),
        ("webcam:0", "webcam", "webcam 0", True),
    ],
)
def test_addresses_are_told_apart(text: str, kind: str, name: str, is_live: bool) -> None:
    address = parse_source(text)

    assert (address.kind, address.name, address.is_live) == (kind, name, is_live)


def test_paths_are_files_or_folders(tmp_path: Path) -> None:
    (tmp_path / "door.mp4").write_bytes(b"")

    assert parse_source(str(tmp_path)).kind == "folder"
    assert parse_source(str(tmp_path / "door.mp4")) == SourceAddress(
        "file", str(tmp_path / "door.mp4")
    )
    assert parse_source(str(tmp_path / "door.mp4")).name == "door"


@pytest.mark.parametrize(
    "text",
    ["ftp://10.0.0.7/x", "rtsp://", "rtsp://:0/x", "http://[::1/x", "webcam:x", "gone.mp4", ""],
)
def test_what_is_no_source_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(BadRequest):
        parse_source(text or str(tmp_path / "nothing"))


def test_a_refused_address_is_shown_without_its_password() -> None:
    with pytest.raises(BadRequest) as refused:
        parse_source("ftp://admin:secret@10.0.0.7/x?token=abc")

    assert "secret" not in str(refused.value)
    assert "abc" not in str(refused.value)


def test_nobody_is_shown_a_password() -> None:
    assert has_password(SECRET)
    assert not has_password("rtsp://10.0.0.7/a@b")
    assert masked(SECRET) == "rtsp://10.0.0.7:554/Streaming/Channels/101?…"
    assert parse_source(SECRET).shown == masked(SECRET)


def test_the_user_of_the_environment_is_for_cameras_without_one() -> None:
    settings = CameraSettings(camera_user="admin", camera_password="p@ss:/")

    signed = signed_in(parse_source("rtsp://10.0.0.7:8554/x"), settings)

    assert signed.opened == "rtsp://admin:p%40ss%3A%2F@10.0.0.7:8554/x"
    assert signed_in(parse_source(SECRET), settings).opened == SECRET
    assert signed_in(parse_source("webcam:0"), settings).opened == "0"


def test_a_netrc_file_knows_each_host(tmp_path: Path) -> None:
    file = tmp_path / "netrc"
    file.write_text("machine 10.0.0.7 login door password one\nmachine b.example login hall\n")
    settings = CameraSettings(camera_user="other", camera_credentials=file)

    opened = [
        signed_in(parse_source(f"http://{host}/x"), settings).opened
        for host in ("10.0.0.7", "b.example", "c.example")
    ]

    assert opened == [
        "http://door:one@10.0.0.7/x",
        "http://hall:@b.example/x",
        "http://other:@c.example/x",
    ]


@pytest.mark.parametrize("content", [b"machine 10.0.0.7 login a passwd secret", b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_named_and_not_quoted(
    content: bytes | None, tmp_path: Path
) -> None:
    file = tmp_path / "netrc"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(ConfigurationError, match="netrc") as refused:
        signed_in(parse_source("http://10.0.0.7/"), CameraSettings(camera_credentials=file))

    assert "secret" not in str(refused.value)
