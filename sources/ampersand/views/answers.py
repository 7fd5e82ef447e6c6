"""The views that answer questions about what is there now, on top of the `current_*` views.

They are written in what DuckDB, PostgreSQL and SQLite have in common, SQLite 3.40 included: no
regular expressions, no lists, no order inside an aggregate.
"""

from collections.abc import Iterable, Mapping, Sequence

from ..declaration import Example
from ..exceptions import ConfigurationError
from .changes import NAMES, REVISION_CHANGES, THINGS, differences, facts_of_things
from .declaration import CONTEXT, INTEGRATION_COLUMNS, View, count, literal
from .runs import LISTED, RUNS

PersonalDataPatterns = Mapping[str, Sequence[str]]

PERSONAL_DATA_PATTERNS: PersonalDataPatterns = {
    "email": ("%email%",),
    "phone": ("%phone%", "%mobile%", "fax", "%faxnumber%"),
    "ip_address": ("%ipaddress%",),
    "address": ("%address%", "%street%", "%postalcode%", "%postcode%", "%zipcode%", "zip", "city"),
    "name": (
        "%firstname%",
        "%lastname%",
        "%middlename%",
        "%fullname%",
        "%givenname%",
        "%familyname%",
        "%surname%",
    ),
    "birth": ("%birth%", "dob"),
    "identity_number": ("ssn", "%socialsecurity%", "%nationalid%", "%passport%", "%taxid%"),
    "bank_account": ("iban", "%bankaccount%"),
}
"""Kinds of personal data, and how their fields are called: patterns of SQL's `LIKE` for names in
lower case without `_`, `-`, `.` and blanks. A field is of the first kind that it matches."""


def _context(alias: str) -> str:
    """The columns that say of which integration a row is."""
    return ", ".join(
        f"{alias}.{name}"
        for name in (
            "project_id",
            "project_name",
            "integration_id",
            "integration_name",
            "provider",
            "revision_id",
        )
    )


_INTEGRATION_INVENTORY = View(
    "integration_inventory",
    "One row per integration that is there now, with counts of what is in it.",
    f"""
    WITH revisions_now AS (
        SELECT * FROM current_revisions
    ),
    objects_now AS (
        SELECT * FROM current_objects
    ),
    objects AS (
        SELECT project_id, integration_id,
            {count("action = 'read'")} AS read_objects,
            {count("action = 'write'")} AS write_objects,
            {count("action = 'subscribe'")} AS subscribe_objects,
            {count("action NOT IN ('read', 'write', 'subscribe')")} AS other_objects
        FROM objects_now GROUP BY project_id, integration_id
    ),
    fields AS (
        SELECT project_id, integration_id, {count("is_required")} AS required_fields,
            {count("NOT is_required")} AS optional_fields
        FROM current_fields GROUP BY project_id, integration_id
    ),
    events AS (
        SELECT project_id, integration_id, COUNT(*) AS events
        FROM current_subscribe_events WHERE is_enabled GROUP BY project_id, integration_id
    ),
    named AS (
        SELECT project_id, integration_id, destination_name FROM objects_now
        UNION ALL
        SELECT project_id, integration_id, watch_schema_destination_name FROM revisions_now
    ),
    destinations AS (
        SELECT project_id, integration_id, COUNT(DISTINCT destination_name) AS destinations
        FROM named GROUP BY project_id, integration_id
    )
    SELECT {INTEGRATION_COLUMNS}, r.display_name, r.module,
        COALESCE(o.read_objects, 0) AS read_objects,
        COALESCE(o.write_objects, 0) AS write_objects,
        COALESCE(o.subscribe_objects, 0) AS subscribe_objects,
        COALESCE(o.other_objects, 0) AS other_objects,
        COALESCE(f.required_fields, 0) AS required_fields,
        COALESCE(f.optional_fields, 0) AS optional_fields,
        COALESCE(e.events, 0) AS events,
        COALESCE(r.proxy_enabled, FALSE) AS has_proxy,
        COALESCE(d.destinations, 0) AS destinations,
        i.create_time, r.create_time AS deploy_time
    FROM current_integrations AS i
    LEFT JOIN revisions_now AS r
        ON r.project_id = i.project_id AND r.integration_id = i.integration_id
    LEFT JOIN objects AS o
        ON o.project_id = i.project_id AND o.integration_id = i.integration_id
    LEFT JOIN fields AS f
        ON f.project_id = i.project_id AND f.integration_id = i.integration_id
    LEFT JOIN events AS e
        ON e.project_id = i.project_id AND e.integration_id = i.integration_id
    LEFT JOIN destinations AS d
        ON d.project_id = i.project_id AND d.integration_id = i.integration_id
    """,
    {
        **CONTEXT,
        "read_objects": "Objects that it reads.",
        "write_objects": "Objects that it writes.",
        "subscribe_objects": "Objects that it subscribes to.",
        "other_objects": "Objects of actions that the model does not know.",
        "required_fields": "Entries in `requiredFields` of its read objects.",
        "optional_fields": "Entries in `optionalFields` of its read objects.",
        "events": "Events that are on.",
        "has_proxy": "Whether calls may be passed through.",
        "destinations": "Different Ampersand destinations, that of `watchSchema` included.",
        "deploy_time": "When its latest revision was deployed; NULL when it has none.",
    },
    example=Example(
        "Which integrations are there, with which actions, and deployed when?",
        "Platform engineers, new to a project or about to hand it over.",
        """
        SELECT integration_name, module, read_objects AS reads, write_objects AS writes,
            subscribe_objects AS subscribes, has_proxy, CAST(deploy_time AS DATE) AS deployed
        FROM integration_inventory
        WHERE project_name = 'lanternfish-production'
        ORDER BY deploy_time DESC, integration_name
        """,
    ),
)

_COVERAGE = ", ".join(
    f"COUNT(DISTINCT CASE WHEN action = '{action}' THEN {counted} END) AS {doing}_{unit}"
    for action, doing in (("read", "reading"), ("write", "writing"), ("subscribe", "subscribing"))
    for unit, counted in (("integrations", "integration"), ("projects", "project_id"))
)

_OBJECT_COVERAGE = View(
    "object_coverage",
    "One row per provider and object, with who does what with it now: how many integrations and "
    "projects. Names are compared as the manifests spell them, since the API tells them apart by "
    "case; an object that is written or subscribed to counts under the name of its read object, if "
    "any.",
    f"""
    WITH objects AS (
        SELECT * FROM current_objects
    ),
    named AS (
        SELECT o.provider, COALESCE(r.object_name, o.object_name) AS object_name, o.action,
            o.project_id, o.project_id || ':' || o.integration_id AS integration
        FROM objects AS o
        LEFT JOIN objects AS r ON r.object_key = o.read_object_key
    )
    SELECT provider, object_name, {_COVERAGE},
        COUNT(DISTINCT integration) AS integrations,
        COUNT(DISTINCT project_id) AS projects
    FROM named
    GROUP BY provider, object_name
    """,
    {
        "provider": CONTEXT["provider"],
        "object_name": "Name of the object at the provider; NULL where none is given.",
        "reading_integrations": "Integrations that read it.",
        "reading_projects": "Projects with one of them.",
        "writing_integrations": "Integrations that write it.",
        "writing_projects": "Projects with one of them.",
        "subscribing_integrations": "Integrations that subscribe to it.",
        "subscribing_projects": "Projects with one of them.",
        "integrations": "Integrations that have it in any action.",
        "projects": "Projects with one of them.",
    },
    example=Example(
        "Which objects of CRM systems do we read, write and subscribe to?",
        "Product and RevOps, when a customer asks what is covered.",
        """
        SELECT provider, object_name, reading_integrations AS reading,
            writing_integrations AS writing, subscribing_integrations AS subscribing
        FROM object_coverage
        WHERE provider IN ('hubspot', 'salesforce')
        ORDER BY provider, object_name
        """,
    ),
)

_DESTINATION_USAGE = View(
    "destination_usage",
    "One row per object, or `watchSchema`, that delivers to a destination now: all that hangs on "
    "an Ampersand destination of a project.",
    f"""
    WITH events AS (
        SELECT object_key, COUNT(*) AS events
        FROM current_subscribe_events WHERE is_enabled GROUP BY object_key
    ),
    schema_events AS (
        SELECT project_id, integration_id, COUNT(*) AS events
        FROM current_schema_watch_events WHERE enabled IN ('always', 'true')
        GROUP BY project_id, integration_id
    )
    SELECT {_context("o")}, o.destination_name, o.action, o.object_key, o.object_name,
        o.effective_object_name, o.schedule, COALESCE(e.events, 0) AS events
    FROM current_objects AS o
    LEFT JOIN events AS e ON e.object_key = o.object_key
    WHERE o.destination_name IS NOT NULL
    UNION ALL
    SELECT {_context("r")}, r.watch_schema_destination_name, 'watch_schema', NULL, NULL, NULL,
        r.watch_schema_schedule, COALESCE(s.events, 0)
    FROM current_revisions AS r
    LEFT JOIN schema_events AS s
        ON s.project_id = r.project_id AND s.integration_id = r.integration_id
    WHERE r.watch_schema_destination_name IS NOT NULL
    """,
    {
        **CONTEXT,
        "destination_name": "Name of the Ampersand destination, unique in the project.",
        "action": "`read`, `subscribe`, `watch_schema`, or an action that the model does not know.",
        "object_key": "The object entry; NULL for `watch_schema`.",
        "object_name": "Name of the object at the provider.",
        "effective_object_name": "Name under which its records are delivered.",
        "schedule": "Cron expression of the reads, or of the checks for changes of a schema.",
        "events": "Events that are on.",
    },
    example=Example(
        "How much hangs on each destination?",
        "Platform engineers, before they rename a webhook or turn off a queue.",
        """
        SELECT destination_name, action, COUNT(DISTINCT integration_id) AS integrations,
            COUNT(object_key) AS objects, SUM(events) AS events
        FROM destination_usage
        WHERE project_name = 'lanternfish-production'
        GROUP BY destination_name, action
        ORDER BY destination_name, action
        """,
    ),
)

_FIELD_LINEAGE = View(
    "field_lineage",
    "One row per field that is delivered or accepted now: which field of the provider is behind "
    "which name. Fields of a read object are there again for each object that is written or "
    "subscribed to with its mapping. What customers add by themselves is not: see broad_access.",
    f"""
    WITH objects AS (
        SELECT * FROM current_objects
    ),
    sources AS (
        SELECT object_key, object_key AS source_key, FALSE AS is_inherited
        FROM objects WHERE action = 'read'
        UNION ALL
        SELECT object_key, read_object_key, TRUE
        FROM objects WHERE inherits_mapping AND read_object_key IS NOT NULL
    )
    SELECT {_context("o")}, o.action, o.object_key, o.object_name, o.effective_object_name,
        o.destination_name, f.field_key, f.field_name, f.effective_field_name, f.field_kind,
        f.is_required, f.default_field_name, s.is_inherited
    FROM sources AS s
    JOIN objects AS o ON o.object_key = s.object_key
    JOIN current_fields AS f ON f.object_key = s.source_key
    WHERE f.effective_field_name IS NOT NULL
    """,
    {
        **CONTEXT,
        "action": "`read`, `write` or `subscribe`.",
        "object_key": "The object entry that delivers or accepts it.",
        "field_key": "The field entry, of the read object.",
        "effective_field_name": "Name under which it is delivered (read, subscribe) or accepted "
        "(write).",
        "is_inherited": "Whether the mapping is that of the read object (write, subscribe).",
    },
    example=Example(
        "Which field of the provider is behind `phone`, in everything that we deliver?",
        "Analysts, who see one column and several systems behind it.",
        """
        SELECT integration_name, action, object_name, field_name, effective_object_name
        FROM field_lineage
        WHERE effective_field_name = 'phone' AND project_name = 'lanternfish-production'
        ORDER BY integration_name, object_name, action, field_key
        """,
    ),
)


def personal_data_patterns(patterns: PersonalDataPatterns) -> View:
    """The view of what counts as personal data.

    Args:
        patterns: Patterns of SQL's `LIKE` by kind of personal data, as in
            `PERSONAL_DATA_PATTERNS`; the first kind counts that a field matches.

    Raises:
        ConfigurationError: They cannot be used.
    """
    rows = [(kind, pattern) for kind, those in patterns.items() for pattern in _listed(kind, those)]
    # not as VALUES, which not every database has
    queries = [
        f"SELECT {position}, {literal(kind)}, {literal(pattern.lower())}"
        for position, (kind, pattern) in enumerate(rows)
    ]
    nothing = (
        "SELECT 0 AS position, CAST('' AS TEXT) AS personal_data_kind, CAST('' AS TEXT) AS pattern"
    )
    union = "\nUNION ALL\n".join([nothing, *queries])
    return View(
        "personal_data_patterns",
        "One row per pattern of names that count as personal data. Patterns can be replaced.",
        f"""
        WITH patterns AS (
            {union}
        )
        SELECT position, personal_data_kind, pattern FROM patterns WHERE pattern <> ''
        """,
        {
            "position": "Order of the patterns; the first one that matches counts.",
            "personal_data_kind": "Kind of personal data, like `email`.",
            "pattern": "Pattern of SQL's `LIKE` for names in lower case without `_`, `-`, `.` and "
            "blanks.",
        },
        example=Example(
            "What counts as personal data here?",
            "Security and privacy, before they trust the answer of `personal_data_fields`.",
            """
            SELECT personal_data_kind, COUNT(*) AS patterns, MIN(pattern) AS one_of_them
            FROM personal_data_patterns
            GROUP BY personal_data_kind
            ORDER BY MIN(position)
            """,
        ),
    )


def _listed(kind: str, patterns: object) -> list[str]:
    if not isinstance(patterns, list | tuple) or not all(isinstance(p, str) for p in patterns):
        raise ConfigurationError(
            f"personal_data_patterns: what is given for {kind} is no list of texts; write "
            f'{kind} = ["%...%"]'
        )
    for pattern in patterns:
        if "\\" in pattern:  # databases disagree on what it means
            raise ConfigurationError(
                f"personal_data_patterns: the pattern {pattern} of {kind} has a backslash, which "
                "no name needs; leave it out"
            )
    return list(patterns)


def _bare(name: str) -> str:
    """A name as patterns see it."""
    bare = f"LOWER({name})"
    for character in "_-. ":
        bare = f"REPLACE({bare}, '{character}', '')"
    return bare


_PERSONAL_DATA_FIELDS = View(
    "personal_data_fields",
    "One row per field that is read now and that looks like personal data: its name at the "
    "provider, its delivered name or the field suggested for it is like one of "
    "personal_data_patterns.",
    f"""
    WITH fields AS (
        SELECT * FROM current_fields
    ),
    names AS (
        SELECT field_key, {_bare("field_name")} AS name FROM fields
        UNION
        SELECT field_key, {_bare("map_to_name")} FROM fields
        UNION
        SELECT field_key, {_bare("default_field_name")} FROM fields
    ),
    patterns AS (
        SELECT * FROM personal_data_patterns
    ),
    personal AS (
        SELECT n.name, MIN(p.position) AS position
        FROM (SELECT DISTINCT name FROM names) AS n
        JOIN patterns AS p ON n.name LIKE p.pattern
        GROUP BY n.name
    ),
    matched AS (
        SELECT n.field_key, MIN(p.position) AS position
        FROM names AS n
        JOIN personal AS p ON p.name = n.name
        GROUP BY n.field_key
    )
    SELECT {_context("f")}, f.object_key, f.object_name, o.effective_object_name,
        o.destination_name, f.field_key, f.field_name, f.effective_field_name,
        p.personal_data_kind, f.is_required, o.is_always_read
    FROM matched AS m
    JOIN patterns AS p ON p.position = m.position
    JOIN fields AS f ON f.field_key = m.field_key
    JOIN current_read_objects AS o ON o.object_key = f.object_key
    """,
    {
        **CONTEXT,
        "is_required": "Whether it is read of every customer's object, without opting out.",
        "is_always_read": "Whether its object is read for every installation, even if the customer "
        "did not select it.",
    },
    example=Example(
        "Which personal data do we read without asking the customer, and where does it go?",
        "Security and privacy, for the record of processing activities.",
        """
        SELECT integration_name, object_name, field_name, personal_data_kind, destination_name
        FROM personal_data_fields
        WHERE is_required AND project_name = 'lanternfish-production'
        ORDER BY integration_name, object_name, field_key
        """,
    ),
)

_BROAD_ACCESS = View(
    "broad_access",
    "One row per permission that reaches further than the fields of a manifest.",
    f"""
    WITH objects AS (
        SELECT * FROM current_objects
    )
    SELECT {_context("o")}, 'read_any_field' AS access, o.object_key, o.object_name,
        o.effective_object_name, o.destination_name
    FROM objects AS o
    WHERE o.optional_fields_auto = 'all'
    UNION ALL
    SELECT {_context("o")}, 'default_any_field', o.object_key, o.object_name,
        o.effective_object_name, o.destination_name
    FROM objects AS o
    WHERE o.allow_any_value_defaults
    UNION ALL
    SELECT {_context("r")}, 'proxy', NULL, NULL, NULL, NULL
    FROM current_revisions AS r
    WHERE r.proxy_enabled
    """,
    {
        **CONTEXT,
        "access": "`read_any_field`: customers may add any field of the object. "
        "`default_any_field`: they may set default values for any field that is written. `proxy`: "
        "any call of the provider's API may be passed through.",
        "object_key": "The object entry; NULL for `proxy`.",
        "object_name": "Name of the object at the provider.",
        "effective_object_name": "Name under which records are delivered or accepted.",
        "destination_name": "Name of the Ampersand destination that receives it (read).",
    },
    example=Example(
        "Where can more be reached than the manifest names?",
        "Security, before an audit asks for the least access that is needed.",
        """
        SELECT provider, access, COUNT(DISTINCT integration_id) AS integrations,
            COUNT(object_key) AS objects
        FROM broad_access
        WHERE project_name = 'lanternfish-production'
        GROUP BY provider, access
        ORDER BY objects DESC, provider, access
        """,
    ),
)

_SCHEDULED_READS = View(
    "scheduled_reads",
    "One row per project and provider that is read, and how often: how many scheduled reads begin, "
    "for each customer that has installed everything. A read may take several calls of the "
    "provider's API.",
    f"""
    SELECT project_id, project_name, provider,
        COUNT(DISTINCT integration_id) AS integrations,
        {count("is_scheduled")} AS scheduled_objects,
        {count("NOT is_scheduled")} AS unscheduled_objects,
        {count("is_scheduled AND schedule_runs_per_day IS NULL")} AS unreadable_schedules,
        COALESCE(SUM(schedule_runs_per_day), 0e0) / 24e0 AS reads_per_hour,
        COALESCE(SUM(schedule_runs_per_day), 0e0) AS reads_per_day,
        MIN(schedule_min_interval_minutes) AS min_interval_minutes
    FROM current_read_objects
    GROUP BY project_id, project_name, provider
    """,
    {
        **CONTEXT,
        "integrations": "Integrations that read from it.",
        "scheduled_objects": "Objects that are read on a schedule.",
        "unscheduled_objects": "Objects that are read on demand only.",
        "unreadable_schedules": "Objects whose schedule cannot be read or never comes; they are "
        "not in the sums.",
        "reads_per_hour": "Scheduled reads per hour, on average, for each customer.",
        "reads_per_day": "Scheduled reads per day, on average, for each customer.",
        "min_interval_minutes": "Shortest time between two reads of one object, in minutes.",
    },
    example=Example(
        "How many reads per hour does each provider's API see from us?",
        "Platform engineers, to stay below a provider's quota. Multiply by the customers.",
        """
        SELECT provider, scheduled_objects,
            CAST(CAST(reads_per_hour AS DECIMAL(10, 2)) AS DOUBLE PRECISION) AS per_hour
        FROM scheduled_reads
        WHERE project_name = 'lanternfish-production'
        ORDER BY reads_per_hour DESC, provider
        """,
    ),
)

_BACKFILL_POLICIES = View(
    "backfill_policies",
    "One row per read object that is there now, and its first read: how much history is read when "
    "a customer installs.",
    f"""
    SELECT {_context("o")}, o.object_key, o.object_name, o.effective_object_name,
        o.destination_name, o.backfill_kind, o.backfill_days,
        o.backfill_days IS NOT NULL OR o.backfill_full_history IS NOT NULL AS is_declared,
        o.is_always_read, o.schedule
    FROM current_read_objects AS o
    """,
    {
        **CONTEXT,
        "is_declared": "Whether the manifest says so; if not, `none` is the default.",
    },
    example=Example(
        "How much history do we ask each provider for?",
        "Platform and data engineers, before a big customer installs.",
        """
        SELECT backfill_kind, backfill_days, COUNT(DISTINCT provider) AS providers,
            COUNT(*) AS objects
        FROM backfill_policies
        WHERE project_name = 'lanternfish-production'
        GROUP BY backfill_kind, backfill_days
        ORDER BY objects DESC, backfill_kind, backfill_days
        """,
    ),
)

_EVENT_TYPES = ("create", "update", "delete", "association_change", "other")
_EVENT_COUNTS = ", ".join(
    count(f"e.event_type = '{name}'") + f" AS {name}_events" for name in _EVENT_TYPES
)
_EVENT_FLAGS = ", ".join(
    f"COALESCE(t.{name}_events, 0) > 0 AS has_{name}_events" for name in _EVENT_TYPES
)

_OBJECT_FRESHNESS = View(
    "object_freshness",
    "One row per object that is read or subscribed to now, and how late it is: whether its changes "
    "arrive by events or with the next read, and how long that takes. An object that is read has "
    "one row, with the events of the subscribe objects of its name.",
    f"""
    WITH objects AS (
        SELECT * FROM current_objects
    ),
    events AS (
        SELECT object_key, event_type FROM current_subscribe_events WHERE is_enabled
    ),
    told AS (
        SELECT COALESCE(o.read_object_key, o.object_key) AS object_key,
            {_EVENT_COUNTS}
        FROM objects AS o
        JOIN events AS e ON e.object_key = o.object_key
        GROUP BY COALESCE(o.read_object_key, o.object_key)
    )
    SELECT {_context("o")}, o.action, o.object_key, o.object_name, o.effective_object_name,
        CASE
            WHEN t.object_key IS NOT NULL THEN 'real_time'
            WHEN o.schedule IS NOT NULL THEN 'polled'
            WHEN o.action = 'read' THEN 'on_demand'
            ELSE 'never'
        END AS freshness,
        {_EVENT_FLAGS},
        o.schedule,
        o.schedule_runs_per_day AS reads_per_day,
        1440e0 / NULLIF(o.schedule_runs_per_day, 0e0) AS poll_interval_minutes
    FROM objects AS o
    LEFT JOIN told AS t ON t.object_key = o.object_key
    WHERE o.action = 'read' OR (o.action = 'subscribe' AND o.read_object_key IS NULL)
    """,
    {
        **CONTEXT,
        "action": "`read`, or `subscribe` where no read object has the name.",
        "object_key": "The object entry.",
        "freshness": "`real_time`: some event is on. `polled`: read on a schedule. `on_demand`: "
        "read when asked for. `never`: subscribed to without an event that is on.",
        "has_create_events": "Whether new records arrive by event.",
        "has_update_events": "Whether changes arrive by event; of which fields: see "
        "`effective_watch_fields`.",
        "has_delete_events": "Whether deletions arrive by event.",
        "has_association_change_events": "Whether changed associations arrive by event.",
        "has_other_events": "Whether the provider's own events arrive.",
        "reads_per_day": "Scheduled reads per day, on average, for each customer; NULL: no "
        "schedule, or one that cannot be read or never comes.",
        "poll_interval_minutes": "Minutes between two scheduled reads, on average; NULL: no "
        "schedule, or one that cannot be read or never comes.",
    },
    example=Example(
        "How old can a contact or a company be when we see it?",
        "Data engineers and support, before they call a number wrong.",
        """
        SELECT integration_name, object_name, freshness, has_create_events AS creates,
            has_update_events AS updates, CAST(poll_interval_minutes AS INTEGER) AS minutes
        FROM object_freshness
        WHERE project_name = 'lanternfish-production'
            AND (object_name ILIKE 'contact%' OR object_name ILIKE '%compan%')
        ORDER BY freshness DESC, minutes, integration_name, object_name
        """,
    ),
)

_EFFECTIVE_WATCH_FIELDS = View(
    "effective_watch_fields",
    "One row per update event and field whose changes trigger it; one row without a field where no "
    "field can be named.",
    f"""
    WITH events AS (
        SELECT * FROM current_subscribe_events WHERE event_type = 'update'
    ),
    objects AS (
        SELECT * FROM current_objects
    ),
    fields AS (
        SELECT object_key, field_name, effective_field_name,
            MAX(CASE WHEN is_required THEN 1 ELSE 0 END) AS is_required
        FROM current_fields WHERE effective_field_name IS NOT NULL
        GROUP BY object_key, field_name, effective_field_name
    ),
    watched AS (
        SELECT DISTINCT e.event_key, w.watch_field, f.field_name, f.effective_field_name,
            'certain' AS certainty
        FROM events AS e
        JOIN objects AS o ON o.object_key = e.object_key
        JOIN current_watch_fields AS w ON w.event_key = e.event_key
        LEFT JOIN fields AS f
            ON f.object_key = o.read_object_key
            AND (f.field_name = w.watch_field OR f.effective_field_name = w.watch_field)
        WHERE e.watch_mode = 'explicit'
        UNION ALL
        SELECT e.event_key, NULL, f.field_name, f.effective_field_name,
            CASE WHEN f.is_required = 1 THEN 'certain' ELSE 'possible' END
        FROM events AS e
        JOIN objects AS o ON o.object_key = e.object_key
        JOIN fields AS f ON f.object_key = o.read_object_key
        WHERE e.watch_mode = 'selected'
    )
    SELECT {_context("e")}, e.event_key, o.object_key, o.object_name, o.effective_object_name,
        e.destination_name, e.is_enabled, e.watch_mode, e.watch_mode = 'all' AS watches_all_fields,
        e.watch_mode = 'selected' AND COALESCE(r.optional_fields_auto = 'all', FALSE)
            AS is_open_ended,
        w.watch_field, w.field_name, w.effective_field_name, w.certainty
    FROM events AS e
    JOIN objects AS o ON o.object_key = e.object_key
    LEFT JOIN objects AS r ON r.object_key = o.read_object_key
    LEFT JOIN watched AS w ON w.event_key = e.event_key
    """,
    {
        **CONTEXT,
        "event_key": "The update event.",
        "watches_all_fields": "Whether it is triggered whatever field changes; which there are, the"
        " provider alone knows.",
        "is_open_ended": "Whether customers may add any field to those that are watched.",
        "watch_field": "The entry of `requiredWatchFields` (`explicit`).",
        "field_name": "Name of the field at the provider; NULL: the customer chooses it, or no "
        "field of the read object has the name.",
        "effective_field_name": "Name under which it is delivered; NULL: no field of the read "
        "object has the name.",
        "certainty": "`certain`, or `possible`: if the customer selects the field. NULL: no field "
        "can be named.",
    },
    example=Example(
        "The change of which fields triggers an update event?",
        "Data engineers, when an expected event did not come.",
        """
        SELECT integration_name, object_name, watch_mode, field_name, effective_field_name,
            certainty
        FROM effective_watch_fields
        WHERE project_name = 'lanternfish-production' AND is_enabled
        ORDER BY integration_name, event_key, certainty, field_name, effective_field_name
        """,
    ),
)


def _columns(names: Iterable[str], form: str = "{0}") -> str:
    return ", ".join(form.format(name) for name in names)


_HERE = ("project_id", "project_name", "integration_id", "revision_key")
_THERE = tuple(f"other_{name}" for name in _HERE)

_ENVIRONMENT_DIFFERENCES = View(
    "environment_differences",
    "One row per difference between two projects' manifests of the same name now: a thing that "
    "only one of the two integrations has, or a property that differs. Each pair is there both "
    "ways round; an order alone is no difference.",
    f"""
    WITH manifests AS (
        SELECT project_id, project_name, integration_id, integration_name, revision_key,
            content_hash
        FROM current_revisions
    ),
    pairs AS (
        SELECT a.integration_name, {_columns(_HERE, "a.{0}")},
            {_columns(_HERE, "b.{0} AS other_{0}")}
        FROM manifests AS a
        JOIN manifests AS b
            ON b.integration_name = a.integration_name AND b.project_id > a.project_id
        WHERE COALESCE(b.content_hash, '') <> COALESCE(a.content_hash, '')
    ),
    content_sides AS (
        SELECT p.revision_key, p.other_revision_key, s.side,
            CASE s.side WHEN 'here' THEN p.revision_key ELSE p.other_revision_key END
                AS content_key
        FROM pairs AS p
        CROSS JOIN (SELECT 'here' AS side UNION ALL SELECT 'there') AS s
    ),
    contents AS (
        SELECT DISTINCT content_key AS revision_key FROM content_sides
    ),
    {THINGS},
    facts AS (
        {facts_of_things()}
    ),
    {differences(("revision_key", "other_revision_key"), "here", "there", without="revision_id")},
    told AS (
        SELECT p.*, {_columns(("kind", *NAMES), "d.{0}")}, NULLIF(d.property, '') AS property,
            d.here_value AS value, d.there_value AS other_value,
            CASE
                WHEN d.property <> '' THEN 'differs'
                WHEN d.is_here = 1 THEN 'only_here'
                ELSE 'only_there'
            END AS difference
        FROM differences AS d
        JOIN pairs AS p
            ON p.revision_key = d.revision_key AND p.other_revision_key = d.other_revision_key
    )
    SELECT integration_name, {_columns((*_HERE, *_THERE))}, difference,
        {_columns(("kind", *NAMES))}, property, value, other_value
    FROM told
    UNION ALL
    SELECT integration_name, {_columns((*_THERE, *_HERE))},
        CASE difference
            WHEN 'only_here' THEN 'only_there' WHEN 'only_there' THEN 'only_here' ELSE difference
        END,
        {_columns(("kind", *NAMES))}, property, other_value, value
    FROM told
    """,
    {
        **CONTEXT,
        "integration_id": "Id of the integration in the project.",
        "revision_key": "Its revision.",
        "other_project_id": "Id of the project that it is compared with.",
        "other_project_name": "Name of that project.",
        "other_integration_id": "Id of the integration of the same name there.",
        "other_revision_key": "Its revision.",
        "difference": "`only_here`: the other project does not have the thing. `only_there`: the "
        "other alone has it. `differs`: both have it, with another value of a property.",
        **{name: REVISION_CHANGES.columns[name] for name in NAMES},
        "kind": "What differs: `revision`, `object`, `field`, `event`, `watch_field` or "
        "`schema_watch_event`.",
        "property": "What differs of it: a column of its table, or a property that no column "
        "holds; NULL where the thing as a whole is missing.",
        "value": "The value here; of what is only here: whether a field is required or optional, "
        "where an object is delivered to.",
        "other_value": "The value there, likewise.",
    },
    example=Example(
        "Which settings of objects differ between staging and production?",
        "Platform engineers, before a release and after a mistake. Other rows tell of fields and "
        "events, and of what is missing on one side.",
        """
        SELECT integration_name, action, object_name, property, value, other_value
        FROM environment_differences
        WHERE project_name = 'lanternfish-staging' AND other_project_name = 'lanternfish-production'
            AND kind = 'object' AND difference = 'differs'
        ORDER BY integration_name, action, object_name, property
        """,
    ),
)

_UNIFIED_MODEL_GAPS = View(
    "unified_model_gaps",
    "One row per object or field of a unified model that a provider lacks: its integrations in the "
    "project do not deliver it. A field is one of the model if some manifest maps a field to its "
    "name; it is missing where a provider delivers its object without it. An object is one of the "
    "model if several providers deliver it and some manifest maps an object to its name; it is "
    "missing where a provider delivers another object of the model, but not this one.",
    """
    WITH objects AS (
        SELECT * FROM current_read_objects
        WHERE effective_object_name IS NOT NULL AND provider IS NOT NULL
    ),
    fields AS (
        SELECT o.project_id, o.effective_object_name, f.effective_field_name, o.provider,
            f.map_to_name
        FROM current_fields AS f
        JOIN objects AS o ON o.object_key = f.object_key
    ),
    delivering AS (
        SELECT DISTINCT project_id, project_name, effective_object_name, provider FROM objects
    ),
    model_objects AS (
        SELECT project_id, effective_object_name FROM objects
        GROUP BY project_id, effective_object_name
        HAVING COUNT(map_to_name) > 0 AND COUNT(DISTINCT provider) > 1
    ),
    providers AS (
        SELECT DISTINCT d.project_id, d.project_name, d.provider
        FROM delivering AS d
        JOIN model_objects AS m
            ON m.project_id = d.project_id AND m.effective_object_name = d.effective_object_name
    ),
    expected AS (
        SELECT p.project_id, p.project_name, p.provider, m.effective_object_name,
            '' AS effective_field_name
        FROM providers AS p
        JOIN model_objects AS m ON m.project_id = p.project_id
        UNION ALL
        SELECT d.project_id, d.project_name, d.provider, d.effective_object_name,
            m.effective_field_name
        FROM delivering AS d
        JOIN (
            SELECT DISTINCT project_id, effective_object_name, effective_field_name
            FROM fields WHERE map_to_name IS NOT NULL
        ) AS m
            ON m.project_id = d.project_id AND m.effective_object_name = d.effective_object_name
    ),
    delivered AS (
        SELECT project_id, provider, effective_object_name, '' AS effective_field_name
        FROM delivering
        UNION
        SELECT project_id, provider, effective_object_name, effective_field_name FROM fields
    ),
    compared AS (
        SELECT e.project_id, e.project_name, e.provider, e.effective_object_name,
            e.effective_field_name, d.provider AS has_it
        FROM expected AS e
        LEFT JOIN delivered AS d
            ON d.project_id = e.project_id AND d.provider = e.provider
            AND d.effective_object_name = e.effective_object_name
            AND d.effective_field_name = e.effective_field_name
    ),
    counted AS (
        SELECT project_id, effective_object_name, effective_field_name, COUNT(*) AS providers,
            COUNT(has_it) AS providers_with_it, MIN(has_it) AS example_provider
        FROM compared GROUP BY project_id, effective_object_name, effective_field_name
    )
    SELECT g.project_id, g.project_name, g.provider, g.effective_object_name,
        NULLIF(g.effective_field_name, '') AS effective_field_name, c.providers_with_it,
        c.providers, c.example_provider
    FROM compared AS g
    JOIN counted AS c
        ON c.project_id = g.project_id AND c.effective_object_name = g.effective_object_name
        AND c.effective_field_name = g.effective_field_name
    WHERE g.has_it IS NULL
    """,
    {
        **CONTEXT,
        "provider": "The provider that does not deliver it.",
        "effective_object_name": "Name under which the object is delivered.",
        "effective_field_name": "Name under which the field is delivered; NULL: the whole object "
        "is missing.",
        "providers_with_it": "Providers of the project that deliver it.",
        "providers": "Providers that could: for a field, those of the object.",
        "example_provider": "One of those that deliver it.",
    },
    example=Example(
        "Which columns of our unified objects stay empty for which provider?",
        "Data engineers, before they promise a column to everyone.",
        """
        SELECT provider, effective_object_name, effective_field_name, providers_with_it, providers
        FROM unified_model_gaps
        WHERE effective_field_name IS NOT NULL AND project_name = 'lanternfish-production'
        ORDER BY effective_object_name, effective_field_name, provider
        """,
    ),
)

_INSTALL_MAPPING_EFFORT = View(
    "install_mapping_effort",
    "One row per integration that reads now, and what its customers map: what one who installs it "
    "has to map, and what there is to choose.",
    f"""
    WITH objects AS (
        SELECT * FROM current_read_objects
    ),
    fields AS (
        SELECT project_id, integration_id,
            {count("field_kind = 'mapping' AND is_required")} AS fields_to_map,
            {count("field_kind = 'mapping' AND is_required AND default_field_name IS NOT NULL")}
                AS fields_to_confirm,
            {count("field_kind = 'mapping' AND is_required AND prompt IS NULL")}
                AS fields_without_prompt,
            {count("field_kind = 'mapping' AND NOT is_required")} AS fields_that_may_be_mapped,
            {count("field_kind = 'existent' AND NOT is_required")} AS fields_to_choose
        FROM current_fields GROUP BY project_id, integration_id
    ),
    totals AS (
        SELECT {_context("o")}, COUNT(*) AS read_objects,
            {count("NOT o.is_always_read")} AS objects_to_choose,
            {count("o.optional_fields_auto = 'all'")} AS objects_with_any_field
        FROM objects AS o
        GROUP BY {_context("o")}
    )
    SELECT {_context("t")}, t.read_objects, t.objects_to_choose, t.objects_with_any_field,
        COALESCE(f.fields_to_map, 0) AS fields_to_map,
        COALESCE(f.fields_to_confirm, 0) AS fields_to_confirm,
        COALESCE(f.fields_without_prompt, 0) AS fields_without_prompt,
        COALESCE(f.fields_that_may_be_mapped, 0) AS fields_that_may_be_mapped,
        COALESCE(f.fields_to_choose, 0) AS fields_to_choose
    FROM totals AS t
    LEFT JOIN fields AS f
        ON f.project_id = t.project_id AND f.integration_id = t.integration_id
    """,
    {
        **CONTEXT,
        "read_objects": "Objects that it reads.",
        "objects_to_choose": "Objects that are read only if the customer selects them.",
        "objects_with_any_field": "Objects of which the customer may add any field.",
        "fields_to_map": "Required fields for which the customer must name a field of their own.",
        "fields_to_confirm": "Those of them for which a field is suggested.",
        "fields_without_prompt": "Those of them that no help text explains.",
        "fields_that_may_be_mapped": "Optional fields that the customer may map.",
        "fields_to_choose": "Optional fields that the customer may select.",
    },
    example=Example(
        "Which integrations make customers map fields when they install?",
        "RevOps and customer success, to plan an onboarding.",
        """
        SELECT project_name, integration_name, fields_to_map, fields_to_confirm, fields_to_choose
        FROM install_mapping_effort
        WHERE fields_to_map > 0
        ORDER BY fields_to_map DESC, project_name, integration_name
        """,
    ),
)

_MOST_DIGITS = 7
"""Digits of a position at most. A manifest with more entries in a list would fill a listing of the
largest size; and Spark gives up where functions are nested a hundred deep.
"""


def _general_paths() -> str:
    """Relations that end in `general_paths`: each `json_path` of `ever`, and it without positions.

    `$.a[12].b` becomes `$.a[].b`, digit by digit: neither patterns nor recursion are to be had
    everywhere. Each relation cuts one digit, or more, after every bracket.
    """
    shorter = "general_path"
    for digit in range(10):
        shorter = f"REPLACE({shorter}, '[{digit}', '[')"
    relations = ["paths_0 AS (SELECT DISTINCT json_path, json_path AS general_path FROM ever)"]
    for number in range(1, _MOST_DIGITS + 1):
        name = "general_paths" if number == _MOST_DIGITS else f"paths_{number}"
        relations.append(
            f"{name} AS (SELECT json_path, {shorter} AS general_path FROM paths_{number - 1})"
        )
    return ",\n".join(relations)


_GENERAL_PATHS = _general_paths()

_UNMAPPED_PROPERTIES_SUMMARY = View(
    "unmapped_properties_summary",
    "One row per place in the API's answers that no column holds, and reason: how much of it there "
    "is now, and since when it has been seen. Positions in lists are left out of a place.",
    f"""
    WITH {RUNS},
    {LISTED},
    listings AS (
        SELECT listing_key, MIN(run_id) AS run_id FROM listed GROUP BY listing_key
    ),
    revision_listings AS (
        SELECT i.revision_key, MIN(l.run_id) AS run_id
        FROM listing_integrations AS i
        JOIN listings AS l ON l.listing_key = i.listing_key
        GROUP BY i.revision_key
    ),
    ever AS (
        SELECT u.json_path, u.reason, COALESCE(u.parent_table, '') AS parent_table, u.value,
            COALESCE(v.run_id, l.run_id) AS run_id, u.unmapped_property_key
        FROM revision_unmapped_properties AS u
        LEFT JOIN revision_listings AS v ON v.revision_key = u.revision_key
        LEFT JOIN listings AS l ON l.listing_key = u.listing_key
        WHERE v.run_id IS NOT NULL OR l.run_id IS NOT NULL
    ),
    {_GENERAL_PATHS},
    values_now AS (
        SELECT unmapped_property_key, project_id || ':' || integration_id AS integration
        FROM current_unmapped_properties
    ),
    seen AS (
        SELECT g.general_path AS json_path, e.reason, e.parent_table, MIN(e.run_id) AS run_id,
            COUNT(n.unmapped_property_key) AS current_values,
            COUNT(DISTINCT n.integration) AS current_integrations,
            MIN(CASE WHEN n.unmapped_property_key IS NOT NULL THEN e.value END) AS value_now,
            MIN(e.value) AS value
        FROM ever AS e
        JOIN general_paths AS g ON g.json_path = e.json_path
        LEFT JOIN values_now AS n ON n.unmapped_property_key = e.unmapped_property_key
        GROUP BY g.general_path, e.reason, e.parent_table
    )
    SELECT s.json_path, s.reason, NULLIF(s.parent_table, '') AS parent_table, s.current_values,
        s.current_integrations,
        SUBSTRING(COALESCE(s.value_now, s.value), 1, 200) AS example_value,
        r.started_at AS first_seen_at
    FROM seen AS s
    JOIN runs AS r ON r.run_id = s.run_id
    """,
    {
        "json_path": "Where it was, as in revision_unmapped_properties, with `[]` for an entry of "
        "a list.",
        "parent_table": "Table of the rows that such values are part of.",
        "current_values": "How many such values there are now; 0: it was seen in the past.",
        "current_integrations": "Integrations that have one now.",
        "example_value": "The first 200 characters of one of the values, as JSON text.",
        "first_seen_at": "When the first run began that saw one.",
    },
    example=Example(
        "Did the API or a manifest bring properties that the model does not know?",
        "Whoever maintains this pipeline, after each of the vendor's releases.",
        """
        SELECT json_path, reason, current_values, current_integrations, example_value
        FROM unmapped_properties_summary
        ORDER BY current_values DESC, json_path, reason
        """,
        no_rows="in the demo, the model knows all that the API sends",
    ),
)

ANSWER_VIEWS: tuple[View, ...] = (
    _INTEGRATION_INVENTORY,
    _OBJECT_COVERAGE,
    _DESTINATION_USAGE,
    _FIELD_LINEAGE,
    personal_data_patterns(PERSONAL_DATA_PATTERNS),
    _PERSONAL_DATA_FIELDS,
    _BROAD_ACCESS,
    _SCHEDULED_READS,
    _BACKFILL_POLICIES,
    _OBJECT_FRESHNESS,
    _EFFECTIVE_WATCH_FIELDS,
    _ENVIRONMENT_DIFFERENCES,
    _UNIFIED_MODEL_GAPS,
    _INSTALL_MAPPING_EFFORT,
    _UNMAPPED_PROPERTIES_SUMMARY,
)
"""The views that answer questions, in an order in which they can be made."""
