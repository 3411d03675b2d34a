import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from facegate import ApiError, AsyncClient, Client, Estimate, GatewayUnreachable
from tests.facegate.fake_gateway import TRAFFIC, FakeGateway, problem
from tests.ports import free_port


@pytest.fixture
def client(gateway: FakeGateway) -> Iterator[Client]:
    with Client(gateway.url) as client:
        yield client


def test_a_face_is_enrolled_and_recognised_at_home_and_elsewhere(client: Client) -> None:
    enrolled = client.enroll("门店 B", "张三", b"zhang san")

    home = client.recognize("门店 B", b"zhang san").faces[0]
    roaming = client.recognize("a", b"zhang san").faces[0]

    assert (enrolled.face_id, enrolled.outcome) == ("张三", "enrolled")
    assert (home.match, home.face_id, home.store) == ("home", "张三", "门店 B")
    assert (roaming.match, roaming.face_id, roaming.store) == ("roaming", "张三", "门店 B")


def test_a_picture_may_be_a_path(client: Client, tmp_path: Path) -> None:
    (tmp_path / "picture.jpg").write_bytes(b"li si")

    client.enroll("a", "li", tmp_path / "picture.jpg")

    assert client.recognize("a", b"li si").faces[0].face_id == "li"


def test_a_face_id_with_any_characters_is_read_and_forgotten(client: Client) -> None:
    client.enroll("a", "50% & café?#", b"x")

    record = client.face("a", "50% & café?#")
    erased = client.forget("a", "50% & café?#")

    assert record.face_id == erased.face_id == "50% & café?#"
    assert list(client.faces("a")) == []


def test_a_listing_follows_every_page(client: Client, gateway: FakeGateway) -> None:
    for number in range(5):
        client.enroll("a", f"face-{number}", b"%d" % number)

    listed = [face.face_id for face in client.faces("a")]

    assert listed == [f"face-{number}" for number in range(5)]
    assert gateway.sent("GET", "/faces") == 3


def test_search_compare_and_stores_return_messages(client: Client) -> None:
    assert client.search(b"x").coverage.failed == {"c": "timeout"}
    assert client.compare(b"x", b"y").same
    assert [store.store for store in client.stores()] == ["a", "门店 B"]


def test_a_refusal_keeps_status_code_and_text(client: Client) -> None:
    with pytest.raises(ApiError) as caught:
        client.enroll("a", "nobody", b"no face")

    error = caught.value
    assert (error.status, error.code, error.title) == (422, "NO_FACE", "No face in the picture")
    assert error.request_id == "r-1"


def test_a_busy_gateway_says_when_to_come_back(gateway: FakeGateway) -> None:
    body = json.dumps(problem(503, "BUSY", "All workers are busy")[1]).encode()
    gateway.raw.append((503, {"Retry-After": "7"}, body))

    with pytest.raises(ApiError) as caught, Client(gateway.url, retry_seconds=0) as hasty:
        hasty.stores()

    assert (caught.value.code, caught.value.retry_after) == ("BUSY", 7)


def test_a_proxys_error_page_is_an_api_error(client: Client, gateway: FakeGateway) -> None:
    gateway.raw.append((502, {"Content-Type": "text/html"}, b"<h1>Bad Gateway</h1>"))

    with pytest.raises(ApiError) as caught:
        client.stores()

    assert (caught.value.status, caught.value.code) == (502, "HTTP_502")


def test_an_answer_of_something_else_is_an_api_error(client: Client, gateway: FakeGateway) -> None:
    gateway.raw.append((200, {}, b"<h1>Welcome to the router</h1>"))

    with pytest.raises(ApiError) as caught:
        client.stores()

    assert caught.value.code == "NONSENSE"


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}", "no-scheme", "http://host:port"])
def test_no_gateway_is_told_from_a_refusal(url: str) -> None:
    with pytest.raises(GatewayUnreachable), Client(url.format(port=free_port())) as client:
        client.stores()


async def test_the_async_client_has_the_same_routes(gateway: FakeGateway) -> None:
    async with AsyncClient(gateway.url) as client:
        await client.enroll("a", "li", b"li si", source="import/li.jpg")
        answer = await client.recognize("a", b"li si")
        listed = [face.face_id async for face in client.faces("a")]
        sources = await client.sources("a", "import/")
        record = await client.face("a", "li")
        compared = await client.compare(b"x", b"y")
        searched = await client.search(b"x")
        stores = await client.stores()
        await client.forget("a", "li")

    assert answer.faces[0].face_id == record.face_id == "li"
    assert (listed, [source.source for source in sources]) == (["li"], ["import/li.jpg"])
    assert compared.same
    assert searched.faces[0].match is None
    assert [store.faces for store in stores] == [1, 0]
    assert gateway.stores["a"].faces == {}


async def test_the_async_client_raises_the_same_errors(gateway: FakeGateway) -> None:
    async with AsyncClient(gateway.url) as client:
        with pytest.raises(ApiError, match="no store 'c'"):
            await client.recognize("c", b"x")
    async with AsyncClient(f"http://127.0.0.1:{free_port()}") as client:
        with pytest.raises(GatewayUnreachable):
            await client.cluster()


def test_both_clients_have_the_same_methods() -> None:
    sync = {name for name in vars(Client) if not name.startswith("_")}
    asynchronous = {name for name in vars(AsyncClient) if not name.startswith("_")}

    assert sync == asynchronous


def test_footfall_is_asked_for_a_store_and_for_the_chain(
    client: Client, gateway: FakeGateway
) -> None:
    gateway.raw += [(200, {}, json.dumps(TRAFFIC).encode())] * 2

    found = client.traffic("门店 B", by="day", start="2026-05-04", end="2026-05-06")
    client.traffic(by="week")

    assert (found.from_, found.pv, [row.pv for row in found.rows]) == ("2026-05-04", 5, [5, 0])
    assert found.uv_estimate == Estimate(value=4, low=3, high=5)
    assert found.rows[1].uv_estimate is None
    assert [path.rpartition("/")[2] for path, _ in gateway.asked] == [
        "traffic?by=day&from=2026-05-04&to=2026-05-06",
        "traffic?by=week",
    ]


async def test_footfall_is_asked_for_asynchronously(gateway: FakeGateway) -> None:
    row = {"store": "a", "home_store": "b", "visits": 2, "visitors": 1}
    matrix = {"from": "2026-05-04", "to": "2026-05-05", "rows": [row]}
    gateway.raw += [(200, {}, json.dumps(answer).encode()) for answer in (TRAFFIC, matrix)]
    async with AsyncClient(gateway.url) as client:
        assert (await client.traffic("门店 B")).uv == 4
        assert [found.model_dump() for found in await client.roaming()] == [row]


def test_a_frame_says_when_it_was_taken_and_what_it_is_called(
    client: Client, gateway: FakeGateway
) -> None:
    moment = datetime(2026, 5, 4, 9, tzinfo=UTC)

    client.recognize("a", b"x", captured_at=moment, key="k-1", visit=False)

    [(path, key)] = gateway.asked
    query = parse_qs(urlsplit(path).query)
    assert (query["captured_at"], query["visit"], key) == ([moment.isoformat()], ["false"], "k-1")
