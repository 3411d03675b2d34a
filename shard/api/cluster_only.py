"""Who may ask a shard: the services of its cluster, where that has a secret."""

from starlette.types import ASGIApp, Receive, Scope, Send

from contract.errors import NotOfCluster
from service.cluster_secret import ClusterSecret
from service.http.problems import refusal
from service.http.request_scope import HEALTH


class ClusterOnly:
    """ASGI middleware that answers 401 to whoever does not show the cluster's secret."""

    def __init__(self, app: ASGIApp, secret: ClusterSecret) -> None:
        self.app = app
        self._secret = secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in HEALTH or self._may_ask(scope):
            await self.app(scope, receive, send)
            return
        response = refusal(NotOfCluster("only the services of this shard's cluster may ask it"))
        response.headers["WWW-Authenticate"] = "Bearer"
        await response(scope, receive, send)

    def _may_ask(self, scope: Scope) -> bool:
        shown = [value for name, value in scope["headers"] if name == b"authorization"]
        return len(shown) == 1 and self._secret.is_shown_in(shown[0])
