"""What users of HTTP expect of any server: HEAD, Allow, and a page for people who are lost."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from gateway.pages.error_pages_api import prefers_page
from tests.gateway.fake_chain import Chain, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chain(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chain]:
    """One chain for all: nothing that is asked for here changes it."""
    async with running(tmp_path_factory.mktemp("manners")) as chain:
        yield chain


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/till", "/till/store-a", "/traffic", "/members", "/try", "/cluster", "/docs"),
        *("/static/docs.css", "/openapi.json", "/healthz", "/readyz", "/v1/stores", "/v1/cluster"),
        *("/v1/stores/store-a/faces", "/v1/stores/store-a/traffic?format=csv", "/v1/traffic"),
        *("/v1/members", "/v1/stores/nowhere/faces", "/nowhere", "/v1/members/nobody"),
    ],
)
async def test_head_is_get_without_a_body(chain: Chain, path: str) -> None:
    got = await chain.http.get(path)

    answer = await chain.http.head(path)

    assert (answer.status_code, answer.content) == (got.status_code, b"")
    assert plain(answer) == plain(got)


def plain(answer: httpx.Response) -> dict[str, str]:
    passing = {"date", "x-request-id"}
    return {name: value for name, value in answer.headers.items() if name not in passing}


@pytest.mark.parametrize("path", ["/v1/stores/store-a/live", "/v1/members.csv"])
async def test_head_of_a_stream_ends(chain: Chain, path: str) -> None:
    async with chain.http.stream("GET", path) as got:
        answer = await chain.http.head(path)

        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["Content-Type"] == got.headers["Content-Type"]
    assert (await chain.http.get("/healthz")).status_code == 200


async def test_a_request_for_headers_is_logged_and_counted_as_its_route(chain: Chain) -> None:
    await chain.http.head("/v1/stores/store-a/faces")

    counted = 'facegate_requests_total{method="HEAD",route="/v1/stores/{store}/faces",status="200"}'
    assert counted in await chain.metrics()


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PATCH", "/v1/stores/store-a/faces", "GET, HEAD, POST"),
        ("POST", "/v1/stores/store-a/faces/anna", "GET, HEAD, DELETE"),
        ("POST", "/v1/members/m1", "GET, HEAD, PUT, DELETE"),
        ("GET", "/v1/members/m1/faces/store-a/anna", "PUT, DELETE"),
        ("HEAD", "/v1/stores/store-a/recognize", "POST"),
        ("GET", "/v1/stores/store-a/recognize", "POST"),
        ("OPTIONS", "/v1/members.csv", "GET, HEAD, POST"),
        ("DELETE", "/healthz", "GET, HEAD"),
        ("PUT", "/till", "GET, HEAD"),
        ("GET", "/preferences", "POST"),
    ],
)
async def test_a_method_that_a_path_does_not_have_is_told_which_it_has(
    chain: Chain, method: str, path: str, allow: str
) -> None:
    answer = await chain.http.request(method, path)

    assert (answer.status_code, answer.headers["Allow"]) == (405, allow)
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        *(("GET", path, 404) for path in ("/nowhere", "/till/nowhere", "/static/nothing.js")),
        *(("GET", path, 404) for path in ("/v1/nowhere", "/till/a/b/c", "/favicon.ico")),
        *(("PUT", path, 405) for path in ("/", "/till", "/static/docs.css")),
        ("GET", "/preferences", 405),
        ("POST", "/preferences", 422),
    ],
)
@pytest.mark.parametrize(("language", "word"), [("en", "did not work"), ("zh", "操作未成功")])
async def test_a_browser_gets_a_page_and_everybody_else_a_problem(
    chain: Chain, method: str, path: str, status: int, language: str, word: str
) -> None:
    form = {"theme": "nonsense"} if method == "POST" else None
    headers = {"Accept": BROWSER, "Accept-Language": language}

    page = await chain.http.request(method, path, data=form, headers=headers)
    problem = await chain.http.request(method, path, data=form)

    assert (page.status_code, problem.status_code) == (status, status)
    assert page.headers["Content-Type"].startswith("text/html")
    assert word in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers.get("Allow") == problem.headers.get("Allow")
    assert problem.headers["Content-Type"] == "application/problem+json"
    assert problem.json()["status"] == status


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/stores/nowhere/faces"),
        ("GET", "/v1/stores/store-a/faces?limit=0"),
        ("GET", "/v1/stores/store-a/recognize"),
        ("GET", "/v1/members/nobody"),
    ],
)
async def test_the_api_answers_browsers_as_everybody(chain: Chain, method: str, path: str) -> None:
    answer = await chain.http.request(method, path, headers={"Accept": BROWSER})

    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_what_nobody_expected_is_a_page_on_a_page(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("secret internals")

    monkeypatch.setattr("gateway.record.database.Database.read", fail)

    page = await chain.http.get("/", headers={"Accept": BROWSER})
    problem = await chain.http.get("/")
    api = await chain.http.get("/v1/members", headers={"Accept": BROWSER})

    assert [answer.status_code for answer in (page, problem, api)] == [500, 500, 500]
    assert page.headers["Content-Type"].startswith("text/html")
    assert page.headers["X-Request-ID"] in page.text
    assert "secret" not in page.text
    assert problem.json()["code"] == api.json()["code"] == "INTERNAL"


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        (BROWSER, True),
        ("text/html", True),
        ("TEXT/HTML;level=1", True),
        ("text/html;q=0.5, application/json;q=0.4", True),
        ("application/json, text/html;q=0.9", False),
        ("text/html;q=0", False),
        ("text/html;q=nonsense", False),
        ("application/problem+json", False),
        ("*/*", False),
        ("", False),
    ],
)
async def test_who_asks_for_html_prefers_a_page(accept: str, page: bool) -> None:
    assert prefers_page(accept) is page


async def test_a_parameter_that_may_be_left_out_is_not_null(chain: Chain) -> None:
    document = (await chain.http.get("/openapi.json")).json()

    null = {"type": "null"}
    nullable = {
        (path, parameter["name"])
        for path, methods in document["paths"].items()
        for operation in methods.values()
        for parameter in operation.get("parameters", [])
        if null in parameter["schema"].get("anyOf", [])
    }
    assert nullable == set()


async def test_operations_have_names_and_summaries_and_tell_their_errors(chain: Chain) -> None:
    paths = (await chain.http.get("/openapi.json")).json()["paths"]
    operations = [operation for methods in paths.values() for operation in methods.values()]

    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert {"recognize", "enroll_face", "list_members", "get_member", "get_traffic"} <= set(names)
    assert all(name.isidentifier() and "v1" not in name for name in names)
    assert all(operation["summary"][:1].isupper() for operation in operations)
    errors = [
        response
        for operation in operations
        for status, response in operation["responses"].items()
        if status[0] in "45"
    ]
    assert all(list(response["content"]) == ["application/problem+json"] for response in errors)
    recognize = paths["/v1/stores/{store}/recognize"]["post"]["responses"]
    assert set(recognize["404"]["x-codes"]) == {"UNKNOWN_STORE"}
    assert {"EMPTY_PICTURE", "BAD_REQUEST"} <= set(recognize["400"]["x-codes"])
    enroll = paths["/v1/stores/{store}/faces"]["post"]["responses"]
    assert {"UNLIKE_OWN_FACE", "ALREADY_ENROLLED", "ALREADY_BOUND"} <= set(enroll["409"]["x-codes"])
