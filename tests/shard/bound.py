"""What binds one FaceId."""

from contract.messages.shard_updates import Binding


def bound(face_id: str, member_id: str, roams: bool) -> dict[str, Binding | None]:
    """Return a binding as a gallery takes several of them."""
    return {face_id: Binding(member_id=member_id, cross_store=roams)}
