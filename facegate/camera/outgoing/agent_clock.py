"""The time as the gateway has it: a camera's computer without a battery starts in another year."""

from datetime import UTC, datetime, timedelta

WRONG = timedelta(seconds=60)
"""A clock that is off by more is said to be wrong."""
_CORRECTED = timedelta(seconds=5)
"""What is off by less may be the time that an answer takes."""


class AgentClock:
    """This machine's clock, put right by what the gateway's answers say."""

    def __init__(self) -> None:
        self.offset = timedelta(0)
        """How far the gateway's clock is ahead of this machine's, as far as is known."""

    def now(self) -> datetime:
        """Return the time in UTC, by the gateway's clock where this one is off."""
        here = datetime.now(UTC)
        return here + self.offset if abs(self.offset) > _CORRECTED else here

    def hear(self, gateway: datetime | None) -> None:
        """Take note of the time that the gateway has now; None where it does not say."""
        if gateway is not None:
            self.offset = gateway - datetime.now(UTC)

    @property
    def is_wrong(self) -> bool:
        """Whether this machine's clock is off by more than a minute."""
        return abs(self.offset) > WRONG
