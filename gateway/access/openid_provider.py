"""Whoever vouches for people by OpenID Connect: the one module that knows authlib.

The library does the protocol: discovery, the code flow with PKCE, `state` and `nonce`, and the
check of ID tokens. Which way somebody is on is kept by their browser, see `SIGNING_IN`.
"""

import asyncio
import json
import logging
import warnings
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx
from authlib.common.errors import AuthlibBaseError
from joserfc.errors import JoseError
from starlette.requests import Request

from contract.errors import ProviderUnavailable, SignInRefused
from contract.messages.access.grant import Grant
from gateway.access.role_claims import RoleClaims
from gateway.audit.request_notes import note_caller
from gateway.http.caller import NOBODY

log = logging.getLogger(__name__)

ANSWER_SECONDS = 10.0
"""How long the provider may take for all that it is asked in one step."""
LEEWAY_SECONDS = 60
"""How far its clock and ours may be apart."""
_SIGNATURES = {
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
}
"""With which ID tokens may be signed: by a key that the provider alone has. `none` is not among
them, nor HMAC, whatever the provider says that it supports."""
_ALGORITHMS = "id_token_signing_alg_values_supported"
_NONSENSE = (RuntimeError, ValueError, LookupError, TypeError, AttributeError)
"""What the library makes of answers that are none."""
_LONGEST_NAME = 200
_NAMES = ("name", "preferred_username", "email", "sub")
"""Claims that may say what somebody is called, the first that there is."""


class VouchedFor(NamedTuple):
    """Somebody whom the provider vouches for."""

    subject: str
    """Who they are to the provider; never another one's."""
    name: str
    grant: Grant


class OpenIdProvider:
    """Asks a provider who somebody is, and what they may do here."""

    def __init__(self, issuer: str, client_id: str, secret: str | None, claims: RoleClaims) -> None:
        """`issuer` is as the provider itself writes it; without `secret` we are a public client."""
        self._issuer = issuer
        self._claims = claims
        self._client = _registry().register(
            "openid",
            client_id=client_id,
            client_secret=secret,
            server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": claims.scope,
                "code_challenge_method": "S256",
                "timeout": ANSWER_SECONDS,
                **({} if secret else {"token_endpoint_auth_method": "none"}),
            },
        )

    async def begin(self, request: Request, return_to: str, back: str) -> tuple[str, str]:
        """Return the provider's address for somebody who comes back to `return_to` from there.

        And what their browser has to keep meanwhile; they want to `back` in the end. Raises
        ProviderUnavailable.
        """
        session: dict[str, Any] = {}
        request.scope["session"] = session
        async with self._asking():
            await self._know()
            answer = await self._client.authorize_redirect(request, return_to)
        for kept in session.values():
            kept["data"].pop("url", None)
        return answer.headers["location"], _packed({"back": back, "session": session})

    async def finish(self, request: Request, kept: str) -> tuple[VouchedFor, str]:
        """Return whom the provider vouches for, and where they want to.

        `kept` is what `begin` had their browser keep. Raises SignInRefused, ProviderUnavailable.
        """
        way = _unpacked(kept)
        request.scope["session"] = way["session"]
        async with self._asking():
            await self._know()
            token = await self._client.authorize_access_token(
                request, claims_options=self._required(), leeway=LEEWAY_SECONDS
            )
        claims = token.get("userinfo")
        if not claims:
            raise SignInRefused("the provider sent no ID token")
        grant = self._claims.grant(claims)
        if grant is None:
            note_caller(NOBODY._replace(subject=str(claims["sub"])))
            raise SignInRefused("the provider vouches for you, but you have no role here")
        name = next(str(claims[claim]) for claim in _NAMES if claims.get(claim))
        somebody = VouchedFor(str(claims["sub"]), name[:_LONGEST_NAME], grant)
        return somebody, str(way["back"])

    async def _know(self) -> None:
        """Read the provider's metadata, once, and have its keys read anew: it changes them."""
        metadata = await self._client.load_server_metadata()
        if metadata.get("issuer") != self._issuer:
            metadata.pop("_loaded_at", None)  # it is read again, when somebody has mended it
            raise RuntimeError(f"it says that it is {metadata.get('issuer')!r}")
        supported = metadata.get(_ALGORITHMS) or []
        metadata[_ALGORITHMS] = [name for name in supported if name in _SIGNATURES] or ["RS256"]
        metadata.pop("jwks", None)

    def _required(self) -> dict[str, Any]:
        return {
            "iss": {"essential": True, "value": self._issuer},
            **{name: {"essential": True} for name in ("sub", "aud", "exp", "iat")},
        }

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[None]:
        """Raise our own errors for those of the library, and log why: it is for no stranger."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                yield
        except (AuthlibBaseError, JoseError) as error:
            log.warning("somebody who came from %s is not let in: %s", self._issuer, error)
            raise SignInRefused("the provider does not vouch for this sign-in") from error
        except (httpx.HTTPError, OSError, *_NONSENSE) as error:
            log.warning("%s does not vouch for anybody: %r", self._issuer, error)
            raise ProviderUnavailable("the provider does not answer as it has to") from error


def _registry() -> Any:
    """Return the library's registry of providers: to import it takes a quarter of a second."""
    from authlib import deprecate  # before: it has all of its own warnings shown

    with warnings.catch_warnings():
        # It prefers another client to httpx, which is the one that we have.
        warnings.simplefilter("ignore", deprecate.AuthlibDeprecationWarning)
        from authlib.integrations.starlette_client import OAuth
    return OAuth()


def _packed(way: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(way).encode()).decode()


def _unpacked(kept: str) -> dict[str, Any]:
    """Return the way that somebody is on. Raises SignInRefused for what no way is."""
    try:
        way = json.loads(urlsafe_b64decode(kept.encode()))
    except ValueError as error:
        raise SignInRefused("this sign-in was not begun here") from error
    if not isinstance(way, dict) or not isinstance(way.get("session"), dict) or "back" not in way:
        raise SignInRefused("this sign-in was not begun here")
    return way
