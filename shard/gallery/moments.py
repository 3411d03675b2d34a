"""Moments as a gallery's tables have them: ISO 8601 in UTC, so that the earlier text is less."""

from datetime import UTC, datetime


def now() -> str:
    """Return the present moment."""
    return stored_moment(datetime.now(UTC))


def stored_moment(moment: datetime) -> str:
    """Return a moment, which is in UTC."""
    return moment.isoformat(timespec="milliseconds")
