"""The views of what is there now."""

from collections.abc import Mapping

from ..declaration import PROJECT_ID, Example, Table
from ..tables import (
    LISTING_INTEGRATIONS,
    PROJECTS,
    REVISION_FIELDS,
    REVISION_OBJECTS,
    REVISION_SCHEMA_WATCH_EVENTS,
    REVISION_SUBSCRIBE_EVENTS,
    REVISION_UNMAPPED_PROPERTIES,
    REVISION_WATCH_FIELDS,
    REVISIONS,
)
from .declaration import CONTEXT, INTEGRATION_COLUMNS, View, columns_of
from .runs import MISSING, RUNS

_CURRENT_PROJECTS = View(
    "current_projects",
    "One row per project that is there now: as of the last run that could list it.",
    f"""
    WITH {RUNS},
    ends AS (
        SELECT project_id, MAX(last_listed) AS run_id FROM known GROUP BY project_id
    ),
    {MISSING}
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
        "project_id": PROJECT_ID,
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
        **CONTEXT,
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
    "One row per integration that is there now and has a revision: that revision.",
    f"""
    SELECT {INTEGRATION_COLUMNS},
        {columns_of(REVISIONS, "r", without=("project_id", "integration_id", "revision_id"))}
    FROM current_integrations AS i
    JOIN revisions AS r ON r.revision_key = i.revision_key
    """,
    CONTEXT,
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
        SELECT {INTEGRATION_COLUMNS}, {columns_of(table, "x")}{derived}
        FROM current_integrations AS i
        JOIN {table.name} AS x ON x.revision_key = i.revision_key
        """,
        {**CONTEXT, **(columns or {})},
        example=example,
    )


# The read object of the same name: exactly, else by the only one that differs in case alone.
# The docs call names case-sensitive, the vendor's command-line client compares lower case.
_CURRENT_OBJECTS = View(
    "current_objects",
    "One row per object entry, of any action, that is there now.",
    f"""
    WITH read_entries AS (
        SELECT revision_key, object_name, LOWER(object_name) AS lower_name,
            MIN(position) AS position
        FROM revision_objects WHERE action = 'read' AND object_name IS NOT NULL
        GROUP BY revision_key, object_name
    ),
    only_read_entries AS (
        SELECT revision_key, lower_name, MIN(position) AS position
        FROM read_entries GROUP BY revision_key, lower_name HAVING COUNT(*) = 1
    ),
    matched AS (
        SELECT
            {columns_of(REVISION_OBJECTS, "o")},
            CASE
                WHEN o.action NOT IN ('write', 'subscribe') THEN NULL
                WHEN e.position IS NOT NULL THEN 'exact'
                WHEN c.position IS NOT NULL THEN 'case'
                ELSE 'none'
            END AS read_object_match,
            CASE WHEN o.action IN ('write', 'subscribe') THEN COALESCE(e.position, c.position) END
                AS read_position
        FROM revision_objects AS o
        LEFT JOIN read_entries AS e
            ON e.revision_key = o.revision_key AND e.object_name = o.object_name
        LEFT JOIN only_read_entries AS c
            ON c.revision_key = o.revision_key AND c.lower_name = LOWER(o.object_name)
    )
    SELECT {INTEGRATION_COLUMNS}, {columns_of(REVISION_OBJECTS, "o")},
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
        **CONTEXT,
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
        {columns_of(REVISION_OBJECTS, "o", without=("action",), kind="read")},
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
        **CONTEXT,
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
        columns_of(
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
    {**CONTEXT, **_CURRENT_OBJECTS.columns},
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
        columns_of(
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
    {**CONTEXT, **_CURRENT_OBJECTS.columns},
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
        CAST('read' AS TEXT) AS action,
        COALESCE(x.map_to_name, x.field_name) AS effective_field_name,
        CASE
            WHEN x.field_name IS NOT NULL THEN 'existent'
            WHEN x.map_to_name IS NOT NULL THEN 'mapping'
            ELSE 'unknown'
        END AS field_kind""",
    {
        "action": "Action of its object: `read`, since no other has fields.",
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
    SELECT {INTEGRATION_COLUMNS}, {columns_of(REVISION_SUBSCRIBE_EVENTS, "x")},
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
        **CONTEXT,
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

CURRENT_VIEWS: tuple[View, ...] = (
    _CURRENT_PROJECTS,
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
        SELECT {INTEGRATION_COLUMNS}, {columns_of(REVISION_UNMAPPED_PROPERTIES, "x")}
        FROM current_integrations AS i
        JOIN revision_unmapped_properties AS x ON x.revision_key = i.revision_key
        UNION ALL
        SELECT p.project_id, p.name, i.integration_id, i.name, i.provider, NULL,
            {columns_of(REVISION_UNMAPPED_PROPERTIES, "x")}
        FROM current_projects AS p
        JOIN revision_unmapped_properties AS x ON x.listing_key = p.listing_key
        LEFT JOIN listing_integrations AS i
            ON i.listing_key = x.listing_key
            AND x.parent_table = '{LISTING_INTEGRATIONS.name}'
            AND x.parent_key = x.listing_key || ':' || i.integration_id
        """,
        CONTEXT,
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
"""The views of what is there now, in an order in which they can be made."""
