"""The roles that a key can have. What each of them may do is in `gateway.access.route_roles`."""

from typing import Literal, get_args

Role = Literal["camera", "till", "manager", "operator", "privacy", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
"""All roles, in the order in which people are shown them."""
ADMIN: Role = "admin"
"""Who may do everything."""

OF_STORES: frozenset[Role] = frozenset({"camera", "till"})
"""Roles whose keys are for certain stores."""
OF_THE_CHAIN: frozenset[Role] = frozenset({"privacy", "admin"})
"""Roles whose keys are for all stores: members and receipts are nobody's alone."""
