"""The key that opens a gateway, as a client has it: as text, or in a file."""

from pathlib import Path

Key = str | Path
"""A key, or the file that holds it and nothing else. That is read for every request: a key can be
replaced there while a client runs."""


def check_key(key: Key) -> None:
    """Raise ValueError for what is no key, without showing it."""
    if isinstance(key, str) and _word(key) is None:
        raise ValueError("this is no key: one is a word such as fg_5e0c8a41_…")


def text_of(key: Key) -> str | None:
    """Return a key as it is sent; None where its file cannot be read, or holds something else."""
    if isinstance(key, str):
        return _word(key)
    try:
        return _word(key.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None  # the gateway says that a key is needed, if one is


def _word(text: str) -> str | None:
    word = text.strip()
    return word if word and word.isascii() and word.isprintable() and " " not in word else None
