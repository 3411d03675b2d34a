"""What posts for a camera, as it says itself in the headers of its requests."""

from collections.abc import Mapping
from typing import NamedTuple

from pydantic import ValidationError

from contract.messages.cameras.agent_status import AGENT_HEADER, STATUS_HEADER, AgentStatus

_OURS = "facegate-camera/"
_LONGEST, _LONGEST_STATUS = 100, 1000


class Agent(NamedTuple):
    """Name and version of an agent, and how it is; None is what it does not say readably."""

    name: str | None = None
    status: AgentStatus | None = None

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> "Agent":
        """Return what headers say: those of its own, or those of ours as `User-Agent`."""
        return cls(_name(headers), _status(headers.get(STATUS_HEADER)))


NOBODY = Agent()
"""Who posts without a word of itself."""


def _name(headers: Mapping[str, str]) -> str | None:
    named = headers.get(AGENT_HEADER, "")
    user_agent = headers.get("user-agent", "")
    agent = (named or (user_agent if user_agent.startswith(_OURS) else "")).strip()
    return (
        agent
        if agent and agent.isascii() and agent.isprintable() and len(agent) <= _LONGEST
        else None
    )


def _status(text: str | None) -> AgentStatus | None:
    if text is None or len(text) > _LONGEST_STATUS:
        return None
    try:
        return AgentStatus.model_validate_json(text, strict=True)
    except ValidationError:
        return None
