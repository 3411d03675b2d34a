"""What a member decides is noted once, in order, and never overruled by what is older."""

from typing import Any

import pytest

from contract.errors import BadTime, ConsentOutdated
from contract.messages.members import MemberDraft
from contract.messages.privacy.consent import Consent
from gateway.clock.clock import iso
from gateway.record.database import Database
from gateway.record.people.consent.schema import consents
from gateway.record.people.member_search import read_member
from gateway.record.people.members import delete_profiles, put_consent, put_member

HOUR = 3_600_000
NOW = 500_000 * HOUR


async def consent_of(database: Database) -> Consent:
    return (await database.read(None, read_member, "m", NOW)).consent


async def put(database: Database, moment: int = NOW, /, **consent: Any) -> None:
    draft = MemberDraft(consent=Consent(**consent))
    await database.write(None, put_member, "m", draft, moment, by="fg_1")


async def test_it_is_given_withdrawn_and_given_again(database: Database) -> None:
    await put(database, cross_store=True, text="v1", taken_by="Anna")
    await put(database, NOW + HOUR, cross_store=False)
    await put(database, NOW + 2 * HOUR, cross_store=True, text="v2")

    consent = await consent_of(database)

    assert (consent.cross_store, consent.at) == (True, iso(NOW + 2 * HOUR))
    assert (consent.text, consent.taken_by) == ("v2", "fg_1")
    assert [(d.cross_store, d.at, d.text, d.taken_by) for d in consent.former] == [
        (True, iso(NOW), "v1", "Anna"),
        (False, iso(NOW + HOUR), None, "fg_1"),
    ]


async def test_what_is_sent_again_as_it_was_read_is_no_decision(database: Database) -> None:
    await put(database, cross_store=True, text="v1", taken_by="Anna")
    await put(database, NOW + HOUR, cross_store=False, text="asked at the till")
    read = await consent_of(database)

    for again in (read, Consent(cross_store=False), Consent(cross_store=False, former=read.former)):
        await put(database, NOW + 2 * HOUR, **again.model_dump())

    assert await consent_of(database) == read


async def test_a_profile_without_a_consent_is_no_decision_of_who_is_new(
    database: Database,
) -> None:
    await put(database)

    assert await consent_of(database) == Consent(cross_store=False)


async def test_an_older_decision_overrules_no_newer_one(database: Database) -> None:
    await put(database, cross_store=False, text="no")
    before = await consent_of(database)

    for at, error in ((NOW - HOUR, ConsentOutdated), (NOW + 24 * HOUR, BadTime)):
        with pytest.raises(error):
            await put(database, NOW + HOUR, cross_store=True, at=iso(at))

    assert await consent_of(database) == before


async def test_a_switch_of_what_was_read_is_a_decision_of_now(database: Database) -> None:
    await put(database, cross_store=True, text="v1")
    read = await consent_of(database)

    await put(database, NOW + HOUR, **read.model_dump() | {"cross_store": False})

    consent = await consent_of(database)
    assert (consent.cross_store, consent.at) == (False, iso(NOW + HOUR))
    assert [decision.cross_store for decision in consent.former] == [True]


async def test_former_decisions_come_before_the_last(database: Database) -> None:
    former = [{"cross_store": True, "at": iso(NOW - HOUR), "text": "v1", "taken_by": None}]
    await put(database, cross_store=False, at=iso(NOW - 1), former=former)
    consent = await consent_of(database)
    assert [decision.text for decision in consent.former] == ["v1"]

    late = [{"cross_store": True, "at": iso(NOW), "text": "v3"}]
    with pytest.raises(BadTime):
        await put(database, cross_store=False, former=late)

    assert await consent_of(database) == consent


async def test_two_decisions_of_one_millisecond_are_two(database: Database) -> None:
    await put(database)
    for _ in range(2):
        given = Consent(cross_store=True, text="v1")
        assert await database.write(None, put_consent, "m", given, NOW, None)
        assert await database.write(None, put_consent, "m", Consent(), NOW, None)
        assert not await database.write(None, put_consent, "m", Consent(), NOW, None)

    former = (await consent_of(database)).former
    assert [decision.at for decision in former] == [iso(NOW + n) for n in range(3)]


async def test_decisions_go_with_the_member(database: Database) -> None:
    await put(database, cross_store=True, text="v1")
    await database.write(None, delete_profiles, "m", now=NOW)

    rows = await database.read(None, lambda c: c.execute(consents.select()).all())

    assert rows == []
