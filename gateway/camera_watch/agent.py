"""What posts for a camera, as it says itself in the headers of its requests."""

from collections.abc import Mapping

HEADER = "X-Facegate-Agent"
_OURS = "facegate-camera/"
_LONGEST = 100


def agent_of(headers: Mapping[str, str]) -> str | None:
    """Return name and version of an agent: its own header's, or those of ours as `User-Agent`.

    None where it says neither, or what nobody could read.
    """
    named = headers.get(HEADER, "")
    user_agent = headers.get("user-agent", "")
    agent = (named or (user_agent if user_agent.startswith(_OURS) else "")).strip()
    return (
        agent
        if agent and agent.isascii() and agent.isprintable() and len(agent) <= _LONGEST
        else None
    )
