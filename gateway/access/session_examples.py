"""Examples of answers about sessions, for OpenAPI."""

from contract.messages.access.session import PageSession, PageSessionList

SESSION = PageSession(
    id="9f86d081884c7d65",
    key_id="fg_5e0c8a41",
    name="West till",
    role="till",
    stores=["store-a"],
    address="10.0.0.7",
    created_at="2026-05-04T09:30:00.000Z",
    last_used_at="2026-05-04T17:02:00.000Z",
    expires_at="2026-05-04T21:30:00.000Z",
    asks=False,
)
SESSIONS = PageSessionList(sessions=[SESSION])
