"""How many requests a key may send, or an address where no key is asked for."""

import time
from collections import OrderedDict
from collections.abc import Callable

from contract.errors import TooManyRequests

CALLERS = 10_000
"""Keys and addresses that are remembered: what strangers send takes no more memory than that."""
SIGN_INS = 120
"""Ways to sign in that one address may go in a minute: everybody of an office comes at nine."""
_MINUTE = 60.0


class RequestRate:
    """At most so many requests a minute of each caller; who was quiet may send all of them at once.

    A token bucket: it holds `a_minute` requests, and is filled evenly. With 0 there is no limit.
    """

    def __init__(
        self, a_minute: int, what: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Call the requests `what` in the answer to those who send too many."""
        self._most = float(a_minute)
        self._what = what
        self._monotonic = monotonic
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """When a caller was seen last, and how many requests were left then."""

    def take(self, caller: str) -> None:
        """Count a request. Raises TooManyRequests, and then it does not count."""
        if not self._most:
            return
        now = self._monotonic()
        seen, left = self._left.pop(caller, (now, self._most))
        left = min(self._most, left + (now - seen) * self._most / _MINUTE)
        self._left[caller] = (now, left if left < 1 else left - 1)
        if len(self._left) > CALLERS:
            self._left.popitem(last=False)
        if left < 1:
            raise TooManyRequests(
                f"more than {self._most:.0f} {self._what} a minute",
                retry_after=max(1, round((1 - left) * _MINUTE / self._most)),
            )


class RequestRates:
    """The rates of a gateway: of searches, by which faces can be guessed, and of all requests.

    Cameras' pictures do not count: those that flood are kept apart by `CameraPlaces`. Ways to sign
    in count apart: whoever takes one has us write, or ask a provider.
    """

    def __init__(self, requests: int, searches: int) -> None:
        """Allow so many of each in a minute; 0: without a limit."""
        self._requests = RequestRate(requests, "requests")
        self._searches = RequestRate(searches, "searches")
        self._sign_ins = RequestRate(SIGN_INS, "ways to sign in")

    def take(self, caller: str, route: str) -> None:
        """Count a request of a route, such as `POST /v1/search`. Raises TooManyRequests."""
        if route in _SIGNING_IN:
            self._sign_ins.take(caller)
        if route in _CAMERAS:
            return
        if route in _SEARCHES:
            self._searches.take(caller)
        self._requests.take(caller)


_CAMERAS = {
    "POST /v1/stores/{store}/recognize",
    "POST /recognize",
    "POST /v1/stores/{store}/cameras/{camera}/push",
    "PUT /v1/stores/{store}/cameras/{camera}/push",
}
_SIGNING_IN = {"POST /sign-in", "GET /sign-in/openid", "GET /sign-in/return"}
_SEARCHES = {"POST /v1/search", "POST /v1/compare"}
