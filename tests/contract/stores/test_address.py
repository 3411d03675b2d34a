"""Where services listen and are reached: names, IPv4, IPv6 with and without brackets."""

import pytest

from contract.stores.address import Address, is_loopback, listening_host


@pytest.mark.parametrize(
    ("given", "host", "shown", "reached"),
    [
        ("::", "::", "[::]:80", "[::1]:80"),
        ("[::]", "::", "[::]:80", "[::1]:80"),
        ("0:0:0:0:0:0:0:0", "::", "[::]:80", "[::1]:80"),
        ("0.0.0.0", "0.0.0.0", "0.0.0.0:80", "127.0.0.1:80"),
        ("::1", "::1", "[::1]:80", "[::1]:80"),
        ("[2001:DB8::1]", "2001:db8::1", "[2001:db8::1]:80", "[2001:db8::1]:80"),
        ("::ffff:10.0.0.7", "10.0.0.7", "10.0.0.7:80", "10.0.0.7:80"),
        ("10.0.0.7", "10.0.0.7", "10.0.0.7:80", "10.0.0.7:80"),
        ("Gateway.Example", "gateway.example", "gateway.example:80", "gateway.example:80"),
    ],
)
def test_a_host_to_listen_on_is_shown_and_reached(
    given: str, host: str, shown: str, reached: str
) -> None:
    address = Address.at(given, 80)

    assert address.host == host
    assert str(address) == shown
    assert str(address.reachable) == reached
    assert Address.parse(str(address)) == address


@pytest.mark.parametrize("text", ["", "[", "[::1", ":::", "1.2.3.4.5", "a b", "-a", "a:80", "[a]"])
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        listening_host(text)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "localhost", "LOCALHOST"])
def test_loopback_is_reached_by_this_machine_alone(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "10.0.0.1", "fe80::1%eth0", "localhost.example", "gateway"]
)
def test_what_others_may_reach_is_no_loopback(host: str) -> None:
    assert not is_loopback(host)
