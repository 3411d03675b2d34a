"""YAML as configuration should be read: safe types, no duplicate keys, no aliases, a size cap.

PyYAML keeps the last of two equal keys without a word, and a few hundred bytes of nested aliases
expand to gigabytes ("billion laughs"): both are refused, with the line.
"""

from collections.abc import Hashable
from typing import Any

import yaml

MAX_BYTES = 1_000_000
"""A map of 10,000 stores with two replicas each is about 600 kB."""
MAX_DEPTH = 20


class StrictYamlError(ValueError):
    """The text is not YAML that is accepted here; the message names the line."""


class _StrictLoader(yaml.SafeLoader):
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        line = self.line + 1
        if self.check_event(yaml.events.AliasEvent):
            raise StrictYamlError(f"line {line}: aliases (*name) are not allowed")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise StrictYamlError(f"line {line}: nested deeper than {MAX_DEPTH} levels")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: dict[Hashable, int] = {}
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            line = key_node.start_mark.line + 1
            if not isinstance(key, str):
                raise StrictYamlError(
                    f"line {line}: the key {key!r} is not text; write it in quotes"
                )
            if key in seen:
                raise StrictYamlError(
                    f"line {line}: duplicate key {key!r}, first on line {seen[key]}"
                )
            seen[key] = line
        return super().construct_mapping(node, deep=deep)


def load_strict(raw: bytes) -> object:
    """Return what the YAML in `raw` (UTF-8) says. Raises StrictYamlError."""
    if len(raw) > MAX_BYTES:
        raise StrictYamlError(f"{len(raw)} bytes; at most {MAX_BYTES} are read")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StrictYamlError(f"byte {error.start} is not UTF-8") from error
    try:
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader: plain values only
    except yaml.YAMLError as error:
        raise StrictYamlError(_one_line(error)) from error


def _one_line(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"line {mark.line + 1}: {problem}" if mark else str(problem)
