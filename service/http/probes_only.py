"""What is answered where all connections are taken: how the service is, and nothing else."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contract.errors import Busy
from service.http.door import Door
from service.http.problems import problem
from service.http.request_scope import PROBES


class ProbesOnly:
    """ASGI middleware of a connection in a spare place: it is closed after one answer."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app = app
        self.door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_and_close(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        if scope["path"].endswith(PROBES):  # after the prefix under which a proxy may know it
            return await self.app(scope, receive, send_and_close)
        self.door.met("full")
        detail = "all connections are taken"
        retry = {"Retry-After": str(Busy.retry_after)}
        refused = problem(Busy.status, Busy.code, Busy.title, detail, retry)
        return await refused(scope, receive, send_and_close)
