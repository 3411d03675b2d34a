"""Keys, for the admin, and who is signed in."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from contract.messages.access.key import (
    GRACE_SECONDS,
    AccessKey,
    KeyList,
    NewAccessKey,
)
from contract.messages.access.role import Role
from contract.messages.access.session import PageSession, PageSessionList
from facegate.client.api_call import ApiCall, path_of


def keys() -> ApiCall[list[AccessKey]]:
    """Return all keys, the newest first, those that do not work any more among them."""
    return ApiCall("GET", "/v1/keys", lambda body: KeyList.model_validate_json(body).keys)


def sessions() -> ApiCall[list[PageSession]]:
    """Return who is signed in to the pages, the newest first.

    With the admin's key all of them, with another one those who signed in with it.
    """
    return ApiCall(
        "GET", "/v1/sessions", lambda body: PageSessionList.model_validate_json(body).sessions
    )


def end_session(session_id: str) -> ApiCall[PageSession]:
    """Sign somebody out, and return the session that has ended."""
    return ApiCall("DELETE", path_of("sessions", session_id), PageSession.model_validate_json)


def create_key(
    name: str,
    role: Role,
    *,
    stores: Iterable[str] | None = None,
    names: bool = True,
    digest: bool = False,
    expires_at: datetime | None = None,
) -> ApiCall[NewAccessKey]:
    """Make a key, which the answer shows this once; without `stores` it is for all of them.

    With `names` false a camera is not told who somebody is; with `digest` it may show the key by
    HTTP digest authentication.
    """
    message: dict[str, Any] = {"name": name, "role": role, "names": names, "digest": digest}
    if stores is not None:
        message["stores"] = list(stores)
    if expires_at is not None:
        message["expires_at"] = expires_at.isoformat()
    return ApiCall("POST", "/v1/keys", NewAccessKey.model_validate_json, message=message)


def rotate_key(key_id: str, *, grace_seconds: int = GRACE_SECONDS) -> ApiCall[NewAccessKey]:
    """Make a key like another one, which still works for `grace_seconds`."""
    return ApiCall(
        "POST",
        path_of("keys", key_id, "rotate"),
        NewAccessKey.model_validate_json,
        message={"grace_seconds": grace_seconds},
    )


def revoke_key(key_id: str) -> ApiCall[AccessKey]:
    """Have a key refused from now on, for good, and return it."""
    return ApiCall("DELETE", path_of("keys", key_id), AccessKey.model_validate_json)
