"""Keys as they are made and listed, as JSON."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from contract.errors import BadText
from contract.messages.access.grant import Grant
from contract.messages.access.role import Role
from contract.messages.message import Message
from contract.text.identifiers import KEY_NAME
from contract.text.moment import moment_of

GRACE_SECONDS = 24 * 3600
"""How long a key still works after it was replaced, unless somebody says otherwise."""
LONGEST_GRACE = 90 * 24 * 3600

KeyState = Literal["valid", "expired", "revoked"]
KeyName = Annotated[str, Field(min_length=1, max_length=KEY_NAME.longest), AfterValidator(KEY_NAME)]


def _moment(text: str | None) -> str | None:
    if text is not None:
        moment_of(text)
    return text


class KeyDraft(Grant):
    """A key to be made. Without `stores` it is for all of them, those to come among them.

    A `camera` is of one store, a `till` of one or several; `privacy` and `admin` are of all. With
    `names` false a camera is answered without members, FaceIds and candidates.
    """

    name: KeyName
    names: bool = Field(default=True, description="whether a camera is told who somebody is")
    digest: bool = Field(
        default=False, description="whether a camera may show it by HTTP digest authentication"
    )
    expires_at: Annotated[str | None, AfterValidator(_moment)] = Field(
        default=None, description="RFC 3339 with a zone; without it the key does not expire"
    )

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        if self.role != "camera" and not self.names:
            raise BadText("`names` is for the role camera")
        if self.role != "camera" and self.digest:
            raise BadText("`digest` is for the role camera")
        return self


class AccessKey(Message):
    """A key, as all may see it who administer keys: its secret is not known any more."""

    id: str = Field(description="what the key begins with, up to the secret")
    name: str
    role: Role
    stores: list[str] | None = Field(default=None, description="null: all stores")
    names: bool = True
    digest: bool = False
    state: KeyState
    created_at: str
    expires_at: str | None = None
    revoked_at: str | None = None
    last_used_at: str | None = Field(default=None, description="to about a minute")


class NewAccessKey(AccessKey):
    """A key that was just made. `key` is what its holder sends: it is shown this once."""

    key: str


class KeyList(Message):
    """All keys, the newest first, those that do not work any more among them."""

    keys: list[AccessKey]


class KeyRotation(Message):
    """How long the key that is replaced still works."""

    grace_seconds: int = Field(default=GRACE_SECONDS, ge=0, le=LONGEST_GRACE)
