"""Who may ask a shard: the gateways of its cluster, where that has a secret or certificates."""

from starlette.types import ASGIApp, Receive, Scope, Send

from contract.errors import NotOfCluster
from service.cluster_secret import ClusterSecret
from service.http.guarded_connection import PEER_CERTIFICATE
from service.http.problems import refusal
from service.http.request_scope import HEALTH
from service.tls.role import is_gateway


class ClusterOnly:
    """ASGI middleware that answers 401 to whoever is not of the cluster.

    Who is shows its secret, if there is one, and a gateway's certificate, if `by_certificate`.
    """

    def __init__(
        self, app: ASGIApp, secret: ClusterSecret | None, *, by_certificate: bool = False
    ) -> None:
        self.app = app
        self._secret = secret
        self._by_certificate = by_certificate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in HEALTH or self._may_ask(scope):
            await self.app(scope, receive, send)
            return
        response = refusal(NotOfCluster("only the services of this shard's cluster may ask it"))
        response.headers["WWW-Authenticate"] = "Bearer"
        await response(scope, receive, send)

    def _may_ask(self, scope: Scope) -> bool:
        if self._by_certificate and not is_gateway(scope["state"].get(PEER_CERTIFICATE)):
            return False
        if self._secret is None:
            return True
        shown = [value for name, value in scope["headers"] if name == b"authorization"]
        return len(shown) == 1 and self._secret.is_shown_in(shown[0])
