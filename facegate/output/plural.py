"""Counts in sentences: `1 store`, `2 stores`."""


def pluralize(number: int, noun: str) -> str:
    """Return the number with its noun, which is given in the singular."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
