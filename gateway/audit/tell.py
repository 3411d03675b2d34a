"""How what is done without a request is told to the audit trail."""

from typing import Any, Protocol

from gateway.record.people.face_pair import FacePair


class Tell(Protocol):
    """Writes what was done to FaceIds of a store, and how many they were."""

    async def __call__(
        self, action: str, *faces: FacePair, store: str | None = None, **details: Any
    ) -> None: ...
