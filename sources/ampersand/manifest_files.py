"""Manifests as files (amp.yaml): where they are found, and how they are read.

A scalar is read by what the declaration says of its place: where a text belongs, it is the text
that was written, be it `0123`, `on`, `1.0` or a date, all of which YAML takes for something else.
The vendor's own client (sigs.k8s.io/yaml) makes text there as well, but of the value that YAML
sees: `83`, `true`, `1`. What somebody wrote says more, also of a difference to what was deployed.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import yaml

from .declaration import Column, Rows
from .exceptions import ConfigurationError, one_line
from .kinds import KINDS, Kind, Node

FILE_NAMES = frozenset({"amp.yaml", "amp.yml"})
"""What a manifest's file is called, in any case and with any blanks around it."""

_MOST_NODES = 100_000
"""Values in a file at most; aliases of aliases can make more of a small file than memory holds."""

_NULL, _BOOL = "tag:yaml.org,2002:null", "tag:yaml.org,2002:bool"

_STEPS = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]")
"""The steps of a JSON path, as the normaliser writes them."""

_Expected = Column | Node | Kind | None
"""What the declaration says of a place."""


class ManifestError(ConfigurationError, ValueError):
    """A manifest that cannot be used; the message names the file, the line and the reason.

    Attributes:
        path: The file, or the folder that should have held one.
        reason: What is wrong with it.
        line: Where, from 1; None: nowhere in particular.
    """

    def __init__(self, path: Path | str, reason: str, line: int | None = None) -> None:
        """Puts them together; see the class."""
        super().__init__(f"{path}: {f'line {line}: ' if line else ''}{reason}")
        self.path = path
        self.reason = reason
        self.line = line


@dataclass(frozen=True)
class Manifest:
    """One integration of a manifest file.

    Attributes:
        path: The file, as it was found.
        line: The line that it begins at, from 1.
        spec_version: Version of the manifest's format.
        name: Name of the integration.
        provider: Its provider.
        content: What is declared, as JSON has it; keys are sorted.
    """

    path: str
    line: int
    spec_version: str
    name: str
    provider: str
    content: dict[str, Any]
    _node: yaml.MappingNode = field(repr=False, compare=False)

    def line_of(self, place: str, name: str | None = None) -> int:
        """The line of a place in the content, or of what has a name in it.

        Args:
            place: A JSON path from the content, such as `.read.objects[0]`; empty: all of it.
            name: A key or a value to look for there; None: none.

        Returns:
            The line, from 1; where there is no such place, that of what would be around it.
        """
        at: yaml.Node = self._node
        inside = at
        for key, position, quoted in _STEPS.findall(place):
            step = next(_entry(inside, key or quoted.replace("\\'", "'"), position), None)
            if step is None:
                break
            at, inside = step
        found = next(_named(inside, name, set()), None) if name else None
        return (found or at).start_mark.line + 1


def find_manifests(paths: Sequence[Path]) -> list[Path]:
    """The files that are meant: each file that is named, and every manifest below each folder.

    Raises:
        ManifestError: A path does not exist, or a folder holds no manifest.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_file():
            found[path] = None
            continue
        if not path.exists():
            raise ManifestError(path, "is no file and no folder")
        below = sorted(
            each for each in path.rglob("*") if is_manifest(each.name) and each.is_file()
        )
        if not below:
            raise ManifestError(path, "holds no amp.yaml")
        found |= dict.fromkeys(below)
    return list(found)


def is_manifest(name: str) -> bool:
    """Whether a file of that name, found in a folder, is a manifest."""
    return name.strip().lower() in FILE_NAMES


def read_file(path: Path) -> list[Manifest]:
    """Reads a manifest file.

    Raises:
        ManifestError: It cannot be read, or holds no integrations.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ManifestError(path, str(error)) from error
    here = Path.cwd()
    return parse(data, (path.relative_to(here) if path.is_relative_to(here) else path).as_posix())


def parse(data: bytes, path: str) -> list[Manifest]:
    """Reads the text of a manifest file.

    Args:
        data: What is in it.
        path: What to call it.

    Raises:
        ManifestError: It is no manifest, or holds no integrations.
    """
    try:
        return _Reader(data.decode(), path).manifests()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ManifestError(path, str(error.problem), line) from error
    except yaml.reader.ReaderError as error:
        line = data.decode()[: error.position].count("\n") + 1
        raise ManifestError(
            path, f"unacceptable character #x{error.character:04x}", line
        ) from error
    except RecursionError as error:
        raise ManifestError(path, "is nested too deeply, or holds itself", 1) from error
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ManifestError(path, str(error), line) from error


class _Loader(yaml.SafeLoader):
    """YAML as JSON has it: a date stays the text that was written."""


def _as_written(loader: _Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _as_written)


class _Reader:
    """Makes JSON of a document, with one eye on the declaration."""

    def __init__(self, text: str, path: str) -> None:
        self._loader = _Loader(text)
        self._path = path
        self._nodes = 0

    def manifests(self) -> list[Manifest]:
        """The integrations, in order."""
        try:
            root = self._loader.get_single_node()
            if not isinstance(root, yaml.MappingNode):
                self._refuse(root, "is no YAML mapping")
            document = self._entries(root)
            spec_version = document.get("specVersion")
            version = self._text(spec_version)
            if not version:
                self._refuse(spec_version or root, "has no specVersion")
            listed = document.get("integrations")
            if not isinstance(listed, yaml.SequenceNode) or not listed.value:
                self._refuse(listed or root, "has no list of integrations")
            return [self._manifest(*each, version) for each in enumerate(listed.value)]
        finally:
            self._loader.dispose()

    def _manifest(self, position: int, node: yaml.Node, spec_version: str) -> Manifest:
        if not isinstance(node, yaml.MappingNode):
            self._refuse(node, f"integrations[{position}] is no mapping")
        content = self._json(node, KINDS["revision"].node.nodes["content"])
        for required in ("name", "provider"):
            if not isinstance(content.get(required), str):
                self._refuse(node, f"integrations[{position}] has no {required}")
        name, provider = content["name"], content["provider"]
        line = node.start_mark.line + 1
        return Manifest(self._path, line, spec_version, name, provider, content, node)

    def _json(self, node: yaml.Node, expected: _Expected) -> Any:
        """The value of a node; keys are sorted, as the fields of the vendor's Go structs are."""
        self._nodes += 1
        if self._nodes > _MOST_NODES:
            self._refuse(node, f"has more than {_MOST_NODES:,} values, with what aliases repeat")
        if isinstance(node, yaml.MappingNode):
            properties = expected.node if isinstance(expected, Kind) else expected
            entries = self._entries(node)
            return {
                name: self._json(entries[name], _at(properties, name)) for name in sorted(entries)
            }
        if isinstance(node, yaml.SequenceNode):
            entry = expected if isinstance(expected, Kind) else None
            return [self._json(each, entry) for each in node.value]
        return self._scalar(node, expected.bare if isinstance(expected, Kind) else expected)

    def _entries(self, node: yaml.MappingNode) -> dict[str, yaml.Node]:
        own: set[str] = set()
        for key, _ in node.value:
            name = self._key(key)
            if name in own:
                self._refuse(key, f"the key {one_line(name)} is there twice")
            own.add(name)
        self._loader.flatten_mapping(node)  # puts what `<<` merges before what is its own
        return {self._key(key): value for key, value in node.value}

    def _key(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            self._refuse(node, "a key is no text")
        return str(node.value)

    def _scalar(self, node: yaml.Node, expected: _Expected) -> Any:
        type_ = expected.type if isinstance(expected, Column) else None
        if type_ in ("text", "timestamp"):
            return self._text(node)
        if node.tag == _BOOL and type_ != "bool" and node.value.lower() not in ("true", "false"):
            return node.value  # `on`, `no` and the like are so only where a truth value belongs
        value = self._loader.construct_object(node)
        if isinstance(value, int) and ":" in node.value:
            return node.value  # 12:30 is no number to base 60 in YAML 1.2, nor in Go
        if isinstance(value, float) and not math.isfinite(value):
            self._refuse(node, f"{value} has no form in JSON")
        if isinstance(value, bytes):
            self._refuse(node, "binary data has no form in JSON")
        return value

    def _text(self, node: yaml.Node | None) -> str | None:
        """What was written; None: nothing."""
        if not isinstance(node, yaml.ScalarNode) or node.tag == _NULL:
            return None
        return str(node.value)

    def _refuse(self, node: yaml.Node | None, reason: str) -> NoReturn:
        raise ManifestError(self._path, reason, node.start_mark.line + 1 if node else 1)


def _at(properties: _Expected, name: str) -> _Expected:
    """What is expected in a property."""
    if not isinstance(properties, Node):
        return None
    if name in properties.columns:
        return properties.columns[name]
    rows: Rows | None = properties.rows.get(name)
    return KINDS[rows.kind] if rows else properties.nodes.get(name)


def _entry(node: yaml.Node, key: str, position: str) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """Where an entry begins, and what is in it."""
    if isinstance(node, yaml.MappingNode) and not position:
        yield from ((name, value) for name, value in node.value if name.value == key)
    if isinstance(node, yaml.SequenceNode) and position and int(position) < len(node.value):
        yield node.value[int(position)], node.value[int(position)]


def _named(node: yaml.Node, name: str, seen: set[int]) -> Iterator[yaml.Node]:
    """The scalars with that text, keys and values alike, in order; what aliases repeat, once."""
    if isinstance(node, yaml.ScalarNode):
        if node.value == name:
            yield node
    elif id(node) not in seen:
        seen.add(id(node))
        for each in node.value:
            for inner in each if isinstance(each, tuple) else (each,):
                yield from _named(inner, name, seen)
