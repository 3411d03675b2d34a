"""Two values of one thing: what holds for members, and what holds for visitors."""

from typing import Generic, NamedTuple, TypeVar

from contract.messages.message import Kind

T = TypeVar("T")


class ByKind(NamedTuple, Generic[T]):
    """A value for each kind of FaceId."""

    member: T
    visitor: T

    def of(self, kind: Kind) -> T:
        """Return the value for FaceIds of this kind."""
        return self.member if kind == "member" else self.visitor
