"""Results on standard output, for people and for programs."""

import json
from collections.abc import Sequence
from typing import Any

import click
from pydantic import BaseModel


def print_json(
    value: BaseModel | dict[str, Any] | Sequence[BaseModel] | Sequence[dict[str, Any]],
) -> None:
    """Print messages as JSON, one document."""
    if isinstance(value, BaseModel):
        plain: Any = value.model_dump(mode="json", by_alias=True)
    elif isinstance(value, dict):
        plain = value
    else:
        plain = [
            item.model_dump(mode="json") if isinstance(item, BaseModel) else item for item in value
        ]
    click.echo(json.dumps(plain, ensure_ascii=False, indent=2))
