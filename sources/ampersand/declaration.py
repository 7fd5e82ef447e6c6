"""How a table is declared: the words in which `tables.py` and `platform_tables.py` are written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

ColumnType = Literal["text", "bigint", "double", "bool", "timestamp"]

TextRule = Literal["as_is", "empty_is_unset", "or_boolean", "host", "address", "json_list"]
"""How a text column reads its value.

`as_is`: any string. `empty_is_unset`: the API writes `""` for a property that is not set, so that
is NULL. `or_boolean`: `true` and `false` of old revisions are kept as text. Only where answers are
let in by an allow-list (`admission.py`): `host`: of a URL the host alone; `address`: a URL without
user, password, query and fragment; `json_list`: a list of strings, as JSON.
"""


@dataclass(frozen=True)
class Path:
    """The value of a property of the row's element.

    Attributes:
        by_kind: Dotted JSON path below the element, for each kind of row that has the property.
            An empty path is the element itself.
    """

    by_kind: Mapping[str, str]


@dataclass(frozen=True)
class Present:
    """Whether a property of the row's element is there and not null.

    Attributes:
        by_kind: Its dotted JSON path below the element, for each kind of row that can have it.
    """

    by_kind: Mapping[str, str]


@dataclass(frozen=True)
class RowKey:
    """The row's own key: the parent's key, then what `Rows.key` says."""


@dataclass(frozen=True)
class Position:
    """The row's place in its list, counted from 0."""


@dataclass(frozen=True)
class Constant:
    """A value that `Rows.constants` gives for the kind of row."""


@dataclass(frozen=True)
class Inherited:
    """The value of a column of the row's parent.

    Attributes:
        column: The column's name in the parent's table.
    """

    column: str


@dataclass(frozen=True)
class Derived:
    """A value computed from another column of the row, for what SQL cannot compute.

    Attributes:
        function: Name of a function in `derived.py`.
        column: The column that it is computed from.
    """

    function: str
    column: str


@dataclass(frozen=True)
class ChildKey:
    """The key of the row's only child of a kind.

    Attributes:
        kind: The child's kind.
    """

    kind: str


@dataclass(frozen=True)
class JsonText:
    """A property of the row's element as JSON text.

    Attributes:
        property_name: The property.
    """

    property_name: str


@dataclass(frozen=True)
class ContentHash:
    """The SHA-256 of the canonical JSON of a property of the row's element.

    Attributes:
        property_name: The property.
    """

    property_name: str


@dataclass(frozen=True)
class Rest:
    """A JSON object of the element's properties that no other column holds; NULL when none."""


@dataclass(frozen=True)
class Given:
    """A value that comes with the element and is not in it."""


Origin = (
    Path
    | Present
    | RowKey
    | Position
    | Constant
    | Inherited
    | Derived
    | ChildKey
    | JsonText
    | ContentHash
    | Rest
    | Given
)


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: Its name.
        type: Its data type, in dlt's words. Timestamps are UTC with microseconds.
        description: What it means, for readers and for the comment in the database.
        origin: Where its value comes from.
        nullable: Whether it can be NULL.
        text: How a text is read.
        references: `table.column` that the value points to.
        is_personal: Whether it names a person or a customer, and is hashed where that is set.
    """

    name: str
    type: ColumnType
    description: str
    origin: Origin = field(default_factory=Given)
    nullable: bool = True
    text: TextRule = "as_is"
    references: str | None = None
    is_personal: bool = False


@dataclass(frozen=True)
class Rows:
    """Where the rows of a table lie, and how they are keyed.

    Attributes:
        kind: Name of this kind of row, for `Path.by_kind`.
        parent: Kind of the row whose element holds them; None: the caller supplies them.
        path: Dotted path below the parent's element; a last step with `[]` is a list, whose
            entries are the rows (of lists in it their entries, where no entry may be an
            object); one with `{}` is an object that is keyed by data, whose values are the rows
            (`{}` alone: the element itself); `*` is any property that is declared nowhere else.
        key: What is appended to the parent's key; `{position}` is the entry's position, `{name}`
            the property that `*` or `{}` stands for. `{digest}`: the key is a digest of the
            element and of the ids that it inherits.
        constants: Values for `Constant` columns; `{name}` as above.
        bare: Property that an entry stands for when it is a scalar and not an object.
        objects: Whether an entry may be an object.
        opaque: Whether the whole block is kept as unmapped already, so that nothing in it is.
        echoes: Properties that repeat a column of the row; a value that differs is unmapped.
        left_out: Dotted paths of properties that are known, and of which nothing is kept.
    """

    kind: str
    parent: str | None = None
    path: str = ""
    key: str = ""
    constants: Mapping[str, Any] = field(default_factory=dict)
    bare: str | None = None
    objects: bool = True
    opaque: bool = False
    echoes: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Example:
    """A question that a table or view answers, as the documentation shows it.

    Attributes:
        question: The question.
        why: Who asks it, and what for.
        sql: A query that answers it, by plain names, in what DuckDB and PostgreSQL have in common.
        no_rows: Why it answers with nothing on the demo's data; empty: it answers.
    """

    question: str
    why: str
    sql: str
    no_rows: str = ""


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        name: Its name, that of the dlt resource as well.
        grain: What one row is, in a few words.
        description: What it is for and what to know before using it.
        example: A question that it answers, with SQL.
        key: Names of the columns that identify a row.
        columns: Its columns, in order.
        rows: Where its rows come from; empty for tables whose rows are written as they are.
        ledger: Whether it belongs to the ledger, which is written by every run.
        always_selected: Whether it is loaded whatever is selected, since without it a run would
            not count or its listing could not be read.
    """

    name: str
    grain: str
    description: str
    example: Example
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[Rows, ...] = ()
    ledger: bool = False
    always_selected: bool = False

    def column(self, name: str) -> Column:
        """Returns the column of that name.

        Raises:
            KeyError: The table has none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


PROJECT_ID = "Id of the Ampersand project."
"""What the column is that tables and views begin with."""
