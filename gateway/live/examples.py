"""Answers of live feeds and webhooks as OpenAPI shows them."""

from contract.messages.live import LastVisit, Present, VisitCard, VisitEvent
from contract.messages.webhooks import WebhookList, WebhookStatus
from gateway.http.examples import MEMBER_CARD

_CARD = VisitCard(
    visit="42",
    store="store-b",
    camera="door",
    match="roaming",
    kind="member",
    face_id="095",
    home="store-a",
    member=MEMBER_CARD,
    score=7.31,
    first_at="2026-05-04T09:30:00.000Z",
    last_at="2026-05-04T09:30:00.000Z",
    visits=4,
    visits_here=1,
    last_visit=LastVisit(store="store-a", at="2026-05-01T17:02:11.000Z"),
    usual_store="store-a",
)
PRESENT = Present(
    store="store-b",
    now="2026-05-04T09:30:01.000Z",
    position="117.0",
    visit_gap_seconds=1800,
    visits=[_CARD],
)
VISIT = VisitEvent(change="opened", at="2026-05-04T09:30:00.420Z", card=_CARD)
LIVE = f"id: 118.0\nevent: visit\ndata: {VISIT.model_dump_json()}\n\n"
WEBHOOK = WebhookStatus(
    webhook="erp",
    url="https://erp.example/facegate",
    pending=2,
    failing_stores=1,
    attempts=3,
    next_try_at="2026-05-04T09:30:04.000Z",
    error="HTTP 503",
)
WEBHOOKS = WebhookList(webhooks=[WEBHOOK])
