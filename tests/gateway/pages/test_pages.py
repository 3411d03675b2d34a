"""The pages without a browser: their texts, their headers, and the choices that cookies keep."""

import re
from importlib.resources import files

import pytest

from gateway.pages.catalogue import Catalogue
from gateway.pages.pages import PAGES
from gateway.pages.pages_api import SECURITY_HEADERS
from gateway.pages.preferences import LANGUAGES, Preferences
from tests.gateway.fake_chain import Chain

PLACE = re.compile(r"\{(\w+)\}")
CATALOGUE = Catalogue()
KEYS = CATALOGUE.keys("en")


def sources(folder: str, ending: str) -> dict[str, str]:
    entries = (files("gateway.pages") / folder).iterdir()
    return {e.name: e.read_text(encoding="utf-8") for e in entries if e.name.endswith(ending)}


def test_every_language_has_the_same_texts_in_the_same_order() -> None:
    assert CATALOGUE.keys("zh") == KEYS


@pytest.mark.parametrize("key", KEYS)
def test_every_text_is_in_both_languages_with_the_same_places(key: str) -> None:
    en, zh = (CATALOGUE.text(language, key) for language in LANGUAGES)

    assert en.strip()
    assert zh.strip()
    assert set(PLACE.findall(en)) == set(PLACE.findall(zh))


def test_chinese_is_chinese() -> None:
    same = {key for key in KEYS if CATALOGUE.text("en", key) == CATALOGUE.text("zh", key)}

    assert same <= {
        "app.name",
        "app.language.en",
        "app.language.zh",
        "members.face_id",
        "members.tags.hint",
    }


def test_every_text_that_pages_and_scripts_name_is_there() -> None:
    named = {
        key
        for text in [*sources("templates", ".html").values(), *sources("static", ".js").values()]
        for key in re.findall(r"""\bt\(["']([\w.]+?[\w])["']""", text)
    }

    assert len(named) > 50
    assert named - set(KEYS) == set()


def test_every_text_is_used() -> None:
    text = "".join([*sources("templates", ".html").values(), *sources("static", ".js").values()])
    stems = set(re.findall(r"""["'`]([a-z_]+(?:\.[a-z_]+)*\.)(?:["']\s*~|\$\{)""", text))

    unused = {
        key
        for key in KEYS
        if f'"{key}"' not in text
        and f"'{key}'" not in text
        and not any(key.startswith(stem) for stem in stems)
    }
    assert unused == set()


def test_a_text_takes_its_values() -> None:
    assert CATALOGUE.text("en", "cluster.of", part=2, whole=3) == "2 of 3"
    assert CATALOGUE.text("zh", "cluster.of", part=2, whole=3) == "2 / 3"
    assert CATALOGUE.starting_with("zh", ("nav.home",)) == {"nav.home": "首页"}


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        (None, "", "en"),
        (None, "fr-FR,fr;q=0.9", "en"),
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, "en;q=0.5, zh-TW;q=0.7", "zh"),
        (None, "zh;q=nonsense", "en"),
        ("en", "zh", "en"),
        ("zh", "en", "zh"),
        ("xx", "zh", "zh"),
    ],
)
def test_the_language_is_chosen_by_cookie_then_by_browser(
    cookie: str | None, accepted: str, language: str
) -> None:
    cookies = {} if cookie is None else {"facegate_language": cookie}

    assert Preferences.of(cookies, accepted).language == language


async def test_pages_name_their_language(chain: Chain) -> None:
    for language, html_language in zip(LANGUAGES, ["en", "zh-CN"], strict=True):
        page = await chain.http.get("/", headers={"Accept-Language": language})

        assert page.status_code == 200
        assert f'<html lang="{html_language}"' in page.text


async def test_pages_load_nothing_from_elsewhere_and_carry_no_script(chain: Chain) -> None:
    open_to_all = [f"/{page}" for page in PAGES if page != "keys"]
    for path in ("/", *open_to_all, "/till/store-a", "/sign-in"):
        page = await chain.http.get(path)

        assert (
            SECURITY_HEADERS.items()
            <= dict(
                zip(SECURITY_HEADERS, map(page.headers.get, SECURITY_HEADERS), strict=True)
            ).items()
        )
        assert re.findall(r'(?:src|href)="(?!/)[^#"]', page.text) == []
        assert re.findall(r"<script(?![^>]*(?: src=|application/json))", page.text) == []
        assert re.findall(r"\s(?:on\w+|style)=", page.text) == []


async def test_files_are_asked_for_again_without_being_sent_again(chain: Chain) -> None:
    first = await chain.http.get("/static/facegate.css")
    again = await chain.http.get(
        "/static/facegate.css", headers={"If-None-Match": first.headers["ETag"]}
    )

    assert (first.status_code, first.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["nowhere.js", "../app.py", "%2e%2e/app.py", "vendor/README.md"])
async def test_nothing_but_the_files_is_served(chain: Chain, path: str) -> None:
    answer = await chain.http.get(f"/static/{path}")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("back", "location"),
    [
        ("/cluster?a=b", "/cluster?a=b"),
        ("/till/%E5%BA%97", "/till/%E5%BA%97"),
        ("//elsewhere.example", "/"),
        ("/\\elsewhere.example", "/"),
        ("https://elsewhere.example", "/"),
        ("/a\r\nSet-Cookie: b", "/"),
    ],
)
async def test_a_choice_is_kept_and_leads_back_but_never_away(
    chain: Chain, back: str, location: str
) -> None:
    answer = await chain.http.post("/preferences", data={"back": back, "language": "zh"})

    assert (answer.status_code, answer.headers["location"]) == (303, location)
    assert answer.headers["set-cookie"].startswith("facegate_language=zh")
    chain.http.cookies.clear()


async def test_a_choice_that_there_is_not_is_refused(chain: Chain) -> None:
    answer = await chain.http.post("/preferences", data={"language": "xx"})

    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_PARAMETER")
