"""What an operator is told to look at, by what a camera has sent."""

from typing import Any

import pytest

from contract.messages.cameras.camera_status import CameraStatus
from gateway.camera_watch.camera_hints import hints

WELL: dict[str, Any] = {
    "store": "a",
    "camera": "door",
    "name": "door",
    "listed": True,
    "last_at": "2026-05-04T09:30:00.000Z",
    "silent_after_seconds": 60,
    "frames": 1000,
    "faces": 100,
    "face_px": 90,
    "clock_ahead_seconds": -2.0,
    "unfit": {"TOO_SMALL": 5, "POSE": 40},
}
NOBODY: dict[str, Any] = {"frames": 0, "faces": 0, "face_px": None, "unfit": {}}
"""What the gateway counts of an agent that has sent nothing yet."""


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({}, []),
        ({"last_at": None, "frames": 0, "faces": 0}, ["NEVER_SEEN"]),
        ({"silent": True}, ["SILENT"]),
        ({"face_px": 59}, ["SMALL_FACES"]),
        ({"faces": 19, "face_px": 59}, []),
        ({"unfit": {"TOO_SMALL": 21, "TOO_DARK": 21}}, ["SMALL_FACES", "DARK_FACES"]),
        ({"unfit": {"BLURRED": 21, "POSE": 51}}, ["BLURRED_FACES", "TURNED_FACES"]),
        ({"faces": 0, "face_px": None, "unfit": {}}, ["NO_FACES"]),
        ({"frames": 99, "faces": 0, "face_px": None, "unfit": {}}, []),
        ({"agent_status": {"frames": 9000, "moved": 99}}, []),
        ({**NOBODY, "agent_status": {"moved": 99}}, []),
        ({**NOBODY, "agent_status": {"moved": 100}}, ["NO_FACES"]),
        ({**NOBODY, "agent_status": {"moved": 100, "faces": 1}}, []),
        ({"agent_status": {"problems": ["lost", "clock", "new_one"]}}, ["LOST"]),
        ({"agent_status": {"problems": ["dark", "frozen"]}}, ["FROZEN", "BLACK"]),
        ({"agent_status": {"dropped": 1, "problems": ["covered"]}}, ["COVERED", "PICTURES_LOST"]),
        ({"agent_status": {"unkept": 1, "spooled": 5}}, ["PICTURES_LOST"]),
        ({"refused": 112}, ["REFUSED"]),
        ({"refused": 100}, []),
        ({"refused": 112, "refusal": "PICTURE_ADDRESS"}, ["PICTURE_ADDRESS"]),
        ({"clock_ahead_seconds": 61.0}, ["CLOCK"]),
        ({"clock_ahead_seconds": -601.0}, ["CLOCK"]),
        ({"clock_ahead_seconds": None}, []),
    ],
)
def test_what_is_to_be_looked_at(sent: dict[str, Any], expected: list[str]) -> None:
    assert hints(CameraStatus(**{**WELL, **sent})) == expected
