"""A list that the gateway answers in pages, as one request after the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from facegate.client.api_call import ApiCall, Parameter

PAGE = 1000
"""Entries that one request asks for."""

_E = TypeVar("_E")


@dataclass(frozen=True)
class Page(Generic[_E]):
    """Some entries of a list."""

    entries: Sequence[_E]
    following: Mapping[str, Parameter]
    """Parameters that ask for those after them; empty when there are none."""


def call_after(call: ApiCall[Page[_E]], page: Page[_E]) -> ApiCall[Page[_E]] | None:
    """Return what asks for the page after `page`, which `call` has brought; None after the last."""
    return replace(call, query={**call.query, **page.following}) if page.following else None
