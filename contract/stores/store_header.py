"""How a request to a shard says which of its process's stores it is about.

A process of one store needs no such header; one of a former release does not look at it.
"""

from urllib.parse import quote, unquote

HEADER = "X-Facegate-Store"


def header_of(store: str) -> dict[str, str]:
    """Return the header that names `store`, percent-encoded: headers are ASCII."""
    return {HEADER: quote(store, safe="")}


def named_store(value: str) -> str:
    """Return the store that the header's `value` names, whether or not there is one."""
    return unquote(value)
