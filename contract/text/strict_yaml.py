"""YAML as configuration should be read: plain values, no duplicate keys, no aliases, a size cap.

PyYAML keeps the last of two equal keys without a word, a few hundred bytes of nested aliases
expand to gigabytes ("billion laughs"), and numbers may be sums of a million products (`1:1:1:…`,
to base 60): all are refused, with the line. So are tags, which configuration has no use for.
"""

from collections.abc import Hashable
from typing import Any

import yaml

MAX_BYTES = 1_000_000
"""A map of 10,000 stores with two replicas each is about 600 kB."""
MAX_DEPTH = 20
MAX_NUMBER = 50
"""Characters of a value that is not text: a number, a date."""
_TEXT = "tag:yaml.org,2002:str"


class StrictYamlError(ValueError):
    """The text is not YAML that is accepted here; the message names the line."""


class _StrictLoader(yaml.SafeLoader):
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        line = self.line + 1
        if self.check_event(yaml.events.AliasEvent):
            raise StrictYamlError(f"line {line}: aliases (*name) are not allowed")
        tag = getattr(self.current_event, "tag", None)
        if tag is not None:
            raise StrictYamlError(f"line {line}: tags ({short_repr(tag)}) are not allowed")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise StrictYamlError(f"line {line}: nested deeper than {MAX_DEPTH} levels")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        if not isinstance(node, yaml.ScalarNode) or node.tag == _TEXT:
            return super().construct_object(node, deep)
        where = f"line {node.start_mark.line + 1}: {short_repr(node.value)}"
        if len(node.value) > MAX_NUMBER:
            raise StrictYamlError(f"{where} is too long for a number; write text in quotes")
        try:
            return super().construct_object(node, deep)
        except Exception as error:  # what PyYAML's constructors raise depends on the value
            kind = node.tag.rpartition(":")[2]
            raise StrictYamlError(f"{where} is no valid {kind}; write text in quotes") from error

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: dict[Hashable, int] = {}
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            line = key_node.start_mark.line + 1
            if not isinstance(key, str):
                raise StrictYamlError(
                    f"line {line}: the key {short_repr(key)} is not text; write it in quotes"
                )
            if key in seen:
                raise StrictYamlError(
                    f"line {line}: duplicate key {short_repr(key)}, first on line {seen[key]}"
                )
            seen[key] = line
        return super().construct_mapping(node, deep=deep)


def load_strict(raw: bytes) -> object:
    """Return what the YAML in `raw` (UTF-8) says: text, numbers, truth, dates, lists, dicts, None.

    Raises StrictYamlError, whatever the bytes.
    """
    if len(raw) > MAX_BYTES:
        raise StrictYamlError(f"too long; at most {MAX_BYTES} bytes are read")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StrictYamlError(f"byte {error.start} is not UTF-8") from error
    return _load(text)


def _load(text: str) -> object:
    line = 0
    try:
        loader = _StrictLoader(text)  # safe: plain values only
        try:
            return loader.get_single_data()
        finally:
            line = loader.line + 1
            loader.dispose()
    except StrictYamlError:
        raise
    except yaml.YAMLError as error:
        raise StrictYamlError(_one_line(error)) from error
    except Exception as error:  # PyYAML's scanner lets through what int() and chr() raise
        raise StrictYamlError(f"line {line}: cannot be read: {short_repr(str(error))}") from error


def short_repr(value: object) -> str:
    """Return `value` as a message may quote it: on one line, in about 80 characters at most."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _one_line(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or error).splitlines()[0][:200]
    return f"line {mark.line + 1}: {problem}" if mark else problem
