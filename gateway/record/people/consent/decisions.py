"""What members decided about their consent: noted, read, and kept until they are erased."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from contract.errors import BadTime, ConsentOutdated
from contract.messages.privacy.consent import Consent, ConsentDecision
from contract.text.moment import moment_of
from gateway.clock.clock import iso
from gateway.record.people.consent.schema import consents
from gateway.record.upsert import insert_into

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AHEAD = 60_000
"""Milliseconds by which the clock of whoever took a consent may be ahead of the gateway's."""


class Decision(NamedTuple):
    """What a member decides now, and what `stood` before."""

    consent: Consent
    stood: bool | None


def note_decisions(
    connection: sa.Connection,
    decided: Mapping[str, Decision],
    *,
    now: int,
    by: str | None = None,
) -> Collection[str]:
    """Note what members decide; return those who decide what stood not already, described alike.

    `by` took it where the consent does not say. Earlier decisions that it brings are noted, too.
    Raises BadTime for the future, and ConsentOutdated for what is older than the last decision.
    """
    last = {row.member_id: row for row in connection.execute(_of(decided))}
    former = list[dict[str, Any]]()
    noted = dict[str, dict[str, Any]]()
    for member_id, decision in decided.items():
        found = last.get(member_id)
        end = now if found is None else found.at + 1
        former += _former_rows(member_id, decision.consent, end)
        if row := _row(member_id, decision, found, now, by):
            noted[member_id] = row
    if former:
        connection.execute(insert_into(connection, consents).on_conflict_do_nothing(), former)
    if noted:
        connection.execute(sa.insert(consents), list(noted.values()))
    return noted.keys()


def _row(
    member_id: str, decision: Decision, last: Any, now: int, by: str | None
) -> dict[str, Any] | None:
    """Return the row of a decision after the `last` one; None where it is what stood already."""
    consent, stood = decision
    described = last if last is not None and last.cross_store == stood else None
    if consent.cross_store == stood and not _differs(consent, described):
        return None
    said = None if consent.at is None else _milliseconds(consent.at)
    if said is None or (last is not None and said == last.at):  # sent back as it was read
        said = now if last is None else max(now, last.at + 1)
    elif last is not None and said < last.at:
        raise ConsentOutdated(f"{member_id!r} decided at {iso(last.at)}, after {iso(said)}")
    if said > now + _AHEAD:
        raise BadTime(f"{iso(said)} is in the future")
    return {
        "member_id": member_id,
        "at": said,
        "cross_store": consent.cross_store,
        "text": consent.text,
        "taken_by": consent.taken_by or by,
    }


def consents_of(
    connection: sa.Connection, in_force: Mapping[str, bool | None]
) -> dict[str, Consent]:
    """Return the consent of each of the members whose `cross_store` is given."""
    rows: dict[str, list[Any]] = {member_id: [] for member_id in in_force}
    for row in connection.execute(_of(in_force)):
        rows[row.member_id].append(row)
    return {member_id: _consent(in_force[member_id], found) for member_id, found in rows.items()}


def decisions_of(
    connection: sa.Connection, member_ids: Collection[str]
) -> dict[str, list[dict[str, Any]]]:
    """Return what each of the members decided, as rows of the table."""
    rows: dict[str, list[dict[str, Any]]] = {member_id: [] for member_id in member_ids}
    for row in connection.execute(_of(member_ids)).mappings():
        rows[row["member_id"]].append(dict(row))
    return rows


def replace_decisions(
    connection: sa.Connection, decided: Mapping[str, Sequence[Mapping[str, Any]]]
) -> None:
    """Have members have decided what these rows of theirs say, and nothing else."""
    delete_decisions(connection, *decided)
    if rows := [dict(row) for theirs in decided.values() for row in theirs]:
        connection.execute(sa.insert(consents), rows)


def delete_decisions(connection: sa.Connection, *member_ids: str) -> None:
    """Delete all that members decided."""
    connection.execute(sa.delete(consents).where(consents.c.member_id.in_(member_ids)))


def _former_rows(member_id: str, consent: Consent, before: int) -> list[dict[str, Any]]:
    """Return the rows of the earlier decisions of a consent.

    They are before its own time, and where it says none, before a moment. Raises BadTime.
    """
    end = before if consent.at is None else _milliseconds(consent.at)
    rows = []
    for decision in consent.former:
        at = _milliseconds(decision.at)
        if at >= end:
            raise BadTime(f"the former decision of {decision.at} is not before {iso(end)}")
        rows.append({**decision.model_dump(), "member_id": member_id, "at": at})
    return rows


def _differs(consent: Consent, last: Any) -> bool:
    """Say whether a consent is described otherwise than the last decision, as far as it is."""
    described = {
        "at": consent.at and _milliseconds(consent.at),
        "text": consent.text,
        "taken_by": consent.taken_by,
    }
    return any(
        value is not None and value != getattr(last, name, None)
        for name, value in described.items()
    )


def _consent(in_force: bool | None, rows: list[Any]) -> Consent:
    """Return a consent, of the decisions in their order."""
    last = rows[-1] if rows and rows[-1].cross_store == in_force else None
    former = [_decision(row) for row in (rows if last is None else rows[:-1])]
    if last is None:
        return Consent(cross_store=in_force, former=former)
    return Consent(
        cross_store=in_force,
        at=iso(last.at),
        text=last.text,
        taken_by=last.taken_by,
        former=former,
    )


def _decision(row: Any) -> ConsentDecision:
    return ConsentDecision(
        cross_store=row.cross_store, at=iso(row.at), text=row.text, taken_by=row.taken_by
    )


def _of(members: Iterable[str]) -> sa.Select[Any]:
    this = consents.c.member_id.in_(list(members))
    return sa.select(consents).where(this).order_by(consents.c.member_id, consents.c.at)


def _milliseconds(text: str) -> int:
    return (moment_of(text) - _EPOCH) // timedelta(milliseconds=1)
