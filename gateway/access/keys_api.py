"""Keys over HTTP, for the admin."""

from contract.errors import BadTime, KeyEnded, UnknownKey
from contract.messages.access.key import (
    AccessKey,
    KeyDraft,
    KeyList,
    KeyRotation,
    NewAccessKey,
)
from contract.stores.store_map import StoreMap
from contract.text.access_key import KeyText
from contract.text.identifiers import AccessKeyId
from contract.text.moment import moment_of
from gateway.access import key_examples
from gateway.access.keys import Keys
from gateway.audit.request_notes import note_details
from gateway.clock.clock import now
from gateway.http.parameters import RequestDeadline, StoresInForce
from gateway.record.access.stored_key import StoredKey
from service.http.examples import example_of
from service.http.json_routes import StrictJsonRoute
from service.http.problems import problems
from service.http.routes import Routes


def keys_routes(keys: Keys) -> Routes:
    """Return the routes of the keys."""
    routes = Routes(prefix="/v1/keys", route_class=StrictJsonRoute, tags=["keys"])

    @routes.get("", responses=example_of(key_examples.KEYS))
    async def list_keys(deadline: RequestDeadline) -> KeyList:
        """List all keys, the newest first, those that do not work any more among them."""
        await keys.refresh(deadline)
        moment = now()
        return KeyList(keys=[key.shown(moment) for key in keys.all])

    @routes.post(
        "", status_code=201, responses=example_of(key_examples.NEW_KEY, 201) | problems(BadTime)
    )
    async def create_key(
        draft: KeyDraft, in_force: StoresInForce, deadline: RequestDeadline
    ) -> NewAccessKey:
        """Make a key. It is shown this once: what is kept tells a key, but not what it is."""
        text = KeyText.new()
        key = _stored(draft, text, in_force)
        await keys.add(key, deadline)
        note_details(made=key.id)
        return _shown_once(key, text)

    @routes.post(
        "/{key}/rotate",
        status_code=201,
        responses=example_of(key_examples.NEW_KEY, 201) | problems(UnknownKey, KeyEnded),
    )
    async def rotate_key(
        key: AccessKeyId, rotation: KeyRotation, deadline: RequestDeadline
    ) -> NewAccessKey:
        """Make a key like another one, which goes on for a while: both work meanwhile."""
        text = KeyText.new()
        made = await keys.replace(key, text, rotation.grace_seconds, deadline)
        note_details(made=made.id)
        return _shown_once(made, text)

    @routes.delete("/{key}", responses=example_of(key_examples.KEY) | problems(UnknownKey))
    async def revoke_key(key: AccessKeyId, deadline: RequestDeadline) -> AccessKey:
        """Refuse a key from now on, for good; other gateways do so within two seconds."""
        return (await keys.revoke(key, deadline)).shown(now())

    return routes


def _stored(draft: KeyDraft, text: KeyText, in_force: StoreMap) -> StoredKey:
    """Return a key as it is asked for. Raises UnknownStore and BadTime."""
    moment = now()
    stores = None
    if draft.stores is not None:
        stores = frozenset(in_force.store(name).id for name in draft.stores)
    expires_at = None
    if draft.expires_at is not None:
        expires_at = round(moment_of(draft.expires_at).timestamp() * 1000)
        if expires_at <= moment:
            raise BadTime(f"{draft.expires_at} is over")
    return StoredKey(
        text.id,
        text.digest,
        draft.name,
        draft.role,
        stores,
        draft.names,
        moment,
        expires_at,
        digest_ha1=text.digest_ha1 if draft.digest else None,
    )


def _shown_once(key: StoredKey, text: KeyText) -> NewAccessKey:
    return NewAccessKey(**key.shown(now()).model_dump(), key=text.text)
