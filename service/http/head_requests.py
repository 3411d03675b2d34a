"""HEAD wherever GET is: the same headers, and no body."""

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class _BodyNotWanted(OSError):
    """Ends a stream as a disconnect would; the framework may raise ClientDisconnect for it."""


class HeadersOnly:
    """ASGI middleware that answers HEAD with the headers of GET, and ends streams after them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            return await self.app(scope, receive, send)
        as_get = {**scope, "method": "GET"}  # the server looks into its own to leave the body out
        ended = False

        async def send_headers(message: Message) -> None:
            nonlocal ended
            if message["type"] == "http.response.start":
                return await send(message)
            if not ended:
                ended = True
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            if message.get("more_body"):
                raise _BodyNotWanted
            return None

        try:
            await self.app(as_get, receive, send_headers)
        except (_BodyNotWanted, ClientDisconnect):
            if not ended:
                raise
        finally:
            scope["route"] = as_get.get("route")  # for the log and the metrics
        return None
