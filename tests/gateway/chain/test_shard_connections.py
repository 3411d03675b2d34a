"""Connections to shards, against a server that says whatever a test wants."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from contract.deadline import Deadline
from contract.errors import ShardError, ShardNonsense, ShardUnavailable
from contract.messages.cluster import ShardStatuses
from contract.stores.address import Address
from gateway.chain.replica_address import ReplicaAddress
from gateway.chain.shard_client import ShardClient
from gateway.chain.shard_connections import ShardConnections
from shard.api.examples import STATUS

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class Peer:
    """Answers every request with `reply`, and then closes if it is told to."""

    def __init__(self) -> None:
        self.reply = OK
        self.closes = False
        self.requests: list[bytes] = []
        self.connections = 0
        self.closed = asyncio.Event()
        self.asked = asyncio.Event()
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> "Peer":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.address = Address("127.0.0.1", self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()
        await asyncio.gather(*(w.wait_closed() for w in self._writers), return_exceptions=True)

    def say(self, data: bytes) -> None:
        """Send what nobody has asked for."""
        self._writers[-1].write(data)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        while data := await reader.read(65536):
            self.requests.append(data)
            self.asked.set()
            writer.write(self.reply)
            if self.closes:
                break
        writer.close()
        self.closed.set()


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    async with Peer() as peer:
        yield peer


@pytest.fixture
async def connections() -> AsyncIterator[ShardConnections]:
    connections = ShardConnections()
    yield connections
    connections.close()


async def ask(connections: ShardConnections, to: Address, **headers: str) -> bytes:
    async with asyncio.timeout(60):
        return (await connections.ask(to, "POST", "/x?y=1", headers, b"picture")).body


async def test_one_connection_serves_one_request_after_the_other(
    connections: ShardConnections, peer: Peer
) -> None:
    assert await ask(connections, peer.address, Accept="a") == b"{}"
    assert await ask(connections, peer.address) == b"{}"

    assert peer.connections == 1
    host = str(peer.address).encode()
    assert peer.requests[0] == (
        b"POST /x?y=1 HTTP/1.1\r\nHost: "
        + host
        + b"\r\nContent-Length: 7\r\nAccept: a\r\n\r\npicture"
    )


@pytest.mark.parametrize(
    ("reply", "body"),
    [
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n",
            b"abc",
        ),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na", b"a"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", b"a"),
        (b"HTTP/1.1 103 Early Hints\r\nRetry-After: 9\r\n\r\n" + OK, b"{}"),
    ],
)
async def test_an_answer_may_come_in_any_form(
    connections: ShardConnections, peer: Peer, reply: bytes, body: bytes
) -> None:
    peer.reply = reply

    assert [await ask(connections, peer.address) for _ in range(2)] == [body, body]


async def test_a_connection_that_the_shard_has_closed_is_not_used_again(
    connections: ShardConnections, peer: Peer
) -> None:
    peer.closes = True
    await ask(connections, peer.address)
    await peer.closed.wait()
    await asyncio.sleep(0.05)  # the end of the connection arrives here

    assert await ask(connections, peer.address) == b"{}"
    assert peer.connections == 2


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (b"", ShardUnavailable),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{}", ShardUnavailable),
        (b"HTTP/1.1 102 Processing\r\n\r\n", ShardUnavailable),
        (b"SSH-2.0-OpenSSH_9.2\r\n", ShardNonsense),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", ShardNonsense),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000_000, ShardNonsense),
        (b"HTTP/1.1 200 OK\r\n" + b"x:\r\n" * 100_000, ShardNonsense),
        (b"HTTP/1.1 100 \r\n\r\n" * 100_000 + OK, ShardNonsense),
        (CHUNKED + b"1\r\n{\r\n" * 100_000, ShardNonsense),
        (CHUNKED + b"1;" + b"x" * 1_000_000, ShardNonsense),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n" + b"x" * 50_000_000, ShardNonsense),
    ],
)
async def test_what_is_no_whole_answer_is_an_error(
    connections: ShardConnections, peer: Peer, reply: bytes, error: type[ShardError]
) -> None:
    peer.reply, peer.closes = reply, True

    with pytest.raises(error):
        await ask(connections, peer.address)


@pytest.mark.parametrize("more", [b"HTTP/1.1 2", OK, b"\r\nHTTP/1.1 200 OK\r\nContent-Le"])
@pytest.mark.parametrize("later", [True, False])
async def test_what_nobody_asked_for_is_no_answer_to_the_next_question(
    connections: ShardConnections, peer: Peer, more: bytes, later: bool
) -> None:
    peer.reply = OK if later else OK + more
    await ask(connections, peer.address)
    if later:
        peer.say(more)
        await asyncio.wait_for(peer.closed.wait(), 60)
    peer.reply = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext"

    assert await ask(connections, peer.address) == b"next"
    assert peer.connections == 2


async def test_who_gives_up_takes_the_connection_along(
    connections: ShardConnections, peer: Peer
) -> None:
    peer.reply = b""
    waiting = asyncio.create_task(ask(connections, peer.address))
    await peer.asked.wait()

    waiting.cancel()

    await asyncio.wait_for(peer.closed.wait(), 60)
    peer.reply = OK
    assert await ask(connections, peer.address) == b"{}"


async def test_nobody_there_is_unavailable(connections: ShardConnections, peer: Peer) -> None:
    async with Peer() as other:
        gone = other.address
    with pytest.raises(ShardUnavailable):
        await ask(connections, gone)


async def test_an_old_connection_is_left(peer: Peer) -> None:
    connections = ShardConnections(keep_alive_seconds=0)

    await ask(connections, peer.address)
    await ask(connections, peer.address)
    connections.close()

    assert peer.connections == 2


async def test_a_header_cannot_begin_another_one(connections: ShardConnections, peer: Peer) -> None:
    with pytest.raises(ShardNonsense):
        await ask(connections, peer.address, Model="a\r\nX-Other: b")
    assert peer.requests == []


def statuses(*seqs: int) -> bytes:
    """Return what a process says whose stores are at these changes."""
    stores = [STATUS.model_copy(update={"store": f"s-{n}", "seq": s}) for n, s in enumerate(seqs)]
    body = ShardStatuses(stores=stores).model_dump_json().encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


async def test_what_a_process_says_again_of_its_stores_is_not_read_again() -> None:
    async with Peer() as peer, ShardClient() as client:
        place, limit = ReplicaAddress(peer.address, "s-0"), Deadline(10)
        peer.reply = statuses(1, 2)
        first, again = [await client.statuses(place, limit) for _ in range(2)]
        peer.reply = statuses(1, 3)
        changed = await client.statuses(place, limit)
        client.keep_only([])
        peer.reply = statuses(1, 3)
        anew = await client.statuses(place, limit)

    assert again is first
    assert [[status.seq for status in said] for said in (first, changed)] == [[1, 2], [1, 3]]
    assert anew == changed
    assert anew is not changed
