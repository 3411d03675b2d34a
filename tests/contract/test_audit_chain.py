"""What is done to an audit trail is found out, and where."""

from typing import Any

import pytest

from contract.audit_chain import (
    DROPPED,
    GENESIS,
    ChainCheck,
    Head,
    canonical,
    sealed,
    subject_digest,
)

SALT, ANNA, BO = "5a17", {"kind": "member", "id": "m-1"}, {"kind": "member", "id": "m-2"}


def chain(length: int = 5, writer: str = "w", action: str = "member.get") -> list[dict[str, Any]]:
    """Return entries of a trail, each about Anna."""
    entries: list[dict[str, Any]] = []
    previous = GENESIS
    for number in range(1, length + 1):
        subjects = [{"kind": "member", "digest": subject_digest(SALT, ANNA)}]
        entry = {"writer": writer, "number": number, "action": action, "subjects": subjects}
        entries.append(sealed(entry, previous))
        previous = entries[-1]["digest"]
    return entries


def faults(entries: list[dict[str, Any]], noted: Head | None = None) -> list[tuple[str, int, str]]:
    check = ChainCheck([] if noted is None else [noted])
    for entry in entries:
        check.take(entry)
    check.require_noted()
    check.require_beginnings()
    return [(fault.writer, fault.number, fault.what) for fault in check.faults.values()]


def head_of(entry: dict[str, Any]) -> Head:
    return Head(entry["writer"], entry["number"], entry["digest"])


def test_chains_that_are_whole_have_no_fault() -> None:
    both = [*chain(), *chain(3, "v")]

    assert faults(both, head_of(both[4])) == []


def test_an_entry_that_was_changed_is_told() -> None:
    entries = chain()
    entries[2]["action"] = "member.put"

    assert faults(entries) == [("w", 3, "was changed")]


def test_an_entry_that_was_changed_and_sealed_anew_is_told_by_the_next() -> None:
    entries = chain()
    changed = {**entries[2], "action": "member.put"}
    del changed["digest"]
    entries[2] = sealed(changed, changed["previous"])

    assert faults(entries) == [("w", 4, "does not follow the one before")]


def test_an_entry_that_is_missing_is_told() -> None:
    entries = chain()

    assert faults(entries[:2] + entries[3:]) == [
        ("w", 4, "follows 2: what was between them is missing")
    ]


def test_entries_in_another_order_are_told() -> None:
    one, two, three, *rest = chain()

    assert faults([one, three, two, *rest])[0][:2] == ("w", 3)
    assert faults([one, two, two, three, *rest]) == [("w", 2, "stands after 2")]


def test_an_end_that_was_cut_off_is_told_by_a_head_that_was_noted() -> None:
    entries = chain()

    assert faults(entries[:3]) == []
    assert faults(entries[:3], head_of(entries[4])) == [
        ("w", 4, "is missing: the chain had 5"),
    ]
    assert faults([], head_of(entries[4])) == [("w", 1, "is missing: the chain had 5")]


def test_a_whole_chain_that_was_written_anew_is_told_by_a_head_that_was_noted() -> None:
    forged = chain(7, action="nothing")

    assert faults(forged) == []
    assert faults(forged, head_of(chain()[3])) == [("w", 4, "is not the one that was noted")]


def test_a_beginning_may_lack_where_an_entry_says_that_it_was_dropped() -> None:
    entries = chain()
    drop = {"writer": "w", "number": 6, "action": DROPPED, "details": {}}
    told = {**drop, "details": {"through": str(head_of(entries[2]))}}

    assert faults(entries[3:])[0][:2] == ("w", 4)
    assert faults([*entries[3:], sealed(drop, entries[-1]["digest"])])[0][:2] == ("w", 4)
    assert faults([*entries[3:], sealed(told, entries[-1]["digest"])]) == []


@pytest.mark.parametrize(
    ("subject", "fault"),
    [
        ({"salt": SALT, "said": ANNA, "erasure": None}, None),
        ({"salt": None, "said": None, "erasure": "receipt"}, None),
        ({"salt": SALT, "said": BO, "erasure": None}, "names somebody else"),
        ({"salt": "other", "said": ANNA, "erasure": None}, "names somebody else"),
        ({}, "names somebody else"),
    ],
)
def test_who_is_named_beside_an_entry_is_whom_it_is_about(
    subject: dict[str, Any], fault: str | None
) -> None:
    check = ChainCheck()
    [entry] = chain(1)
    check.take(entry)

    check.take_subjects(entry, [subject])

    assert [each.what for each in check.faults.values()] == ([] if fault is None else [fault])


@pytest.mark.parametrize("entry", [{}, {"number": "x"}, {"writer": "w", "number": 1}])
def test_what_is_no_entry_is_told(entry: dict[str, Any]) -> None:
    assert len(faults([entry])) == 1


def test_a_subject_cannot_be_guessed_without_its_salt() -> None:
    assert subject_digest(SALT, ANNA) != subject_digest("other", ANNA)
    assert subject_digest(SALT, ANNA) != subject_digest(SALT, BO)
    assert canonical({"b": 1, "a": "é"}) == '{"a":"\\u00e9","b":1}'


def test_a_head_is_read_as_it_is_written() -> None:
    head = Head("w", 3, "f" * 64)

    assert Head.parse(str(head)) == head
    for text in ("", "w:3", "w:x:" + "f" * 64, "w:3:f"):
        with pytest.raises(ValueError, match="is not writer:number:digest"):
            Head.parse(text)
