"""Every text of the web pages, by key and language, from the package's folder `texts`.

Scripts get the texts whose keys start with what their page asks for (`starting_with`), so that no
text is anywhere else. `{name}` is a place for a value.
"""

import tomllib
from importlib.resources import files

from gateway.pages.preferences import LANGUAGES, Language


class Catalogue:
    """The texts of all languages, read when it is made."""

    def __init__(self) -> None:
        self._texts = {language: _read(language) for language in LANGUAGES}

    def __contains__(self, key: str) -> bool:
        return all(key in texts for texts in self._texts.values())

    def keys(self, language: Language) -> list[str]:
        """Return the keys of all texts in a language."""
        return list(self._texts[language])

    def text(self, language: Language, key: str, **values: object) -> str:
        """Return a text with `values` in their places. Raises KeyError when there is none."""
        text = self._texts[language][key]
        return text.format(**values) if values else text

    def starting_with(self, language: Language, prefixes: tuple[str, ...]) -> dict[str, str]:
        """Return the texts whose keys start with one of `prefixes`, by key."""
        return {k: text for k, text in self._texts[language].items() if k.startswith(prefixes)}


def _read(language: Language) -> dict[str, str]:
    path = files("gateway.pages") / "texts" / f"{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
