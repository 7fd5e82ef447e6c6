"""The rules for manifests: what is wrong, why it matters, and how to find it in SQL.

Rules are data. `views/findings.py` makes the view `manifest_findings` of them, and the
documentation lists them. A check is a condition on the rows of one of the relations that the view
defines (`Relation`), where a row is `x`; it is written in DuckDB's dialect, in what SQLite and
PostgreSQL have too: no regular expressions, no functions on lists or JSON. Names and settings that
are empty are NULL.
"""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
"""All severities, the worst first."""

Relation = Literal[
    "integrations", "revisions", "objects", "fields", "events", "watch_fields", "unknown_keys"
]


@dataclass(frozen=True)
class Check:
    """Where a rule is broken: each row of a relation that meets the condition is a finding.

    Attributes:
        over: The relation whose rows are looked at.
        where: The condition, in SQL.
        message: What is wrong, as an SQL expression.
        field: Name of the field that it is about, as an SQL expression; empty: it is about none.
    """

    over: Relation
    where: str
    message: str
    field: str = ""


@dataclass(frozen=True)
class Rule:
    """A rule that manifests should keep.

    Attributes:
        id: Its id, which never changes.
        severity: `error`: the vendor refuses such a manifest, or it cannot work. `warning`: it
            works, but hardly as meant. `info`: worth knowing.
        title: What should be.
        reason: Why.
        source: Who says so.
        remedy: What to do.
        checks: How to find where it is broken.
    """

    id: str
    severity: Severity
    title: str
    reason: str
    source: str
    remedy: str
    checks: tuple[Check, ...]


def _validator(rule: str) -> str:
    return f"Ampersand's manifest validator, {rule}"


def _docs(page: str) -> str:
    return f"Ampersand's documentation, {page}"


_OURS = "this project"
_READ = "x.action = 'read'"
_SUBSCRIBE = "x.action = 'subscribe'"
_IS_ALWAYS_READ = "x.enabled IN ('always', 'true')"
_NAME_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789_-"
_IS_GOOGLE_CALENDAR = (
    "(LOWER(x.provider) = 'googlecalendar'"
    " OR LOWER(x.provider) = 'google' AND LOWER(x.module) = 'calendar')"
)

RULES: tuple[Rule, ...] = (
    Rule(
        "M01",
        "error",
        "The version of the manifest's format is 1.0.0",
        "No other version is accepted.",
        _validator("rule 2.1"),
        "Write `specVersion: 1.0.0` and deploy again.",
        (
            Check(
                "revisions",
                "COALESCE(x.spec_version, '') <> '1.0.0'",
                "'The version of the format is ' || COALESCE(x.spec_version, 'not given') || '.'",
            ),
        ),
    ),
    Rule(
        "M02",
        "error",
        "An integration has at least one action",
        "Without read, write, subscribe or proxy it can do nothing.",
        _validator("rule 2.2"),
        "Add an action, or delete the integration.",
        (
            Check(
                "revisions",
                "NOT (x.has_read OR x.has_write OR x.has_subscribe OR x.has_proxy)",
                "'There is neither read nor write, subscribe or proxy.'",
            ),
        ),
    ),
    Rule(
        "M03",
        "error",
        "An action that is there has objects",
        "An action without objects does nothing, and is refused.",
        _validator("rules 2.3 to 2.5"),
        "Add an object, or remove the action.",
        tuple(
            Check(
                "revisions",
                f"x.has_{action} AND x.{action}_objects = 0",
                f"'The action {action} has no objects.'",
            )
            for action in ("read", "write", "subscribe")
        ),
    ),
    Rule(
        "M04",
        "error",
        "What is read or subscribed to has a destination",
        "Without one, records and events go nowhere.",
        _validator("rules 2.3 and 2.5"),
        "Name one of the project's destinations.",
        (
            Check(
                "objects",
                "x.action IN ('read', 'subscribe') AND x.destination_name IS NULL",
                "'The ' || x.action || ' object has no destination.'",
            ),
        ),
    ),
    Rule(
        "M05",
        "warning",
        "A read object has a schedule",
        "Without one it is read on demand only. The documentation allows that, the validator does "
        "not.",
        _validator("rule 2.3; documentation, Read actions"),
        "Add a schedule, unless something calls for each read.",
        (
            Check(
                "objects",
                f"{_READ} AND x.schedule IS NULL",
                "'There is no schedule, so it is read on demand only.'",
            ),
        ),
    ),
    Rule(
        "M06",
        "error",
        "A schedule is a cron expression of five parts",
        "What cannot be read as one, or never comes, starts nothing.",
        _validator("rule 2.7"),
        "Write minute, hour, day, month and weekday, like `*/30 * * * *`.",
        (
            Check(
                "objects",
                f"{_READ} AND x.schedule IS NOT NULL AND x.schedule_runs_per_day IS NULL",
                "'The schedule ' || x.schedule || ' has not five parts, or never comes.'",
            ),
            Check(
                "revisions",
                "x.watch_schema_schedule IS NOT NULL"
                " AND x.watch_schema_min_interval_minutes IS NULL",
                "'The schedule ' || x.watch_schema_schedule"
                " || ' of watchSchema has not five parts, or never comes.'",
            ),
        ),
    ),
    Rule(
        "M07",
        "error",
        "An object is read at most every 10 minutes",
        "More often is refused. The shortest time between two reads counts: `*/55` is too often.",
        _validator("rule 2.7"),
        "Take a step of 10 minutes or more, like `*/10 * * * *`.",
        (
            Check(
                "objects",
                f"{_READ} AND x.schedule_min_interval_minutes < 10",
                "'With the schedule ' || x.schedule || ' the shortest time between two reads is '"
                " || CAST(x.schedule_min_interval_minutes AS TEXT) || ' min.'",
            ),
        ),
    ),
    Rule(
        "M08",
        "error",
        "An action has each object once",
        "Customers' settings know an object by its name, so the second one cannot be told apart.",
        _validator("rule 2.13"),
        "Merge the entries, or remove one.",
        (
            Check(
                "objects",
                "x.object_name IS NOT NULL AND x.occurrence > 1",
                "'The action ' || x.action || ' has it already.'",
            ),
        ),
    ),
    Rule(
        "M09",
        "warning",
        "A list of fields has no entry twice",
        "The second entry changes nothing, and another field may have been meant.",
        _OURS,
        "Remove one of the entries, or correct it.",
        (
            Check(
                "fields",
                "x.field_name IS NOT NULL AND x.occurrence > 1",
                "'The field is listed already, under the same name.'",
                field="x.field_name",
            ),
        ),
    ),
    Rule(
        "M10",
        "error",
        "An object maps each name once",
        "Two fields cannot be delivered under one name: one of the values is lost.",
        _validator("rule 2.10"),
        "Give each field a `mapToName` of its own.",
        (
            Check(
                "fields",
                "x.map_to_name IS NOT NULL AND x.name_occurrence > 1",
                "'Another field of the object is mapped to ' || x.map_to_name || ' already.'",
                field="COALESCE(x.field_name, x.map_to_name)",
            ),
        ),
    ),
    Rule(
        "M11",
        "warning",
        "A field is required or optional",
        "A field that is required is always read, so customers who do not choose it get it too.",
        _OURS,
        "Remove it from one of the two lists.",
        (
            Check(
                "fields",
                "NOT x.is_required AND x.field_name IS NOT NULL AND x.required_entries > 0",
                "'The field is required as well as optional.'",
                field="x.field_name",
            ),
        ),
    ),
    Rule(
        "M12",
        "error",
        "A read object has fields",
        "Without fields, and without `optionalFieldsAuto`, nothing can be read.",
        _validator("rule 2.12"),
        "List required or optional fields, or write `optionalFieldsAuto: all`.",
        (
            Check(
                "objects",
                f"{_READ} AND x.required_fields + x.optional_fields = 0"
                " AND x.optional_fields_auto IS NULL",
                "'It has neither fields nor optionalFieldsAuto.'",
            ),
        ),
    ),
    Rule(
        "M13",
        "error",
        "A backfill goes back for a number of days or for the whole history",
        "Both contradict each other, and neither says nothing.",
        _validator("rule 2.9"),
        "Write `days` or `fullHistory: true`, or remove the backfill.",
        (
            Check(
                "objects",
                f"{_READ} AND x.backfill_days IS NOT NULL AND x.backfill_full_history",
                "'The backfill has both days (' || CAST(x.backfill_days AS TEXT)"
                " || ') and the whole history.'",
            ),
            Check(
                "objects",
                f"{_READ} AND x.has_backfill"
                " AND x.backfill_days IS NULL AND x.backfill_full_history IS NULL",
                "'The backfill has neither days nor the whole history.'",
            ),
        ),
    ),
    Rule(
        "M14",
        "error",
        "Delivery is `auto`, or `onRequest` with pages of 50 to 500 records",
        "Other modes and sizes are refused, and so is a page size with `auto`.",
        _validator("rule 2.8"),
        "Remove the delivery, or give it a mode and a size that exist.",
        (
            Check(
                "objects",
                f"{_READ} AND x.delivery_mode NOT IN ('auto', 'onRequest')",
                "'There is no delivery mode ' || x.delivery_mode || '.'",
            ),
            Check(
                "objects",
                f"{_READ} AND COALESCE(x.delivery_mode, 'auto') = 'auto'"
                " AND x.delivery_page_size IS NOT NULL",
                "'The page size ' || CAST(x.delivery_page_size AS TEXT)"
                " || ' goes with onRequest only.'",
            ),
            Check(
                "objects",
                f"{_READ} AND x.delivery_mode = 'onRequest'"
                " AND x.delivery_page_size NOT BETWEEN 50 AND 500",
                "'The page size ' || CAST(x.delivery_page_size AS TEXT)"
                " || ' is not between 50 and 500.'",
            ),
        ),
    ),
    Rule(
        "M15",
        "warning",
        "Delivery is not `onRequest`",
        "It is deprecated.",
        _docs("Read actions"),
        "Move to automatic delivery.",
        (
            Check(
                "objects",
                f"{_READ} AND x.delivery_mode = 'onRequest'",
                "'Delivery is onRequest, which is deprecated.'",
            ),
        ),
    ),
    Rule(
        "M16",
        "error",
        "What subscribes also reads",
        "Subscribe objects take fields and mapping from read objects.",
        _validator("rule 2.5"),
        "Add read objects for what is subscribed to.",
        (
            Check(
                "revisions",
                "x.has_subscribe AND NOT x.has_read",
                "'There is subscribe without read.'",
            ),
        ),
    ),
    Rule(
        "M17",
        "error",
        "Create, update, delete and association events inherit fields and mapping",
        "Such events are delivered with the fields of the read object; nothing else is supported.",
        _validator("rule 2.5"),
        "Write `inheritFieldsAndMapping: true`.",
        (
            Check(
                "objects",
                f"{_SUBSCRIBE} AND x.standard_events > 0"
                " AND NOT COALESCE(x.inherits_mapping, FALSE)",
                "'It has create, update, delete or association events, but does not inherit fields"
                " and mapping.'",
            ),
        ),
    ),
    Rule(
        "M18",
        "error",
        "Create, update, delete and association events are those of a read object",
        "The fields of an event come from the read object of exactly the same name.",
        _docs("Manifest reference"),
        "Add a read object of that name, or correct the name.",
        (
            Check(
                "objects",
                f"{_SUBSCRIBE} AND x.standard_events > 0 AND x.read_object_match = 'none'",
                "'There is no read object of that name.'",
            ),
            Check(
                "objects",
                f"{_SUBSCRIBE} AND x.standard_events > 0 AND x.read_object_match = 'case'",
                "'The read object is called ' || x.read_object_name"
                " || ', which differs in upper and lower case.'",
            ),
        ),
    ),
    Rule(
        "M19",
        "warning",
        "A subscribe object has an event that is on",
        "Without one, nothing is ever sent.",
        _validator("rule 2.14"),
        "Write `enabled: always` for an event, or remove the object.",
        (
            Check(
                "objects",
                f"{_SUBSCRIBE} AND x.enabled_events = 0",
                "'No event of it is on.'",
            ),
        ),
    ),
    Rule(
        "M20",
        "error",
        "An event that says whether it is on says `always`",
        "No other value is accepted now, though old revisions may have one.",
        _validator("rule 2.6"),
        "Write `enabled: always`, or remove the event.",
        (
            Check(
                "events",
                "x.enabled <> 'always'",
                "'The event ' || x.event_type || ' has enabled ' || x.enabled || '.'",
            ),
        ),
    ),
    Rule(
        "M21",
        "error",
        "An update event watches all fields, the selected ones, or those it names",
        "Both contradict each other, and with neither no change counts.",
        _validator("rule 2.6"),
        "Write either `watchFieldsAuto` or `requiredWatchFields`.",
        (
            Check(
                "events",
                "x.watch_mode = 'none'",
                "'The update event has neither watchFieldsAuto nor requiredWatchFields.'",
            ),
            Check(
                "events",
                "x.watch_mode = 'conflict'",
                "'The update event has both watchFieldsAuto and requiredWatchFields.'",
            ),
        ),
    ),
    Rule(
        "M22",
        "error",
        "A watched field is a plain name",
        "Fields inside others cannot be watched: no dots, no brackets.",
        _validator("rule 2.16"),
        "Watch the outer field, or map the inner one to a plain name.",
        (
            Check(
                "watch_fields",
                "x.watch_field LIKE '%.%' OR x.watch_field LIKE '%[%' OR x.watch_field LIKE '%]%'",
                "'The watched field ' || x.watch_field || ' has dots or brackets.'",
                field="x.watch_field",
            ),
        ),
    ),
    Rule(
        "M23",
        "warning",
        "A watched field is one that the read object reads",
        "A change of any other field is not seen. Where customers may pick any field of the read "
        "object (`optionalFieldsAuto: all`), this is not told.",
        f"{_OURS}, after Ampersand's documentation, Subscribe actions",
        "Add the field to the read object, or correct its name.",
        (
            Check(
                "watch_fields",
                "x.read_object_key IS NOT NULL AND NOT x.reads_any_field AND NOT x.is_read",
                "'The read object neither reads nor maps the watched field ' || x.watch_field"
                " || '.'",
                field="x.watch_field",
            ),
        ),
    ),
    Rule(
        "M24",
        "error",
        "Salesforce has at most 5 subscribe objects",
        "Salesforce allows no more.",
        _validator("rule 3.1"),
        "Read the others on a schedule.",
        (
            Check(
                "revisions",
                "LOWER(x.provider) = 'salesforce' AND x.subscribe_objects > 5",
                "'It subscribes to ' || CAST(x.subscribe_objects AS TEXT) || ' objects.'",
            ),
        ),
    ),
    Rule(
        "M25",
        "warning",
        "Association events are those of HubSpot",
        "No other provider sends them.",
        _docs("Subscribe actions"),
        "Remove `associationChangeEvent`.",
        (
            Check(
                "events",
                "x.event_type = 'association_change' AND LOWER(x.provider) <> 'hubspot'",
                "'The provider ' || x.provider || ' sends no association events.'",
            ),
        ),
    ),
    Rule(
        "M26",
        "error",
        "An object that is always read has a schedule and required fields, which are not mapped",
        "It is read for customers who never chose it, so nothing may depend on their settings.",
        _validator("rule 2.11"),
        "Add the schedule and the required fields, and remove their `mapToName`; or remove "
        "`enabled: always`.",
        (
            Check(
                "objects",
                f"{_READ} AND {_IS_ALWAYS_READ} AND x.schedule IS NULL",
                "'It is always read, but has no schedule.'",
            ),
            Check(
                "objects",
                f"{_READ} AND {_IS_ALWAYS_READ} AND x.required_fields = 0",
                "'It is always read, but has no required fields.'",
            ),
            Check(
                "fields",
                f"{_IS_ALWAYS_READ} AND x.is_required AND x.map_to_name IS NOT NULL",
                "'The object is always read, but the required field is mapped to '"
                " || x.map_to_name || '.'",
                field="COALESCE(x.field_name, x.map_to_name)",
            ),
        ),
    ),
    Rule(
        "M27",
        "error",
        "Google Calendar's events go back at most 28 days",
        "Google's API has no older changes of events.",
        _validator("rule 3.5, which knows the provider by another name"),
        "Write `days: 28` or less.",
        (
            Check(
                "objects",
                f"{_READ} AND {_IS_GOOGLE_CALENDAR} AND x.object_name = 'events'"
                " AND x.backfill_full_history",
                "'The backfill goes back for the whole history.'",
            ),
            Check(
                "objects",
                f"{_READ} AND {_IS_GOOGLE_CALENDAR} AND x.object_name = 'events'"
                " AND x.backfill_days > 28",
                "'The backfill goes back ' || CAST(x.backfill_days AS TEXT) || ' days.'",
            ),
        ),
    ),
    Rule(
        "M28",
        "error",
        "Snowflake's backfill is the whole history",
        "A number of days is not supported there.",
        _validator("rule 3.6"),
        "Write `fullHistory: true`.",
        (
            Check(
                "objects",
                f"{_READ} AND LOWER(x.provider) = 'snowflake' AND x.backfill_days IS NOT NULL",
                "'The backfill has days (' || CAST(x.backfill_days AS TEXT) || ').'",
            ),
        ),
    ),
    Rule(
        "M29",
        "warning",
        "A write object that inherits a mapping has a read object",
        "There is nothing to inherit, so names go to the provider as they come.",
        f"{_OURS}, after Ampersand's documentation, Write actions",
        "Add a read object of that name, or remove `inheritMapping`.",
        (
            Check(
                "objects",
                "x.action = 'write' AND x.inherits_mapping AND x.read_object_match = 'none'",
                "'It inherits the mapping, but there is no read object of that name.'",
            ),
        ),
    ),
    Rule(
        "M30",
        "warning",
        "A field that customers choose has a label and a prompt",
        "Customers see nothing else when they are asked which of their fields to take.",
        _docs("Manifest reference"),
        "Add `mapToDisplayName` and `prompt`.",
        (
            Check(
                "fields",
                "x.field_name IS NULL AND x.map_to_name IS NOT NULL"
                " AND (x.prompt IS NULL OR x.map_to_display_name IS NULL)",
                "'The field to be chosen has no '"
                " || CASE WHEN x.prompt IS NOT NULL THEN 'mapToDisplayName'"
                " WHEN x.map_to_display_name IS NOT NULL THEN 'prompt'"
                " ELSE 'prompt and no mapToDisplayName' END || '.'",
                field="x.map_to_name",
            ),
        ),
    ),
    Rule(
        "M31",
        "error",
        "A field entry has a name",
        "Without `fieldName` and `mapToName` it says nothing; often a key is misspelt.",
        _validator("rule 5.1"),
        "Write `fieldName`, or `mapToName` where customers choose the field.",
        (
            Check(
                "fields",
                "x.field_name IS NULL AND x.map_to_name IS NULL",
                "'Entry ' || CAST(x.position AS TEXT) || ' (from 0) of '"
                " || CASE WHEN x.is_required THEN 'requiredFields' ELSE 'optionalFields' END"
                " || ' has neither fieldName nor mapToName.'",
            ),
        ),
    ),
    Rule(
        "M32",
        "warning",
        "A manifest has only keys that are known",
        "Others are ignored without a word, so a misspelt setting is no setting.",
        _validator("rule 2.17"),
        "Correct or remove the key; if it is new at Ampersand, update this source.",
        (
            Check(
                "unknown_keys",
                "TRUE",
                "'The key ' || COALESCE(x.property_name, '') || ' is not known, at '"
                " || x.json_path || '.'",
                field="x.field_name",
            ),
        ),
    ),
    Rule(
        "M33",
        "info",
        "An integration's name has 1 to 64 lower-case letters, digits, hyphens and underscores",
        "The documentation asks for it; other names work.",
        _docs("Manifest reference"),
        "Name new integrations so, like `sales-crm`; leave this one: to rename it makes another.",
        (
            Check(
                "integrations",
                f"LTRIM(x.integration_name, '{_NAME_ALPHABET}') <> ''",
                f"'The name has \"' || SUBSTR(LTRIM(x.integration_name, '{_NAME_ALPHABET}'), 1, 1)"
                " || '\", which is no lower-case letter, digit, hyphen or underscore.'",
            ),
            Check(
                "integrations",
                "LENGTH(COALESCE(x.integration_name, '')) NOT BETWEEN 1 AND 64",
                "CASE WHEN COALESCE(x.integration_name, '') = '' THEN 'It has no name.'"
                " ELSE 'The name has ' || CAST(LENGTH(x.integration_name) AS TEXT)"
                " || ' characters, more than 64.' END",
            ),
        ),
    ),
    Rule(
        "M34",
        "error",
        "Customers' schemas are checked at most once an hour",
        "More often is refused.",
        _docs("Manage customer schemas"),
        "Take a schedule of an hour or more, like `0 */6 * * *`.",
        (
            Check(
                "revisions",
                "x.watch_schema_min_interval_minutes < 60",
                "'With the schedule ' || x.watch_schema_schedule || ' of watchSchema the shortest'"
                " || ' time between two checks is '"
                " || CAST(x.watch_schema_min_interval_minutes AS TEXT)"
                " || ' min.'",
            ),
        ),
    ),
    Rule(
        "M35",
        "warning",
        "Where a read object maps names, the write object inherits the mapping",
        "Otherwise what is read under one name has to be written under another.",
        f"{_OURS}, after Ampersand's documentation, Object and field mapping",
        "Write `inheritMapping: true`, unless writers use the provider's names.",
        (
            Check(
                "objects",
                "x.action = 'write' AND NOT COALESCE(x.inherits_mapping, FALSE)"
                " AND (x.read_map_to_name IS NOT NULL OR x.read_mapped_fields > 0)",
                "'The read object maps names, but the write object does not inherit them.'",
            ),
        ),
    ),
    Rule(
        "M36",
        "warning",
        "Name and provider are the same inside the manifest and outside",
        "Whoever looks at one of them is misled.",
        _OURS,
        "Deploy the manifest again.",
        (
            Check(
                "revisions",
                "x.content_name <> x.integration_name",
                "'The name inside the manifest is ' || x.content_name || '.'",
            ),
            Check(
                "revisions",
                "x.content_provider <> x.provider",
                "'The provider inside the manifest is ' || x.content_provider || '.'",
            ),
        ),
    ),
    Rule(
        "M37",
        "info",
        "An object with its whole history is not read every 10 minutes",
        "Reads may begin while the backfill still runs, and meet the provider's limits.",
        _validator("rule 4.4"),
        "Read it less often, or go back for a number of days.",
        (
            Check(
                "objects",
                f"{_READ} AND x.backfill_full_history AND x.schedule_runs_per_day >= 144",
                "'The whole history is backfilled, and it is read ' || x.schedule || '.'",
            ),
        ),
    ),
)
"""Every rule, by id."""
