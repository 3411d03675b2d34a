"""A client leaves an idle connection before the gateway closes it, and uses it until then."""

import asyncio

from facegate import AsyncClient, Client
from facegate.client.bounded_transport import KEPT_SECONDS
from gateway.settings import GatewaySettings
from tests.facegate.fake_gateway import FakeGateway


async def test_no_call_meets_a_connection_that_is_just_being_closed(gateway: FakeGateway) -> None:
    assert GatewaySettings.model_fields["keep_alive_seconds"].default - 1 > KEPT_SECONDS

    with Client(gateway.url) as client:
        async with AsyncClient(gateway.url) as async_client:
            for idle in (0, 0, KEPT_SECONDS + 0.1):
                await asyncio.sleep(idle)  # it is the time itself that ends it
                await asyncio.to_thread(client.stores)
                await async_client.stores()

    first, first_async, second, second_async, late, late_async = gateway.ports
    assert (second, second_async) == (first, first_async)
    assert late != first
    assert late_async != first_async
