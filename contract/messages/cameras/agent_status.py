"""What an agent beside a camera says of itself, with all that it sends."""

from typing import Annotated, Literal

from pydantic import Field

from contract.messages.message import Message

AGENT_HEADER, STATUS_HEADER = "X-Facegate-Agent", "X-Facegate-Agent-Status"
"""The agent's name and version, and an `AgentStatus` in JSON."""

AgentProblem = Literal["lost", "frozen", "dark", "covered", "clock"]
"""The camera does not answer; its picture does not change, is black, or shows nothing; the clock of
the agent's machine is wrong."""

_Problem = Annotated[str, Field(pattern="^[a-z_]{1,20}$")]
"""An `AgentProblem`, or one that only newer agents know."""
_Count = Annotated[int, Field(ge=0, lt=2**53)]


class AgentStatus(Message):
    """What an agent has done since it began, and what is wrong now."""

    frames: _Count = Field(default=0, description="frames that were looked at")
    moved: _Count = Field(default=0, description="those in which something had moved")
    faces: _Count = Field(default=0, description="faces that were found in these")
    tracks: _Count = Field(default=0, description="people who were followed")
    sent: _Count = Field(default=0, description="pictures that the gateway has")
    spooled: _Count = Field(default=0, description="pictures that wait on the agent's disk now")
    dropped: _Count = Field(default=0, description="pictures that had to make room for newer ones")
    unkept: _Count = Field(default=0, description="pictures for which its disk had no room")
    problems: Annotated[list[_Problem], Field(max_length=10)] = Field(
        default=[], description="`lost`, `frozen`, `dark`, `covered`, `clock`"
    )
