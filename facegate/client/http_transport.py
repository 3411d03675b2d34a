"""HTTP to a gateway, sync and async. With `bounded_transport` the one module that knows httpx."""

import asyncio
import json
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

import httpx
from pydantic import ValidationError

from contract.messages.problem import Problem
from facegate.client.answer_body import AnswerBody, EndlessAnswer
from facegate.client.api_call import ApiCall
from facegate.client.api_error import ApiError, GatewayUnreachable, InvalidAnswer
from facegate.client.bounded_transport import LATE, LIMITS, BoundedTransport, ending_in
from facegate.client.gateway_key import Key, check_key, text_of
from facegate.client.picture_source import content_of
from facegate.client.retry import RetryBudget, date_of, retry_after

_CONNECT_SECONDS = 5.0
_SILENCE_SECONDS = 30.0
"""The live feed says something every 10 seconds."""

_A = TypeVar("_A")
_R = TypeVar("_R")


class Transport:
    """Sends calls and reads their answers. Every call brings the key, where there is one.

    Each time a call goes takes `seconds` at most.

    Both methods raise ApiError when the gateway refuses, GatewayUnreachable when it does not
    answer, OSError and TypeError as `content_of` does.
    """

    def __init__(
        self, url: str, seconds: float, retry_seconds: float, key: Key | None = None
    ) -> None:
        self._url = url
        self._seconds = seconds
        self._retry_seconds = retry_seconds
        self._listening = _timeout(max(seconds, _SILENCE_SECONDS))
        self._http = httpx.Client(
            **_options(url, seconds, key), transport=BoundedTransport(_tls(url))
        )
        self.date: datetime | None = None
        """The gateway's time, as its last answer says it."""

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(self, call: ApiCall[_A]) -> _A:
        """Return the answer to a call, which goes again as long as the gateway invites to that."""
        request = self._http.build_request(**_arguments(call))
        return _answer(call, self._asked(request, _body_of))

    def stream(self, call: ApiCall[str]) -> Iterator[bytes]:
        """Yield the answer as it comes."""
        request = self._http.build_request(**_arguments(call), timeout=self._listening)
        response = self._asked(request, lambda response: response)
        try:
            with _reaching(self._url):
                yield from response.iter_bytes()
        finally:
            response.close()

    def _asked(self, request: httpx.Request, read: Callable[[httpx.Response], _R]) -> _R:
        budget = RetryBudget(self._retry_seconds)
        while True:
            with _reaching(self._url), ending_in(self._seconds):
                response = self._http.send(request, stream=True)
                self.date = date_of(response.headers) or self.date
                if response.is_success:
                    return read(response)
                error = _api_error(response, _body_of(response))
            time.sleep(budget.pause(error))


class AsyncTransport:
    """As `Transport`, for asyncio."""

    def __init__(
        self, url: str, seconds: float, retry_seconds: float, key: Key | None = None
    ) -> None:
        self._url = url
        self._seconds = seconds
        self._retry_seconds = retry_seconds
        self._listening = _timeout(max(seconds, _SILENCE_SECONDS))
        self._http = httpx.AsyncClient(
            **_options(url, seconds, key), verify=_tls(url), limits=LIMITS
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def send(self, call: ApiCall[_A]) -> _A:
        """Return the answer to a call, which goes again as long as the gateway invites to that."""
        arguments = await asyncio.to_thread(_arguments, call)
        request = self._http.build_request(**arguments)
        return _answer(call, await self._asked(request, _async_body_of))

    async def stream(self, call: ApiCall[str]) -> AsyncIterator[bytes]:
        """Yield the answer as it comes."""
        request = self._http.build_request(**_arguments(call), timeout=self._listening)
        response = await self._asked(request, _as_it_is)
        try:
            with _reaching(self._url):
                async for some in response.aiter_bytes():
                    yield some
        finally:
            await response.aclose()

    async def _asked(
        self, request: httpx.Request, read: Callable[[httpx.Response], Awaitable[_R]]
    ) -> _R:
        budget = RetryBudget(self._retry_seconds)
        while True:
            with _reaching(self._url):
                async with asyncio.timeout(self._seconds):
                    response = await self._http.send(request, stream=True)
                    if response.is_success:
                        return await read(response)
                    error = _api_error(response, await _async_body_of(response))
            await asyncio.sleep(budget.pause(error))


def _body_of(response: httpx.Response) -> bytes:
    body = AnswerBody()
    try:
        for some in response.iter_bytes():
            body.add(some)
    finally:
        response.close()
    return body.content


async def _async_body_of(response: httpx.Response) -> bytes:
    body = AnswerBody()
    try:
        async for some in response.aiter_bytes():
            body.add(some)
    finally:
        await response.aclose()
    return body.content


async def _as_it_is(response: httpx.Response) -> httpx.Response:
    return response


def _options(url: str, seconds: float, key: Key | None) -> dict[str, Any]:
    """Return how both transports connect. Faces take no detour over the environment's proxy.

    Raises ValueError for what is no key, without showing it.
    """
    if key is not None:
        check_key(key)
    try:
        base = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise GatewayUnreachable(url, str(error)) from error
    return {
        "base_url": base,
        "auth": None if key is None else _bringing(key),
        "timeout": _timeout(seconds),
        "trust_env": False,
    }


def _bringing(key: Key) -> Callable[[httpx.Request], httpx.Request]:
    """Return what puts a key into every request."""

    def bring(request: httpx.Request) -> httpx.Request:
        text = text_of(key)
        if text is not None:
            request.headers["Authorization"] = f"Bearer {text}"
        return request

    return bring


def _tls(url: str) -> ssl.SSLContext:
    """Return what is trusted: for plain HTTP nobody, since reading all certificates takes 40 ms.

    Else the usual authorities, and those of the machine, or of `SSL_CERT_FILE` and `SSL_CERT_DIR`,
    where a gateway's own certificate may be as well.
    """
    if not url.lower().startswith("https:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = httpx.create_ssl_context(trust_env=False)
    context.set_default_verify_paths()
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def _timeout(seconds: float) -> httpx.Timeout:
    return httpx.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS))


@contextmanager
def _reaching(url: str) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise GatewayUnreachable(url, LATE) from error
    except (httpx.RequestError, EndlessAnswer) as error:
        raise GatewayUnreachable(url, str(error) or type(error).__name__) from error


def _arguments(call: ApiCall[Any]) -> dict[str, Any]:
    """Return what httpx sends for `call`; reads the pictures."""
    headers = dict(call.headers)
    if call.key is not None:
        headers["Idempotency-Key"] = call.key
    arguments: dict[str, Any] = {"method": call.method, "url": call.path, "params": call.query}
    contents = [content_of(picture) for picture in call.pictures]
    if call.in_form:
        arguments["files"] = [("image", ("image", content)) for content in contents]
    elif contents:
        [arguments["content"]] = contents
        headers["Content-Type"] = "application/octet-stream"
    if call.message is not None:
        arguments["content"] = json.dumps(call.message).encode()
        headers["Content-Type"] = "application/json"
    if call.table is not None:
        arguments["content"] = call.table.encode()
        headers["Content-Type"] = "text/csv; charset=utf-8"
    return {**arguments, "headers": headers}


def _answer(call: ApiCall[_A], body: bytes) -> _A:
    try:
        return call.read(body)
    except ValueError as error:
        raise InvalidAnswer(f"{call.method} {call.path}") from error


def _api_error(response: httpx.Response, body: bytes) -> ApiError:
    wait = retry_after(response.headers)
    try:
        problem = Problem.model_validate_json(body)
    except ValidationError:  # from something in between, such as a proxy
        return ApiError(
            response.status_code,
            f"HTTP_{response.status_code}",
            f"HTTP {response.status_code} {response.reason_phrase}",
            retry_after=wait,
        )
    return ApiError(
        problem.status,
        problem.code,
        problem.title,
        problem.detail,
        request_id=problem.request_id,
        retry_after=wait,
        warnings=problem.warnings,
    )
