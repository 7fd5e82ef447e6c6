"""Turn listings into rows, column by column, by reading the declaration in `tables.py`.

Pure: no dlt, no input or output. The elements of one kind (all read objects of a batch, say) are
handled together as a `_Frame`; each property becomes one column of it. A column whose values are
all of the right type takes a fast path; else each value is looked at, and what no column can hold
becomes a row of `revision_unmapped_properties`.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from . import derived
from .declaration import (
    ChildKey,
    Column,
    Constant,
    ContentHash,
    Derived,
    Inherited,
    JsonText,
    Position,
    Present,
    Rest,
    RowKey,
    Rows,
    Table,
)
from .decoded import DecodedListing
from .hashing import sha256_hex
from .kinds import KINDS, Node
from .lossless_json import DuplicateKeys, RawJson, RawNumber, canonical, decode_page, dumps
from .platform_tables import COLLECTION_ENTRIES, PLATFORM_TABLES
from .tables import REVISION_UNMAPPED_PROPERTIES, TABLES_BY_NAME

Batch = dict[str, pa.Table]
"""Rows per table name."""

ARROW_TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "bool": pa.bool_(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}

_OF_PLATFORM = frozenset(table.name for table in PLATFORM_TABLES)
"""Tables whose answers hold secrets: what no column takes is told without its value."""

_EMPTY: dict[str, Any] = {}
_KEY_LENGTH = 32
_IDS_IN_DIGEST = ("project_id", "integration_id", "installation_id")
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEY_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_KEY_NAME_IN_MAP = re.compile(r"[a-z0-9_.-]{1,64}")
"""Some databases take names for equal that differ in case alone, and a map may have both."""
_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.(\d+))?"
    r"(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
_ZERO_TIME = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Dropped:
    """A value that the door did not let in; the value itself is not kept.

    Attributes:
        path: Where it was, as a JSON path below the entry.
        name: The property's name; None: an entry of a list.
        reason: Why.
    """

    path: str
    name: str | None
    reason: str


@dataclass(frozen=True)
class Entry:
    """An entry of a collection, with what may be kept of it.

    Attributes:
        project_id: Id of the project; empty for what is the same for all.
        listing_key: Key of the listing; None: it is part of none.
        position: Place in the listing, whose entries are sorted by what tells them apart.
        identifier: What tells it apart.
        key: Key of its row.
        element: What may be kept.
        dropped: What was not let in, and should be known.
    """

    project_id: str
    listing_key: str | None
    position: int
    identifier: str
    key: str
    element: Mapping[str, Any]
    dropped: Sequence[Dropped] = ()


@dataclass(frozen=True)
class Refused:
    """An entry of a collection that is none.

    Attributes:
        listing_key: Key of the listing.
        position: Place in the listing, after those that are entries.
        reason: Why.
    """

    listing_key: str
    position: int
    reason: str


@dataclass(frozen=True)
class StoredRevision:
    """A revision as the database has it, to make its rows again.

    Attributes:
        revision_key: Its key.
        content: The decoded content.
    """

    revision_key: str
    content: Any

    @classmethod
    def read(cls, revision_key: str, content: str | None) -> "StoredRevision":
        """Decodes the content, a JSON text, as it was decoded in its listing.

        It has to be as deep in a document as it was there: what is nested too deep to be decoded
        must begin at the same place, or its rows would have other keys.
        """
        if content is None:
            return cls(revision_key, None)
        page = f'[{{"latestRevision":{{"content":{content}}}}}]'
        return cls(revision_key, decode_page(page.encode())[0]["latestRevision"]["content"])


@cache
def arrow_schema(table_name: str) -> pa.Schema:
    """The Arrow schema of a table; key columns are not nullable, as dlt expects."""
    return pa.schema(
        pa.field(column.name, ARROW_TYPES[column.type], nullable=column.nullable)
        for column in TABLES_BY_NAME[table_name].columns
    )


def record_batch(
    table: Table, columns: Mapping[str, pa.Array | Sequence[Any]], size: int
) -> pa.RecordBatch:
    """Rows of a table from its columns; what is not given is NULL.

    Args:
        table: The table.
        columns: Values by the name of the column; other names may be among them.
        size: Number of rows.
    """
    schema = arrow_schema(table.name)
    arrays = []
    for arrow_field in schema:
        values = columns.get(arrow_field.name)
        if values is None:
            values = pa.nulls(size, arrow_field.type)
        elif not isinstance(values, pa.Array):
            values = pa.array(values, arrow_field.type)
        arrays.append(values)
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def together(batches: Sequence[Batch]) -> Batch:
    """The rows of several batches in one."""
    return {
        name: pa.concat_tables([batch[name] for batch in batches if name in batch])
        for name in dict.fromkeys(name for batch in batches for name in batch)
    }


def digest(*parts: bytes) -> str:
    """A key made of a digest: the first 32 hex digits of the SHA-256 of the parts."""
    return sha256_hex(*parts)[:_KEY_LENGTH]


def project_key(record: Mapping[str, Any]) -> str:
    """The key of a project's record."""
    return digest_key((), record)


def normalize_projects(records: Sequence[tuple[Mapping[str, Any], str | None]]) -> Batch:
    """Makes the rows of projects' records.

    Args:
        records: Projects as the API describes them, each with the key of the listing under which
            values that no column holds are kept. A project's id must be a storable text.
    """
    run = _Run()
    run.add(
        _Frame(
            "project",
            [record for record, _ in records],
            [0] * len(records),
            given={"listing_key": [listing_key for _, listing_key in records]},
        )
    )
    return run.batch()


def normalize_listings(listings: Iterable[DecodedListing]) -> Batch:
    """Makes the rows of listings: integrations, their revisions and all that is below."""
    run = _Run()
    elements: list[Any] = []
    positions: list[int] = []
    given: dict[str, list[Any]] = {"listing_key": [], "project_id": []}
    for listing in listings:
        seen = set(listing.earlier_ids)
        for position, element in enumerate(listing.elements, listing.first):
            reason = refusal(element, seen)
            if reason:
                run.unmapped.append(
                    _Unmapped(
                        None,
                        listing.listing_key,
                        f"$[{position}]",
                        None,
                        dumps(element),
                        reason,
                        None,
                        None,
                    )
                )
                continue
            elements.append(element)
            positions.append(position)
            given["listing_key"].append(listing.listing_key)
            given["project_id"].append(listing.project_id)
    run.add(_Frame("integration", elements, positions, given=given))
    return run.batch()


def normalize_revisions(revisions: Sequence[StoredRevision]) -> Batch:
    """Makes the rows below stored revisions again, and those columns that come from content."""
    run = _Run()
    keys = [revision.revision_key for revision in revisions]
    run.add(
        _Frame(
            "revision",
            [{"content": revision.content} for revision in revisions],
            [0] * len(revisions),
            keys=keys,
            given={
                "project_id": [""] * len(keys),
                "integration_id": [""] * len(keys),
            },
        )
    )
    return run.batch()


def normalize_entries(
    collection: str,
    kind: str,
    entries: Sequence[Entry],
    run_id: str,
    refused: Sequence[Refused] = (),
    known: Set[str] = frozenset(),
) -> Batch:
    """Makes the rows of entries of a collection, and all that is below.

    Args:
        collection: Name of the collection.
        kind: Kind of row of each entry.
        entries: What the door let in (`admission.py`).
        run_id: The run, for those tables that tell it.
        refused: Entries that are none.
        known: Keys of entries whose own rows are there already.
    """
    run = _Run()
    run.add(_frame(kind, [entry for entry in entries if entry.key not in known], run_id))
    again = _Run()  # of what is there already, only what no column takes is part of this listing
    again.add(_frame(kind, [entry for entry in entries if entry.key in known], run_id))
    run.unmapped += again.unmapped
    for entry in entries:
        run.unmapped += [
            _Unmapped(
                None,
                entry.listing_key,
                f"$[{entry.position}]{dropped.path}",
                dropped.name,
                None,
                dropped.reason,
                collection,
                entry.key,
            )
            for dropped in entry.dropped
        ]
    run.unmapped += [
        _Unmapped(
            None, each.listing_key, f"$[{each.position}]", None, None, each.reason, collection, None
        )
        for each in refused
    ]
    if entries and entries[0].listing_key is not None:
        columns = {
            "listing_key": [entry.listing_key for entry in entries],
            "entry_id": [entry.identifier for entry in entries],
            "collection": [collection] * len(entries),
            "project_id": [entry.project_id for entry in entries],
            "entry_key": [entry.key for entry in entries],
        }
        run.batches[COLLECTION_ENTRIES.name].append(
            record_batch(COLLECTION_ENTRIES, columns, len(entries))
        )
    return run.batch()


def is_storable(text: str) -> bool:
    """Whether every database can hold the text: no NUL, no lone surrogate."""
    if "\x00" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def refusal(element: Any, seen: set[str], name: str = "id") -> str | None:
    """Why an entry of a listing is none, or None.

    Args:
        element: The decoded entry.
        seen: Ids of the entries before it; its own is added.
        name: The property that has the id.
    """
    if not isinstance(element, dict):
        return "not_an_object"
    identifier = element.get(name)
    if not isinstance(identifier, str) or not is_storable(identifier):
        return "no_id"
    if identifier in seen:
        return "duplicate_id"
    seen.add(identifier)
    return None


@dataclass(frozen=True)
class _Unmapped:
    revision_key: str | None
    listing_key: str | None
    json_path: str
    property_name: str | None
    value: str | None
    reason: str
    parent_table: str | None
    parent_key: str | None


class _Frame:
    """Rows of one kind, in columns.

    Attributes:
        kind: What kind of rows they are.
        elements: The JSON value of each row.
        positions: Its place in its list, or 0.
        places: The same as a step of a JSON path, where lists lie in lists; empty elsewhere.
        parent: Frame of the parents; None at the top.
        parents: For each row the index of its parent.
        names: For each row the property that `*` stood for.
        keys: Key of each row.
        values: Columns as lists, for the rows below to inherit.
    """

    def __init__(
        self,
        kind: str,
        elements: list[Any],
        positions: list[int],
        *,
        parent: "_Frame | None" = None,
        parents: list[int] | None = None,
        places: list[str] | None = None,
        names: list[str] | None = None,
        keys: list[str] | None = None,
        given: Mapping[str, list[Any]] | None = None,
    ) -> None:
        self.kind = KINDS[kind]
        self.elements = elements
        self.positions = positions
        self.parent = parent
        self.parents = parents or []
        self.places = places or []
        self.names = names or []
        self.values: dict[str, Any] = dict(given or {})
        self.rest: dict[int, dict[str, Any]] = defaultdict(dict)
        for column in self.kind.table.columns:
            if isinstance(column.origin, Inherited) and column.name not in self.values:
                self.values[column.name] = self._inherit(column.origin.column)
        self.objects = [
            element if self.kind.rows.objects and isinstance(element, dict) else _EMPTY
            for element in elements
        ]
        self.keys = keys if keys is not None else self._make_keys()

    def __len__(self) -> int:
        return len(self.elements)

    def _inherit(self, column: str) -> list[Any]:
        if self.parent is None:
            return [None] * len(self)
        values = self.parent.values.get(column)
        if values is None:  # the parents' elements lack the property
            return [None] * len(self)
        return [values[index] for index in self.parents]

    def _make_keys(self) -> list[str]:
        template = self.kind.rows.key
        if template == "{digest}":
            ids = [self.values[name] for name in _IDS_IN_DIGEST if name in self.values]
            return [
                digest_key(own_ids, element)
                for *own_ids, element in zip(*ids, self.elements, strict=True)
            ]
        if template == "{integration_id}":
            return [
                f"{listing_key}:{element['id']}"
                for listing_key, element in zip(
                    self.values["listing_key"], self.elements, strict=True
                )
            ]
        if self.parent is None:
            raise ValueError(f"rows of kind {self.kind.rows.kind} need a parent")
        parent_keys = self.parent.keys
        if "{name}" in template:
            in_map = self.kind.rows.path.endswith("{}")
            return [
                f"{parent_keys[index]}:"
                + template.format(name=_key_name(name, in_map=in_map), position=position)
                for index, name, position in zip(
                    self.parents, self.names, self.positions, strict=True
                )
            ]
        if "{position}" in template:
            prefix = template.removesuffix("{position}")
            return [
                f"{parent_keys[index]}:{prefix}{position}"
                for index, position in zip(self.parents, self.positions, strict=True)
            ]
        return [f"{parent_keys[index]}:{template}" for index in self.parents]

    def listing_key(self, index: int) -> str | None:
        """Key of the listing that a row is part of."""
        if self.parent is not None and "listing_key" not in self.values:
            return self.parent.listing_key(self.parents[index])
        key: str | None = self.values["listing_key"][index]
        return key

    def path(self, index: int) -> str:
        """JSON path of a row."""
        rows = self.kind.rows
        if self.parent is None:
            # a revision made from the database stands where it stood in its listing
            return {"project": "$", "revision": "$.latestRevision"}.get(
                rows.kind, f"$[{self.positions[index]}]"
            )
        above = self.parent.path(self.parents[index])
        if rows.kind == "revision":
            return "$.latestRevision"
        name = json_step(self.names[index]) if self.names else ""
        if rows.path == "{}":
            return above + name
        if rows.path.endswith("{}"):
            return above + "." + rows.path.removesuffix("{}") + name
        steps = above + "." + rows.path.replace(".*", name, 1)
        if not steps.endswith("[]"):
            return steps
        place = self.places[index] if self.places else f"[{self.positions[index]}]"
        return steps.removesuffix("[]") + place

    def name(self, index: int) -> str | None:
        """Property that holds a row; None for an entry of a list."""
        path = self.kind.rows.path
        if path.endswith("{}"):
            return self.names[index]
        return None if not path or path.endswith("[]") else path.rpartition(".")[2]


def _frame(kind: str, entries: Sequence[Entry], run_id: str) -> _Frame:
    """The frame of entries of a collection."""
    return _Frame(
        kind,
        [entry.element for entry in entries],
        [entry.position for entry in entries],
        keys=[entry.key for entry in entries],
        given={
            "listing_key": [entry.listing_key for entry in entries],
            "project_id": [entry.project_id for entry in entries],
            "run_id": [run_id] * len(entries),
        },
    )


class _Run:
    """Collects the rows of all tables."""

    def __init__(self) -> None:
        self.batches: dict[str, list[pa.RecordBatch]] = defaultdict(list)
        self.unmapped: list[_Unmapped] = []

    def batch(self) -> Batch:
        """All rows so far; tables without rows are left out."""
        if self.unmapped:
            name = REVISION_UNMAPPED_PROPERTIES.name
            self.batches[name].append(_unmapped_rows(self.unmapped))
        return {name: pa.Table.from_batches(batches) for name, batches in self.batches.items()}

    def add(self, frame: _Frame) -> None:
        """Adds the rows of a frame and of all below it."""
        if not len(frame):
            return
        kind = frame.kind
        arrays: dict[str, pa.Array] = {}
        for column in kind.table.columns:
            origin = column.origin
            if isinstance(origin, RowKey):
                frame.values[column.name] = frame.keys
            elif isinstance(origin, Position) and kind.rows.path.endswith("[]"):
                frame.values[column.name] = frame.positions
            elif isinstance(origin, Constant):
                frame.values[column.name] = _constants(frame, column)
            elif isinstance(origin, Present) and kind.rows.kind in origin.by_kind:
                frame.values[column.name] = [False] * len(frame)  # until it is found
            elif isinstance(origin, JsonText):
                frame.values[column.name] = [
                    None if value is None else dumps(value)
                    for value in _get(frame.objects, origin.property_name)
                ]
            elif isinstance(origin, ContentHash):
                frame.values[column.name] = [
                    None if value is None else sha256_hex(canonical(value))
                    for value in _get(frame.objects, origin.property_name)
                ]
        self._check_elements(frame)
        children: list[_Frame] = []
        self._walk(frame, kind.node, frame.objects, (), arrays, children)
        self._echoes(frame)
        for column in kind.table.columns:
            origin = column.origin
            if isinstance(origin, Derived):
                compute = getattr(derived, origin.function)
                frame.values[column.name] = [
                    None if value is None else compute(value)
                    for value in frame.values.get(origin.column) or [None] * len(frame)
                ]
            elif isinstance(origin, ChildKey):
                keys: list[str | None] = [None] * len(frame)
                for child in children:
                    if child.kind.rows.kind == origin.kind:
                        for index, key in zip(child.parents, child.keys, strict=True):
                            keys[index] = key
                frame.values[column.name] = keys
            elif isinstance(origin, Rest):
                frame.values[column.name] = [
                    dumps(frame.rest[index]) if index in frame.rest else None
                    for index in range(len(frame))
                ]
        columns = {**frame.values, **arrays}
        self.batches[kind.table.name].append(record_batch(kind.table, columns, len(frame)))
        for child in children:
            self.add(child)

    def _check_elements(self, frame: _Frame) -> None:
        """Takes strings that stand for a property; what is no object is unmapped."""
        rows, bare = frame.kind.rows, frame.kind.bare
        if rows.objects and all(type(element) is dict for element in frame.elements):
            return
        if bare is None:
            for index, element in enumerate(frame.elements):
                if not isinstance(element, dict):
                    self._unmap(frame, index, (), element, "not_an_object")
            return
        read = _bare_bool if bare.type == "bool" else _bare_text
        scalars: list[str | bool | None] = []
        for index, element in enumerate(frame.elements):
            scalar = read(element)
            scalars.append(scalar)
            if scalar is not None or (rows.objects and isinstance(element, dict)):
                continue
            reason = "unreadable" if isinstance(element, str | RawJson) else "not_text"
            self._unmap(frame, index, (), element, "wrong_type" if bare.type == "bool" else reason)
        frame.values[bare.name] = scalars

    def _walk(
        self,
        frame: _Frame,
        node: Node,
        objects: list[dict[str, Any]],
        path: tuple[str, ...],
        arrays: dict[str, pa.Array],
        children: list[_Frame],
    ) -> None:
        if node.entries:
            child = self._child(frame, node.entries, objects, path)
            if child is not None:
                children.append(child)
            return
        # most of what is declared is rare: looking once at all keys saves a look at each object
        present: set[str] = set().union(*objects)
        if not present <= node.known or DuplicateKeys in set(map(type, objects)):
            self._unknown(frame, node, objects, path, children)
        for name, column in node.columns.items():
            bare = frame.values.get(column.name) if column is frame.kind.bare else None
            if name not in present and bare is None:
                continue
            values = _get(objects, name)
            if bare is not None:
                values = [
                    own if own is not None else text for own, text in zip(values, bare, strict=True)
                ]

            def reject(
                index: int, reason: str, name: str = name, values: list[Any] = values
            ) -> None:
                self._unmap(frame, index, (*path, name), values[index], reason)

            converted = _convert(values, column, reject)
            if isinstance(converted, pa.Array):
                arrays[column.name] = converted
            else:
                frame.values[column.name] = converted
        for name in node.flags.keys() & present:
            frame.values[node.flags[name].name] = [
                value is not None for value in _get(objects, name)
            ]
        for name, below in node.nodes.items():
            if name not in present:
                continue
            inner = []
            found = False
            for index, value in enumerate(_get(objects, name)):
                if isinstance(value, dict):
                    inner.append(value)
                    found = True
                    continue
                inner.append(_EMPTY)
                if value is not None:
                    self._unmap(frame, index, (*path, name), value, "not_an_object")
            if found:
                self._walk(frame, below, inner, (*path, name), arrays, children)
        for name, rows in node.rows.items():
            if name not in present:
                continue
            child = self._child(frame, rows, _get(objects, name), (*path, name))
            if child is not None:
                children.append(child)

    def _child(
        self, frame: _Frame, rows: Rows, containers: list[Any], path: tuple[str, ...]
    ) -> _Frame | None:
        elements: list[Any] = []
        parents: list[int] = []
        positions: list[int] = []
        places: list[str] = []
        names: list[str] = []
        is_list = rows.path.endswith("[]")
        is_map = rows.path.endswith("{}")
        for index, container in enumerate(containers):
            if container is None:
                continue
            if is_map:
                if not isinstance(container, dict):
                    self._unmap(frame, index, path, container, "wrong_type")
                    continue
                names.extend(container)
                elements.extend(container.values())
                parents.extend([index] * len(container))
                positions.extend(range(len(container)))
                continue
            if not is_list:
                if not isinstance(container, dict) and rows.kind == "revision":
                    self._unmap(frame, index, path, container, "not_an_object")
                    continue
                elements.append(container)
                parents.append(index)
                positions.append(0)
                continue
            if not isinstance(container, list):
                self._unmap(frame, index, path, container, "wrong_type")
                continue
            entries = container
            if not rows.objects:
                entries, own_places = _flatten(container)
                places.extend(own_places)
            elements.extend(entries)
            parents.extend([index] * len(entries))
            positions.extend(range(len(entries)))
        if not elements:
            return None
        return _Frame(
            rows.kind,
            elements,
            positions,
            parent=frame,
            parents=parents,
            places=places,
            names=names,
        )

    def _unknown(
        self,
        frame: _Frame,
        node: Node,
        objects: list[dict[str, Any]],
        path: tuple[str, ...],
        children: list[_Frame],
    ) -> None:
        known = node.known
        elements: list[Any] = []
        parents: list[int] = []
        positions: list[int] = []
        names: list[str] = []
        for index, element in enumerate(objects):
            if type(element) is DuplicateKeys:
                for name, value in element.repeated():
                    self._unmap(frame, index, (*path, name), value, "duplicate_key")
            if element.keys() <= known:
                continue
            for name, value in element.items():
                if name in known:
                    continue
                self._unmap(frame, index, (*path, name), value, "unknown_property")
                if node.any_rows is None or not isinstance(value, dict):
                    continue
                entries = value.get("objects")
                if isinstance(entries, list):
                    elements.extend(entries)
                    parents.extend([index] * len(entries))
                    positions.extend(range(len(entries)))
                    names.extend([name] * len(entries))
        if elements and node.any_rows is not None:
            children.append(
                _Frame(
                    node.any_rows.kind,
                    elements,
                    positions,
                    parent=frame,
                    parents=parents,
                    names=names,
                )
            )

    def _echoes(self, frame: _Frame) -> None:
        for name, column in frame.kind.rows.echoes.items():
            own_values = frame.values[column]
            if _get(frame.objects, name) == own_values:
                continue
            for index, (sent, own) in enumerate(
                zip(_get(frame.objects, name), own_values, strict=True)
            ):
                if sent is not None and sent != own:
                    self._unmap(frame, index, (name,), sent, "differs")

    def _unmap(
        self, frame: _Frame, index: int, path: tuple[str, ...], value: Any, reason: str
    ) -> None:
        kind = frame.kind
        if kind.rows.opaque:
            return
        if isinstance(value, RawJson):
            reason = "unreadable"
        has_rest = any(isinstance(column.origin, Rest) for column in kind.table.columns)
        if has_rest and reason != "duplicate_key":
            frame.rest[index][path[0]] = frame.objects[index].get(path[0])
        revision_keys = (
            frame.values.get("revision_key") if kind.rows.kind != "integration" else None
        )
        revision_key = revision_keys[index] if revision_keys else None
        self.unmapped.append(
            _Unmapped(
                revision_key,
                frame.listing_key(index) if revision_key is None else None,
                frame.path(index) + "".join(map(json_step, path)),
                path[-1] if path else frame.name(index),
                None if kind.table.name in _OF_PLATFORM else dumps(value),
                reason,
                kind.table.name,
                frame.keys[index],
            )
        )


def _bare_text(element: Any) -> str | None:
    return element if isinstance(element, str) and is_storable(element) else None


def _bare_bool(element: Any) -> bool | None:
    return element if isinstance(element, bool) else None


def digest_key(ids: Sequence[str], element: Any) -> str:
    """The key of an element under ids: equal content under equal ids has the same."""
    return digest(canonical([*ids, element]))


def _get(objects: list[dict[str, Any]], name: str) -> list[Any]:
    return [element.get(name) for element in objects]


def _constants(frame: _Frame, column: Column) -> list[Any]:
    constant = frame.kind.rows.constants[column.name]
    if constant == "{name}":
        return [name if is_storable(name) else None for name in frame.names]
    return [constant] * len(frame)


def _flatten(container: list[Any]) -> tuple[list[Any], list[str]]:
    """The API reference shows lists of lists where the spec has lists of strings: take both.

    Returns:
        The entries that are no lists, in order, and where each stands.
    """
    entries: list[Any] = []
    places: list[str] = []
    todo: list[tuple[str, Any]] = [("", container)]
    while todo:
        place, entry = todo.pop()
        if isinstance(entry, list):
            inner = [(f"{place}[{position}]", each) for position, each in enumerate(entry)]
            todo.extend(reversed(inner))
        else:
            entries.append(entry)
            places.append(place)
    return entries, places


def _key_name(name: str, *, in_map: bool) -> str:
    """A property's name as a part of a key."""
    plain = _KEY_NAME_IN_MAP if in_map else _KEY_NAME
    return name if plain.fullmatch(name) else "#" + digest(canonical(name))[:16]


def json_step(name: str) -> str:
    """A property's name as a step of a JSON path, in ASCII."""
    if _PLAIN_NAME.fullmatch(name):
        return "." + name
    escaped = json.dumps(name)[1:-1].replace("'", "\\u0027")
    return f"['{escaped}']"


def _unmapped_rows(unmapped: Sequence[_Unmapped]) -> pa.RecordBatch:
    columns: dict[str, list[str | None]] = defaultdict(list)
    repeated: dict[str, int] = defaultdict(int)
    for row in unmapped:
        owner = row.revision_key or row.listing_key or row.parent_key
        where = digest((row.parent_table or "").encode(), row.json_path.encode())[:16]
        key = f"{owner}:unmapped:{where}"
        repeated[key] += 1
        columns["unmapped_property_key"].append(
            key if repeated[key] == 1 else f"{key}:{repeated[key]}"
        )
        name = row.property_name
        columns["revision_key"].append(row.revision_key)
        columns["listing_key"].append(row.listing_key)
        columns["json_path"].append(row.json_path)
        columns["property_name"].append(
            name if name is None or is_storable(name) else json.dumps(name)[1:-1]
        )
        columns["value"].append(row.value)
        columns["reason"].append(row.reason)
        columns["parent_table"].append(row.parent_table)
        columns["parent_key"].append(row.parent_key)
    return record_batch(REVISION_UNMAPPED_PROPERTIES, columns, len(unmapped))


_Reject = Callable[[int, str], None]


def _convert(values: list[Any], column: Column, reject: _Reject) -> list[Any] | pa.Array:
    """Reads values as the column's type; what cannot be read is rejected and NULL."""
    types = set(map(type, values))
    types.discard(type(None))
    if not types:
        return values
    if column.type == "text":
        if types == {str} and is_storable("".join(filter(None, values))):
            return [value or None for value in values] if _empties(column, values) else values
    elif column.type == "bool":
        if types == {bool}:
            return values
    elif column.type == "bigint":
        if types == {int} and all(value is None or _in_range(value) for value in values):
            return values
    elif types == {str}:
        fast = _timestamps(values)
        if fast is not None:
            return fast
    read = _READERS[column.type]
    result: list[Any] = []
    for index, value in enumerate(values):
        if value is None:
            result.append(None)
            continue
        converted, reason = read(value, column)
        result.append(converted)
        if reason:
            reject(index, reason)
    return result


def _empties(column: Column, values: list[Any]) -> bool:
    return column.text == "empty_is_unset" and "" in values


def _timestamps(values: list[str | None]) -> pa.Array | None:
    """All values at once, when none of them is odd."""
    try:
        return cast_timestamps(pa.array(values, pa.string()))
    except UnicodeEncodeError:
        return None


def cast_timestamps(texts: pa.Array) -> pa.Array | None:
    """Reads RFC 3339 times; None: some of them have to be looked at one by one."""
    plain = pc.match_substring_regex(texts, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$")
    if not pc.all(plain, min_count=0).as_py():
        return None
    try:
        times = texts.cast(ARROW_TYPES["timestamp"])
    except pa.ArrowInvalid:
        return None
    # what stands for a time that is not set, and a year that only Arrow has
    odd = pc.match_substring_regex(texts, "^(0001-01-01T00:00:00|0000)")
    return None if pc.any(odd, skip_nulls=True).as_py() else times


_Reading = tuple[Any, str | None]


def _in_range(value: int) -> bool:
    return -(2**63) <= value < 2**63


def _read_text(value: Any, column: Column) -> _Reading:
    if isinstance(value, str):
        if not is_storable(value):
            return None, "unreadable"
        return (value or None if column.text == "empty_is_unset" else value), None
    if column.text == "or_boolean" and isinstance(value, bool):
        return ("true" if value else "false"), None
    return None, "wrong_type"


def _read_bool(value: Any, column: Column) -> _Reading:
    return (value, None) if isinstance(value, bool) else (None, "wrong_type")


def _read_bigint(value: Any, column: Column) -> _Reading:
    if isinstance(value, RawNumber) and value.text.lstrip("-").isdigit():
        return None, "out_of_range"
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        return None, "wrong_type"
    return (int(value), None) if _in_range(int(value)) else (None, "out_of_range")


def _read_timestamp(value: Any, column: Column) -> _Reading:
    match = _RFC3339.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None, "wrong_type"
    try:
        time = datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None, "wrong_type"
    if time == _ZERO_TIME:  # Go writes it for a time that is not set
        return None, "zero_time"
    digits = match.group(1) or ""
    return time, "timestamp_precision" if digits[6:].strip("0") else None


_READERS: dict[str, Callable[[Any, Column], _Reading]] = {
    "text": _read_text,
    "bool": _read_bool,
    "bigint": _read_bigint,
    "timestamp": _read_timestamp,
}
