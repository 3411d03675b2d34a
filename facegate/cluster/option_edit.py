"""Options of stores, changed in the map's text; all else in it stays as it is: comments, order.

What PyYAML says of where a key or value stands is enough for that. An edit that would not do what
it is meant to do, or more, is refused: the new text is read and compared before it is returned.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, Self

import yaml

from contract.errors import StoreMapError
from contract.stores.address import Address
from contract.stores.map_parser import parse_store_map
from contract.text.identifiers import STORE
from contract.text.strict_yaml import StrictYamlError

Value = str | None
_MARK = "\ufeff"
_SHARDS = "shards"
"""The one option that a store may have without its name: an address alone is that."""


def with_options(raw: bytes, path: Path, changes: Mapping[str, Mapping[str, Value]]) -> bytes:
    """Return the map `raw` of the file `path` where stores have other options.

    `changes` has them by store and by name; None is the option's absence. What all stores are to
    have alike goes into `defaults`. A map in the short form gets the full one. `shards` is one
    address.

    Raises StoreMapError when the map would not be valid, or cannot be edited without changing
    something else.
    """
    before = parse_store_map(raw, path)
    wanted = {
        name: store.model_copy(update=_values(changes.get(name, {})))
        for name, store in before.stores.items()
    }
    if wanted == before.stores:
        return raw
    try:
        edited = _edited(raw.decode(), changes).encode()
        after = parse_store_map(edited, path)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _too_difficult(path) from error
    except StoreMapError as error:
        if isinstance(error.__cause__, StrictYamlError):
            raise _too_difficult(path) from error
        raise
    if after.stores != wanted:
        raise _too_difficult(path)
    return edited


def _values(options: Mapping[str, Value]) -> dict[str, object]:
    """Return options as a store has them."""
    shards = options.get(_SHARDS)
    return {**options, **({_SHARDS: (Address.parse(shards),)} if shards else {})}


def _too_difficult(path: Path) -> StoreMapError:
    return StoreMapError(
        f"{path} is written in a way that cannot be edited here: write the options into it yourself"
    )


def _edited(text: str, changes: Mapping[str, Mapping[str, Value]]) -> str:
    mark = _MARK if text.startswith(_MARK) else ""
    text = _in_full_form(text.removeprefix(_MARK))
    for option in dict.fromkeys(name for given in changes.values() for name in given):
        values = {store: given[option] for store, given in changes.items() if option in given}
        splices = sorted(_MapText.of(text).splices(option, values), reverse=True)
        for start, end, new in splices:
            text = text[:start] + new + text[end:]
    return mark + text


def _in_full_form(text: str) -> str:
    """Return the map with the keys `version` and `stores`, if it had neither."""
    root = _composed(text)
    keys = {key.value: value for key, value in root.value}
    if "version" in keys or isinstance(keys.get("stores"), yaml.MappingNode):
        return text
    if root.flow_style:
        start, end = root.start_mark.index, root.end_mark.index
        return f'{text[:start]}{{"version": 1, "stores": {text[start:end]}}}{text[end:]}'
    start = root.start_mark.index
    lines = text[start:].splitlines(keepends=True)
    indented = "".join(f"  {line}" if line.strip() else line for line in lines)
    newline = _newline(text)
    return f"{text[:start]}version: 1{newline}stores:{newline}{indented}"


def _composed(text: str) -> yaml.MappingNode:
    document = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(document, yaml.MappingNode):
        raise yaml.YAMLError("not a mapping")
    return document


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


class _Splice(NamedTuple):
    """A part of a text, and what is to stand there instead."""

    start: int
    end: int
    text: str


class _MapText(NamedTuple):
    """A map in the full form: its text, and where its stores and defaults stand in it."""

    text: str
    root: yaml.MappingNode
    stores: Mapping[str, tuple[yaml.Node, yaml.Node]]

    @classmethod
    def of(cls, text: str) -> Self:
        """Read a map that is valid."""
        root = _composed(text)
        [stores] = [value for key, value in root.value if key.value == "stores"]
        return cls(text, root, {STORE.known(pair[0].value): pair for pair in stores.value})

    def splices(self, option: str, values: Mapping[str, Value]) -> Iterator[_Splice]:
        """Yield what gives stores their values of an option."""
        alike = set(values.values())
        if option != _SHARDS and values.keys() == self.stores.keys() and len(alike) == 1:
            yield from self._in_defaults(option, *alike)
            default = None  # whatever it is now, it needs no repeating
            values = dict.fromkeys(values)
        else:
            default = self._default(option)
        for store, value in values.items():
            key, node = self.stores[store]
            if value == default:
                yield from self._without(node, option)
            else:
                yield self._in_store(key, node, option, value)

    @property
    def _defaults(self) -> yaml.Node | None:
        return next((value for key, value in self.root.value if key.value == "defaults"), None)

    def _default(self, option: str) -> Value:
        pairs = self._defaults.value if isinstance(self._defaults, yaml.MappingNode) else ()
        found = next((value for key, value in pairs if key.value == option), None)
        return None if found is None or found.tag.endswith(":null") else str(found.value)

    def _in_defaults(self, option: str, value: Value) -> Iterator[_Splice]:
        node = self._defaults
        if value is None:
            if node is not None:
                yield from self._without(node, option)
        elif isinstance(node, yaml.MappingNode):
            yield self._with(node, option, value)
        elif node is not None:  # nothing stands after the key
            start, end = node.start_mark.index, node.end_mark.index
            yield _Splice(start, end, f" {{{self._pair(option, value)}}}")
        else:
            yield self._before_stores(f"{self._word('defaults')}: {{{self._pair(option, value)}}}")

    def _before_stores(self, pair: str) -> _Splice:
        [start] = [key.start_mark.index for key, _ in self.root.value if key.value == "stores"]
        after = ", " if self.root.flow_style else _newline(self.text)
        return _Splice(start, start, pair + after)

    def _in_store(self, key: yaml.Node, node: yaml.Node, option: str, value: Value) -> _Splice:
        if isinstance(node, yaml.MappingNode):
            return self._with(node, option, value)
        if option == _SHARDS:
            return _Splice(node.start_mark.index, _end(node), self._word(value))
        if isinstance(node, yaml.SequenceNode) and not node.flow_style:
            return self._with_list(key.start_mark.column + 2, node, option, value)
        start, end = node.start_mark.index, node.end_mark.index
        address = f"{self._word('shards')}: {self.text[start:end]}"
        return _Splice(start, end, f"{{{address}, {self._pair(option, value)}}}")

    def _with_list(
        self, column: int, node: yaml.SequenceNode, option: str, value: Value
    ) -> _Splice:
        """Return what makes of a list of addresses, one a line, the option `shards`."""
        start = self._line(node.start_mark.index)
        end = self._line_end(node.value[-1].end_mark.index)
        further = " " * max(0, column - node.start_mark.column)
        newline, before = _newline(self.text), " " * column
        lines = self.text[start:end].splitlines(keepends=True)
        moved = "".join(further + line for line in lines)
        pair = self._pair(option, value)
        return _Splice(start, end, f"{before}shards:{newline}{moved}{newline}{before}{pair}")

    def _with(self, node: yaml.MappingNode, option: str, value: Value) -> _Splice:
        """Return what gives a mapping the option: its new value, or a new key."""
        for key, known in node.value:
            if key.value == option:
                start, end = known.start_mark.index, _end(known)
                space = " " if start == end else ""
                return _Splice(start, end, space + self._word(value))
        pair = self._pair(option, value)
        if node.flow_style:
            after = node.value[-1][1].end_mark.index if node.value else node.start_mark.index + 1
            return _Splice(after, after, f", {pair}" if node.value else pair)
        first = node.value[0][0].start_mark
        neighbour = next((v for k, v in node.value if k.value == "model"), node.value[-1][1])
        before = " " * first.column
        if not _ends_its_line(neighbour):
            return _Splice(first.index, first.index, f"{pair}{_newline(self.text)}{before}")
        end = self._line_end(neighbour.end_mark.index)
        return _Splice(end, end, f"{_newline(self.text)}{before}{pair}")

    def _without(self, node: yaml.Node, option: str) -> Iterator[_Splice]:
        """Yield what takes an option out of a mapping, if it is there."""
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        for number, (key, value) in enumerate(pairs):
            if key.value != option:
                continue
            start, end = key.start_mark.index, value.end_mark.index
            if isinstance(node, yaml.CollectionNode) and not node.flow_style:
                start, end = self._line(start), self._line_end(end) + len(_newline(self.text))
            elif number:
                start = pairs[number - 1][1].end_mark.index
            elif len(pairs) > 1:
                end = pairs[1][0].start_mark.index
            yield _Splice(start, end, "")

    def _line(self, index: int) -> int:
        return self.text.rfind("\n", 0, index) + 1

    def _line_end(self, index: int) -> int:
        end = self.text.find("\n", index)
        if end < 0:
            return len(self.text)
        return end - 1 if self.text[end - 1] == "\r" else end

    def _pair(self, option: str, value: Value) -> str:
        return f"{self._word(option)}: {self._word(value)}"

    def _word(self, text: Value) -> str:
        """Return how a key or value is written: in quotes where it would not be text otherwise."""
        if text is None:
            return "null"
        is_json = self.root.flow_style
        return text if yaml.safe_load(text) == text and not is_json else json.dumps(text)


def _end(node: yaml.Node) -> int:
    """Return where a value ends: a list with an entry a line does with its last one."""
    if isinstance(node, yaml.SequenceNode) and not node.flow_style:
        return _end(node.value[-1])
    return node.end_mark.index


def _ends_its_line(node: yaml.Node) -> bool:
    """Say whether PyYAML knows where a value ends, and nothing but a comment comes after it."""
    if isinstance(node, yaml.ScalarNode):
        return node.style in {None, '"', "'"} and node.start_mark.index < node.end_mark.index
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style)
