"""The declaration of the tables, turned into a tree of properties for each kind of row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .declaration import Column, JsonText, Path, Present, Rows, Table
from .tables import CONTENT_TABLES


@dataclass
class Node:
    """The properties declared for an object.

    Attributes:
        columns: Columns that hold a property.
        flags: Columns that tell whether a property is there.
        nodes: Nested objects.
        rows: Rows of tables that lie in a property.
        any_rows: Rows that lie in any other property.
        entries: Rows that lie in every property, since the object is keyed by data.
        left_out: Names of properties of which nothing is kept.
        plain: Names of those in columns whose texts are kept as they are.
        known: Names of all that is declared.
    """

    columns: dict[str, Column] = field(default_factory=dict)
    flags: dict[str, Column] = field(default_factory=dict)
    nodes: dict[str, "Node"] = field(default_factory=dict)
    rows: dict[str, Rows] = field(default_factory=dict)
    any_rows: Rows | None = None
    entries: Rows | None = None
    left_out: set[str] = field(default_factory=set)
    plain: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()

    def close(self, extra: Iterable[str] = ()) -> None:
        """Notes what is declared here and below, and what else is known."""
        self.plain = frozenset(name for name, column in self.columns.items() if _is_plain(column))
        self.known = frozenset((*self.columns, *self.nodes, *self.rows, *self.left_out, *extra))
        for node in self.nodes.values():
            node.close()


@dataclass(frozen=True)
class Kind:
    """A kind of row.

    Attributes:
        table: The table that it is part of.
        rows: Where such rows lie.
        node: The properties of their elements.
        bare: The column that holds an element which is a string.
    """

    table: Table
    rows: Rows
    node: Node
    bare: Column | None


def _is_plain(column: Column) -> bool:
    return (
        column.type in ("text", "timestamp")
        and column.text not in ("json_list", "host", "address")
        and not column.is_personal
    )


def _node_at(root: Node, steps: Sequence[str]) -> Node:
    for step in steps:
        root = root.nodes.setdefault(step, Node())
    return root


def _compile() -> dict[str, Kind]:
    """Turns the declaration into one tree of properties for each kind of row."""
    all_rows = [(table, rows) for table in CONTENT_TABLES for rows in table.rows]
    kinds = {}
    for table, rows in all_rows:
        root = Node()
        bare = None
        for column in table.columns:
            if isinstance(column.origin, JsonText):
                _node_at(root, [column.origin.property_name])
            if isinstance(column.origin, Present) and rows.kind in column.origin.by_kind:
                *parents, last = column.origin.by_kind[rows.kind].split(".")
                _node_at(root, parents).flags[last] = column
            if not isinstance(column.origin, Path) or rows.kind not in column.origin.by_kind:
                continue
            path = column.origin.by_kind[rows.kind]
            if path == rows.bare:
                bare = column
            if path:
                *parents, last = path.split(".")
                _node_at(root, parents).columns[last] = column
        for child in (rows_ for _, rows_ in all_rows if rows_.parent == rows.kind):
            *parents, last = child.path.split(".")
            if "*" in parents:
                _node_at(root, parents[: parents.index("*")]).any_rows = child
            elif last == "{}":
                root.entries = child
            else:
                _node_at(root, parents).rows[last.removesuffix("[]").removesuffix("{}")] = child
        for path in rows.left_out:
            *parents, last = path.split(".")
            _node_at(root, parents).left_out.add(last)
        root.close(extra=rows.echoes)
        kinds[rows.kind] = Kind(table, rows, root, bare)
    return kinds


KINDS = _compile()
"""Each kind of row, by name."""
