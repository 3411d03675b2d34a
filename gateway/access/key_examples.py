"""Examples of answers about keys, for OpenAPI."""

from contract.messages.access.key import AccessKey, KeyList, NewAccessKey

KEY = AccessKey(
    id="fg_5e0c8a41",
    name="door of the west store",
    role="camera",
    stores=["store-a"],
    names=False,
    state="valid",
    created_at="2026-05-04T09:30:00.000Z",
    last_used_at="2026-05-04T17:02:00.000Z",
)
KEYS = KeyList(keys=[KEY])
NEW_KEY = NewAccessKey(
    **KEY.model_dump(exclude={"last_used_at"}),
    key=f"{KEY.id}_0000000000000000000000000000000000000000000",
)
