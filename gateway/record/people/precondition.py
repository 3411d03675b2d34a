"""Conditional writes of members: `If-Match` and `If-None-Match` (RFC 9110)."""

from dataclasses import dataclass

from contract.errors import MemberChanged, MemberExists


def entity_tag(version: str) -> str:
    """Return a version as the header `ETag` has it."""
    return f'"{version}"'


@dataclass(frozen=True)
class Precondition:
    """The headers `If-Match` and `If-None-Match` of a write; each is `*` or tags, with commas."""

    if_match: str | None = None
    if_none_match: str | None = None

    def check(self, member_id: str, version: str | None) -> None:
        """Check the member's `version`, None when there is no member.

        Raises MemberExists and MemberChanged.
        """
        if self.if_none_match is not None and _names(self.if_none_match, version):
            raise MemberExists(f"there is a member {member_id!r} already")
        if self.if_match is not None and not _names(self.if_match, version):
            raise MemberChanged(f"the member {member_id!r} is not as it was read")


UNCONDITIONAL = Precondition()
"""No condition: the write replaces what there is."""


def _names(tags: str, version: str | None) -> bool:
    if version is None:
        return False
    return tags.strip() == "*" or entity_tag(version) in [tag.strip() for tag in tags.split(",")]
