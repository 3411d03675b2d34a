"""A small OpenID provider on a real socket: it lets everybody in, and can be made to err.

It checks what it is asked as a provider does: the client and its secret, where it leads back to, a
code that is used once, and the proof of who began (PKCE). Tokens are signed by joserfc.
"""

import asyncio
import base64
import hashlib
import json
import secrets
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.gateway.fake_chain import until

CLIENT, SECRET = "facegate", "a secret of the client"


class Provider:
    """What it says of who signs in, and how it errs."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.claims: dict[str, Any] = {}
        """Of the next ID token, beside or instead of those that it ought to have."""
        self.unsigned = False
        self.wrong_key = False
        self.metadata: dict[str, Any] = {}
        self.is_down = False
        self._keys: list[RSAKey] = []
        self._codes: dict[str, dict[str, str]] = {}
        self.rotate()

    def rotate(self) -> None:
        """Sign with a new key from now on."""
        self._keys = [RSAKey.generate_key(2048, {"kid": secrets.token_hex(4)})]

    async def describe(self, request: Request) -> Response:
        if self.is_down:
            return Response("<h1>Down</h1>", 502)
        return JSONResponse(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/jwks",
                "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
                **self.metadata,
            }
        )

    async def jwks(self, request: Request) -> Response:
        return JSONResponse({"keys": [key.as_dict(private=False) for key in self._keys]})

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
        assert (asked["code_challenge_method"], "openid" in asked["scope"]) == ("S256", True)
        code = secrets.token_hex(8)
        self._codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}")

    async def token(self, request: Request) -> Response:
        form = await request.form()
        asked = self._codes.pop(str(form["code"]), None)
        shown = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        challenge = base64.urlsafe_b64encode(
            hashlib.sha256(str(form.get("code_verifier", "")).encode()).digest()
        )
        if (
            asked is None
            or request.headers.get("authorization") != f"Basic {shown}"
            or form["redirect_uri"] != asked["redirect_uri"]
            or challenge.rstrip(b"=").decode() != asked["code_challenge"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        answer = {"access_token": "x", "token_type": "Bearer", "id_token": self._token(asked)}
        return JSONResponse(answer)

    def _token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        who = {"iss": self.url, "aud": CLIENT, "sub": "u-1", "name": "Ada"}
        usual = {**who, "nonce": asked["nonce"], "iat": now, "exp": now + 60}
        claims = {**usual, **self.claims}
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.unsigned:
            return f"{_encoded({'alg': 'none'})}.{_encoded(claims)}."
        [key] = self._keys
        header = {"alg": "RS256", "kid": key.kid}
        if self.wrong_key:
            key = RSAKey.generate_key(2048)
        return jwt.encode(header, claims, key)


def _encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


@asynccontextmanager
async def provider(host: str = "127.0.0.1") -> AsyncIterator[Provider]:
    """Serve a provider, of this machine under another name where `host` says so."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    serves = Provider(f"http://{host}:{listener.getsockname()[1]}")
    app = Starlette(
        routes=[
            Route("/.well-known/openid-configuration", serves.describe),
            Route("/authorize", serves.authorize),
            Route("/token", serves.token, methods=["POST"]),
            Route("/jwks", serves.jwks),
        ]
    )
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve([listener]))
    await until(lambda: server.started or serving.done())
    try:
        yield serves
    finally:
        server.should_exit = True
        await serving
