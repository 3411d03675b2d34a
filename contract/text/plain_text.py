"""Text as people and machines may write it, in one form; what cannot be seen is refused.

The rules are those of PRECIS (RFC 8264, its profiles in RFC 8265 and 8266): Unicode's form NFC, one
kind of space, no control characters, nothing invisible, nothing unassigned. The two joiners and the
variation selectors stay where scripts and emoji are written with them, as in RFC 5892, A.1 and A.2.
"""

import re
import unicodedata

from contract.errors import BadText

_REFUSED = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Categories: controls, formats, private use, halves of a character, line and paragraph ends."""
_IGNORABLE = (
    *((0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5)),
    *((0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164)),
    *((0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8)),
    *((0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)
"""Unicode's Default_Ignorable_Code_Point: nothing is shown for them."""
_GROWING = ((0x1F000, 0x1FAFF), (0x20000, 0x3FFFD))
"""Blocks that Unicode keeps for pictographs and ideographs: their newest are in people's names, and
not yet in every Python's tables."""
_JOINED = ((0x0600, 0x0DFF), (0x1780, 0x18AF), (0xA840, 0xA87F))
"""Scripts whose letters join: Arabic to Sinhala, Khmer, Mongolian, Phags-pa."""
_NON_JOINER, _JOINER = "\u200c", "\u200d"
_VIRAMA = 9
"""The combining class of the marks that take a vowel away."""
_BRAILLE_BLANK = "\u2800"


def normalize_text(text: str) -> str:
    """Return text in the form in which it is stored and compared.

    That is NFC, with single plain spaces in it and none at its ends.
    """
    plain = text
    if not text.isascii():
        plain = "".join(" " if is_blank(c) else c for c in unicodedata.normalize("NFC", text))
    return re.sub(" +", " ", plain).strip(" ")


def folded(text: str) -> str:
    """Return what is left of text for a search that is to find it however it was written.

    Case, width and other ways to write the same letters make no difference, nor do joiners. The
    Turkish I's with and without a dot are one letter: each is the other's capital somewhere.
    """
    if text.isascii():
        return normalize_text(text.casefold())
    seen = "".join(c for c in text if not _is_in(c, _IGNORABLE))
    cased = unicodedata.normalize("NFKC", _caseless(unicodedata.normalize("NFD", seen)))
    return normalize_text(unicodedata.normalize("NFKC", _caseless(cased)))


def _caseless(text: str) -> str:
    return re.sub("i\u0307+", "i", text.casefold().replace("\u0131", "i"))


def check_storable(text: str, what: str = "the text") -> str:
    """Return the text. Raises BadText for characters that not every database stores."""
    if is_plain(text):
        return text
    for character in text:
        if character == "\0" or unicodedata.category(character) == "Cs":
            raise BadText(f"{what} has {_named(character)}")
    return text


def check_line(text: str, what: str) -> str:
    """Return the text. Raises BadText where it has a control character or more than one line."""
    if is_plain(text):
        return text
    for character in check_storable(text, what):
        if unicodedata.category(character) in {"Cc", "Zl", "Zp"}:
            raise BadText(f"{what} has {_named(character)}")
    return text


def check_visible(text: str, what: str) -> str:
    """Return the text. Raises BadText where it has what cannot be seen, or nothing that can."""
    if not text.strip(" "):
        raise BadText(f"{what} is empty")
    if is_plain(text):
        return text
    if unicodedata.category(text[0]).startswith("M"):
        raise BadText(f"{what} starts with {_named(text[0])}, which belongs to a letter before it")
    for before, character, after in zip(f" {text[:-1]}", text, f"{text[1:]} ", strict=True):
        if not _is_visible(before, character, after):
            raise BadText(f"{what} has {_named(character)}, which cannot be seen")
    return text


def is_plain(text: str) -> bool:
    """Say whether a text has nothing but what can be seen of ASCII, and spaces: most texts."""
    return text.isascii() and text.isprintable()


def is_blank(character: str) -> bool:
    """Say whether a character shows as a space."""
    return unicodedata.category(character) == "Zs" or character == _BRAILLE_BLANK


def _is_visible(before: str, character: str, after: str) -> bool:
    if character in {_NON_JOINER, _JOINER}:
        return _joins(before, character, after)
    if _is_in(character, _IGNORABLE):
        return _varies(before, character)
    kind = unicodedata.category(character)
    if kind == "Cn":
        return _is_in(character, _GROWING) and ord(character) & 0xFFFE != 0xFFFE
    return kind not in _REFUSED


def _joins(before: str, joiner: str, after: str) -> bool:
    """Say whether a joiner changes how its neighbours look."""
    if joiner == _JOINER and _is_pictograph(before) and _is_pictograph(after):
        return True
    letters = all(unicodedata.category(c)[0] in "LM" for c in (before, after))
    scripts = all(_is_in(c, _JOINED) for c in (before, after))
    return letters and (scripts or unicodedata.combining(before) == _VIRAMA)


def _is_pictograph(character: str) -> bool:
    return unicodedata.category(character) in {"So", "Sk", "Cn"} or character == "\ufe0f"


def _varies(before: str, selector: str) -> bool:
    """Say whether a variation selector changes how the character before it looks."""
    kind, code = unicodedata.category(before), ord(selector)
    if 0xE0100 <= code <= 0xE01EF:
        return kind == "Lo" and ord(before) >= 0x3400  # ideographs
    if 0x180B <= code <= 0x180F:
        return 0x1800 <= ord(before) <= 0x18AF  # Mongolian
    if 0xFE00 <= code <= 0xFE0F:
        return kind[0] in "PS" or before in "0123456789\u2139\u24c2" or ord(before) >= 0x3400
    return False


def _is_in(character: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    code = ord(character)
    return any(first <= code <= last for first, last in ranges)


def _named(character: str) -> str:
    name = unicodedata.name(character, "")
    return f"the character U+{ord(character):04X}{name and f' ({name})'}"
