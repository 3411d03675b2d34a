"""How many of the places behind a door one address may have."""

from collections import Counter

import pytest

from service.http.door import Door, Limit, Patience, holder_of


class Guest:
    """A connection from an address."""

    def __init__(self, address: str | None) -> None:
        self.address = address
        self.is_out = False

    def turn_out(self) -> None:
        self.is_out = True

    def has_read(self) -> bool:
        return False


async def test_one_address_has_its_share_and_no_more() -> None:
    met = Counter[Limit]()
    door = Door(10, Patience(body=60), lambda limit: met.update([limit]), an_address=3)
    flood = [Guest("10.0.0.9") for _ in range(50)]
    others = [Guest(address) for address in ("10.0.0.1", "10.0.0.2", None, None, None)]

    for guest in (*flood, *others):
        door.enter(guest)

    assert [guest.is_out for guest in flood] == [False] * 3 + [True] * 47
    assert not any(guest.is_out for guest in others)
    assert met == {"address": 47}

    for guest in flood:
        door.leave(guest)
    again = Guest("10.0.0.9")
    door.enter(again)
    assert not again.is_out
    assert door.open == len(others) + 1


async def test_with_0_an_address_may_have_all_places() -> None:
    door = Door(10, Patience(body=60), lambda limit: None, an_address=0)
    guests = [Guest("10.0.0.9") for _ in range(10)]
    for guest in guests:
        door.enter(guest)

    assert not any(guest.is_out for guest in guests)


@pytest.mark.parametrize(
    ("peer", "holder"),
    [
        ("10.0.0.9", "10.0.0.9"),
        ("::ffff:10.0.0.9", "10.0.0.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("127.0.0.1", None),
        ("127.3.2.1", None),
        ("::1", None),
        ("::ffff:127.0.0.1", None),
        ("", None),
    ],
)
def test_whose_connections_are_counted_together(peer: str, holder: str | None) -> None:
    assert holder_of((peer, 4711)) == holder


def test_who_has_no_address_is_of_this_machine() -> None:
    assert holder_of(None) is None
