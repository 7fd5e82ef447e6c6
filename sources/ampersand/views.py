"""The views: what is live now, and what there ever was, on top of tables that only grow.

Each is declared once, in DuckDB's dialect, and made in the destination's. A view counts a run only
when its load package is complete, so a reader sees the state before a load or after it, never
something between.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

import sqlglot
from sqlglot import exp

from .tables import (
    LISTING_INTEGRATIONS,
    PROJECTS,
    REVISION_FIELDS,
    REVISION_OBJECTS,
    REVISION_SCHEMA_WATCH_EVENTS,
    REVISION_SUBSCRIBE_EVENTS,
    REVISION_UNMAPPED_PROPERTIES,
    REVISION_WATCH_FIELDS,
    REVISIONS,
    TABLES_BY_NAME,
    Example,
    Path,
    Table,
)

DIALECT = "duckdb"
"""The dialect in which the views are written."""

_SQL_TYPES = {
    "text": "TEXT",
    "bigint": "BIGINT",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
    "timestamp": "TIMESTAMPTZ",
}


@dataclass(frozen=True)
class View:
    """A view.

    Attributes:
        name: Its name.
        description: What a row is, and what it answers.
        sql: Its query, in the dialect `DIALECT`, over tables and views by their plain names.
        columns: Descriptions of the columns that no table has under the same name.
        example: A question that it answers, with SQL.
        optional: Tables that it can do without, where they were never selected: what they would
            say is NULL then.
    """

    name: str
    description: str
    sql: str
    columns: Mapping[str, str] = field(default_factory=dict)
    example: Example = field(kw_only=True)
    optional: frozenset[str] = field(default=frozenset(), kw_only=True)

    def sources(self) -> frozenset[str]:
        """Names of the tables and views that it reads."""
        tree = _parse(self.sql)
        own = {cte.alias for cte in tree.find_all(exp.CTE)}
        return frozenset(table.name for table in tree.find_all(exp.Table)) - own


# Written so that the ledger may grow: a year of hourly runs over 200 projects is 1.75 million rows.
# Each is looked at a few times; only what came after a project's last listing is looked at closely.

# The runs that count, what they say of each project, and which keys have listed it since when.
_RUNS = """
    runs AS (
        SELECT r.run_id, r.started_at
        FROM extraction_runs AS r
        JOIN _dlt_loads AS l ON l.load_id = r._dlt_load_id AND l.status = 0
    ),
    known AS (
        SELECT p.project_id, p.credential, MIN(p.run_id) AS since,
            MAX(CASE WHEN p.outcome <> 'failed' THEN p.run_id END) AS last_listed
        FROM project_listings AS p
        JOIN runs AS r ON r.run_id = p.run_id
        WHERE p.outcome IN ('listed', 'unchanged')
            OR (p.outcome = 'failed' AND p.project_key IS NOT NULL)
        GROUP BY p.project_id, p.credential
    )"""

# Where a project is found missing after some run of `ends` (project_id, run_id): a key that listed
# it before answers 404 for it, or a complete list without it and no other key lists it. What a
# failure says of a project that is missing is nothing, so that only a listing brings it back.
_MISSING = """
    missing AS (
        SELECT e.project_id, e.run_id AS after_run_id, n.run_id
        FROM ends AS e
        JOIN project_listings AS n ON n.project_id = e.project_id AND n.run_id > e.run_id
        JOIN known AS k
            ON k.project_id = n.project_id AND k.credential = n.credential AND n.run_id > k.since
        JOIN runs AS r ON r.run_id = n.run_id
        WHERE n.outcome = 'not_found'
        UNION
        SELECT e.project_id, e.run_id AS after_run_id, c.run_id
        FROM ends AS e
        JOIN known AS k ON k.project_id = e.project_id
        JOIN credential_listings AS c
            ON c.credential = k.credential AND c.run_id > k.since AND c.run_id > e.run_id
        JOIN runs AS r ON r.run_id = c.run_id
        LEFT JOIN project_listings AS p
            ON p.project_id = e.project_id AND p.run_id = c.run_id AND p.outcome <> 'not_found'
        WHERE c.asks_for_all AND c.outcome = 'listed' AND p.run_id IS NULL
    )"""

_INTEGRATION_COLUMNS = """
        i.project_id, i.project_name, i.integration_id, i.name AS integration_name, i.provider,
        i.revision_id"""

_PROJECT_ID = "Id of the Ampersand project."
_CONTEXT = {
    "project_id": _PROJECT_ID,
    "project_name": "Name of the project.",
    "integration_name": "Name of the integration.",
    "provider": "Key of the provider in Ampersand's catalog.",
    "revision_id": "Id that the API gave the revision.",
}


def _columns(table: Table, alias: str, *, without: tuple[str, ...] = (), kind: str = "") -> str:
    """The columns of a table, for a query; only those of one kind of row where `kind` is given."""
    names = [
        column.name
        for column in table.columns
        if column.name not in without
        and not (kind and isinstance(column.origin, Path) and kind not in column.origin.by_kind)
    ]
    return ", ".join(f"{alias}.{name}" for name in names)


_CURRENT_PROJECTS = View(
    "current_projects",
    "One row per project that is there now, as of the last run that could list it.",
    f"""
    WITH {_RUNS},
    ends AS (
        SELECT project_id, MAX(last_listed) AS run_id FROM known GROUP BY project_id
    ),
    {_MISSING}
    SELECT
        l.project_id, p.name, p.app_name, p.org_id, p.create_time, p.update_time,
        p.other_properties, l.project_key, l.listing_key, l.run_id, r.started_at AS listed_at
    FROM ends AS e
    JOIN project_listings AS l ON l.project_id = e.project_id AND l.run_id = e.run_id
    JOIN runs AS r ON r.run_id = l.run_id
    LEFT JOIN projects AS p ON p.project_key = l.project_key
    LEFT JOIN (SELECT DISTINCT project_id FROM missing) AS g ON g.project_id = l.project_id
    WHERE g.project_id IS NULL
    """,
    {
        "project_id": _PROJECT_ID,
        "project_key": "Digest of the project's record.",
        "listing_key": "Its listing.",
        "run_id": "The run that listed it last.",
        "listed_at": "When the run began that listed it last; older than other projects': not "
        "covered since.",
    },
    optional=frozenset({PROJECTS.name}),
    example=Example(
        "How fresh is what we know of each project?",
        "Whoever is on call, to see a project that the last runs did not cover.",
        """
        SELECT name, app_name, CAST(create_time AS DATE) AS created, listed_at
        FROM current_projects
        ORDER BY name
        """,
    ),
)

_INTEGRATIONS = View(
    "integrations",
    "One row per integration ever seen in a project, whether it is still there or not.",
    f"""
    WITH {_RUNS},
    listed AS (
        SELECT p.project_id, p.run_id, p.listing_key
        FROM project_listings AS p
        JOIN runs AS r ON r.run_id = p.run_id
        WHERE p.outcome IN ('listed', 'unchanged')
    ),
    spans AS (
        SELECT project_id, listing_key, MIN(run_id) AS first_run, MAX(run_id) AS last_run
        FROM listed GROUP BY project_id, listing_key
    ),
    seen AS (
        SELECT i.project_id, i.integration_id, MIN(s.first_run) AS first_run,
            MAX(s.last_run) AS last_run
        FROM spans AS s
        JOIN listing_integrations AS i
            ON i.listing_key = s.listing_key AND i.project_id = s.project_id
        GROUP BY i.project_id, i.integration_id
    ),
    ends AS (
        SELECT DISTINCT project_id, last_run AS run_id FROM seen
    ),
    {_MISSING},
    looks AS (
        SELECT project_id, after_run_id, run_id FROM missing
        UNION ALL
        SELECT e.project_id, e.run_id AS after_run_id, l.run_id
        FROM ends AS e
        JOIN listed AS l ON l.project_id = e.project_id AND l.run_id > e.run_id
    ),
    removed AS (
        SELECT project_id, after_run_id, MIN(run_id) AS run_id
        FROM looks GROUP BY project_id, after_run_id
    )
    SELECT
        s.project_id, s.integration_id, i.name, i.provider, i.create_time, i.update_time,
        i.revision_key, f.started_at AS first_seen_at, l.started_at AS last_seen_at,
        r.started_at AS removed_at, x.run_id IS NULL AS is_current
    FROM seen AS s
    JOIN spans AS last ON last.project_id = s.project_id AND last.last_run = s.last_run
    JOIN listing_integrations AS i
        ON i.listing_key = last.listing_key AND i.integration_id = s.integration_id
    JOIN runs AS f ON f.run_id = s.first_run
    JOIN runs AS l ON l.run_id = s.last_run
    LEFT JOIN removed AS x
        ON x.project_id = s.project_id AND x.after_run_id = s.last_run
    LEFT JOIN runs AS r ON r.run_id = x.run_id
    """,
    {
        "project_id": _PROJECT_ID,
        "revision_key": "The latest revision that was seen; NULL when it had none.",
        "first_seen_at": "When the first run began that listed it.",
        "last_seen_at": "When the last run began that listed it.",
        "removed_at": "When the first run began that found it gone; NULL: it is there.",
        "is_current": "Whether it is there now.",
    },
    example=Example(
        "What is gone, and since when?",
        "Support and RevOps, when a customer's data stopped coming.",
        """
        SELECT name, provider, first_seen_at, last_seen_at, removed_at
        FROM integrations
        WHERE NOT is_current
        ORDER BY removed_at, name
        """,
    ),
)

_CURRENT_INTEGRATIONS = View(
    "current_integrations",
    "One row per integration that is there now.",
    """
    SELECT
        p.project_id, p.name AS project_name, i.integration_id, i.name, i.provider,
        r.revision_id, i.revision_key, i.create_time, i.update_time, i.other_properties,
        i.listing_key, p.listed_at
    FROM current_projects AS p
    JOIN listing_integrations AS i
        ON i.listing_key = p.listing_key AND i.project_id = p.project_id
    LEFT JOIN revisions AS r ON r.revision_key = i.revision_key
    """,
    {
        **_CONTEXT,
        "revision_key": "Its latest revision; NULL when it has none.",
        "listing_key": "The listing of its project.",
        "listed_at": "When the run began that listed it last.",
    },
    optional=frozenset({REVISIONS.name}),
    example=Example(
        "What is in staging that production does not have yet?",
        "Platform engineers, before a release.",
        """
        SELECT provider, name FROM current_integrations
        WHERE project_name = 'lanternfish-staging'
        EXCEPT
        SELECT provider, name FROM current_integrations
        WHERE project_name = 'lanternfish-production'
        ORDER BY provider, name
        """,
    ),
)

_CURRENT_REVISIONS = View(
    "current_revisions",
    "One row per integration that is there now and has a revision, with that revision.",
    f"""
    SELECT {_INTEGRATION_COLUMNS},
        {_columns(REVISIONS, "r", without=("project_id", "integration_id", "revision_id"))}
    FROM current_integrations AS i
    JOIN revisions AS r ON r.revision_key = i.revision_key
    """,
    _CONTEXT,
    example=Example(
        "Which manifests are the same in staging and in production?",
        "Platform engineers, to know what a release changes. `content_hash` is equal for equal "
        "manifests.",
        """
        SELECT s.integration_name, s.content_hash = p.content_hash AS is_same,
            CAST(s.create_time AS DATE) AS in_staging_since,
            CAST(p.create_time AS DATE) AS in_production_since
        FROM current_revisions AS s
        JOIN current_revisions AS p ON p.integration_name = s.integration_name
        WHERE s.project_name = 'lanternfish-staging' AND p.project_name = 'lanternfish-production'
        ORDER BY is_same DESC, s.integration_name
        """,
    ),
)


def _current(
    name: str,
    description: str,
    table: Table,
    derived: str = "",
    columns: Mapping[str, str] | None = None,
    *,
    example: Example,
) -> View:
    """A view of the rows of a table that belong to what is there now."""
    return View(
        name,
        description,
        f"""
        SELECT {_INTEGRATION_COLUMNS}, {_columns(table, "x")}{derived}
        FROM current_integrations AS i
        JOIN {table.name} AS x ON x.revision_key = i.revision_key
        """,
        {**_CONTEXT, **(columns or {})},
        example=example,
    )


# The read object of the same name: exactly, else by the only one that differs in case alone.
# The docs call names case-sensitive, the vendor's command-line client compares lower case.
_CURRENT_OBJECTS = View(
    "current_objects",
    "One row per object entry, of any action, that is there now.",
    f"""
    WITH reads AS (
        SELECT revision_key, object_name, LOWER(object_name) AS lower_name,
            MIN(position) AS position
        FROM revision_objects WHERE action = 'read' AND object_name IS NOT NULL
        GROUP BY revision_key, object_name
    ),
    only_reads AS (
        SELECT revision_key, lower_name, MIN(position) AS position
        FROM reads GROUP BY revision_key, lower_name HAVING COUNT(*) = 1
    ),
    matched AS (
        SELECT
            {_columns(REVISION_OBJECTS, "o")},
            CASE
                WHEN o.action NOT IN ('write', 'subscribe') THEN NULL
                WHEN e.position IS NOT NULL THEN 'exact'
                WHEN c.position IS NOT NULL THEN 'case'
                ELSE 'none'
            END AS read_object_match,
            CASE WHEN o.action IN ('write', 'subscribe') THEN COALESCE(e.position, c.position) END
                AS read_position
        FROM revision_objects AS o
        LEFT JOIN reads AS e
            ON e.revision_key = o.revision_key AND e.object_name = o.object_name
        LEFT JOIN only_reads AS c
            ON c.revision_key = o.revision_key AND c.lower_name = LOWER(o.object_name)
    )
    SELECT {_INTEGRATION_COLUMNS}, {_columns(REVISION_OBJECTS, "o")},
        CASE
            WHEN o.action = 'read' THEN COALESCE(o.map_to_name, o.object_name)
            WHEN o.inherits_mapping AND r.object_key IS NOT NULL
                THEN COALESCE(r.map_to_name, r.object_name)
            ELSE o.object_name
        END AS effective_object_name,
        r.object_key AS read_object_key,
        o.read_object_match
    FROM current_integrations AS i
    JOIN matched AS o ON o.revision_key = i.revision_key
    LEFT JOIN revision_objects AS r
        ON r.revision_key = o.revision_key AND r.action = 'read' AND r.position = o.read_position
    """,
    {
        **_CONTEXT,
        "effective_object_name": "Name under which records are delivered or accepted.",
        "read_object_key": "Read object of the same name (write, subscribe).",
        "read_object_match": "`exact`, `case` (names differ in case alone) or `none` "
        "(write, subscribe).",
    },
    example=Example(
        "What breaks if a destination goes?",
        "Platform engineers, before they turn off a webhook or a queue.",
        """
        SELECT project_name, integration_name, action, object_name
        FROM current_objects
        WHERE destination_name = 'lanternfish-crm-events'
        ORDER BY project_name, integration_name, action, position
        """,
    ),
)

_CURRENT_READ_OBJECTS = View(
    "current_read_objects",
    "One row per read object that is there now.",
    f"""
    SELECT project_id, project_name, integration_id, integration_name, provider, revision_id,
        {_columns(REVISION_OBJECTS, "o", without=("action",), kind="read")},
        o.effective_object_name,
        o.schedule IS NOT NULL AS is_scheduled,
        COALESCE(o.enabled IN ('always', 'true'), FALSE) AS is_always_read,
        CASE
            WHEN o.backfill_full_history THEN 'full_history'
            WHEN o.backfill_days > 0 THEN 'days'
            ELSE 'none'
        END AS backfill_kind
    FROM current_objects AS o
    WHERE o.action = 'read'
    """,
    {
        **_CONTEXT,
        **_CURRENT_OBJECTS.columns,
        "is_scheduled": "Whether it is read on a schedule.",
        "is_always_read": "Whether it is read for every installation, even if not selected.",
        "backfill_kind": "`full_history`, `days` or `none`.",
    },
    example=Example(
        "Which integrations read contacts, how often, and to which destination?",
        "RevOps, before promising a customer how fresh their contacts are.",
        """
        SELECT project_name, integration_name, schedule, destination_name
        FROM current_read_objects
        WHERE object_name ILIKE 'contact%'
        ORDER BY schedule_runs_per_day DESC, project_name, integration_name
        """,
    ),
)

_CURRENT_WRITE_OBJECTS = View(
    "current_write_objects",
    "One row per write object that is there now.",
    f"""
    SELECT project_id, project_name, integration_id, integration_name, provider, revision_id,
        {
        _columns(
            REVISION_OBJECTS,
            "o",
            kind="write",
            without=("action", "schedule_runs_per_day", "schedule_min_interval_minutes"),
        )
    },
        o.effective_object_name, o.read_object_key, o.read_object_match
    FROM current_objects AS o
    WHERE o.action = 'write'
    """,
    {**_CONTEXT, **_CURRENT_OBJECTS.columns},
    example=Example(
        "Where do we write without reading the same object?",
        "Security, since nothing that is read shows what was written there.",
        """
        SELECT project_name, integration_name, object_name, effective_object_name, inherits_mapping
        FROM current_write_objects
        WHERE read_object_match = 'none'
        ORDER BY project_name, integration_name, position
        """,
    ),
)

_CURRENT_SUBSCRIBE_OBJECTS = View(
    "current_subscribe_objects",
    "One row per subscribe object that is there now.",
    f"""
    SELECT project_id, project_name, integration_id, integration_name, provider, revision_id,
        {
        _columns(
            REVISION_OBJECTS,
            "o",
            kind="subscribe",
            without=("action", "schedule_runs_per_day", "schedule_min_interval_minutes"),
        )
    },
        o.effective_object_name, o.read_object_key, o.read_object_match
    FROM current_objects AS o
    WHERE o.action = 'subscribe'
    """,
    {**_CONTEXT, **_CURRENT_OBJECTS.columns},
    example=Example(
        "Which objects push their changes to us, and under which name?",
        "Data engineers, to choose between waiting for events and reading on a schedule.",
        """
        SELECT integration_name, object_name, effective_object_name, destination_name
        FROM current_subscribe_objects
        WHERE project_name = 'lanternfish-production'
        ORDER BY integration_name, position
        """,
    ),
)

_CURRENT_FIELDS = _current(
    "current_fields",
    "One row per field entry of a read object that is there now.",
    REVISION_FIELDS,
    """,
        COALESCE(x.map_to_name, x.field_name) AS effective_field_name,
        CASE
            WHEN x.field_name IS NOT NULL THEN 'existent'
            WHEN x.map_to_name IS NOT NULL THEN 'mapping'
            ELSE 'unknown'
        END AS field_kind""",
    {
        "effective_field_name": "Name under which it is delivered.",
        "field_kind": "`existent`: a field of the provider. `mapping`: the customer chooses the "
        "field. `unknown`: neither name is given.",
    },
    example=Example(
        "Which field of the provider feeds the column `phone`?",
        "Analysts, who see one column and several systems behind it.",
        """
        SELECT project_name, provider, object_name, field_name, is_required
        FROM current_fields
        WHERE effective_field_name = 'phone'
        ORDER BY project_name, provider, field_key
        """,
    ),
)

_CURRENT_SUBSCRIBE_EVENTS = View(
    "current_subscribe_events",
    "One row per event of a subscribe object that is there now.",
    f"""
    WITH watched AS (
        SELECT event_key, COUNT(*) AS fields FROM revision_watch_fields GROUP BY event_key
    )
    SELECT {_INTEGRATION_COLUMNS}, {_columns(REVISION_SUBSCRIBE_EVENTS, "x")},
        x.event_type = 'other' OR COALESCE(x.enabled IN ('always', 'true'), FALSE) AS is_enabled,
        CASE
            WHEN x.event_type <> 'update' THEN NULL
            WHEN x.watch_fields_auto IS NOT NULL AND w.fields > 0 THEN 'conflict'
            WHEN x.watch_fields_auto IS NOT NULL THEN x.watch_fields_auto
            WHEN w.fields > 0 THEN 'explicit'
            ELSE 'none'
        END AS watch_mode
    FROM current_integrations AS i
    JOIN revision_subscribe_events AS x ON x.revision_key = i.revision_key
    LEFT JOIN watched AS w ON w.event_key = x.event_key
    """,
    {
        **_CONTEXT,
        "is_enabled": "Whether the event is on.",
        "watch_mode": "Which fields trigger an update: `explicit` (those named), `all`, "
        "`selected`, `conflict` (both) or `none`.",
    },
    example=Example(
        "Which update events are sent whatever field changes?",
        "Platform engineers, looking for the cause of a flood of events.",
        """
        SELECT project_name, integration_name, object_name, destination_name
        FROM current_subscribe_events
        WHERE event_type = 'update' AND is_enabled AND watch_mode = 'all'
        ORDER BY project_name, integration_name, event_key
        """,
    ),
)

VIEWS: tuple[View, ...] = (
    _CURRENT_PROJECTS,
    _INTEGRATIONS,
    _CURRENT_INTEGRATIONS,
    _CURRENT_REVISIONS,
    _CURRENT_OBJECTS,
    _CURRENT_READ_OBJECTS,
    _CURRENT_WRITE_OBJECTS,
    _CURRENT_SUBSCRIBE_OBJECTS,
    _CURRENT_FIELDS,
    _CURRENT_SUBSCRIBE_EVENTS,
    _current(
        "current_watch_fields",
        "One row per named field whose changes trigger an update event now.",
        REVISION_WATCH_FIELDS,
        example=Example(
            "Which field changes are we told of?",
            "Data engineers, before they build on an event that may never come.",
            """
            SELECT w.project_name, w.integration_name, e.object_name, w.watch_field
            FROM current_watch_fields AS w
            JOIN current_subscribe_events AS e ON e.event_key = w.event_key
            ORDER BY w.project_name, w.integration_name, w.watch_field_key
            """,
        ),
    ),
    _current(
        "current_schema_watch_events",
        "One row per event under `watchSchema` that is there now.",
        REVISION_SCHEMA_WATCH_EVENTS,
        example=Example(
            "Who is told when a customer's schema changes, and of what?",
            "Data engineers, since a deleted field silently empties a column.",
            """
            SELECT integration_name, event_type, destination_name, schedule
            FROM current_schema_watch_events
            ORDER BY integration_name, event_type
            """,
        ),
    ),
    View(
        "current_unmapped_properties",
        "One row per value, in what is there now, that no column holds.",
        f"""
        SELECT {_INTEGRATION_COLUMNS}, {_columns(REVISION_UNMAPPED_PROPERTIES, "x")}
        FROM current_integrations AS i
        JOIN revision_unmapped_properties AS x ON x.revision_key = i.revision_key
        UNION ALL
        SELECT p.project_id, p.name, i.integration_id, i.name, i.provider, NULL,
            {_columns(REVISION_UNMAPPED_PROPERTIES, "x")}
        FROM current_projects AS p
        JOIN revision_unmapped_properties AS x ON x.listing_key = p.listing_key
        LEFT JOIN listing_integrations AS i
            ON i.listing_key = x.listing_key
            AND x.parent_table = '{LISTING_INTEGRATIONS.name}'
            AND x.parent_key = x.listing_key || ':' || i.integration_id
        """,
        _CONTEXT,
        example=Example(
            "Did the API or a manifest bring anything that the model does not know?",
            "Whoever maintains this pipeline, after each of the vendor's releases.",
            """
            SELECT integration_name, json_path, reason, value
            FROM current_unmapped_properties
            ORDER BY integration_name, json_path
            """,
            no_rows="in the demo, the model knows all that the API sends",
        ),
    ),
)
"""Every view, in an order in which they can be made."""

VIEWS_BY_NAME = {view.name: view for view in VIEWS}


@cache
def _parse(sql: str) -> exp.Query:
    """The syntax tree of a view's query; not to be changed."""
    tree = sqlglot.parse_one(sql, dialect=DIALECT)
    if not isinstance(tree, exp.Query):
        raise TypeError("a view is made of a query")
    return tree


def makeable(existing: frozenset[str]) -> Iterator[View]:
    """Yields the views whose tables exist, in an order in which they can be made."""
    there = set(existing)
    for view in VIEWS:
        if view.sources() - view.optional <= there:
            there.add(view.name)
            yield view


def query(view: View, dialect: str, names: Mapping[str, str]) -> str:
    """The query of a view for a destination.

    Args:
        view: The view.
        dialect: Dialect of the destination, as sqlglot calls it.
        names: Qualified and quoted name of each table and view that exists.
    """
    sources = sorted(view.sources() & names.keys())
    return _query(view.name, dialect, tuple((name, names[name]) for name in sources))


@cache
def _query(view_name: str, dialect: str, named: tuple[tuple[str, str], ...]) -> str:
    view, names = VIEWS_BY_NAME[view_name], dict(named)
    tree = _parse(view.sql).copy()
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in list(tree.find_all(exp.Table)):
        if table.name in view.optional and table.name not in names:
            table.replace(_empty(TABLES_BY_NAME[table.name]).subquery(table.alias_or_name))
        elif table.name not in own:
            qualified = exp.to_table(names[table.name], dialect=dialect)
            table.set("db", qualified.args.get("db"))
            table.set("catalog", qualified.args.get("catalog"))
            table.set("this", qualified.this)
    return tree.sql(dialect=dialect)


def _empty(table: Table) -> exp.Select:
    """A query for the columns of a table that finds no row."""
    nulls = [
        exp.cast(exp.null(), _SQL_TYPES[column.type]).as_(column.name) for column in table.columns
    ]
    return exp.select(*nulls).where(exp.false())


def column_descriptions(view: View) -> dict[str, str]:
    """The description of each column of a view: its own, else that of the column it shows."""
    described = {name: _description(view.name, name) for name in _parse(view.sql).named_selects}
    return {name: text for name, text in described.items() if text}


@cache
def _description(view_name: str, name: str) -> str | None:
    view = VIEWS_BY_NAME[view_name]
    tree = _parse(view.sql)
    return view.columns.get(name) or _selected(tree, name, tree)


def _selected(query: exp.Query, name: str, tree: exp.Query) -> str | None:
    """The description of what a query inside a view selects under a name; None: it computes it."""
    select = query.find(exp.Select)  # of a union, the first: searched level by level
    if select is None:
        return None
    for selection in select.selects:
        column = selection.unalias()
        if selection.is_star:
            text = _shown(select, column.text("table"), name, tree)
        elif selection.alias_or_name == name and isinstance(column, exp.Column):
            text = _shown(select, column.table, column.name, tree)
        else:
            continue
        if text:
            return text
    return None


def _shown(select: exp.Select, alias: str, name: str, tree: exp.Query) -> str | None:
    """The description of a column of one of a query's sources, or of any when none is named."""
    for clause in (select.find(exp.From), *(select.args.get("joins") or ())):
        if clause and alias in ("", clause.this.alias_or_name):
            text = _described(clause.this.name, name, tree)
            if text:
                return text
    return None


def _described(source: str, name: str, tree: exp.Query) -> str | None:
    """The description of a column of a table, of a view, or of a subquery that a view names."""
    for cte in tree.ctes:
        if cte.alias == source:
            return _selected(cte.this, name, tree)
    if source in TABLES_BY_NAME:
        columns = TABLES_BY_NAME[source].columns
        return next((column.description for column in columns if column.name == name), None)
    return _description(source, name) if source in VIEWS_BY_NAME else None
