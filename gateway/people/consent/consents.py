"""Members' consent, given and withdrawn: in the record, and at once in the shards."""

from dataclasses import dataclass

from contract.deadline import Deadline
from contract.messages.members import Member
from contract.messages.privacy.consent import Consent, ConsentDraft
from contract.text.identifiers import MEMBER_ID
from gateway.audit.request_notes import note_details
from gateway.people.members import Members
from gateway.record.people.members import put_consent


@dataclass(frozen=True)
class Consents:
    """Gives and withdraws the consent of members. `by` is who asks for it."""

    members: Members

    async def give(
        self, member_id: str, draft: ConsentDraft, by: str | None, deadline: Deadline
    ) -> Member:
        """Give a member's consent. Raises UnknownMember, BadTime and ConsentOutdated."""
        consent = Consent(cross_store=True, **draft.model_dump())
        return await self._put(member_id, consent, by, deadline)

    async def withdraw(self, member_id: str, by: str | None, deadline: Deadline) -> Member:
        """Withdraw a member's consent, whatever there was before. Raises UnknownMember."""
        return await self._put(member_id, Consent(cross_store=False), by, deadline)

    async def _put(
        self, member_id: str, consent: Consent, by: str | None, deadline: Deadline
    ) -> Member:
        members, name = self.members, MEMBER_ID.known(member_id)
        changed = await members.database.write(
            deadline, put_consent, name, consent, members.clock(), by
        )
        note_details(changed=changed)
        return await members.with_updates_delivered(name, deadline)
