"""Text: one normal form; what cannot be seen is refused, what scripts and emoji need is kept."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contract.errors import BadText
from contract.text.identifiers import (
    FACE_ID,
    MEMBER_ID,
    MEMBER_NAME,
    STORE,
    TAG,
    Id,
    Name,
    source_name,
)
from contract.text.plain_text import check_visible, folded, normalize_text

IDS = [STORE, MEMBER_ID, FACE_ID]
NAMES = [MEMBER_NAME, TAG]
SEEN = [
    *("Anna", "张三", "Öst", "Ὀδυσσεύς", "O'Brien-Łęcki", "a b", "①", "½", "m²", "=1+1", "ﬁ"),
    *("한국", "葛\U000e0100城", "𠮷野家", "\U00031350", "Ａｎｎａ", "张三（店长）"),
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian, with a non-joiner
    *("\u0915\u094d\u200d\u0937", "\u0dc1\u0dca\u200d\u0dbb\u0dd3"),  # Hindi, Sinhala
    "\u09b0\u200d\u09cd\u09af",  # Bengali, a joiner before the virama
    "\u182e\u1823\u180b\u1829",  # Mongolian, with a variation selector
    *("👩\u200d🚀", "👨\u200d👩\u200d👧", "🏳\ufe0f\u200d🌈", "❤\ufe0f", "1\ufe0f\u20e3", "©\ufe0f"),
    *("🇨🇳", "👍🏽", "👩🏽\u200d🚀", "\U0001fae9"),
]
UNSEEN = {
    "nothing": "",
    "space": " ",
    "ideographic space": "\u3000",
    "braille blank": "\u2800",
    "hangul filler": "\u3164",
    "zero-width space": "a\u200bb",
    "byte order mark": "\ufeffa",
    "word joiner": "a\u2060b",
    "soft hyphen": "a\u00adb",
    "grapheme joiner": "a\u034fb",
    "joiner in latin": "a\u200db",
    "non-joiner in latin": "a\u200cb",
    "joiner alone": "\u200d",
    "joiner at the end": "\u0915\u094d\u200d",
    "right to left override": "a\u202eb",
    "isolate": "\u2066a\u2069",
    "left to right mark": "\u200ea",
    "selector after a letter": "a\ufe0fb",
    "tag characters": "a\U000e0061",
    "nul": "a\0b",
    "line feed": "a\nb",
    "tab inside": "a\tb",
    "delete": "a\x7f",
    "next line": "a\x85b",
    "line separator": "a\u2028b",
    "half an emoji": "\ud83d",
    "private use": "\ue000",
    "no character": "\ufffe",
    "no ideograph": "\U0002fffe",
    "unassigned": "\u0378",
    "mark without a letter": "\u0301a",
}


@pytest.mark.parametrize("text", SEEN)
@pytest.mark.parametrize("kind", [*IDS, *NAMES], ids=lambda kind: kind.what)
def test_what_is_seen_is_taken_in_nfc(kind: Id | Name, text: str) -> None:
    for form in ("NFC", "NFD"):
        assert kind(unicodedata.normalize(form, text)) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("text", UNSEEN.values(), ids=UNSEEN)
@pytest.mark.parametrize("kind", [*IDS, *NAMES], ids=lambda kind: kind.what)
def test_what_is_not_seen_is_refused_and_named(kind: Id | Name, text: str) -> None:
    with pytest.raises(BadText, match=kind.what) as refused:
        kind(text)

    refused.value.detail.encode()  # can be sent


@pytest.mark.parametrize("text", ["a\u00a0b", "a  b", "a\u3000b", "a\u2800b", "a\u2002b"])
def test_spaces_are_one_kind_of_space_in_names_and_refused_in_ids(text: str) -> None:
    assert [kind(f" {text}\u3000") for kind in NAMES] == ["a b", "a b"]
    for kind in IDS:
        with pytest.raises(BadText, match="space"):
            kind(text)


@pytest.mark.parametrize("kind", IDS, ids=lambda kind: kind.what)
@pytest.mark.parametrize("text", ["a/b", ".", "..", " a", "a ", "/", "x" * 101])
def test_an_id_that_no_path_could_hold_is_refused(kind: Id, text: str) -> None:
    with pytest.raises(BadText):
        kind(text)


def test_ids_of_earlier_releases_are_still_found() -> None:
    for text in ("a  b", "a\u200bb", "a\u3000", "\ue000"):
        assert FACE_ID.known(text) == text
    for text in ("", "a\0", "a\n", "\ud83d", "x" * 101):
        with pytest.raises(BadText):
            FACE_ID.known(text)


@pytest.mark.parametrize("text", ["a\0", "a\n", "\ud83d", "", "x" * 1001])
def test_a_source_is_one_line_that_can_be_stored(text: str) -> None:
    with pytest.raises(BadText, match="source"):
        source_name(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna", "ANNA"),
        ("Straße", "STRASSE"),
        ("Öst", "O\u0308ST"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("Ａｎｎａ", "anna"),
        ("ﬁona", "FIONA"),
        ("ｱﾝﾅ", "アンナ"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u062e"),
        ("❤\ufe0f", "❤"),
        ("Anna\u3000Li", "anna li"),
        ("İSTANBUL", "istanbul"),
        ("Işıl", "IŞIL"),
    ],
)
def test_a_search_finds_text_however_it_was_written(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@given(st.text(max_size=20))
@example("\u0131\u0307\u0307")
@example("\U0001d6a4\u0307")
def test_the_forms_are_forms(text: str) -> None:
    assert normalize_text(normalize_text(text)) == normalize_text(text)
    assert folded(folded(text)) == folded(text) == folded(normalize_text(text))
    try:
        name = check_visible(normalize_text(text), "it")
    except BadText:
        return
    assert normalize_text(name) == name
    assert name.encode()
    assert "\0" not in name


printable = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1)


@given(printable)
def test_plain_english_is_read_by_the_rules_of_all_text(text: str) -> None:
    """There is a short way for it, which does what the long one does."""
    text = f"{text}."
    among_others = f"张{text}张"

    assert folded(among_others) == f"张{folded(f'.{text}')[1:]}张"
    assert normalize_text(among_others) == f"张{normalize_text(f'.{text}')[1:]}张"
    assert check_visible(among_others, "it") == f"张{check_visible(text, 'it')}张"
