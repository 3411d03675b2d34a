"""A gateway asks the shards of its own cluster by TLS, and nobody else."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contract.errors import ShardUntrusted
from contract.stores.address import Address
from gateway.chain.health import HealthChecks
from gateway.chain.replica_address import ReplicaAddress
from gateway.chain.replicas import MAX_FAILURES, Replicas
from gateway.chain.shard_client import ShardClient
from gateway.chain.shard_connections import ShardConnections
from service.tls.own_certificate import OwnCertificate, TlsFiles
from tests.certificates import TestAuthority
from tests.tls_service import Served, served


@pytest.fixture
async def shard(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path) as shard:
        yield shard


def own_of(folder: Path) -> OwnCertificate:
    return OwnCertificate(TlsFiles.of_cluster(folder), "client")


async def ask(own: OwnCertificate, port: int, host: str = "127.0.0.1") -> bytes:
    connections = ShardConnections(own)
    try:
        return (await connections.ask(Address(host, port), "POST", "/who", {}, b"")).body
    finally:
        connections.close()


async def test_a_shard_of_the_cluster_is_shown_the_gateways_certificate(shard: Served) -> None:
    own = shard.authority.own("gateway", "gateway")

    assert await ask(own, shard.port) == b'{"gateway":true}'


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("another authority", "unable to get local issuer certificate|self.signed"),
        ("another name", "mismatch"),
        ("a shard's certificate", "it ended the connection|certificate"),
        ("an expired certificate", "it ended the connection|certificate"),
        ("no TLS", "WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE"),
    ],
)
async def test_without_trust_nothing_is_sent_and_the_error_says_why(
    shard: Served, tmp_path: Path, case: str, said: str
) -> None:
    authority = TestAuthority(tmp_path / "other") if "authority" in case else shard.authority
    role = "shard" if case.startswith("a shard") else "gateway"
    folder = authority.folder("own", role, days=0 if "expired" in case else 5)  # type: ignore[arg-type]  # one of both
    host = "localhost" if "name" in case else "127.0.0.1"
    port, plain = shard.port, None
    if case == "no TLS":
        plain = await asyncio.start_server(_answer, "127.0.0.1", 0)
        port = plain.sockets[0].getsockname()[1]

    with pytest.raises(ShardUntrusted, match=said):
        await ask(own_of(folder), port, host)
    if plain is not None:
        plain.close()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1000)
    writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    writer.close()


async def test_a_certificate_that_was_renewed_late_counts_at_once(shard: Served) -> None:
    own = own_of(shard.authority.folder("own", "gateway", days=0))
    with pytest.raises(ShardUntrusted):
        await ask(own, shard.port)

    shard.authority.folder("own", "gateway")
    own.look()

    assert await ask(own, shard.port) == b'{"gateway":true}'


async def test_a_shard_that_is_not_trusted_counts_as_down_with_the_reason(
    shard: Served, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    own = TestAuthority(tmp_path / "other").own("gateway", "gateway")
    replicas, client = Replicas(), ShardClient(None, own)
    replica = replicas.at(ReplicaAddress(Address("127.0.0.1", shard.port), "a"))
    async with client:
        checks = HealthChecks(replicas, client, 5)
        for _ in range(MAX_FAILURES):
            await checks.check(replica)

    assert not replica.healthy
    assert replica.reason is not None
    assert "no trust between gateway and shard" in replica.reason
    assert "certificate" in caplog.text
