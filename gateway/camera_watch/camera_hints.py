"""What an operator may want to look at, by what a camera has sent."""

from collections.abc import Iterator

from contract.messages.cameras.agent_status import AgentProblem, AgentStatus
from contract.messages.cameras.camera_status import CameraStatus, Hint
from contract.messages.message import Unfit

FEW_FRAMES, FEW_FACES = 100, 20
"""Of fewer nothing is said but what is certain."""
NARROW_FACE = 60
"""Pixels. Of faces of LFW that are 44 wide, 60% are known again, as they are 72% (docs/visits.md);
cameras' own are less sharp."""
UNFIT_SHARE, TURNED_SHARE, REFUSED_SHARE = 0.2, 0.5, 0.1
"""Who walks by is often turned away, whatever the camera; small, dark and blurred faces are its
own doing."""
AHEAD_SECONDS, BEHIND_SECONDS = 60, 600
"""Behind may be what a frame took to arrive."""
_BY_REASON: dict[Unfit, tuple[Hint, float]] = {
    "TOO_SMALL": ("SMALL_FACES", UNFIT_SHARE),
    "TOO_DARK": ("DARK_FACES", UNFIT_SHARE),
    "BLURRED": ("BLURRED_FACES", UNFIT_SHARE),
    "POSE": ("TURNED_FACES", TURNED_SHARE),
}
_BY_PROBLEM: dict[AgentProblem, Hint] = {
    "lost": "LOST",
    "frozen": "FROZEN",
    "dark": "BLACK",
    "covered": "COVERED",
}
"""A wrong clock of the agent's machine is no matter: it goes by the gateway's."""


def hints(camera: CameraStatus) -> list[Hint]:
    """Return what to look at, the most urgent first."""
    return list(_hints(camera))


def _hints(camera: CameraStatus) -> Iterator[Hint]:
    if camera.last_at is None:
        yield "NEVER_SEEN"
    if camera.silent:
        yield "SILENT"
    if camera.agent_status is not None:
        yield from _of_agent(camera.agent_status)
    if camera.refused > REFUSED_SHARE * (camera.frames + camera.refused):
        yield "PICTURE_ADDRESS" if camera.refusal == "PICTURE_ADDRESS" else "REFUSED"
    ahead = camera.clock_ahead_seconds
    if ahead is not None and not -BEHIND_SECONDS <= ahead <= AHEAD_SECONDS:
        yield "CLOCK"
    if frames_without_faces(camera) >= FEW_FRAMES:
        yield "NO_FACES"
    if camera.faces >= FEW_FACES:
        yield from _of_faces(camera)


def frames_without_faces(camera: CameraStatus) -> int:
    """Return in how many frames nobody was to be seen, if that was so in all of them."""
    if camera.faces:
        return 0
    agent = camera.agent_status
    return camera.frames if agent is None or agent.faces else max(camera.frames, agent.moved)


def _of_agent(agent: AgentStatus) -> Iterator[Hint]:
    for problem, hint in _BY_PROBLEM.items():
        if problem in agent.problems:
            yield hint
    if agent.dropped or agent.unkept:
        yield "PICTURES_LOST"


def _of_faces(camera: CameraStatus) -> Iterator[Hint]:
    for reason, (hint, share) in _BY_REASON.items():
        is_narrow = hint == "SMALL_FACES" and (camera.face_px or NARROW_FACE) < NARROW_FACE
        if is_narrow or camera.unfit.get(reason, 0) > share * camera.faces:
            yield hint
