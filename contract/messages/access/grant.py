"""What somebody may do: a role, and for which stores."""

from typing import Self

from pydantic import Field, model_validator

from contract.errors import BadText
from contract.messages.access.role import OF_STORES, OF_THE_CHAIN, Role
from contract.messages.message import Message


class Grant(Message):
    """A role. Without `stores` it is for all of them, those to come among them.

    A `camera` is of one store, a `till` of one or several; `privacy` and `admin` are of all.
    """

    role: Role
    stores: list[str] | None = Field(default=None, min_length=1, max_length=1000)

    @model_validator(mode="after")
    def _check_stores(self) -> Self:
        if self.role in OF_STORES and self.stores is None:
            raise BadText(f"the role {self.role} needs `stores`")
        if self.role == "camera" and len(set(self.stores or ())) != 1:
            raise BadText("the role camera is for one store")
        if self.role in OF_THE_CHAIN and self.stores is not None:
            raise BadText(f"the role {self.role} is for all stores")
        return self
