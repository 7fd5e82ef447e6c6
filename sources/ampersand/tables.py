"""The declaration of every table: what a row is, its key, its columns and where they come from.

This is the only place where a table or a column is described. dlt's hints, the Arrow schemas, the
normaliser, the comments in the database and the documentation are all derived from it.

How to read it: each table lists the `Rows` of which it is made, that is, where in an answer of the
API they lie; each `Column` says which value of such a row it holds. Property names and meanings
are those of the vendor's published OpenAPI files (`api.yaml`: `Project`, `Integration`,
`Revision`; `manifest.yaml`: everything below `content`).
"""

from collections.abc import Iterable

from .declaration import (
    PROJECT_ID,
    ChildKey,
    Column,
    Constant,
    ContentHash,
    Derived,
    Example,
    Given,
    Inherited,
    JsonText,
    Path,
    Position,
    Present,
    Rest,
    RowKey,
    Rows,
    Table,
)
from .platform_tables import COLLECTION_ENTRIES, COLLECTIONS, OPERATIONS, PLATFORM_TABLES

MODEL_VERSION = 2
"""Raised whenever the same answer would give other rows; older datasets are then rebuilt."""


def _at(path: str, *kinds: str) -> Path:
    return Path(dict.fromkeys(kinds, path))


_HISTORY = "Holds history: every distinct content ever seen stays. For what is live now use {view}."

_INTEGRATION_ID = "Id of the integration; stable across revisions and renames."
_RUN_ID = "Id of the run, `<microseconds since 1970>-<random>`; later runs sort later as text."
_CREDENTIAL = (
    "Fingerprint of the API key that was used, which says nothing about the key itself; "
    "`manifests` where files were read."
)

_REVISION_KEY = Column(
    "revision_key",
    "text",
    "The revision content that the row is part of.",
    Inherited("revision_key"),
    nullable=False,
    references="revisions.revision_key",
)
_OBJECT_KEY = Column(
    "object_key",
    "text",
    "The object entry that the row is part of.",
    Inherited("object_key"),
    nullable=False,
    references="revision_objects.object_key",
)
_OBJECT_NAME = Column(
    "object_name",
    "text",
    "Name of the object at the provider, from the object entry.",
    Inherited("object_name"),
)

_OBJECT_KINDS = ("read", "write", "subscribe", "other_action")
_FIELD_KINDS = ("required_field", "optional_field")
_EVENT_KINDS = ("create_event", "update_event", "delete_event", "association_change_event")
_SCHEMA_WATCH_KINDS = ("field_created_watch", "field_deleted_watch", "field_changed_watch")

PROJECTS = Table(
    name="projects",
    grain="project and distinct set of its attributes ever seen",
    description="The projects as the API describes them. "
    + _HISTORY.format(view="current_projects"),
    example=Example(
        "Which projects do we have, and under which names did they run before?",
        "Platform engineers, before they search logs for a name that a project no longer has.",
        """
        SELECT project_id, name, app_name, CAST(update_time AS DATE) AS updated
        FROM projects
        ORDER BY project_id, update_time, project_key
        """,
    ),
    key=("project_key",),
    columns=(
        Column("project_key", "text", "Digest of the project's record.", RowKey(), nullable=False),
        Column("project_id", "text", PROJECT_ID, _at("id", "project"), nullable=False),
        Column("name", "text", "Unique name of the project.", _at("name", "project")),
        Column(
            "app_name",
            "text",
            "Name that customers see when connecting.",
            _at("appName", "project"),
        ),
        Column("org_id", "text", "Id of the owning organisation.", _at("orgId", "project")),
        Column("create_time", "timestamp", "When it was created.", _at("createTime", "project")),
        Column("update_time", "timestamp", "When it last changed.", _at("updateTime", "project")),
        Column("other_properties", "text", "JSON object of what no other column holds.", Rest()),
    ),
    rows=(Rows("project", key="{digest}"),),
)

LISTING_INTEGRATIONS = Table(
    name="listing_integrations",
    grain="integration in a distinct listing of a project",
    description="Which integrations a project had in each distinct answer of the API. "
    + _HISTORY.format(view="current_integrations"),
    example=Example(
        "Which integrations did a project have at some time?",
        "Support, when a customer says that it worked last month. Here the time is that of the "
        "first run.",
        """
        SELECT i.name, i.provider, CAST(i.update_time AS DATE) AS updated
        FROM listing_integrations AS i
        WHERE i.listing_key = (
            SELECT l.listing_key
            FROM project_listings AS l
            JOIN extraction_runs AS r ON r.run_id = l.run_id
            JOIN projects AS p ON p.project_key = l.project_key
            WHERE p.name = 'lanternfish-production'
                AND r.started_at <= (SELECT MIN(started_at) FROM extraction_runs)
            ORDER BY r.started_at DESC
            LIMIT 1
        )
        ORDER BY i.update_time DESC, i.name
        """,
    ),
    key=("listing_key", "integration_id"),
    always_selected=True,
    columns=(
        Column(
            "listing_key",
            "text",
            "Digest of the project's record and of the bytes of its listing.",
            Given(),
            nullable=False,
        ),
        Column("integration_id", "text", _INTEGRATION_ID, _at("id", "integration"), nullable=False),
        Column("project_id", "text", PROJECT_ID, Given(), nullable=False),
        Column(
            "revision_key",
            "text",
            "Its latest revision at that time; NULL when it had none.",
            ChildKey("revision"),
            references="revisions.revision_key",
        ),
        Column(
            "name",
            "text",
            "Name of the integration, unique in the project.",
            _at("name", "integration"),
        ),
        Column(
            "provider",
            "text",
            "Key of the provider in Ampersand's catalog.",
            _at("provider", "integration"),
        ),
        Column(
            "create_time",
            "timestamp",
            "When the integration was created.",
            _at("createTime", "integration"),
        ),
        Column(
            "update_time",
            "timestamp",
            "When it was last deployed or changed.",
            _at("updateTime", "integration"),
        ),
        Column("other_properties", "text", "JSON object of what no other column holds.", Rest()),
    ),
    rows=(Rows("integration", key="{integration_id}", echoes={"projectId": "project_id"}),),
)

REVISIONS = Table(
    name="revisions",
    grain="distinct revision content ever seen",
    description="Revisions of integrations, each with the whole manifest. "
    + _HISTORY.format(view="current_revisions"),
    example=Example(
        "Which integrations were deployed again since the first load, and did the manifest change?",
        "Whoever was paged, looking for what changed. `content` has the manifests to compare.",
        """
        SELECT content_name, CAST(create_time AS DATE) AS deployed,
            LEFT(content_hash, 12) AS content_hash, LENGTH(content) AS characters
        FROM revisions
        WHERE integration_id IN (
            SELECT integration_id FROM revisions GROUP BY integration_id HAVING COUNT(*) > 1
        )
        ORDER BY content_name, create_time, revision_key
        """,
    ),
    key=("revision_key",),
    columns=(
        Column(
            "revision_key",
            "text",
            "Digest of project id, integration id and the revision as received.",
            RowKey(),
            nullable=False,
        ),
        Column("project_id", "text", PROJECT_ID, Inherited("project_id"), nullable=False),
        Column(
            "integration_id", "text", _INTEGRATION_ID, Inherited("integration_id"), nullable=False
        ),
        Column("revision_id", "text", "Id that the API gave the revision.", _at("id", "revision")),
        Column(
            "spec_version",
            "text",
            "Version of the manifest's format.",
            _at("specVersion", "revision"),
        ),
        Column(
            "create_time",
            "timestamp",
            "When the revision was deployed.",
            _at("createTime", "revision"),
        ),
        Column(
            "content_name",
            "text",
            "Name inside the manifest; repeats the integration's.",
            _at("content.name", "revision"),
        ),
        Column(
            "content_provider",
            "text",
            "Provider inside the manifest; repeats the integration's.",
            _at("content.provider", "revision"),
        ),
        Column(
            "display_name",
            "text",
            "Label for people.",
            _at("content.displayName", "revision"),
            text="empty_is_unset",
        ),
        Column(
            "module",
            "text",
            "Module of the provider, where it has several.",
            _at("content.module", "revision"),
            text="empty_is_unset",
        ),
        *(
            Column(
                f"has_{action}",
                "bool",
                f"Whether it has a block `{action}`, be it empty.",
                Present({"revision": f"content.{action}"}),
            )
            for action in ("read", "write", "subscribe", "proxy")
        ),
        Column(
            "proxy_enabled",
            "bool",
            "Whether calls may be passed through; NULL counts as false.",
            _at("content.proxy.enabled", "revision"),
        ),
        Column(
            "proxy_use_module",
            "bool",
            "Whether the proxy's base address is the module's; NULL counts as false.",
            _at("content.proxy.useModule", "revision"),
        ),
        Column(
            "watch_schema_destination_name",
            "text",
            "Name of the Ampersand destination told of changes in customers' schemas.",
            _at("content.watchSchema.destination", "revision"),
            text="empty_is_unset",
        ),
        Column(
            "watch_schema_schedule",
            "text",
            "Cron expression of the checks for such changes.",
            _at("content.watchSchema.schedule", "revision"),
            text="empty_is_unset",
        ),
        Column(
            "watch_schema_min_interval_minutes",
            "bigint",
            "Shortest time between two such checks, in minutes; NULL: no schedule, or unreadable.",
            Derived("min_interval_minutes", "watch_schema_schedule"),
        ),
        Column(
            "content_hash",
            "text",
            "SHA-256 of the content in canonical form; equal for equal manifests in any project.",
            ContentHash("content"),
        ),
        Column("content", "text", "The whole manifest as JSON text in ASCII.", JsonText("content")),
    ),
    rows=(
        Rows(
            "revision",
            "integration",
            "latestRevision",
            key="{digest}",
            echoes={"integrationId": "integration_id"},
        ),
    ),
)

REVISION_OBJECTS = Table(
    name="revision_objects",
    grain="entry of `<action>.objects[]` in a revision content, any action",
    description="The objects that a manifest reads, writes or subscribes to. "
    + _HISTORY.format(view="current_objects"),
    example=Example(
        "Which integrations read contacts, and how often, in every revision seen?",
        "RevOps, when the freshness of a number changed and nobody knows since when.",
        """
        SELECT r.content_name, CAST(r.create_time AS DATE) AS deployed, o.object_name,
            o.schedule, o.schedule_runs_per_day
        FROM revision_objects AS o
        JOIN revisions AS r ON r.revision_key = o.revision_key
        WHERE o.action = 'read' AND o.object_name ILIKE 'contact%'
        ORDER BY r.content_name, r.create_time, o.object_key
        """,
    ),
    key=("object_key",),
    columns=(
        Column(
            "object_key", "text", "`<revision_key>:<action>:<position>`.", RowKey(), nullable=False
        ),
        _REVISION_KEY,
        Column(
            "action",
            "text",
            "`read`, `write`, `subscribe`, or the name of an action that the model does not know.",
            Constant(),
        ),
        Column("position", "bigint", "Place in the list, from 0.", Position(), nullable=False),
        Column(
            "object_name",
            "text",
            "Name of the object at the provider.",
            _at("objectName", *_OBJECT_KINDS),
        ),
        Column(
            "map_to_name",
            "text",
            "Name under which it is delivered, when mapped (read).",
            _at("mapToName", "read", "other_action"),
            text="empty_is_unset",
        ),
        Column(
            "map_to_display_name",
            "text",
            "Label of the mapped object (read).",
            _at("mapToDisplayName", "read", "other_action"),
            text="empty_is_unset",
        ),
        Column(
            "destination_name",
            "text",
            "Name of the Ampersand destination that receives it (read, subscribe).",
            _at("destination", "read", "subscribe", "other_action"),
            text="empty_is_unset",
        ),
        Column(
            "schedule",
            "text",
            "Cron expression of the scheduled reads; NULL: read on demand only (read).",
            _at("schedule", "read", "other_action"),
            text="empty_is_unset",
        ),
        Column(
            "schedule_runs_per_day",
            "double",
            "Scheduled reads per day, averaged over 28 years; NULL: no schedule, or unreadable.",
            Derived("runs_per_day", "schedule"),
        ),
        Column(
            "schedule_min_interval_minutes",
            "bigint",
            "Shortest time between two scheduled reads, in minutes.",
            Derived("min_interval_minutes", "schedule"),
        ),
        Column(
            "enabled",
            "text",
            "`always`: read for every installation, even if not selected (read).",
            _at("enabled", "read", "other_action"),
            text="or_boolean",
        ),
        Column(
            "optional_fields_auto",
            "text",
            "`all`: customers may pick any field (read).",
            _at("optionalFieldsAuto", "read"),
        ),
        Column(
            "has_backfill",
            "bool",
            "Whether it has a block `backfill`, be it empty (read).",
            Present({"read": "backfill"}),
        ),
        Column(
            "backfill_days",
            "bigint",
            "Days of history read at first; 0: none (read).",
            _at("backfill.defaultPeriod.days", "read"),
        ),
        Column(
            "backfill_full_history",
            "bool",
            "Whether all history is read at first (read).",
            _at("backfill.defaultPeriod.fullHistory", "read"),
        ),
        Column(
            "delivery_mode",
            "text",
            "`auto` or `onRequest`; NULL counts as `auto` (read).",
            _at("delivery.mode", "read"),
        ),
        Column(
            "delivery_page_size",
            "bigint",
            "Records per delivery with `onRequest` (read).",
            _at("delivery.pageSize", "read"),
        ),
        Column(
            "inherits_mapping",
            "bool",
            "Whether mapping (write) or fields and mapping (subscribe) are those of the read object"
            " of the same name; NULL counts as false.",
            Path({"write": "inheritMapping", "subscribe": "inheritFieldsAndMapping"}),
        ),
        Column(
            "allow_any_value_defaults",
            "bool",
            "Whether customers may set default values for any field (write).",
            _at("valueDefaults.allowAnyFields", "write"),
        ),
    ),
    rows=(
        *(
            Rows(
                action,
                "revision",
                f"content.{action}.objects[]",
                key=action + ":{position}",
                constants={"action": action},
            )
            for action in ("read", "write", "subscribe")
        ),
        Rows(
            "other_action",
            "revision",
            "content.*.objects[]",
            key="{name}:{position}",
            constants={"action": "{name}"},
            opaque=True,
        ),
    ),
)

REVISION_FIELDS = Table(
    name="revision_fields",
    grain="entry of `requiredFields[]` or `optionalFields[]`",
    description="The fields that a manifest reads, and how they are mapped. "
    + _HISTORY.format(view="current_fields"),
    example=Example(
        "Which fields did an integration deliver on a given day, and under which names?",
        "Analysts and support, asked about a number of last month. Here the moment is that of the "
        "first load, when `Email` had another name than now; write yours in its place.",
        """
        WITH asked AS (
            SELECT MIN(started_at) AS moment FROM extraction_runs
        )
        SELECT f.object_name, f.field_name, COALESCE(f.map_to_name, f.field_name) AS delivered_as,
            f.is_required
        FROM integration_history AS h
        JOIN asked AS a
            ON h.valid_from <= a.moment AND (h.valid_to IS NULL OR h.valid_to > a.moment)
        JOIN revision_fields AS f ON f.revision_key = h.revision_key
        WHERE h.project_name = 'lanternfish-production'
            AND h.integration_name = 'lanternfish-salesforce' AND f.object_name = 'contact'
        ORDER BY f.field_key
        """,
    ),
    key=("field_key",),
    columns=(
        Column(
            "field_key",
            "text",
            "`<object_key>:required|optional:<position>`.",
            RowKey(),
            nullable=False,
        ),
        _REVISION_KEY,
        _OBJECT_KEY,
        _OBJECT_NAME,
        Column(
            "is_required",
            "bool",
            "Whether every customer's field is read, without opting out.",
            Constant(),
            nullable=False,
        ),
        Column("position", "bigint", "Place in the list, from 0.", Position(), nullable=False),
        Column(
            "field_name",
            "text",
            "Name of the field at the provider, or a JSONPath; NULL: the customer chooses it.",
            _at("fieldName", *_FIELD_KINDS),
        ),
        Column(
            "map_to_name",
            "text",
            "Name under which it is delivered, when mapped.",
            _at("mapToName", *_FIELD_KINDS),
        ),
        Column(
            "map_to_display_name",
            "text",
            "Label of the mapped field.",
            _at("mapToDisplayName", *_FIELD_KINDS),
        ),
        Column(
            "default_field_name",
            "text",
            "Field of the provider that is suggested to the customer.",
            _at("default", *_FIELD_KINDS),
        ),
        Column("prompt", "text", "Help text shown to the customer.", _at("prompt", *_FIELD_KINDS)),
    ),
    rows=tuple(
        Rows(
            kind,
            "read",
            f"{name}Fields[]",
            key=name + ":{position}",
            constants={"is_required": required},
            bare="fieldName",
        )
        for kind, name, required in (
            ("required_field", "required", True),
            ("optional_field", "optional", False),
        )
    ),
)

REVISION_SUBSCRIBE_EVENTS = Table(
    name="revision_subscribe_events",
    grain="event block, or entry of `otherEvents[]`, of a subscribe object",
    description="The events of a subscribe object. "
    + _HISTORY.format(view="current_subscribe_events"),
    example=Example(
        "For which objects are we told of deletions?",
        "Data engineers, who must know which tables can keep records that the customer deleted.",
        """
        SELECT r.content_name, CAST(r.create_time AS DATE) AS deployed, e.object_name,
            e.enabled, e.destination_name
        FROM revision_subscribe_events AS e
        JOIN revisions AS r ON r.revision_key = e.revision_key
        WHERE e.event_type = 'delete'
        ORDER BY r.content_name, r.create_time, e.event_key
        """,
    ),
    key=("event_key",),
    columns=(
        Column(
            "event_key",
            "text",
            "`<object_key>:<event_type>`, with `:<position>` for others.",
            RowKey(),
            nullable=False,
        ),
        _REVISION_KEY,
        _OBJECT_KEY,
        _OBJECT_NAME,
        Column(
            "destination_name",
            "text",
            "Ampersand destination, from the object entry.",
            Inherited("destination_name"),
        ),
        Column(
            "event_type",
            "text",
            "`create`, `update`, `delete`, `association_change` or `other`.",
            Constant(),
            nullable=False,
        ),
        Column(
            "event_name",
            "text",
            "Name that the provider gives the event (other).",
            _at("", "other_event"),
        ),
        Column("position", "bigint", "Place in `otherEvents`, from 0 (other).", Position()),
        Column(
            "enabled",
            "text",
            "`always`: on. NULL: the block only describes the event.",
            _at("enabled", *_EVENT_KINDS),
            text="or_boolean",
        ),
        Column(
            "watch_fields_auto",
            "text",
            "`all` or `selected` fields are watched (update).",
            _at("watchFieldsAuto", "update_event"),
        ),
        Column(
            "include_full_records",
            "bool",
            "Whether whole records are delivered (association_change).",
            _at("includeFullRecords", "association_change_event"),
        ),
    ),
    rows=(
        *(
            Rows(f"{name}_event", "subscribe", path, key=name, constants={"event_type": name})
            for name, path in (
                ("create", "createEvent"),
                ("update", "updateEvent"),
                ("delete", "deleteEvent"),
                ("association_change", "associationChangeEvent"),
            )
        ),
        Rows(
            "other_event",
            "subscribe",
            "otherEvents[]",
            key="other:{position}",
            constants={"event_type": "other"},
            bare="",
            objects=False,
        ),
    ),
)

REVISION_WATCH_FIELDS = Table(
    name="revision_watch_fields",
    grain="entry of `requiredWatchFields[]` of an update event",
    description="The fields whose changes trigger an update event. "
    + _HISTORY.format(view="current_watch_fields"),
    example=Example(
        "Which field changes trigger an update event?",
        "Platform engineers, when an expected event did not come.",
        """
        SELECT r.content_name, CAST(r.create_time AS DATE) AS deployed, e.object_name,
            w.watch_field
        FROM revision_watch_fields AS w
        JOIN revision_subscribe_events AS e ON e.event_key = w.event_key
        JOIN revisions AS r ON r.revision_key = w.revision_key
        ORDER BY r.content_name, r.create_time, w.watch_field_key
        """,
    ),
    key=("watch_field_key",),
    columns=(
        Column(
            "watch_field_key", "text", "`<event_key>:watch:<position>`.", RowKey(), nullable=False
        ),
        _REVISION_KEY,
        Column(
            "event_key",
            "text",
            "The event that the row is part of.",
            Inherited("event_key"),
            nullable=False,
            references="revision_subscribe_events.event_key",
        ),
        _OBJECT_KEY,
        Column("position", "bigint", "Place in the list, from 0.", Position(), nullable=False),
        Column(
            "watch_field",
            "text",
            "Name of a field of the read object, or the name that it is mapped to.",
            _at("", "watch_field"),
        ),
    ),
    rows=(
        Rows(
            "watch_field",
            "update_event",
            "requiredWatchFields[]",
            key="watch:{position}",
            bare="",
            objects=False,
        ),
    ),
)

REVISION_SCHEMA_WATCH_EVENTS = Table(
    name="revision_schema_watch_events",
    grain="event under `watchSchema`",
    description="The changes of customers' schemas of which a manifest asks to be told. "
    + _HISTORY.format(view="current_schema_watch_events"),
    example=Example(
        "Which integrations are told when a customer deletes a field?",
        "Data engineers, since a deleted field silently empties a column.",
        """
        SELECT r.content_name, CAST(r.create_time AS DATE) AS deployed, w.destination_name,
            w.schedule
        FROM revision_schema_watch_events AS w
        JOIN revisions AS r ON r.revision_key = w.revision_key
        WHERE w.event_type = 'field_deleted' AND w.enabled = 'always'
        ORDER BY r.content_name, r.create_time, w.revision_key
        """,
    ),
    key=("schema_watch_event_key",),
    columns=(
        Column(
            "schema_watch_event_key",
            "text",
            "`<revision_key>:watch_schema:<scope>:<event_type>`.",
            RowKey(),
            nullable=False,
        ),
        _REVISION_KEY,
        Column("scope", "text", "`all_objects`.", Constant(), nullable=False),
        Column(
            "event_type",
            "text",
            "`field_created`, `field_deleted` or `field_changed`.",
            Constant(),
            nullable=False,
        ),
        Column(
            "enabled",
            "text",
            "`always`: on.",
            _at("enabled", *_SCHEMA_WATCH_KINDS),
            text="or_boolean",
        ),
        Column(
            "destination_name",
            "text",
            "Ampersand destination, from `watchSchema`.",
            Inherited("watch_schema_destination_name"),
        ),
        Column(
            "schedule",
            "text",
            "Cron expression, from `watchSchema`.",
            Inherited("watch_schema_schedule"),
        ),
    ),
    rows=tuple(
        Rows(
            f"{name}_watch",
            "revision",
            f"content.watchSchema.allObjects.{path}",
            key=f"watch_schema:all_objects:{name}",
            constants={"scope": "all_objects", "event_type": name},
        )
        for path, name in (
            ("fieldCreated", "field_created"),
            ("fieldDeleted", "field_deleted"),
            ("fieldChanged", "field_changed"),
        )
    ),
)

REVISION_UNMAPPED_PROPERTIES = Table(
    name="revision_unmapped_properties",
    grain="value that no column holds, anywhere in an answer",
    description="What the API sent and the model has no column for: unknown properties, wrong "
    "types, unreadable values. " + _HISTORY.format(view="current_unmapped_properties"),
    example=Example(
        "Did the API or a manifest bring properties that the model does not know?",
        "Whoever maintains this pipeline, after the vendor's release notes or without them.",
        """
        SELECT property_name, reason, parent_table, COUNT(*) AS times, MIN(value) AS example
        FROM revision_unmapped_properties
        GROUP BY property_name, reason, parent_table
        ORDER BY times DESC, property_name, reason, parent_table
        """,
        no_rows="in the demo, the model knows all that the API sends",
    ),
    key=("unmapped_property_key",),
    columns=(
        Column(
            "unmapped_property_key",
            "text",
            "`<revision_key or listing_key>:unmapped:<digest of the path>`.",
            nullable=False,
        ),
        Column(
            "revision_key",
            "text",
            "The revision content that it is part of; NULL: outside one.",
            references="revisions.revision_key",
        ),
        Column("listing_key", "text", "The listing that it is part of; NULL: inside a revision."),
        Column(
            "json_path",
            "text",
            "Where it was: from the integration inside a revision, from the listing outside one, "
            "from the project where `parent_table` is `projects`.",
            nullable=False,
        ),
        Column("property_name", "text", "Last name in the path; NULL for an entry of a list."),
        Column("value", "text", "The value as JSON text in ASCII, as received."),
        Column(
            "reason",
            "text",
            "`unknown_property`, `wrong_type`, `not_an_object`, `not_text`, `unreadable`, "
            "`out_of_range`, `timestamp_precision`, `zero_time`, `duplicate_key`, `differs`, "
            "`no_id` or `duplicate_id`.",
            nullable=False,
        ),
        Column("parent_table", "text", "Table of the row that the value is part of."),
        Column("parent_key", "text", "Key of that row; parts of a compound key joined by `:`."),
    ),
)

EXTRACTION_RUNS = Table(
    name="extraction_runs",
    grain="run that was loaded",
    description="The ledger's runs. A run counts once its load package is complete, that is, once "
    "`_dlt_loads` has its `_dlt_load_id` with status 0.",
    example=Example(
        "When did we last look, and at what?",
        "Whoever is on call, before trusting any number.",
        """
        SELECT run_id, started_at, scope, requests, bytes
        FROM extraction_runs
        ORDER BY run_id DESC
        """,
    ),
    key=("run_id",),
    ledger=True,
    always_selected=True,
    columns=(
        Column("run_id", "text", _RUN_ID, nullable=False),
        Column(
            "scope",
            "text",
            "`all`, `rebuild`, `manifests` (read from files, and no part of what is deployed), or "
            "a JSON list of the projects that the run was limited to.",
            nullable=False,
        ),
        Column("selection", "text", "Tables that were written, separated by blanks."),
        Column("started_at", "timestamp", "When it began.", nullable=False),
        Column(
            "model_version",
            "bigint",
            "Version of the normalisation that made the rows.",
            nullable=False,
        ),
        Column("versions", "text", "JSON object: versions of the software that ran."),
        Column("requests", "bigint", "HTTP requests sent."),
        Column("bytes", "bigint", "Bytes of answers received, after decompression."),
        Column("counts", "text", "JSON object: rows per table."),
    ),
)

CREDENTIAL_LISTINGS = Table(
    name="credential_listings",
    grain="API key and run that asked which projects it can see",
    description="The ledger's lists of projects. A project is gone once a key that listed it "
    "before answers a complete list without it.",
    example=Example(
        "Which keys worked in the last run?",
        "Security, after a key was rotated or revoked.",
        """
        SELECT credential, outcome, asks_for_all, projects, error
        FROM credential_listings
        WHERE run_id = (SELECT MAX(run_id) FROM credential_listings)
        ORDER BY credential
        """,
    ),
    key=("run_id", "credential"),
    ledger=True,
    always_selected=True,
    columns=(
        Column("run_id", "text", _RUN_ID, nullable=False, references="extraction_runs.run_id"),
        Column("credential", "text", _CREDENTIAL, nullable=False),
        Column("outcome", "text", "`listed` or `failed`.", nullable=False),
        Column(
            "asks_for_all",
            "bool",
            "Whether all that the key can see was asked for, so that a project that it listed "
            "before and does not list now is gone.",
            nullable=False,
        ),
        Column("projects", "bigint", "Number of projects that it lists."),
        Column("unreadable", "text", "JSON list of entries that are no projects."),
        Column("error", "text", "What went wrong, when it failed."),
    ),
)

PROJECT_LISTINGS = Table(
    name="project_listings",
    grain="project in a run",
    description="The ledger's listings: what came of each project in each run. The listing of the "
    "latest run that counts and did not fail is what is current.",
    example=Example(
        "What came of each project, run by run?",
        "Whoever is on call, to see since when a project fails to load.",
        """
        SELECT l.run_id, p.name, l.outcome, l.integrations, l.seconds, l.error
        FROM project_listings AS l
        LEFT JOIN projects AS p ON p.project_key = l.project_key
        ORDER BY l.run_id, p.name, l.project_id
        """,
    ),
    key=("run_id", "project_id"),
    ledger=True,
    always_selected=True,
    columns=(
        Column("run_id", "text", _RUN_ID, nullable=False, references="extraction_runs.run_id"),
        Column(
            "project_id",
            "text",
            "Id of the Ampersand project; the name asked for when its id is not known.",
            nullable=False,
        ),
        Column("credential", "text", _CREDENTIAL, nullable=False),
        Column(
            "outcome",
            "text",
            "`listed`: read and loaded. `unchanged`: equal to a listing loaded before. "
            "`not_found`: the API knows no such project. `failed`: nothing is known.",
            nullable=False,
        ),
        Column(
            "project_key",
            "text",
            "The project's record in this run, when one was had.",
            references="projects.project_key",
        ),
        Column(
            "listing_key",
            "text",
            "The listing, when one was had.",
            references="listing_integrations.listing_key",
        ),
        Column("integrations", "bigint", "Number of integrations in the listing."),
        Column("requests", "bigint", "HTTP requests sent for the listing."),
        Column("bytes", "bigint", "Bytes of the listing, after decompression."),
        Column("seconds", "double", "Time that the requests took, in seconds."),
        Column("error", "text", "What went wrong, when it failed."),
    ),
)

COLLECTION_LISTINGS = Table(
    name="collection_listings",
    grain="collection of a project in a run",
    description="The ledger's listings of all that is no integration: what came of the "
    "destinations, installations, connections and so on of each project in each run. The listing "
    "of the latest run that counts and did not fail is what is current.",
    example=Example(
        "Which lists could not be read, and since when?",
        "Whoever is on call, before trusting what is said about installations.",
        """
        SELECT collection, project_id, MIN(run_id) AS since, MAX(error) AS error
        FROM collection_listings
        WHERE outcome = 'failed'
        GROUP BY collection, project_id
        ORDER BY collection, project_id
        """,
        no_rows="in the demo, all can be read",
    ),
    key=("run_id", "collection", "project_id"),
    ledger=True,
    columns=(
        Column("run_id", "text", _RUN_ID, nullable=False, references="extraction_runs.run_id"),
        Column("collection", "text", "Table that has the entries.", nullable=False),
        Column(
            "project_id",
            "text",
            "Id of the Ampersand project; empty for what is the same for all.",
            nullable=False,
        ),
        Column("credential", "text", _CREDENTIAL, nullable=False),
        Column(
            "outcome",
            "text",
            "`listed`: read and loaded. `unchanged`: equal to a listing loaded before. `failed`: "
            "nothing is known.",
            nullable=False,
        ),
        Column(
            "listing_key",
            "text",
            "The listing, when one was had; NULL for operations, of which only the new are read.",
            references="collection_entries.listing_key",
        ),
        Column("entries", "bigint", "Number of entries; of operations, of those that were read."),
        Column("requests", "bigint", "HTTP requests sent for it."),
        Column("bytes", "bigint", "Bytes of the answers, after decompression."),
        Column("seconds", "double", "Time that the requests took, in seconds."),
        Column(
            "error",
            "text",
            "What went wrong, when it failed; else what of the operations is missing.",
        ),
    ),
)

INTEGRATION_TABLES: tuple[Table, ...] = (
    PROJECTS,
    LISTING_INTEGRATIONS,
    REVISIONS,
    REVISION_OBJECTS,
    REVISION_FIELDS,
    REVISION_SUBSCRIBE_EVENTS,
    REVISION_WATCH_FIELDS,
    REVISION_SCHEMA_WATCH_EVENTS,
    REVISION_UNMAPPED_PROPERTIES,
)
"""Tables whose rows are made from projects and listings of integrations."""

CORE_TABLES: tuple[Table, ...] = (
    *INTEGRATION_TABLES,
    EXTRACTION_RUNS,
    CREDENTIAL_LISTINGS,
    PROJECT_LISTINGS,
)
"""All that a run has which loads integrations alone."""

TABLES: tuple[Table, ...] = (*CORE_TABLES, *PLATFORM_TABLES, COLLECTION_LISTINGS)
"""Every table, parents before children."""

CONTENT_TABLES = tuple(table for table in TABLES if not table.ledger)
ALWAYS_SELECTED = tuple(table.name for table in TABLES if table.always_selected)
TABLES_BY_NAME = {table.name: table for table in TABLES}
REVISION_CHILDREN = tuple(
    table for table in INTEGRATION_TABLES if table.name.startswith("revision_")
)
"""Tables whose rows are made from a revision's content alone."""

_KINDS_OF = {rows.kind: (rows.parent, table.name) for table in TABLES for rows in table.rows}


def _top_kind(kind: str) -> str:
    parent = _KINDS_OF[kind][0]
    return kind if parent is None else _top_kind(parent)


TABLES_OF_COLLECTIONS: dict[str, frozenset[str]] = {
    collection.name: frozenset(
        name for kind, (_, name) in _KINDS_OF.items() if _top_kind(kind) == collection.kind
    )
    for collection in COLLECTIONS
} | {OPERATIONS.name: frozenset({OPERATIONS.name})}
"""Names of the tables that each collection fills, besides those of the ledger."""

OF_ANY_COLLECTION = frozenset({COLLECTION_ENTRIES.name, COLLECTION_LISTINGS.name})
"""Names of the tables that come along with each of them: without, nothing of it would count."""

DEFAULT_COLLECTIONS = tuple(name for name in TABLES_OF_COLLECTIONS if name != OPERATIONS.name)
"""What is loaded where nothing else is said. Operations take requests for each installation."""


def tables_with(collections: Iterable[str]) -> tuple[Table, ...]:
    """The tables of integrations and of some collections, as they are declared.

    Args:
        collections: Names of the collections.
    """
    names = {table.name for table in CORE_TABLES}
    for collection in collections:
        names |= TABLES_OF_COLLECTIONS[collection] | OF_ANY_COLLECTION
    return tuple(table for table in TABLES if table.name in names)
