"""Which roles people have who are vouched for by OpenID Connect: a file of whoever runs the chain.

claim: groups               # in the ID token; a list of names where it is inside another claim
scope: openid profile       # what the provider is asked for, where it needs more to tell the claim
roles:                      # the first that somebody has is theirs
  facegate-admins: {role: admin}
  west-tills: {role: till, stores: [store-a]}
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, ConfigDict, Field, ValidationError

from contract.errors import ConfigurationError
from contract.messages.access.grant import Grant
from contract.messages.message import Message
from contract.text.first_fault import first_fault
from contract.text.strict_yaml import StrictYamlError, load_strict


def _with_openid(scope: str) -> str:
    if "openid" not in scope.split():
        raise ValueError("`openid` is missing, without which nobody is vouched for")
    return scope


class RoleClaims(Message):
    """Which claim says who somebody is here, and the role of each of its values."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    claim: str | list[str] = Field(min_length=1)
    scope: Annotated[str, AfterValidator(_with_openid)] = "openid profile"
    roles: dict[str, Grant] = Field(min_length=1)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file. Raises ConfigurationError, which names the file and its first fault."""
        try:
            return cls.model_validate(load_strict(path.read_bytes()))
        except OSError as error:
            raise ConfigurationError(f"{path}: {error.strerror}") from error
        except StrictYamlError as error:
            raise ConfigurationError(f"{path}: {error}") from error
        except ValidationError as error:
            raise ConfigurationError(f"{path}: {first_fault(error)}") from error

    def grant(self, claims: Mapping[str, Any]) -> Grant | None:
        """Return what somebody with these claims may do; None: nothing at all."""
        found: Any = claims
        for name in [self.claim] if isinstance(self.claim, str) else self.claim:
            found = found.get(name) if isinstance(found, Mapping) else None
        values = found if isinstance(found, list) else [found]
        return next((grant for value, grant in self.roles.items() if value in values), None)
