"""Whatever is accepted of a member is read back: by id, in the list, by its name, as a table."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from contract.errors import BadText
from contract.messages.member_table import MemberLine, read_table, write_table
from contract.messages.members import Member, MemberDraft
from contract.messages.privacy.consent import Consent
from contract.text.identifiers import FACE_ID, MEMBER_ID, asked_text
from contract.text.strict_json import load_strict_json
from gateway.record.database import Database
from gateway.record.feed.schema import events
from gateway.record.people.bindings import put_with_faces
from gateway.record.people.consent.schema import consents
from gateway.record.people.member_search import MemberQuery, read_member, search_members
from gateway.record.people.schema import identities, member_tags, members, persons

ODD = ["|", "\\", "'", '"', ",", ";", "=", "+", "-", "@", "%", "_", "\t", "\n", "\r", "\0", " "]
ODD += ["\u200d", "\u200c", "\ufe0f", "\u0301", "\u3000", "\ufeff", "\ud83d", "😀", "ﬁ", "İ", "ß"]
characters = st.one_of(st.sampled_from(ODD), st.sampled_from("abcÄé张#/"), st.characters())
texts = st.text(characters, max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=4,
)
drafts = st.fixed_dictionaries(
    {},
    optional={
        "name": st.none() | texts,
        "tags": st.lists(texts, max_size=3),
        "profile": st.dictionaries(texts, values, max_size=3),
        "consent": st.fixed_dictionaries(
            {"cross_store": st.none() | st.booleans()},
            optional={
                "at": st.just("1969-07-20T20:17:40.000Z"),
                "text": texts,
                "taken_by": texts,
                "former": st.just([{"cross_store": True, "at": "1969-07-20T20:17:39.999Z"}]),
            },
        ),
    },
)
Accepted = dict[str, tuple[MemberDraft, list[tuple[str, str]]]]


def accepted(sent: list[tuple[str, dict[str, Any], list[str]]]) -> Accepted:
    """Return what the edge of the gateway lets through, in the form in which it is stored."""
    taken: Accepted = {}
    faces = set[str]()
    for member_id, draft, face_ids in sent:
        try:
            name = MEMBER_ID(member_id)
            made = MemberDraft.model_validate(load_strict_json(json.dumps(draft)))
            owned = [_face(face_id) for face_id in face_ids]
        except (BadText, ValidationError):
            continue
        fresh = sorted({face for face in owned if face[1] not in faces})
        faces |= {face[1] for face in fresh}
        if name not in taken:
            taken[name] = made, fresh
    return taken


def _face(face_id: str) -> tuple[str, str]:
    return "a=|b", FACE_ID(face_id)


def clear(connection: sa.Connection) -> None:
    for table in (consents, member_tags, members, identities, persons, events):
        connection.execute(sa.delete(table))


@pytest.mark.slow
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.tuples(texts, drafts, st.lists(texts, max_size=2)), min_size=1, max_size=6))
def test_what_is_accepted_is_read_back(
    record_url: str, tmp_path: Path, sent: list[tuple[str, dict[str, Any], list[str]]]
) -> None:
    asyncio.run(_round_trip(record_url, tmp_path, accepted(sent)))


async def test_what_an_earlier_release_stored_is_shown(record_url: str, tmp_path: Path) -> None:
    """It took profiles with halves of characters, and numbers that are none, on SQLite."""
    profiles = ['{"a": "\\ud83d", "b": 1}', '{"a": [1, {"\\ud83d": ""}]}', '{"a": 9e15}']
    if record_url.startswith("sqlite"):
        profiles += ['{"a": NaN}', '{"a": [Infinity, -Infinity]}']
    taken: Accepted = {f"m{n}": (MemberDraft(name="x"), []) for n in range(len(profiles))}
    async with Database.at(record_url, tmp_path) as database:
        await _store(database, taken)
        for member_id, profile in zip(taken, profiles, strict=True):
            await database.write(None, _overwrite, member_id, profile)

        listed = await _listed(database)

        assert [member.member_id for member in listed] == list(taken)
        assert [json.loads(member.model_dump_json())["profile"] for member in listed[:2]] == [
            {"a": "\ufffd", "b": 1},
            {"a": [1, {"\ufffd": ""}]},
        ]
        assert all(isinstance(line, MemberLine) for line in read_table(write_table(listed)))
        found = await database.read(None, search_members, MemberQuery(text="x"), 0)
        assert found.members == listed


def _overwrite(connection: sa.Connection, member_id: str, profile: str) -> None:
    kind = "json" if connection.dialect.name == "postgresql" else "text"
    stored = sa.text(f"UPDATE members SET profile = CAST(:profile AS {kind}) WHERE member_id = :id")
    connection.execute(stored, {"profile": profile, "id": member_id})


async def _round_trip(record_url: str, folder: Path, taken: Accepted) -> None:
    async with Database.at(record_url, folder) as database:
        await _store(database, taken)
        listed = await _listed(database)
        _check(listed, taken)
        for member_id, (draft, _) in taken.items():
            read = await database.read(None, read_member, member_id, 0)
            found = [listed_one for listed_one in listed if listed_one.member_id == member_id]
            assert found == [read]
            for text in {draft.name or member_id, (draft.name or member_id).upper()}:
                query = MemberQuery(text=asked_text(text))
                page = await database.read(None, search_members, query, 0)
                assert member_id in [member.member_id for member in page.members]
            for tag in draft.tags:
                tagged = MemberQuery(tag=asked_text(tag))
                page = await database.read(None, search_members, tagged, 0)
                assert member_id in [member.member_id for member in page.members]
        table = write_table(listed)
        lines = list(read_table(table))
        assert all(isinstance(line, MemberLine) for line in lines), lines
        again = {
            line.member_id: (line.draft, line.faces)
            for line in lines
            if isinstance(line, MemberLine)
        }
        await _store(database, again)
        _check(await _listed(database), taken)
        assert write_table(await _listed(database)) == table


async def _store(database: Database, taken: Accepted) -> None:
    await database.write(None, clear)
    for member_id, (draft, faces) in taken.items():
        await database.write(None, put_with_faces, member_id, draft, faces, 0)


async def _listed(database: Database) -> list[Member]:
    """Return all members, two a page."""
    found: list[Member] = []
    after: str | None = ""
    while after is not None:
        query = MemberQuery(after=after, limit=2)
        page = await database.read(None, search_members, query, 0)
        found += page.members
        after = page.next_after
    return found


def _check(listed: list[Member], taken: Accepted) -> None:
    assert [member.member_id for member in listed] == sorted(taken)
    for member in listed:
        draft, faces = taken[member.member_id]
        shown = MemberDraft(
            name=member.name, tags=member.tags, profile=member.profile, consent=draft.consent
        )
        assert shown == draft
        _check_consent(member.consent, draft.consent)
        assert [(face.store, face.face_id) for face in member.faces] == sorted(faces)
        member.model_dump_json().encode()


def _check_consent(shown: Consent, sent: Consent) -> None:
    """A time is noted where none was sent, and what was decided before is kept."""
    assert shown.cross_store == sent.cross_store
    assert (shown.text, shown.taken_by) == (sent.text, sent.taken_by)
    assert sent.at in {None, shown.at}
    assert [decision.at for decision in shown.former] == [d.at for d in sent.former]
