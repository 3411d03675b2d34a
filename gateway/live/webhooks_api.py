"""Configuring webhooks."""

import time

from contract.errors import UnknownWebhook, WebhookHost
from contract.messages.webhooks import WebhookGiven, WebhookList, WebhookStatus
from contract.text.identifiers import WebhookId
from contract.text.webhook_secret import new_secret
from gateway.http.parameters import RequestDeadline, StoresInForce
from gateway.live import examples
from gateway.live.webhook_client import WebhookClient
from gateway.live.webhook_delivery import WebhookDelivery
from gateway.record.database import Database
from gateway.record.feed import webhooks as rows
from gateway.record.scope import CHAIN
from service.http.examples import example_of
from service.http.json_routes import StrictJsonRoute
from service.http.problems import problems
from service.http.routes import Routes


def webhooks_routes(
    database: Database,
    client: WebhookClient,
    delivery: WebhookDelivery,
) -> Routes:
    """Return the routes of the webhooks."""
    routes = Routes(prefix="/v1/webhooks", route_class=StrictJsonRoute, tags=["live"])

    async def webhooks() -> list[WebhookStatus]:
        await delivery.refresh()
        return [known for known in delivery.statuses if known.webhook != rows.BROKER]

    async def status(webhook: str) -> WebhookStatus:
        for known in await webhooks():
            if known.webhook == webhook:
                return known
        raise UnknownWebhook(f"there is no webhook {webhook!r}")

    @routes.get("", responses=example_of(examples.WEBHOOKS))
    async def list_webhooks() -> WebhookList:
        """List the webhooks and how they are doing."""
        return WebhookList(webhooks=await webhooks())

    @routes.get("/{webhook}", responses=example_of(examples.WEBHOOK) | problems(UnknownWebhook))
    async def get_webhook(webhook: WebhookId) -> WebhookStatus:
        """Show one webhook and how it is doing."""
        return await status(webhook)

    @routes.put("/{webhook}", responses=example_of(examples.WEBHOOK) | problems(WebhookHost))
    async def put_webhook(
        webhook: WebhookId, given: WebhookGiven, in_force: StoresInForce, deadline: RequestDeadline
    ) -> WebhookStatus:
        """Send events to an address from now on, or change where an existing webhook sends them."""
        url = str(given.url)
        client.require_allowed(url)
        store = None if given.store is None else in_force.store(given.store).id
        known = await database.read(deadline, rows.find_webhook, webhook)
        chosen = given.secret.get_secret_value() if given.secret else None
        made = new_secret() if chosen is None and known is None else None
        secret = chosen or made or (known.secret if known else "")
        stores = [CHAIN, *in_force.stores]
        now = round(time.time() * 1000)
        await database.write(
            deadline, rows.put_webhook, rows.Webhook(webhook, url, secret, store), stores, now
        )
        shown = await status(webhook)
        return shown.model_copy(update={"secret": made}) if made else shown

    @routes.delete("/{webhook}", responses=example_of(examples.WEBHOOK) | problems(UnknownWebhook))
    async def delete_webhook(webhook: WebhookId, deadline: RequestDeadline) -> WebhookStatus:
        """Send nothing more; answers what the webhook was and what it has not been told."""
        last = await status(webhook)
        await database.write(deadline, rows.delete_webhook, webhook)
        await delivery.refresh()
        return last

    return routes
