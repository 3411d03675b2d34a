"""The web pages as text: the one module that knows Jinja."""

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from gateway.access.route_roles import NEEDS, may
from gateway.http.caller import Caller
from gateway.pages.catalogue import Catalogue
from gateway.pages.preferences import LANGUAGES, THEMES, Language, Preferences

_HTML_LANGUAGE: dict[Language, str] = {"en": "en", "zh": "zh-CN"}
"""The languages as the attribute `lang` names them."""

PAGES = {
    "till": "GET /till/{store}",
    "traffic": "GET /traffic",
    "members": "GET /members",
    "try": "GET /try",
    "cameras": "GET /cameras",
    "cluster": "GET /cluster",
    "privacy": "GET /privacy",
    "audit": "GET /audit",
    "keys": "GET /keys",
}
"""What the navigation leads to, in this order, each a page at `/<name>`, and the route that whoever
is shown the way has to be allowed."""


class Pages:
    """Renders the templates of the package's folder `templates`, escaped, in both languages.

    `base` is put before every address of this server: the prefix under which a proxy serves it.
    """

    def __init__(self, base: str = "") -> None:
        self.base = base
        self.catalogue = Catalogue()
        self._environment = Environment(
            loader=PackageLoader("gateway.pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["count"] = _grouped

    def render(
        self,
        template: str,
        preferences: Preferences,
        caller: Caller,
        here: str,
        given: Mapping[str, Any],
    ) -> str:
        """Return the page or part of a page `template` for the address `here`, as `caller` sees it.

        `here` is a path and query without the prefix.
        """
        language = preferences.language

        def t(key: str, **values: object) -> str:
            return self.catalogue.text(language, key, **values)

        def words(*prefixes: str) -> dict[str, str]:
            return self.catalogue.starting_with(language, prefixes)

        return self._environment.get_template(template).render(
            given,
            t=t,
            words=words,
            language=language,
            languages=LANGUAGES,
            html_language=_HTML_LANGUAGE[language],
            theme=preferences.theme,
            themes=THEMES,
            viewer=caller,
            may=lambda route: may(caller, route),
            unless=lambda route: "" if may(caller, route) else "hidden",
            allowed={
                "routes": [route for route in NEEDS if may(caller, route)],
                "stores": None if caller.stores is None else sorted(caller.stores),
            },
            pages=[name for name, route in PAGES.items() if may(caller, route)],
            base=self.base,
            here=here,
            path=here.partition("?")[0],
        )


def _grouped(number: int) -> str:
    """Return `number` with a comma for every thousand, as both languages write it."""
    return f"{number:,}"
