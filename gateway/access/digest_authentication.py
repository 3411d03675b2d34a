"""HTTP digest authentication (RFC 7616, MD5, `qop=auth`), for cameras that know nothing better.

The user is the key's id, and the password the whole key. A camera shows that it has the key without
sending it. For that the gateway keeps MD5(id:realm:key), by which whoever reads the record could
pass for the camera: so it does for keys alone that are made for it.
"""

import hashlib
import hmac
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from urllib.request import parse_http_list, parse_keqv_list

from starlette.types import Scope

from contract.errors import KeyRefused, KeyRequired
from contract.text.access_key import DIGEST_REALM
from gateway.access.keys import Keys
from gateway.access.presented_key import authorization
from gateway.record.access.stored_key import StoredKey

NONCE_SECONDS = 300
"""How long a nonce is good for; a camera takes the next one by itself."""
NONCES = 10_000
"""Nonces of which it is remembered how often they were used."""
_COUNT = re.compile(r"[0-9a-fA-F]{8}")
_NEEDED = {"username", "realm", "nonce", "uri", "response", "qop", "nc", "cnonce"}

Answer = Mapping[str, str]
"""What a camera's header says, by name."""


class DigestAuthentication:
    """Asks cameras to show that they have their key, and tells whether they do."""

    def __init__(self, keys: Keys, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._keys = keys
        self._monotonic = monotonic
        self._secret = secrets.token_bytes(32)
        self._counts: OrderedDict[str, int] = OrderedDict()
        """The last count of each nonce: a request that is sent once more is not answered."""

    def challenge(self, scope: Scope) -> str:
        """Return what a camera is asked, with a new nonce."""
        answer = digest_answer(scope)
        given = None if answer is None else answer.get("nonce", "")
        stale = given is not None and (given in self._counts or not self._is_fresh(given))
        asked = f'Digest realm="{DIGEST_REALM}", qop="auth", algorithm=MD5'
        return f'{asked}, nonce="{self._nonce()}"{", stale=true" if stale else ""}'

    def _nonce(self) -> str:
        """Return when it begins, random bits, and our signature: no two cameras have the same."""
        begun = f"{int(self._monotonic()):x}-{secrets.token_hex(8)}"
        return f"{begun}.{self._signed(begun)}"

    def is_used(self, store: str | None) -> bool:
        """Say whether a camera of a store may have such a key; None: of any store."""
        return any(
            key.digest_ha1 and (store is None or key.stores is None or store in key.stores)
            for key in self._keys.all
        )

    def holder(self, scope: Scope, answer: Answer) -> StoredKey:
        """Return whose key is shown to be there, and note that it is used.

        Raises KeyRequired where another nonce has to be taken, and KeyRefused.
        """
        if not answer.keys() >= _NEEDED or not _is_about(scope, answer["uri"]):
            raise KeyRefused("it is not the answer to a challenge of this gateway")
        if not self._is_fresh(answer["nonce"]):
            raise KeyRequired("the nonce is too old: take the new one")
        key = self._keys.proved(answer["username"], lambda ha1: _fits(scope, answer, ha1))
        self._take(answer["nonce"], answer["nc"])
        return key

    def _take(self, nonce: str, count: str) -> None:
        """Count a use of a nonce. Raises KeyRequired for one that was counted already."""
        if not _COUNT.fullmatch(count):
            raise KeyRefused("it does not count its requests")
        if int(count, 16) <= self._counts.get(nonce, 0):
            raise KeyRequired("this was sent before")
        self._counts[nonce] = int(count, 16)
        self._counts.move_to_end(nonce)
        if len(self._counts) > NONCES:
            self._counts.popitem(last=False)

    def _is_fresh(self, nonce: str) -> bool:
        begun, _, signature = nonce.partition(".")
        if not hmac.compare_digest(signature.encode(), self._signed(begun).encode()):
            return False
        return self._monotonic() - int(begun.partition("-")[0], 16) < NONCE_SECONDS

    def _signed(self, begun: str) -> str:
        return hmac.digest(self._secret, begun.encode(), "sha256").hex()


def digest_answer(scope: Scope) -> Answer | None:
    """Return what a request's header of digest authentication says, if it has one."""
    scheme, rest = authorization(scope) or ("", "")
    if scheme != "digest":
        return None
    try:
        return parse_keqv_list(parse_http_list(rest))
    except (ValueError, IndexError):
        return {}


def _is_about(scope: Scope, uri: str) -> bool:
    """Say whether an answer is to the address that is asked; a proxy may have cut its beginning."""
    query = scope["query_string"]
    asked = scope.get("raw_path", scope["path"].encode()) + (b"?" + query if query else b"")
    return uri.encode("latin-1", "replace").endswith(asked)


def _fits(scope: Scope, answer: Answer, ha1: bytes) -> bool:
    asked = _md5(f"{scope['method']}:{answer['uri']}")
    parts = (ha1.hex(), answer["nonce"], answer["nc"], answer["cnonce"], "auth", asked)
    fits = hmac.compare_digest(_md5(":".join(parts)).encode(), answer["response"].lower().encode())
    return fits and answer["qop"] == "auth"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("latin-1", "replace"), usedforsecurity=False).hexdigest()
