"""Remembering why a picture was refused, so that an import does not encode it again."""

from contract.deadline import Deadline
from contract.messages.faces import Source
from shard.enrollment.person import Person
from shard.service import Service

_TRY_AGAIN = ""
"""Stands for the digest of a picture that an import tries again, though it has not changed."""


async def record_refusal(
    service: Service,
    person: Person,
    digest: str,
    reason: str,
    deadline: Deadline,
    *,
    try_again: bool = False,
) -> None:
    """Remember why the picture `person.source`, if it has a name, was refused.

    The next import passes over it until its content, whose SHA-256 is `digest`, changes. With
    `try_again` it does not: it was refused because of what the store or the folder holds beside it.
    """
    if person.source is None:
        return
    refused = Source(
        source=person.source,
        digest=_TRY_AGAIN if try_again else digest,
        face_id=person.face_id,
        outcome="refused",
        reason=reason,
    )
    record = service.collection.gallery.imports.record_refused
    await service.threads.record(deadline, record, refused, digest)
