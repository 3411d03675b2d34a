"""How somebody wants to see the pages: in which language, light or dark."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self, get_args

Language = Literal["en", "zh"]
Theme = Literal["auto", "light", "dark"]

LANGUAGES: tuple[Language, ...] = get_args(Language)
THEMES: tuple[Theme, ...] = get_args(Theme)
LANGUAGE_COOKIE = "facegate_language"
THEME_COOKIE = "facegate_theme"


@dataclass(frozen=True)
class Preferences:
    """What a browser's cookies say, and where they are silent, its `Accept-Language`."""

    language: Language
    theme: Theme

    @classmethod
    def of(cls, cookies: Mapping[str, str], accept_language: str) -> Self:
        """Return the preferences of a request; what makes no sense counts as not said."""
        theme = cookies.get(THEME_COOKIE)
        chosen = cookies.get(LANGUAGE_COOKIE)
        return cls(
            next((known for known in LANGUAGES if known == chosen), _accepted(accept_language)),
            next((known for known in THEMES if known == theme), "auto"),
        )


def _accepted(header: str) -> Language:
    """Return the language of the pages that a browser likes best; English when it likes none."""
    weights = dict.fromkeys(LANGUAGES, 0.0)
    for item in header.split(","):
        tag, _, parameters = item.strip().partition(";")
        for language in LANGUAGES:
            if tag.strip().lower().partition("-")[0] == language:
                weights[language] = max(weights[language], _weight(parameters))
    return max(LANGUAGES, key=lambda language: weights[language])


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
