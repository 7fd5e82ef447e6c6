"""The view of what changed, property by property.

Two listings of a project that follow each other are put beside each other: the project's record,
its integrations, and the contents of those revisions that differ. A content is taken apart into
things (objects, fields, events) and their properties; what is not on both sides alike is a change.
Things are matched by their names and never by their positions, so what only moved is no change.
"""

from collections.abc import Iterator, Sequence

from ..declaration import Column, Constant, Example, Path, Present, Rest, Table
from ..tables import (
    LISTING_INTEGRATIONS,
    PROJECTS,
    REVISION_CHILDREN,
    REVISION_FIELDS,
    REVISION_OBJECTS,
    REVISION_SCHEMA_WATCH_EVENTS,
    REVISION_SUBSCRIBE_EVENTS,
    REVISIONS,
)
from .declaration import CONTEXT, View, literal

NAMES = ("action", "object_name", "field_name", "event_type", "event_name")
"""What a thing inside a revision is called by; NULL where it does not apply."""

_IDENTITY = ("kind", *NAMES, "object_nth", "nth")
"""What makes two things of two revisions the same."""

_TABLES_OF_THINGS = (
    REVISIONS,
    REVISION_OBJECTS,
    REVISION_FIELDS,
    REVISION_SUBSCRIBE_EVENTS,
    REVISION_SCHEMA_WATCH_EVENTS,
)
"""The tables whose columns are properties of things; their keys are those of the things."""

THINGS = """
    objects AS (
        SELECT o.*, ROW_NUMBER() OVER (
                PARTITION BY o.revision_key, o.action, o.object_name ORDER BY o.position
            ) AS object_nth
        FROM revision_objects AS o
        JOIN contents AS c ON c.revision_key = o.revision_key
    ),
    events AS (
        SELECT e.*, o.action, o.object_nth, ROW_NUMBER() OVER (
                PARTITION BY e.object_key, e.event_type, e.event_name ORDER BY e.position
            ) AS nth
        FROM revision_subscribe_events AS e
        JOIN objects AS o ON o.object_key = e.object_key
    ),
    things AS (
        SELECT r.revision_key, r.revision_key AS thing_key, 'revision' AS kind,
            CAST(NULL AS TEXT) AS action, CAST(NULL AS TEXT) AS object_name,
            CAST(NULL AS TEXT) AS field_name, CAST(NULL AS TEXT) AS event_type,
            CAST(NULL AS TEXT) AS event_name, 1 AS object_nth, 1 AS nth, r.revision_id AS detail
        FROM revisions AS r
        JOIN contents AS c ON c.revision_key = r.revision_key
        UNION ALL
        SELECT revision_key, object_key, 'object', action, object_name, NULL, NULL, NULL,
            object_nth, 1, destination_name
        FROM objects
        UNION ALL
        SELECT f.revision_key, f.field_key, 'field', o.action, o.object_name,
            COALESCE(NULLIF(f.field_name, ''), f.map_to_name), NULL, NULL, o.object_nth,
            ROW_NUMBER() OVER (
                PARTITION BY f.object_key, COALESCE(NULLIF(f.field_name, ''), f.map_to_name)
                ORDER BY f.map_to_name, f.is_required DESC, f.position
            ),
            CASE WHEN f.is_required THEN 'required' ELSE 'optional' END
        FROM revision_fields AS f
        JOIN objects AS o ON o.object_key = f.object_key
        UNION ALL
        SELECT revision_key, event_key, 'event', action, object_name, NULL, event_type, event_name,
            object_nth, nth, enabled
        FROM events
        UNION ALL
        SELECT w.revision_key, w.watch_field_key, 'watch_field', e.action, e.object_name,
            w.watch_field, e.event_type, e.event_name, e.object_nth,
            ROW_NUMBER() OVER (PARTITION BY w.event_key, w.watch_field ORDER BY w.position), NULL
        FROM revision_watch_fields AS w
        JOIN events AS e ON e.event_key = w.event_key
        UNION ALL
        SELECT s.revision_key, s.schema_watch_event_key, 'schema_watch_event', NULL, s.scope, NULL,
            s.event_type, NULL, 1, 1, s.enabled
        FROM revision_schema_watch_events AS s
        JOIN contents AS c ON c.revision_key = s.revision_key
    )"""


_UNMAPPED_AND_SET = "WHERE u.value NOT IN ('null', '\"\"', 'false')"


def _compared(table: Table) -> Iterator[Column]:
    """The columns in which the API's own words stand, but those that a thing is matched by."""
    others = {*NAMES, "project_id", "integration_id", "create_time", "update_time"}
    for column in table.columns:
        if (
            isinstance(column.origin, Path | Present | Constant | Rest)
            and column.name not in others
        ):
            yield column


def _text(column: Column, alias: str, *, without_unset: bool) -> str:
    """A column's value as text, in the same words everywhere."""
    value = f"{alias}.{column.name}"
    if column.type == "bool":
        if without_unset and not isinstance(column.origin, Constant):
            return f"CASE WHEN {value} THEN 'true' END"
        return f"CASE WHEN {value} THEN 'true' WHEN NOT {value} THEN 'false' END"
    if column.type != "text":
        return f"CAST({value} AS TEXT)"
    return f"NULLIF({value}, '')" if without_unset else value


def facts_of_things(*, without_unset: bool = False) -> str:
    """What is said of each thing: that it is there, and its properties; NULL says nothing.

    Args:
        without_unset: Whether `""` and false say nothing either: the API writes the one, and leaves
            out the other, for what nobody set (api.yaml is made into Go structs).

    Each table is read once and not once per column, since many databases look up anew what
    `contents` is made of wherever it is named.
    """
    parts = ["SELECT thing_key, '' AS property, 1 AS property_nth, detail AS value FROM things"]
    for table in _TABLES_OF_THINGS:
        (key,) = table.key
        columns = dict(enumerate(_compared(table)))
        names = " UNION ALL ".join(
            f"SELECT {number} AS number, CAST('{column.name}' AS TEXT) AS property"
            for number, column in columns.items()
        )
        values = " ".join(
            f"WHEN {number} THEN {_text(column, 'x', without_unset=without_unset)}"
            for number, column in columns.items()
        )
        parts.append(
            f"""
            SELECT f.thing_key, f.property, 1, f.value
            FROM (
                SELECT x.{key} AS thing_key, n.property, CASE n.number {values} END AS value
                FROM {table.name} AS x
                JOIN contents AS c ON c.revision_key = x.revision_key
                CROSS JOIN ({names}) AS n
            ) AS f
            WHERE f.value IS NOT NULL"""
        )
    parts.append(
        f"""
        SELECT COALESCE(t.thing_key, u.revision_key), u.property_name,
            ROW_NUMBER() OVER (
                PARTITION BY COALESCE(t.thing_key, u.revision_key), u.property_name
                ORDER BY u.value
            ),
            u.value
        FROM revision_unmapped_properties AS u
        JOIN contents AS c ON c.revision_key = u.revision_key
        LEFT JOIN things AS t ON t.thing_key = u.parent_key
        {_UNMAPPED_AND_SET if without_unset else ""}
        """
    )
    return "\nUNION ALL\n".join(parts)


def _sides(alias: str, first: str = "old", second: str = "new") -> str:
    """Aggregates that tell on which of two sides something is."""
    return ", ".join(
        f"COUNT(CASE WHEN {alias}.side = '{side}' THEN 1 END) AS is_{side}"
        for side in (first, second)
    )


def differences(keys: Sequence[str], first: str, second: str, *, without: str = "") -> str:
    """Relations that end in `differences`: what of two contents is not on both sides alike.

    It has the keys, what a thing is called by, `property` (empty: the thing as a whole),
    `is_<side>` and `<side>_value`. Of a thing that one side alone has, its properties are left out.

    Args:
        keys: Columns that make a pair of contents.
        first: Name of one side.
        second: Name of the other side.
        without: A property that is not compared.

    The query must define `contents`, `THINGS`, `facts` (`facts_of_things`) and `content_sides`: the
    keys, `side` and `content_key`, the revision on that side.
    """
    thing = ", ".join(f"t.{name}" for name in _IDENTITY)
    pair = ", ".join(f"p.{name}" for name in keys)
    partition = ", ".join(f"c.{name}" for name in (*keys, *_IDENTITY))
    values = ", ".join(
        f"MAX(CASE WHEN p.side = '{side}' THEN f.value END) AS {side}_value"
        for side in (first, second)
    )
    return f"""
    compared AS (
        SELECT {pair}, {thing}, f.property, {_sides("p", first, second)}, {values}
        FROM content_sides AS p
        JOIN things AS t ON t.revision_key = p.content_key
        JOIN facts AS f ON f.thing_key = t.thing_key
        {f"WHERE f.property <> {literal(without)}" if without else ""}
        GROUP BY {pair}, {thing}, f.property, f.property_nth
    ),
    judged AS (
        SELECT c.*, MAX(CASE WHEN c.property = '' THEN 1 ELSE 0 END) OVER (
                PARTITION BY {partition}
            ) AS is_one_sided
        FROM compared AS c
        WHERE c.is_{first} = 0 OR c.is_{second} = 0
            OR (c.property <> '' AND c.{first}_value <> c.{second}_value)
    ),
    differences AS (
        SELECT * FROM judged WHERE property = '' OR is_one_sided = 0
    )"""


def _record_changes(kind: str, records: str, table: Table, names: Sequence[str]) -> str:
    """Queries for what changed in records that stand side by side, with their old and new values.

    Args:
        kind: What they are of.
        records: The relation, with `is_old`, `is_new` and `old_...` and `new_...` per column.
        table: The table that they come from.
        names: The columns of the result that it has by these names.
    """
    nulls = ", ".join(f"CAST(NULL AS TEXT) AS {name}" for name in NAMES)
    context = ", ".join(f"x.{name}" for name in names)
    one_sided = f"""
        SELECT {context}, '{kind}' AS kind,
            CASE WHEN x.is_old = 0 THEN 'added' ELSE 'removed' END AS change, {nulls},
            CAST(NULL AS TEXT) AS property, CAST(NULL AS TEXT) AS old_value,
            CAST(NULL AS TEXT) AS new_value
        FROM {records} AS x WHERE x.is_old = 0 OR x.is_new = 0"""
    changed = [
        f"""
        SELECT {context}, '{kind}', 'changed', {nulls}, '{column.name}', x.old_{column.name},
            x.new_{column.name}
        FROM {records} AS x
        WHERE x.is_old > 0 AND x.is_new > 0
            AND COALESCE(x.old_{column.name}, '') <> COALESCE(x.new_{column.name}, '')"""
        for column in _compared(table)
    ]
    return "\nUNION ALL\n".join([one_sided, *changed])


def _side_by_side(columns: Sequence[str], alias: str) -> str:
    """Aggregates that put the old and the new value of columns beside each other."""
    return ", ".join(
        f"MAX(CASE WHEN {alias}.side = '{side}' THEN {alias}.{name} END) AS {side}_{name}"
        for name in columns
        for side in ("old", "new")
    )


_PROJECT_COLUMNS = [column.name for column in _compared(PROJECTS)]
_INTEGRATION_COLUMNS = [column.name for column in _compared(LISTING_INTEGRATIONS)]
_CONTEXT_COLUMNS = (
    "project_id",
    "project_name",
    "integration_id",
    "integration_name",
    "provider",
    "old_revision_key",
    "new_revision_key",
    "first_seen_at",
)

REVISION_CHANGES = View(
    "revision_changes",
    "One row per change between two successive listings of a project: a thing, or property of one, "
    "that was added, removed or changed.",
    f"""
    WITH sides AS (
        SELECT h.project_id, s.side, h.project_key, h.listing_key, h.project_name,
            CASE s.side WHEN 'old' THEN h.to_run_id ELSE h.from_run_id END AS run_id,
            CASE s.side WHEN 'old' THEN h.valid_to ELSE h.valid_from END AS first_seen_at
        FROM (
            SELECT p.*, MIN(p.from_run_id) OVER (PARTITION BY p.project_id) AS first_run_id
            FROM project_history AS p
        ) AS h
        CROSS JOIN (SELECT 'old' AS side UNION ALL SELECT 'new') AS s
        WHERE CASE s.side
            WHEN 'old' THEN h.to_run_id IS NOT NULL ELSE h.from_run_id <> h.first_run_id
        END
    ),
    projects_beside AS (
        SELECT s.project_id, s.run_id, s.first_seen_at, {_sides("s")},
            COALESCE(
                MAX(CASE WHEN s.side = 'new' THEN s.project_name END), MAX(s.project_name)
            ) AS project_name,
            CAST(NULL AS TEXT) AS integration_id, CAST(NULL AS TEXT) AS integration_name,
            CAST(NULL AS TEXT) AS provider, CAST(NULL AS TEXT) AS old_revision_key,
            CAST(NULL AS TEXT) AS new_revision_key, {_side_by_side(_PROJECT_COLUMNS, "s")}
        FROM (
            SELECT s.*, {", ".join(f"p.{name}" for name in _PROJECT_COLUMNS)}
            FROM sides AS s
            LEFT JOIN projects AS p ON p.project_key = s.project_key
        ) AS s
        GROUP BY s.project_id, s.run_id, s.first_seen_at
    ),
    integrations_beside AS (
        SELECT i.project_id, i.run_id, i.first_seen_at, i.integration_id, {_sides("i")},
            {_side_by_side(["revision_key", *_INTEGRATION_COLUMNS], "i")}
        FROM (
            SELECT s.project_id, s.run_id, s.first_seen_at, s.side, l.integration_id,
                l.revision_key, {", ".join(f"l.{name}" for name in _INTEGRATION_COLUMNS)}
            FROM sides AS s
            JOIN listing_integrations AS l
                ON l.listing_key = s.listing_key AND l.project_id = s.project_id
        ) AS i
        GROUP BY i.project_id, i.run_id, i.first_seen_at, i.integration_id
    ),
    integrations_named AS (
        SELECT i.*, p.project_name, COALESCE(i.new_name, i.old_name) AS integration_name,
            COALESCE(i.new_provider, i.old_provider) AS provider
        FROM integrations_beside AS i
        JOIN projects_beside AS p ON p.project_id = i.project_id AND p.run_id = i.run_id
    ),
    pairs AS (
        SELECT * FROM integrations_named
        WHERE is_old > 0 AND is_new > 0
            AND COALESCE(old_revision_key, '') <> COALESCE(new_revision_key, '')
    ),
    content_sides AS (
        SELECT p.project_id, p.run_id, p.integration_id, s.side,
            CASE s.side WHEN 'old' THEN p.old_revision_key ELSE p.new_revision_key END
                AS content_key
        FROM pairs AS p
        CROSS JOIN (SELECT 'old' AS side UNION ALL SELECT 'new') AS s
    ),
    contents AS (
        SELECT DISTINCT content_key AS revision_key FROM content_sides
        WHERE content_key IS NOT NULL
    ),
    {THINGS},
    facts AS (
        {facts_of_things()}
    ),
    {differences(("project_id", "run_id", "integration_id"), "old", "new")}
    SELECT {", ".join(f"x.{name}" for name in _CONTEXT_COLUMNS)}, d.kind,
        CASE
            WHEN d.property <> '' THEN 'changed' WHEN d.is_old = 0 THEN 'added' ELSE 'removed'
        END AS change,
        {", ".join(f"d.{name}" for name in NAMES)}, NULLIF(d.property, '') AS property,
        d.old_value, d.new_value
    FROM differences AS d
    JOIN pairs AS x
        ON x.project_id = d.project_id AND x.run_id = d.run_id
        AND x.integration_id = d.integration_id
    UNION ALL
    {_record_changes("project", "projects_beside", PROJECTS, _CONTEXT_COLUMNS)}
    UNION ALL
    {_record_changes("integration", "integrations_named", LISTING_INTEGRATIONS, _CONTEXT_COLUMNS)}
    """,
    {
        **CONTEXT,
        "integration_id": "Id of the integration; NULL for a project.",
        "old_revision_key": "The integration's revision before.",
        "new_revision_key": "Its revision after.",
        "first_seen_at": "When the run began that first saw the change.",
        "kind": "What changed: `project`, `integration`, `revision`, `object`, `field`, `event`, "
        "`watch_field` or `schema_watch_event`.",
        "change": "`added`, `removed` or `changed`. What only moved is no change; of an "
        "integration that is new or gone, its things are not told.",
        "action": "Action of the object that it is or belongs to.",
        "object_name": "The object that it is or belongs to.",
        "field_name": "The field, by the provider's name, else by the one that it is mapped to.",
        "event_type": "The event that it is or belongs to.",
        "event_name": "The provider's own name of that event.",
        "property": "What changed of it: a column of its table, or a property that no column "
        "holds; NULL when it was added or removed as a whole.",
        "old_value": "The value before; of what was removed: whether a field was required or "
        "optional, where an object was delivered to.",
        "new_value": "The value after; of what was added, likewise.",
    },
    optional=frozenset({PROJECTS.name, REVISIONS.name, *(t.name for t in REVISION_CHILDREN)}),
    example=Example(
        "What changed, and where?",
        "Whoever has to explain why data looks different since yesterday.",
        """
        SELECT integration_name, change,
            COALESCE(field_name, object_name, kind) AS what,
            CASE WHEN change = 'changed' THEN old_value END AS old_value,
            CASE WHEN change = 'changed' THEN new_value END AS new_value
        FROM revision_changes
        WHERE kind <> 'revision'
        ORDER BY integration_name, kind DESC, what
        """,
    ),
)

CHANGE_VIEWS: tuple[View, ...] = (REVISION_CHANGES,)
"""The views of what changed."""
