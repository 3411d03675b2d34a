"""The web pages, their files, and the switch for language and appearance."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from fastapi import Form, Header, Request, Response

from contract.errors import NotFound
from contract.messages.access.role import ROLES
from contract.messages.cluster import StoreSummary
from contract.messages.webhooks import WebhookStatus
from contract.stores.store_map import StoreMap
from gateway.audit.audited_routes import ACTIONS
from gateway.camera_watch.camera_watch import CameraWatch
from gateway.chain.cluster import Cluster
from gateway.http.caller import caller_of
from gateway.http.own_address import address_below, local_path
from gateway.http.parameters import PathStore, StoresInForce
from gateway.pages.cameras_view import CamerasView
from gateway.pages.cluster_view import ClusterView
from gateway.pages.pages import Pages
from gateway.pages.preferences import LANGUAGE_COOKIE, THEME_COOKIE, Language, Preferences, Theme
from gateway.pages.static_files import StaticFiles
from gateway.record.database import Database
from gateway.record.visits.demo import is_demo
from service.http.routes import Routes

DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
YEAR_SECONDS = 365 * 24 * 3600
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:;"
        " media-src 'self' blob:; connect-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "same-origin",
}
"""A page loads nothing from elsewhere, runs only this server's scripts, and is framed by none."""


def pages_routes(
    pages: Pages,
    files: StaticFiles,
    *,
    cluster: Cluster,
    database: Database,
    cameras: CameraWatch,
    webhooks: Callable[[], list[WebhookStatus]],
) -> Routes:
    """Return the routes of the pages; they are for people and not in OpenAPI."""
    routes = Routes(in_openapi=False)

    def page(request: Request, template: str, **given: Any) -> Response:
        return page_response(pages, request, template, given)

    async def about_visits(request: Request, template: str, **given: Any) -> Response:
        """Return a page that shows people or visits, and says so when some are made up."""
        return page(request, template, demo=await database.read(None, is_demo), **given)

    async def about_cameras(request: Request, template: str, in_force: StoreMap) -> Response:
        view = CamerasView(await cameras.list_cameras(in_force.stores.values()))
        return page(request, template, cameras=view, names=_names(in_force))

    @routes.get("/")
    async def home(request: Request) -> Response:
        stores = _own(request, cluster.stores().stores)
        return await about_visits(request, "home.html", stores=stores)

    @routes.get("/cluster")
    async def cluster_page(request: Request) -> Response:
        view = ClusterView(cluster.status())
        return page(request, "cluster.html", cluster=view, webhooks=webhooks())

    @routes.get("/cluster/now")
    async def cluster_now(request: Request) -> Response:
        """Return the part of the cluster's page that changes."""
        view = ClusterView(cluster.status())
        return page(request, "cluster_now.html", cluster=view, webhooks=webhooks())

    @routes.get("/cameras")
    async def cameras_page(request: Request, in_force: StoresInForce) -> Response:
        return await about_cameras(request, "cameras.html", in_force)

    @routes.get("/cameras/now")
    async def cameras_now(request: Request, in_force: StoresInForce) -> Response:
        """Return the part of the cameras' page that changes."""
        return await about_cameras(request, "cameras_now.html", in_force)

    @routes.get("/till")
    async def tills(request: Request) -> Response:
        return page(request, "tills.html", stores=_own(request, cluster.stores().stores))

    @routes.get("/till/{store}")
    async def till(request: Request, home: PathStore, stores: StoresInForce) -> Response:
        summary = StoreSummary(store=home.id, name=home.name, healthy=True)
        return await about_visits(
            request, "till.html", store=summary, zone=home.timezone, names=_names(stores)
        )

    @routes.get("/traffic")
    async def traffic_page(request: Request, in_force: StoresInForce) -> Response:
        zones = {store.id: store.timezone for store in in_force.stores.values()}
        zones[""] = next(iter(set(zones.values()))) if len(set(zones.values())) == 1 else ""
        stores = _own(request, cluster.stores().stores)
        return await about_visits(
            request, "traffic.html", stores=stores, zones=zones, names=_names(in_force)
        )

    @routes.get("/members")
    async def members_page(request: Request, in_force: StoresInForce) -> Response:
        stores = _own(request, cluster.stores().stores)
        return await about_visits(request, "members.html", stores=stores, names=_names(in_force))

    @routes.get("/privacy")
    async def privacy_page(request: Request, in_force: StoresInForce) -> Response:
        stores = cluster.stores().stores
        return page(request, "privacy.html", stores=stores, names=_names(in_force))

    @routes.get("/audit")
    async def audit_page(request: Request, in_force: StoresInForce) -> Response:
        return page(request, "audit.html", actions=ACTIONS, names=_names(in_force))

    @routes.get("/try")
    async def try_page(request: Request) -> Response:
        return page(request, "try.html", stores=_own(request, cluster.stores().stores))

    @routes.get("/keys")
    async def keys_page(request: Request) -> Response:
        return page(request, "keys.html", stores=cluster.stores().stores, roles=ROLES)

    @routes.get("/sessions")
    async def sessions_page(request: Request, in_force: StoresInForce) -> Response:
        return page(request, "sessions.html", names=_names(in_force))

    @routes.get("/docs")
    async def docs(request: Request) -> Response:
        """Show the API to try out; Swagger UI writes styles of its own into the page."""
        response = page(request, "docs.html")
        response.headers["Content-Security-Policy"] = DOCS_POLICY
        return response

    @routes.post("/preferences")
    async def prefer(
        back: Annotated[str, Form()] = "/",
        language: Annotated[Language | None, Form()] = None,
        theme: Annotated[Theme | None, Form()] = None,
    ) -> Response:
        """Keep a choice in a cookie and go back to the page where it was made."""
        response = Response(status_code=303, headers={"Location": pages.base + local_path(back)})
        for cookie, value in ((LANGUAGE_COOKIE, language), (THEME_COOKIE, theme)):
            if value is not None:
                response.set_cookie(
                    cookie,
                    value,
                    YEAR_SECONDS,
                    path=pages.base or "/",
                    httponly=True,
                    samesite="lax",
                )
        return response

    @routes.get("/static/{path:path}")
    async def static(path: str, if_none_match: Annotated[str | None, Header()] = None) -> Response:
        file = files.get(path)
        if file is None:
            raise NotFound(f"there is no file {path!r}")
        headers = {"ETag": file.tag, "Cache-Control": "no-cache", **SECURITY_HEADERS}
        if if_none_match is not None and file.tag in if_none_match:
            return Response(status_code=304, headers=headers)
        return Response(file.content, media_type=file.media_type, headers=headers)

    return routes


def page_response(
    pages: Pages, request: Request, template: str, given: Mapping[str, Any], status: int = 200
) -> Response:
    """Return a page in the language and appearance that its reader chose."""
    preferences = Preferences.of(request.cookies, request.headers.get("accept-language", ""))
    here = address_below(pages.base, request)
    html = pages.render(template, preferences, caller_of(request), here, given)
    headers = {"Vary": "Cookie, Accept-Language", **SECURITY_HEADERS}
    return Response(html, status, headers=headers, media_type="text/html")


def _own(request: Request, stores: Sequence[StoreSummary]) -> list[StoreSummary]:
    """Return those of the stores that whoever asks may ask about."""
    allowed = caller_of(request).stores
    return [store for store in stores if allowed is None or store.store in allowed]


def _names(stores: StoreMap) -> dict[str, str]:
    """Return what each store is called, by its id."""
    return {store.id: store.name or store.id for store in stores.stores.values()}
