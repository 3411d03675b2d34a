"""Bodies that are too large or too slow are refused before they are kept."""

import asyncio
import json
from pathlib import Path
from urllib.parse import urlsplit

from tests.gateway.fake_chain import ANNA, Chain, running
from tests.gateway.fakes import picture

ROUTES = ["/v1/stores/store-a/recognize", "/v1/stores/store-a/faces", "/v1/search", "/v1/compare"]


async def test_a_body_that_announces_too_much_is_refused(tmp_path: Path) -> None:
    async with running(tmp_path, max_body_bytes=1000) as chain:
        for route in ROUTES:
            answer = await chain.http.post(route, content=bytes(1001))

            assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE"), route
            assert answer.headers["Content-Type"] == "application/problem+json"
        assert _forwarded(chain) == 0


async def test_an_endless_body_is_refused_when_it_is_too_large(tmp_path: Path) -> None:
    async with running(tmp_path, max_body_bytes=1_000_000) as chain:
        answer = await raw_request(chain, b"Transfer-Encoding: chunked", endless_chunks=True)

        assert answer["code"] == "BODY_TOO_LARGE"
        assert _forwarded(chain) == 0


async def test_a_body_of_just_the_limit_is_served(tmp_path: Path) -> None:
    body = picture(ANNA)
    async with running(tmp_path, max_body_bytes=len(body)) as chain:
        answer = await chain.http.post(ROUTES[0], content=body)

        assert answer.status_code == 200


async def test_a_body_that_does_not_arrive_is_given_up(tmp_path: Path) -> None:
    async with running(tmp_path, body_seconds=0.2) as chain:
        answer = await raw_request(chain, b"Content-Length: 100")

        assert answer["code"] == "SLOW_BODY"
        assert answer["status"] == 408
        assert _forwarded(chain) == 0


def _forwarded(chain: Chain) -> int:
    seen = [seen for store in chain.stores for seen in chain.shard(store).seen]
    return sum(request.path != "/status" for request in seen)


async def raw_request(
    chain: Chain, header: bytes, *, endless_chunks: bool = False
) -> dict[str, object]:
    """Send a request by hand, part of its body, and return the problem that comes back."""
    url = urlsplit(str(chain.http.base_url))
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    writer.write(b"POST " + ROUTES[0].encode() + b" HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n\r\n")
    sending = asyncio.create_task(_send_chunks(writer)) if endless_chunks else None
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        problem: dict[str, object] = json.loads(await reader.readexactly(length))
        return problem
    finally:
        if sending:
            sending.cancel()
        writer.close()


async def _send_chunks(writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            writer.write(b"2710\r\n" + bytes(10_000) + b"\r\n")
            await writer.drain()
    except ConnectionError:
        return
