"""JSON that comes back as it was sent, from every database and to every program (RFC 7493, I-JSON).

Python reads more than JSON is: NaN, Infinity, numbers that overflow, halves of characters, the last
of two equal keys. All are refused, and so are whole numbers that JavaScript would round.
"""

import json
import math
from typing import Any, NoReturn

from pydantic import JsonValue

from contract.errors import BadText
from contract.text.plain_text import check_storable

LARGEST_INTEGER = 2**53 - 1
"""Beyond it a program that reads numbers as JavaScript does sees another number."""
MAX_DEPTH = 32
_DEEP = f"nested deeper than {MAX_DEPTH} levels"


def load_strict_json(raw: bytes | str) -> Any:
    """Return what the JSON in `raw`, in UTF-8, says. Raises BadText."""
    try:
        text = raw.decode("utf-8-sig") if isinstance(raw, bytes) else raw
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise BadText(f"byte {error.start} is not UTF-8") from error
    except RecursionError as error:
        raise BadText(_DEEP) from error
    except BadText:
        raise
    except ValueError as error:  # no JSON, or a number with thousands of digits
        raise BadText(str(error)) from error
    return check_json(value)


def check_json(value: Any, depth: int = 0) -> Any:
    """Return a JSON value. Raises BadText where it would not come back as it is."""
    if depth > MAX_DEPTH:
        raise BadText(_DEEP)
    if isinstance(value, str):
        check_storable(value, "a text")
    elif isinstance(value, float) and not math.isfinite(value):
        raise BadText("a number is not finite")
    elif isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        raise BadText("a whole number is beyond 2^53 - 1: write it as text")
    elif isinstance(value, list):
        for item in value:
            check_json(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            check_storable(key, "a key")
            check_json(item, depth + 1)
    return value


def mended(value: JsonValue) -> JsonValue:
    """Return a value that an earlier release stored, with what cannot be sent replaced."""
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case float() if not math.isfinite(value):
            return None
        case list():
            return [mended(item) for item in value]
        case dict():
            return {str(mended(key)): mended(item) for key, item in value.items()}
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadText(f"the key {twice[:100]!r} is there twice")
    return made


def _refuse(constant: str) -> NoReturn:
    raise BadText(f"{constant} is no number in JSON")
