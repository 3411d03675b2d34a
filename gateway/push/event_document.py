"""What a camera says of its event, whichever notation it says it in: texts by their paths."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

MOST_LEAVES = 5_000
"""Texts in one event: those of cameras have a few hundred."""
MOST_DEPTH = 32


class UnreadableEvent(ValueError):
    """Text that looks like an event and cannot be read as one."""


class Leaf(NamedTuple):
    """A text, and the names that lead to it, outermost first; items of a list by their number."""

    path: tuple[str, ...]
    text: str

    @property
    def name(self) -> str:
        """What the text is called."""
        return self.path[-1] if self.path else ""


@dataclass(frozen=True)
class EventDocument:
    """The texts of an event in their order. Names are compared without regard to case."""

    leaves: tuple[Leaf, ...] = ()

    @classmethod
    def joined(cls, documents: Iterable["EventDocument"]) -> "EventDocument":
        """Return one document of all that the parts of a body say."""
        return cls(tuple(leaf for document in documents for leaf in document.leaves))

    def names(self) -> frozenset[str]:
        """Return every name on the way to a text, in small letters."""
        return frozenset(name.lower() for leaf in self.leaves for name in leaf.path)

    def values(self, name: str) -> Iterator[str]:
        """Yield the texts of this name that are not blank."""
        wanted = name.lower()
        for leaf in self.leaves:
            if leaf.name.lower() == wanted and leaf.text.strip():
                yield leaf.text.strip()

    def first(self, names: Iterable[str]) -> str | None:
        """Return the first text of the first of these names that has any."""
        return next((text for name in names for text in self.values(name)), None)

    def only(self, names: Iterable[str]) -> str | None:
        """Return the text of the first of these names that is there, if it is always the same."""
        for name in names:
            texts = set(self.values(name))
            if texts:
                return texts.pop() if len(texts) == 1 else None
        return None
