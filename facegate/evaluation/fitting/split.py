"""Who may be used for what, by name alone, so that nobody is tested by what was fitted to them."""

import hashlib


def develops(person: str) -> bool:
    """Say whether the cohort and the threshold may be made from this person: about half may."""
    return _number(person) % 10 < 5


def fold(person: str, folds: int) -> int:
    """Return the part, of `folds` equal ones, that the person is in while one is chosen or fitted.

    It does not depend on what `develops` says.
    """
    return _number(person) // 10 % folds


def _number(person: str) -> int:
    return int(hashlib.sha256(person.encode()).hexdigest(), 16)
