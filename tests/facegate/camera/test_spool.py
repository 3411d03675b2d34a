"""What waits on disk outlives everything, within its bound."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.errors import BadRequest
from facegate.camera.outgoing.posting import DamagedPosting, Posting
from facegate.camera.outgoing.spool import Spool
from tests.facegate.camera.fakes import posting

_ROOM = 100_000


@contextlib.contextmanager
def opened(folder: Path, most_bytes: int = _ROOM) -> Iterator[Spool]:
    spool = Spool(folder, most_bytes)
    try:
        yield spool
    finally:
        spool.close()


def frames(spool: Spool) -> list[str]:
    """Take everything out, oldest first."""
    found = []
    while (spooled := spool.first(0)) is not None:
        found.append(spooled.posting.frame)
        spool.done(spooled.path)
    return found


def test_a_posting_is_read_as_it_was_written() -> None:
    one = posting(1, b"\xff\xd8\n\n{}")

    assert Posting.from_bytes(one.to_bytes()) == one


@pytest.mark.parametrize(
    "content", [b"", b"{}\n", b"[]\n", b'"x"\nabc', posting(1).to_bytes()[:-1], b"\xff\n"]
)
def test_a_damaged_posting_is_known(content: bytes) -> None:
    with pytest.raises(DamagedPosting):
        Posting.from_bytes(content)


def test_the_oldest_goes_first_also_after_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        for number in range(12):
            spool.put(posting(number))

    with opened(tmp_path) as again:
        again.put(posting(12))

        assert frames(again) == [f"run.{number}" for number in range(13)]


def test_what_was_not_confirmed_is_there_again(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        spool.put(posting(1))
        spool.first(0)

    with opened(tmp_path) as again:
        assert frames(again) == ["run.1"]


def test_the_oldest_makes_room_and_is_counted(tmp_path: Path) -> None:
    size = len(posting(1).to_bytes())
    with opened(tmp_path, 3 * size) as spool:
        for number in range(1, 6):
            spool.put(posting(number))

        assert spool.dropped == 2
        assert frames(spool) == ["run.3", "run.4", "run.5"]
    assert list(tmp_path.glob("*.post")) == []


def test_one_that_is_larger_than_the_bound_is_kept_alone(tmp_path: Path) -> None:
    with opened(tmp_path, 10) as spool:
        spool.put(posting(1))
        spool.put(posting(2))

        assert frames(spool) == ["run.2"]


def test_what_a_power_cut_leaves_half_is_no_posting(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        for number in (1, 2, 3):
            spool.put(posting(number))
    second = sorted(tmp_path.glob("*.post"))[1]
    second.write_bytes(second.read_bytes()[:40])
    (tmp_path / "0000000000000003.part").write_bytes(b"half")

    with opened(tmp_path) as again:
        assert frames(again) == ["run.1", "run.3"]
        assert again.dropped == 1
    assert {path.name for path in tmp_path.iterdir()} == {".lock"}


def test_one_camera_has_one_agent(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(BadRequest, match="another agent"):
        Spool(tmp_path, _ROOM)

    Spool(tmp_path, _ROOM).close()


def test_a_disk_that_takes_nothing_is_told(tmp_path: Path) -> None:
    with opened(tmp_path / "spool") as spool:
        (tmp_path / "spool" / ".lock").unlink()
        (tmp_path / "spool").rmdir()

        with pytest.raises(OSError, match="No such file"):
            spool.put(posting(1))

        assert len(spool) == 0
