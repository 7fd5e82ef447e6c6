"""Normalise ordinary listings with Arrow's kernels: no Python code runs for a row.

The same declaration is read as in `normalize.py`, and the rows are the same. Arrow's JSON reader
takes only what the declaration describes to the letter: it stops at an unknown property, another
type, a key that is repeated, a number that it would have to round. Listings at which it stops, and
what else is odd, are left to `normalize.py`, which takes anything. What Arrow cannot make of JSON,
the keys and texts of revisions, comes with the listing: `ordinary.py` makes it.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from . import derived
from .declaration import (
    ChildKey,
    Column,
    Constant,
    Derived,
    Inherited,
    Position,
    RowKey,
    Rows,
)
from .decoded import DecodedListing, OrdinaryEntries
from .kinds import KINDS, Kind, Node
from .normalize import (
    ARROW_TYPES,
    Batch,
    cast_timestamps,
    normalize_listings,
    record_batch,
    together,
)

_BLOCK_BYTES = 1024 * 1024
"""Size of what one thread of Arrow's reader parses at once."""

_MOST_BYTES = 512 * 1024 * 1024
"""Size of what is parsed together at most: Arrow's texts hold 2 GB, and keys need room."""


class _Odd(Exception):
    """Something has to be looked at row by row."""


def normalize(listings: Sequence[DecodedListing]) -> Batch:
    """Makes the rows of listings, as `normalize_listings` does."""
    ordinary: list[DecodedListing] = []
    odd: list[DecodedListing] = []
    for listing in listings:
        (ordinary if _is_ordinary(listing) else odd).append(listing)
    made, unfit = _halve(ordinary)
    odd += unfit
    return together([*made, normalize_listings(odd)] if odd else made)


def _halve(listings: list[DecodedListing]) -> tuple[list[Batch], list[DecodedListing]]:
    """Rows of those listings that fit, and the others."""
    if not listings:
        return [], []
    try:
        return [_Run().rows_of(listings)], []
    except (_Odd, pa.ArrowInvalid):
        if len(listings) == 1:
            return [], listings
    middle = len(listings) // 2
    first, second = _halve(listings[:middle]), _halve(listings[middle:])
    return first[0] + second[0], first[1] + second[1]


def _is_ordinary(listing: DecodedListing) -> bool:
    """Whether a listing is worth trying."""
    if listing.ordinary is None or sum(map(len, listing.pages)) > _MOST_BYTES:
        return False
    ids = listing.ordinary.ids
    return bool(ids) and len({*ids, *listing.earlier_ids}) == len(ids) + len(listing.earlier_ids)


@cache
def _arrow_type(kind_name: str) -> pa.DataType:
    """The type of an element of a kind, as it is read from JSON."""
    kind = KINDS[kind_name]
    return _struct(kind.node, kind.rows) if kind.rows.objects else pa.string()


def _struct(node: Node, rows: Rows | None = None) -> pa.StructType:
    fields: dict[str, pa.DataType] = {
        name: pa.string() if column.type in ("text", "timestamp") else ARROW_TYPES[column.type]
        for name, column in node.columns.items()
    }
    fields |= {name: _struct(below) for name, below in node.nodes.items()}
    fields |= dict.fromkeys(rows.echoes if rows else (), pa.string())
    for name, child in node.rows.items():
        element = _arrow_type(child.kind)
        fields[name] = pa.list_(element) if child.path.endswith("[]") else element
    return pa.struct(list(fields.items()))


def _parse(pages: Sequence[bytes]) -> pa.Array:
    """The integrations of pages, one after the other.

    Raises:
        pa.ArrowInvalid: They are not what is declared.
    """
    # a page is made one record, so that nothing has to be cut up; in one line it is found sooner
    records = [b'{"page":%b}' % page.strip() for page in pages]
    lines = b"\n".join(records)
    table = pj.read_json(
        pa.BufferReader(lines),
        pj.ReadOptions(block_size=max(_BLOCK_BYTES, max(map(len, pages)) + 64)),
        pj.ParseOptions(
            explicit_schema=pa.schema([("page", pa.list_(_arrow_type("integration")))]),
            newlines_in_values=any(b"\n" in record or b"\r" in record for record in records),
            unexpected_field_behavior="error",
        ),
    )
    return _one_array(pc.list_flatten(table.column("page")))


def _one_array(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    if isinstance(array, pa.Array):
        return array
    if array.num_chunks == 1:
        return array.chunk(0)
    return pa.concat_arrays(array.chunks)


class _Frame:
    """Rows of one kind, in columns.

    Attributes:
        kind: What kind of rows they are.
        array: Their elements: a struct array, or one of strings.
        parent: Frame of the parents; None at the top.
        parents: For each row the index of its parent; None: each parent has one, in order.
        positions: Its place in its list.
        columns: Columns of the table, by name.
        keys: Key of each row; None: the table's key has several columns.
    """

    def __init__(
        self,
        kind: Kind,
        array: pa.Array,
        *,
        parent: "_Frame | None" = None,
        parents: pa.Array | None = None,
        positions: pa.Array | None = None,
        given: dict[str, pa.Array] | None = None,
    ) -> None:
        self.kind = kind
        self.array = array
        self.parent = parent
        self.parents = parents
        self.positions = positions
        self.columns: dict[str, pa.Array] = dict(given or {})
        for column in kind.table.columns:
            if isinstance(column.origin, Inherited) and column.name not in self.columns:
                above = parent and parent.columns.get(column.origin.column)
                if above is not None:
                    self.columns[column.name] = self.from_parents(above)
        self.keys = self._make_keys()

    def __len__(self) -> int:
        return len(self.array)

    def from_parents(self, values: pa.Array) -> pa.Array:
        """For each row the value of its parent."""
        return values if self.parents is None else values.take(self.parents)

    def _make_keys(self) -> pa.Array | None:
        template = self.kind.rows.key
        if template == "{digest}":
            (key,) = self.kind.table.key
            return self.columns[key]
        if self.parent is None or self.parent.keys is None:
            return None
        keys = self.from_parents(self.parent.keys)
        if "{position}" not in template:
            return pc.binary_join_element_wise(keys, template, ":")
        places = pc.cast(self.positions, pa.string())
        return pc.binary_join_element_wise(keys, places, ":" + template.removesuffix("{position}"))


class _Run:
    """Collects the rows of all tables."""

    def __init__(self) -> None:
        self.batches: dict[str, list[pa.RecordBatch]] = {}
        self.revisions: dict[str, pa.Array] = {}

    def rows_of(self, listings: Sequence[DecodedListing]) -> Batch:
        """Makes the rows of ordinary listings.

        Raises:
            _Odd: Something has to be looked at row by row.
            pa.ArrowInvalid: The same.
        """
        array = _parse([page for listing in listings for page in listing.pages])
        sizes = [len(listing) for listing in listings]
        if len(array) != sum(sizes):
            raise _Odd
        entries = OrdinaryEntries.together([each.ordinary for each in listings if each.ordinary])
        self.revisions = {
            name: pa.array(values, pa.string()) for name, values in entries.revisions.items()
        }
        owners = pa.array(
            [number for number, size in enumerate(sizes) for _ in range(size)], pa.int32()
        )
        given = {
            name: pa.array([getattr(listing, name) for listing in listings]).take(owners)
            for name in ("listing_key", "project_id")
        }
        self._add(_Frame(KINDS["integration"], array, given=given))
        return {name: pa.Table.from_batches(batches) for name, batches in self.batches.items()}

    def _add(self, frame: _Frame) -> None:
        """Adds the rows of a frame and of all below it."""
        kind = frame.kind
        if frame.array.null_count:
            raise _Odd  # entries that are no objects
        for column in kind.table.columns:
            origin = column.origin
            if isinstance(origin, RowKey) and frame.keys is not None:
                frame.columns[column.name] = frame.keys
            elif isinstance(origin, Position) and frame.positions is not None:
                frame.columns[column.name] = frame.positions
            elif isinstance(origin, Constant):
                constant = pa.scalar(kind.rows.constants[column.name], ARROW_TYPES[column.type])
                frame.columns[column.name] = pa.repeat(constant, len(frame))
        children: list[_Frame] = []
        if kind.rows.objects:
            self._walk(frame, kind.node, frame.array, children)
        elif kind.bare is not None:
            frame.columns[kind.bare.name] = frame.array
        for name, column_name in kind.rows.echoes.items():
            sent = pc.struct_field(frame.array, name)
            if pc.any(pc.not_equal(sent, frame.columns[column_name])).as_py():
                raise _Odd
        for column in kind.table.columns:
            origin = column.origin
            if isinstance(origin, Derived) and origin.column in frame.columns:
                frame.columns[column.name] = _derive(
                    frame.columns[origin.column], getattr(derived, origin.function), column
                )
            elif isinstance(origin, ChildKey):
                for child in children:
                    if child.kind.rows.kind == origin.kind:
                        frame.columns[column.name] = _spread(child, len(frame))
        self.batches.setdefault(kind.table.name, []).append(
            record_batch(kind.table, frame.columns, len(frame))
        )
        for child in children:
            self._add(child)

    def _walk(
        self, frame: _Frame, node: Node, array: pa.StructArray, children: list[_Frame]
    ) -> None:
        values = dict(zip(array.type.names, array.flatten(), strict=True))
        for name, column in node.columns.items():
            frame.columns[column.name] = _convert(values[name], column)
        for name, column in node.flags.items():
            frame.columns[column.name] = values[name].is_valid()
        for name, below in node.nodes.items():
            self._walk(frame, below, values[name], children)
        for name, rows in node.rows.items():
            given = self.revisions if rows.kind == "revision" else None
            child = _child(frame, rows, values[name], given)
            if child is not None:
                children.append(child)


def _child(
    frame: _Frame, rows: Rows, containers: pa.Array, given: dict[str, pa.Array] | None
) -> _Frame | None:
    """The rows that lie in a property of the rows of a frame; None: there are none."""
    kind = KINDS[rows.kind]
    if not rows.path.endswith("[]"):
        if containers.null_count == len(containers):
            return None
        if not containers.null_count:
            return _Frame(kind, containers, parent=frame, given=given)
        there = containers.is_valid()
        parents = pc.indices_nonzero(there)
        return _Frame(kind, containers.filter(there), parent=frame, parents=parents, given=given)
    array = pc.list_flatten(containers)
    if not len(array):
        return None
    parents = pc.list_parent_indices(containers)
    starts = containers.offsets.slice(0, len(containers)).take(parents)
    first = containers.offsets[0]
    positions = pc.subtract(pa.arange(0, len(array)), pc.subtract(starts, first))
    return _Frame(kind, array, parent=frame, parents=parents, positions=positions)


def _convert(values: pa.Array, column: Column) -> pa.Array:
    """What was read from JSON as the column's type."""
    if column.type == "timestamp":
        times = cast_timestamps(values)
        if times is None:
            raise _Odd
        return times
    if column.text == "empty_is_unset":
        empty = pc.equal(values, "")
        if pc.any(empty).as_py():
            return pc.if_else(empty, pa.scalar(None, pa.string()), values)
    return values


def _derive(values: pa.Array, compute: Callable[[Any], Any], column: Column) -> pa.Array:
    """Computes a value for each distinct one."""
    encoded = values.dictionary_encode()
    computed = [compute(value) for value in encoded.dictionary.to_pylist()]
    return pa.array(computed, ARROW_TYPES[column.type]).take(encoded.indices)


def _spread(child: _Frame, size: int) -> pa.Array | None:
    """The keys of the only children of rows, NULL for those without."""
    if child.parents is None or child.keys is None:
        return child.keys
    places: list[int | None] = [None] * size
    for number, parent in enumerate(child.parents.to_pylist()):
        places[parent] = number
    return child.keys.take(pa.array(places, pa.int64()))
