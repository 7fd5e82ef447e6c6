"""Whether everything that was served is in the rows, decided without the code under test.

A listing is read from its tokens. Each scalar in it has to be found where the model has a place for
it: in the typed column that was read from its path, or in the value of an unmapped row at its path.
Besides, `content` and `other_properties` have to repeat what they stand for token by token.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from ampersand.declaration import Column
from ampersand.declaration import Path as ColumnPath
from ampersand.lossless_json import MAX_DEPTH
from ampersand.tables import TABLES_BY_NAME
from tests.support.json_texts import meaning, tokens

Path = tuple[str | int, ...]
Leaf = tuple[Any, ...]
Row = dict[str, Any]
TableRows = Mapping[str, list[Row]]

NULL: Leaf = ("null",)
REVISION: Path = ("latestRevision",)
CONTENT: Path = (*REVISION, "content")

_meaning = lru_cache(maxsize=65536)(meaning)


class Node:
    """A value in a document: where its tokens are, and its members if it has any."""

    __slots__ = ("end", "kind", "members", "start")

    def __init__(self, kind: str, start: int) -> None:
        self.kind = kind
        self.start = start
        self.end = start + 1
        self.members: list[tuple[str | int, Node]] = []

    def last(self, step: str | int) -> "Node | None":
        """The member that counts, of those at a step."""
        return next((node for key, node in reversed(self.members) if key == step), None)


class Document:
    """A JSON text taken apart, with all its repeated keys and without recursion."""

    def __init__(self, text: str) -> None:
        self.tokens = tokens(text)
        self.root = Node("[", 0)
        open_nodes = [self.root]
        key: str | None = None
        for index, token in enumerate(self.tokens):
            above = open_nodes[-1]
            if token in ("]", "}"):
                above.end = index + 1
                open_nodes.pop()
            elif above.kind == "{" and key is None and token != ",":
                key = json.loads(token, strict=False)
            elif token not in (",", ":"):
                node = Node(token if token in ("[", "{") else "", index)
                above.members.append((len(above.members) if key is None else key, node))
                key = None
                if node.kind:
                    open_nodes.append(node)
        self.root = self.root.members[0][1]

    def meaning(self, node: Node) -> Leaf:
        return tuple(map(_meaning, self.tokens[node.start : node.end]))

    def leaves(self, node: Node, path: Path = ()) -> Iterator[tuple[Path, Leaf]]:
        """Every scalar in a node with its path, those of repeated keys as well."""
        todo = [(node, path)]
        while todo:
            node, path = todo.pop()
            if node.kind:
                todo.extend((member, (*path, key)) for key, member in reversed(node.members))
            else:
                yield path, self.meaning(node)


def all_at(node: Node, path: Path) -> list[Node]:
    """The nodes at a path: several where keys are repeated."""
    found = [node]
    for step in path:
        found = [member for node in found for key, member in node.members if key == step]
    return found


def last_at(node: Node, path: Path) -> Node | None:
    """The node at a path that counts."""
    found: Node | None = node
    for step in path:
        found = found.last(step) if found else None
    return found


def flat_entries(node: Node | None, path: Path) -> list[Path]:
    """Paths of a list's entries; where an entry is a list, those of its entries instead.

    A list that is nested too deep to be decoded is an entry.
    """
    found: list[Path] = []
    todo = [(node, path)] if node else []
    while todo:
        node, path = todo.pop()
        if node.kind == "[" and len(path) <= MAX_DEPTH:
            todo.extend((member, (*path, key)) for key, member in reversed(node.members))
        else:
            found.append(path)
    return found


_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\['((?:[^'\\]|\\.)*)'\]|\[([0-9]+)\]")


def parse_json_path(text: str) -> Path:
    assert text.startswith("$"), text
    assert text.isascii(), text
    steps: list[str | int] = []
    at = 1
    while at < len(text):
        match = _STEP.match(text, at)
        assert match, f"no JSON path: {text}"
        name, quoted, index = match.groups()
        if quoted is not None:
            name = json.loads(f'"{quoted}"')
        steps.append(int(index) if name is None else name)
        at = match.end()
    return tuple(steps)


_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)


def exact_time(text: str) -> tuple[datetime, Fraction] | None:
    """A time to the second in UTC and the rest of it; None: no RFC 3339, or none that exists."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    date, time, fraction, sign, hours, minutes = match.groups()
    try:
        moment = datetime.fromisoformat(f"{date}T{time}+00:00")
        if sign:
            offset = timedelta(hours=int(hours), minutes=int(minutes))
            moment = moment - offset if sign == "+" else moment + offset
    except (ValueError, OverflowError):
        return None
    return moment, Fraction(f"0{fraction}" if fraction else 0)


class Cell(NamedTuple):
    """A value in a typed column."""

    column: Column
    value: Any

    def says(self, leaf: Leaf) -> bool:
        """Whether the value says all that a scalar says."""
        if leaf == NULL:
            return self.value is None
        if len(leaf) != 1:
            return False
        (scalar,) = leaf
        kind = scalar[0] if isinstance(scalar, tuple) else "boolean"
        if kind == "boolean":
            own = "true" if self.value in (True, "true") else "false"
            allowed = self.column.type == "bool" or self.column.text == "or_boolean"
            return allowed and self.value is not None and own == scalar
        if self.column.type == "bigint":
            return kind == "number" and self.value is not None and scalar[-1] == self.value
        if kind != "string" or self.column.type == "bool":
            return False
        text = scalar[1]
        if self.column.type == "text":
            unset = text == "" and self.column.text == "empty_is_unset"
            return bool(self.value is None if unset else self.value == text)
        time = exact_time(text)
        if time is None or self.value is None:
            return False
        value = self.value.astimezone(UTC)
        fraction = Fraction(value.microsecond, 1_000_000)
        return (value.replace(microsecond=0), fraction) == time


_EVENTS = {
    "create": "createEvent",
    "update": "updateEvent",
    "delete": "deleteEvent",
    "association_change": "associationChangeEvent",
}
_SCHEMA_EVENTS = {
    "field_created": "fieldCreated",
    "field_deleted": "fieldDeleted",
    "field_changed": "fieldChanged",
}
_ACTIONS = ("read", "write", "subscribe")
_ECHO = Column("", "text", "What repeats a column of the row has no column of its own.")


def _cells(table: str, kind: str, row: Row, base: Path) -> Iterator[tuple[Path, Cell]]:
    """The columns of a row, with the paths that they were read from."""
    for column in TABLES_BY_NAME[table].columns:
        if isinstance(column.origin, ColumnPath) and kind in column.origin.by_kind:
            path = column.origin.by_kind[kind]
            yield (*base, *(path.split(".") if path else ())), Cell(column, row[column.name])


class Rows:
    """Rows of all tables, by what they belong to."""

    def __init__(self, tables: TableRows) -> None:
        self.tables = tables
        self.integrations = {
            (row["listing_key"], row["integration_id"]): row
            for row in tables.get("listing_integrations", ())
        }
        self.revisions = {row["revision_key"]: row for row in tables.get("revisions", ())}
        self._by_revision: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for name, rows in tables.items():
            if name.startswith("revision_"):
                for row in rows:
                    self._by_revision[name, row["revision_key"]].append(row)
        self.outside: dict[str, list[Row]] = defaultdict(list)
        for row in tables.get("revision_unmapped_properties", ()):
            if row["revision_key"] is None and row["parent_table"] != "projects":
                self.outside[row["listing_key"]].append(row)

    def of(self, table: str, revision_key: str) -> list[Row]:
        return self._by_revision.get((table, revision_key), [])

    def revision_cells(self, key: str, element: Node) -> Iterator[tuple[Path, Cell]]:
        """The typed columns of a revision and of all below it, with their paths."""
        yield from _cells("revisions", "revision", self.revisions[key], REVISION)
        places: dict[str, Path] = {}
        for row in self.of("revision_objects", key):
            if row["action"] in _ACTIONS:
                place = (*CONTENT, row["action"], "objects", row["position"])
                places[row["object_key"]] = place
                yield from _cells("revision_objects", row["action"], row, place)
        for row in self.of("revision_fields", key):
            name = "required" if row["is_required"] else "optional"
            place = (*places[row["object_key"]], f"{name}Fields", row["position"])
            yield from _cells("revision_fields", f"{name}_field", row, place)
            bare = Cell(TABLES_BY_NAME["revision_fields"].column("field_name"), row["field_name"])
            yield place, bare
        for row in self.of("revision_subscribe_events", key):
            above, kind = places[row["object_key"]], row["event_type"]
            if kind == "other":
                listed = (*above, "otherEvents")
                place = flat_entries(last_at(element, listed), listed)[row["position"]]
            else:
                place = (*above, _EVENTS[kind])
            places[row["event_key"]] = place
            yield from _cells("revision_subscribe_events", f"{kind}_event", row, place)
        for row in self.of("revision_watch_fields", key):
            above = (*places[row["event_key"]], "requiredWatchFields")
            place = flat_entries(last_at(element, above), above)[row["position"]]
            yield from _cells("revision_watch_fields", "watch_field", row, place)
        for row in self.of("revision_schema_watch_events", key):
            place = (*CONTENT, "watchSchema", "allObjects", _SCHEMA_EVENTS[row["event_type"]])
            kind = f"{row['event_type']}_watch"
            yield from _cells("revision_schema_watch_events", kind, row, place)


def check_listing(
    listing: str,
    tables: TableRows,
    project_id: str,
    listing_key: str,
    optional: frozenset[Path],
) -> None:
    """Asserts that every scalar of a listing is in the rows.

    Args:
        listing: The listing as served.
        tables: All rows.
        project_id: Project of the listing.
        listing_key: Its key.
        optional: Paths of the properties that the API's specification has, `0` for any index. A
            null there says no more than a NULL, or a row that is not there.
    """
    document = Document(listing)
    rows = Rows(tables)
    outside: dict[Path, list[Row]] = defaultdict(list)
    for row in rows.outside[listing_key]:
        path = parse_json_path(row["json_path"])
        outside[path[:1]].append(row)
        _check_resolves(document, document.root, path, row)
    seen: set[str] = set()
    for position, (_, element) in enumerate(document.root.members):
        own = outside[(position,)]
        identifier = _identifier(document, element)
        if identifier is None or identifier in seen:
            (row,) = own
            assert row["json_path"] == f"$[{position}]"
            assert Document(row["value"]).tokens
            assert _meaning_of(row["value"]) == document.meaning(element)
            continue
        seen.add(identifier)
        integration = rows.integrations[listing_key, identifier]
        assert integration["project_id"] == project_id
        _check_integration(document, element, integration, own, rows, optional)
    assert len(seen) == sum(key == listing_key for key, _ in rows.integrations)


def check_project(
    record: str, tables: TableRows, listing_key: str | None, optional: frozenset[Path]
) -> None:
    """Asserts that every scalar of a project's record is in the rows.

    Args:
        record: The record as served.
        tables: All rows.
        listing_key: The listing that its unmapped rows belong to.
        optional: As for `check_listing`.
    """
    document = Document(record)
    identifier = _identifier(document, document.root)
    (row,) = [row for row in tables["projects"] if row["project_id"] == identifier]
    unmapped = [
        entry
        for entry in tables.get("revision_unmapped_properties", [])
        if entry["parent_key"] == row["project_key"]
    ]
    for entry in unmapped:
        assert entry["listing_key"] == listing_key
        assert entry["parent_table"] == "projects"
        _check_resolves(document, document.root, parse_json_path(entry["json_path"]), entry)
    cells = dict(_cells("projects", "project", row, ()))
    missing = _missing(document, document.root, cells, unmapped, 0, optional, {})
    assert not missing, missing
    _check_rest(document, document.root, row["other_properties"], unmapped, 0)


def _check_integration(
    document: Document,
    element: Node,
    integration: Row,
    own: list[Row],
    rows: Rows,
    optional: frozenset[Path],
) -> None:
    cells = dict(_cells("listing_integrations", "integration", integration, ()))
    unmapped = list(own)
    echoes: dict[Path, Any] = {("projectId",): integration["project_id"]}
    revision = element.last("latestRevision")
    key = integration["revision_key"]
    assert (key is not None) == (revision is not None and revision.kind == "{")
    if key is not None and revision is not None:
        inside = rows.of("revision_unmapped_properties", key)
        for row in inside:
            _check_resolves(document, element, parse_json_path(row["json_path"]), row)
        unmapped += inside
        echoes[*REVISION, "integrationId"] = integration["integration_id"]
        cells.update(rows.revision_cells(key, element))
        content = revision.last("content")
        sent = NULL if content is None else document.meaning(content)
        stored = rows.revisions[key]["content"]
        assert stored is None or stored.isascii()
        assert sent == (NULL if stored is None else _meaning_of(stored))
    missing = _missing(document, element, cells, unmapped, 1, optional, echoes)
    assert not missing, missing
    _check_rest(document, element, integration["other_properties"], own, 1)


def _missing(
    document: Document,
    node: Node,
    cells: dict[Path, Cell],
    unmapped: list[Row],
    listing_steps: int,
    optional: frozenset[Path],
    echoes: dict[Path, Any],
) -> list[tuple[Path, Leaf]]:
    """The scalars that are neither in a typed column nor in an unmapped row of their path."""
    spare: Counter[tuple[Path, Leaf]] = Counter()
    for row in unmapped:
        path = parse_json_path(row["json_path"])
        if row["revision_key"] is None:
            path = path[listing_steps:]
        value = Document(row["value"])
        spare.update(value.leaves(value.root, path))
    unused = {**cells, **{path: Cell(_ECHO, value) for path, value in echoes.items()}}
    missing = []
    for path, leaf in document.leaves(node):
        cell = unused.get(path)
        if spare[path, leaf]:
            spare[path, leaf] -= 1  # where a key is repeated, each time needs a place of its own
        elif cell is not None and cell.says(leaf):
            del unused[path]
        elif leaf != NULL or _anywhere(path) not in optional:
            missing.append((path, leaf))
    return missing


def _anywhere(path: Path) -> Path:
    return tuple(0 if isinstance(step, int) else step for step in path)


def _check_resolves(document: Document, root: Node, path: Path, row: Row) -> None:
    """The path of an unmapped row leads to its value."""
    value = _meaning_of(row["value"])
    assert row["value"].isascii()
    assert any(document.meaning(node) == value for node in all_at(root, path)), row
    name = path[-1] if path and isinstance(path[-1], str) else None
    if name is not None and name.isascii() and "\0" not in name:
        assert row["property_name"] == name


def _check_rest(
    document: Document, node: Node, other_properties: str | None, own: list[Row], steps: int
) -> None:
    """`other_properties` repeats what no column holds, and nothing else."""
    names = {
        parse_json_path(row["json_path"])[steps] for row in own if row["reason"] != "duplicate_key"
    }
    found = Document(other_properties or "{}")
    assert other_properties != "{}"
    assert {key for key, _ in found.root.members} == names
    for name, member in found.root.members:
        own_node = node.last(name)
        assert own_node is not None
        assert found.meaning(member) == document.meaning(own_node)


def _identifier(document: Document, element: Node) -> str | None:
    node = element.last("id") if element.kind == "{" else None
    if node is None or node.kind:
        return None
    (scalar,) = document.meaning(node)
    if not isinstance(scalar, tuple) or scalar[0] != "string":
        return None
    text: str = scalar[1]
    lone = any("\ud800" <= char <= "\udfff" for char in text)
    return None if lone or "\0" in text else text


def _meaning_of(text: str) -> Leaf:
    document = Document(text)
    return document.meaning(document.root)
