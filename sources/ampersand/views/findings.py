"""The view of what is wrong with the manifests that are live now, made of the rules."""

from collections.abc import Iterable, Iterator, Sequence
from typing import get_args

from ..declaration import Example
from ..rules import RULES, Check, Relation, Rule
from .declaration import CONTEXT, View, literal

# Each view is read once, since all of them look for what is current anew. The API writes "" for
# much that is not set, which is NULL here.
RELATIONS: dict[Relation | str, str] = {
    "integrations": """
        SELECT project_id, project_name, integration_id, name AS integration_name, provider
        FROM current_integrations""",
    "given_objects": """
        SELECT project_id, project_name, integration_id, integration_name, provider, revision_key,
            object_key, action, position, object_name, map_to_name, destination_name, schedule,
            schedule_runs_per_day, schedule_min_interval_minutes, enabled,
            NULLIF(optional_fields_auto, '') AS optional_fields_auto, has_backfill, backfill_days,
            backfill_full_history, NULLIF(delivery_mode, '') AS delivery_mode, delivery_page_size,
            inherits_mapping, read_object_key, read_object_match
        FROM current_objects""",
    "given_fields": """
        SELECT revision_key, object_key, field_key, is_required, position,
            NULLIF(field_name, '') AS field_name, NULLIF(map_to_name, '') AS map_to_name,
            NULLIF(map_to_display_name, '') AS map_to_display_name, NULLIF(prompt, '') AS prompt
        FROM current_fields""",
    "given_events": """
        SELECT revision_key, object_key, event_key, event_type,
            NULLIF(enabled, '') AS enabled, is_enabled, watch_mode
        FROM current_subscribe_events""",
    "revisions": """
        SELECT r.project_id, r.project_name, r.integration_id, r.integration_name, r.provider,
            r.revision_key, r.spec_version, r.content_name, r.content_provider, r.module,
            r.has_read, r.has_write, r.has_subscribe, r.has_proxy, r.watch_schema_schedule,
            r.watch_schema_min_interval_minutes,
            COALESCE(o.read_objects, 0) AS read_objects,
            COALESCE(o.write_objects, 0) AS write_objects,
            COALESCE(o.subscribe_objects, 0) AS subscribe_objects
        FROM current_revisions AS r
        LEFT JOIN (
            SELECT revision_key,
                SUM(CASE WHEN action = 'read' THEN 1 ELSE 0 END) AS read_objects,
                SUM(CASE WHEN action = 'write' THEN 1 ELSE 0 END) AS write_objects,
                SUM(CASE WHEN action = 'subscribe' THEN 1 ELSE 0 END) AS subscribe_objects
            FROM given_objects GROUP BY revision_key
        ) AS o ON o.revision_key = r.revision_key""",
    "field_counts": """
        SELECT object_key,
            SUM(CASE WHEN is_required THEN 1 ELSE 0 END) AS required_fields,
            SUM(CASE WHEN is_required THEN 0 ELSE 1 END) AS optional_fields,
            COUNT(map_to_name) AS mapped_fields
        FROM given_fields GROUP BY object_key""",
    "event_counts": """
        SELECT object_key,
            SUM(CASE WHEN event_type <> 'other' THEN 1 ELSE 0 END) AS standard_events,
            SUM(CASE WHEN is_enabled THEN 1 ELSE 0 END) AS enabled_events
        FROM given_events GROUP BY object_key""",
    "objects": """
        SELECT o.*, r.module,
            ROW_NUMBER() OVER (
                PARTITION BY o.revision_key, o.action, o.object_name ORDER BY o.position
            ) AS occurrence,
            COALESCE(f.required_fields, 0) AS required_fields,
            COALESCE(f.optional_fields, 0) AS optional_fields,
            COALESCE(e.standard_events, 0) AS standard_events,
            COALESCE(e.enabled_events, 0) AS enabled_events,
            s.object_name AS read_object_name,
            s.map_to_name AS read_map_to_name,
            COALESCE(s.optional_fields_auto = 'all', FALSE) AS reads_any_field,
            COALESCE(sf.mapped_fields, 0) AS read_mapped_fields
        FROM given_objects AS o
        JOIN revisions AS r ON r.revision_key = o.revision_key
        LEFT JOIN field_counts AS f ON f.object_key = o.object_key
        LEFT JOIN event_counts AS e ON e.object_key = o.object_key
        LEFT JOIN given_objects AS s ON s.object_key = o.read_object_key
        LEFT JOIN field_counts AS sf ON sf.object_key = o.read_object_key""",
    "fields": """
        SELECT o.project_id, o.project_name, o.integration_id, o.integration_name, o.provider,
            o.object_name, o.enabled, f.*,
            ROW_NUMBER() OVER (
                PARTITION BY f.object_key, f.is_required, f.field_name, f.map_to_name
                ORDER BY f.position
            ) AS occurrence,
            ROW_NUMBER() OVER (
                PARTITION BY f.object_key, f.map_to_name ORDER BY f.is_required DESC, f.position
            ) AS name_occurrence,
            SUM(CASE WHEN f.is_required THEN 1 ELSE 0 END) OVER (
                PARTITION BY f.object_key, f.field_name
            ) AS required_entries
        FROM given_fields AS f
        JOIN given_objects AS o ON o.object_key = f.object_key""",
    "events": """
        SELECT o.project_id, o.project_name, o.integration_id, o.integration_name, o.provider,
            o.object_name, e.*
        FROM given_events AS e
        JOIN given_objects AS o ON o.object_key = e.object_key""",
    "watch_fields": """
        SELECT o.project_id, o.project_name, o.integration_id, o.integration_name, o.provider,
            o.object_key, o.object_name, o.read_object_key, o.reads_any_field, w.watch_field,
            f.name IS NOT NULL AS is_read
        FROM current_watch_fields AS w
        JOIN objects AS o ON o.object_key = w.object_key
        LEFT JOIN (
            SELECT object_key, field_name AS name FROM given_fields
            UNION
            SELECT object_key, map_to_name AS name FROM given_fields
        ) AS f ON f.object_key = o.read_object_key AND f.name = w.watch_field""",
    "unknown_keys": """
        SELECT u.project_id, u.project_name, u.integration_id, u.integration_name, u.provider,
            o.object_key, o.object_name, f.field_name, u.property_name, u.json_path
        FROM current_unmapped_properties AS u
        LEFT JOIN given_fields AS f ON f.field_key = u.parent_key
        LEFT JOIN given_events AS e ON e.event_key = u.parent_key
        LEFT JOIN given_objects AS o
            ON o.object_key = COALESCE(f.object_key, e.object_key, u.parent_key)
        WHERE u.reason = 'unknown_property' AND (
            u.json_path LIKE '$.latestRevision.content.%'
            OR u.json_path LIKE '$.latestRevision.content[%'
        )""",
}
"""What the rules look at, and what that is made of, in an order in which it can be defined."""

_OF_NO_OBJECT = frozenset({"integrations", "revisions"})


def checks_sql(over: Relation, checks: Sequence[tuple[Rule, Check]]) -> str:
    """The query for the findings of all checks over one of `RELATIONS`.

    The relation is read once and not once per check, since many databases look up anew what it is
    made of wherever it is named.
    """
    numbered = list(enumerate(checks))
    rules = "\n    UNION ALL ".join(
        f"SELECT {number} AS number, {literal(rule.id)} AS rule_id, "
        f"{literal(rule.severity)} AS severity, {literal(rule.remedy)} AS remedy, "
        f"{literal(rule.source)} AS rule_source"
        for number, (rule, _) in numbered
    )

    def of_check(expressions: Iterable[tuple[int, str]]) -> str:
        whens = "".join(f"\n    WHEN {number} THEN {sql}" for number, sql in expressions)
        return f"CASE r.number{whens}\nEND"

    fields = [(number, check.field) for number, (_, check) in numbered if check.field]
    in_object = over not in _OF_NO_OBJECT
    return f"""SELECT
    r.rule_id, r.severity,
    x.project_id, x.project_name, x.integration_id, x.integration_name, x.provider,
    {"x.object_key" if in_object else _NOTHING} AS object_key,
    {"x.object_name" if in_object else _NOTHING} AS object_name,
    {of_check(fields) if fields else _NOTHING} AS field_name,
    {of_check((number, check.message) for number, (_, check) in numbered)} AS message,
    r.remedy, r.rule_source
FROM {over} AS x
CROSS JOIN (
    {rules}
) AS r
WHERE {of_check((number, f"({check.where})") for number, (_, check) in numbered)}"""


_NOTHING = "CAST(NULL AS TEXT)"


def _queries() -> Iterator[str]:
    for over in get_args(Relation):
        yield checks_sql(
            over, [(rule, check) for rule in RULES for check in rule.checks if check.over == over]
        )


_RELATIONS_SQL = ",\n".join(f"{name} AS ({sql}\n)" for name, sql in RELATIONS.items())
_FINDINGS_SQL = "\nUNION ALL\n".join(_queries())

FINDINGS = View(
    "manifest_findings",
    "One row per place that breaks a rule, in the manifests that are there now.",
    f"WITH {_RELATIONS_SQL}\n{_FINDINGS_SQL}",
    {
        **CONTEXT,
        "rule_id": "Id of the rule; docs/rules.md says why it is one.",
        "severity": "`error`: Ampersand refuses it, or it cannot work. `warning`: it works, but "
        "hardly as meant. `info`: worth knowing.",
        "object_key": "The object entry that it is about; NULL: the whole integration.",
        "object_name": "Name of that object.",
        "field_name": "Name of the field that it is about; NULL: none.",
        "message": "What is wrong.",
        "remedy": "What to do.",
        "rule_source": "Who says so.",
    },
    example=Example(
        "What is wrong with our manifests?",
        "Platform engineers, before a customer finds out.",
        """
        SELECT rule_id, severity, project_name, integration_name, object_name
        FROM manifest_findings
        WHERE severity <> 'info'
        ORDER BY rule_id, project_name, integration_name, object_name
        """,
    ),
)
