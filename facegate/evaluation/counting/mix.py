"""Who comes, how often and where to."""

from dataclasses import dataclass

DAYS_A_WEEK, DAYS_A_MONTH = 7, 28


@dataclass(frozen=True)
class Mix:
    """A mixture of people: strangers who come once, regulars, and members among these."""

    once: int
    """People who come once."""
    often: int
    """People who come again and again."""
    visits: tuple[int, int] = (2, 8)
    """The fewest and the most visits of each who comes again; as many as there are pictures for."""
    frames: int = 1
    """Pictures of one visit, which have one track."""
    members: int = 0
    """How many of those who come again are enrolled, each in the store of the first visit."""
    stores: int = 1
    elsewhere: float = 0.0
    """The share of those who come again who go to two stores in turn."""
    days: int = DAYS_A_MONTH
    """The visits are spread over so many days, those of one person over different ones."""
    retention: int = 30
    """Days after which a visitor who was not seen is erased."""
