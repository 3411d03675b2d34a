"""Says what is wrong with a file, of all that pydantic has found."""

from pydantic import ValidationError


def first_fault(error: ValidationError) -> str:
    """Return the first fault in one line: the field, with dots between its parts, and why."""
    first = error.errors()[0]
    field = ".".join(map(str, first["loc"])) or "the file"
    return f"{field}: {first['msg']}"
