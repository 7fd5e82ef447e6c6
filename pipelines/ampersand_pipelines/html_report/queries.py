"""What a report asks, in SQL that all destinations understand; names in braces are views."""

from collections.abc import Sequence
from string import Formatter

from ..output import Answer
from ..reading import Dataset


def ask(dataset: Dataset, sql: str) -> Answer:
    """Asks one of these questions.

    Raises:
        NothingLoaded: A view that it needs is not there.
    """
    return dataset.ask(sql, _views(sql))


def _views(sql: str) -> Sequence[str]:
    return list(dict.fromkeys(name for _, name, _, _ in Formatter().parse(sql) if name))


PROJECTS = """
    SELECT p.name, p.listed_at, COUNT(i.integration_id), COUNT(DISTINCT i.provider)
    FROM {current_projects} AS p
    LEFT JOIN {current_integrations} AS i ON i.project_id = p.project_id
    GROUP BY p.project_id, p.name, p.listed_at
    ORDER BY p.name, p.project_id
"""
PROVIDERS = "SELECT COUNT(DISTINCT provider) FROM {current_integrations}"
COLLECTIONS = "SELECT DISTINCT collection FROM {current_collections} ORDER BY collection"
INSTALLATIONS = "SELECT COUNT(*), COUNT(DISTINCT group_ref) FROM {current_installations}"

INVENTORY = """
    SELECT integration_name, project_name, provider, read_objects, write_objects,
        subscribe_objects, events, has_proxy, deploy_time
    FROM {integration_inventory}
    ORDER BY project_name, integration_name, integration_id
"""
COVERAGE = """
    SELECT object_name, provider, reading_integrations, writing_integrations,
        subscribing_integrations
    FROM {object_coverage}
    ORDER BY provider, object_name
"""
UNSUPPORTED = """
    SELECT integration_name, project_name, provider, module, capability
    FROM {unsupported_capabilities}
    ORDER BY project_name, integration_name, integration_id, capability
"""
EVENTS = """
    SELECT provider, object_name, event_type, SUM(CASE WHEN is_enabled THEN 1 ELSE 0 END)
    FROM {current_subscribe_events}
    GROUP BY provider, object_name, event_type
    ORDER BY provider, object_name, event_type
"""
SCHEDULES = """
    SELECT provider, schedule, schedule_runs_per_day, COUNT(*)
    FROM {current_read_objects}
    WHERE schedule_runs_per_day > 0
    GROUP BY provider, schedule, schedule_runs_per_day
    ORDER BY provider, schedule
"""
SCHEDULED_READS = """
    SELECT provider, project_name, scheduled_objects, reads_per_hour, reads_per_day,
        min_interval_minutes, unscheduled_objects, unreadable_schedules
    FROM {scheduled_reads}
    ORDER BY reads_per_day DESC, provider, project_name, project_id
"""

ADOPTION = """
    SELECT month, SUM(new_installations), SUM(still_there)
    FROM {adoption_by_month}
    GROUP BY month ORDER BY month
"""
OBJECT_ADOPTION = """
    SELECT object_name, integration_name, project_name, provider, action, installations
    FROM {object_adoption}
    WHERE selected_by = 0 AND installations > 0
    ORDER BY installations DESC, project_name, integration_name, action, object_name, object_key
"""
INSTALLATION_HEALTH = """
    SELECT integration_name, project_name, provider, installations, unhealthy, failed_last,
        broken_connections, outdated
    FROM {installation_health}
    ORDER BY unhealthy + failed_last + broken_connections DESC, installations DESC, project_name,
        integration_name, integration_id
"""
OUTDATED = """
    SELECT group_name, integration_name, project_name, deployed_at, latest_deployed_at,
        is_content_different
    FROM {outdated_installations}
    ORDER BY group_name, project_name, integration_name, installation_id
"""
BROKEN_CONNECTIONS = """
    SELECT group_name, project_name, provider, auth_scheme, status, installations
    FROM {broken_connections}
    ORDER BY installations DESC, group_name, project_name, provider, connection_id
"""
OPERATIONS = """
    SELECT integration_name, project_name, provider, action_type, operations, failures,
        last_failure_at, failure_example
    FROM {operation_outcomes}
    ORDER BY failures DESC, operations DESC, project_name, integration_name, integration_id,
        action_type
"""
DESTINATIONS = """
    SELECT name, project_name, usage, destination_type, integrations, installations, topics
    FROM {destination_status}
    ORDER BY CASE usage WHEN 'dangling' THEN 0 WHEN 'unused' THEN 1 ELSE 2 END, project_name, name
"""

FRESHNESS = """
    SELECT project_name, listed_at, integrations, failures, failing_since, last_error
    FROM {project_freshness}
    ORDER BY failures DESC, listed_at, project_name, project_id
"""
FAILED_COLLECTIONS = """
    SELECT c.collection, p.name, COUNT(*), MIN(r.started_at), MAX(c.error)
    FROM {collection_listings} AS c
    JOIN {extraction_runs} AS r ON r.run_id = c.run_id
    LEFT JOIN {current_collections} AS n
        ON n.collection = c.collection AND n.project_id = c.project_id
    LEFT JOIN {current_projects} AS p ON p.project_id = c.project_id
    WHERE c.outcome = 'failed' AND (n.run_id IS NULL OR c.run_id > n.run_id)
    GROUP BY c.collection, c.project_id, p.name
    ORDER BY c.collection, p.name, c.project_id
"""
COLLECTION_FRESHNESS = """
    SELECT collection, project_name, listed_at, entries
    FROM {current_collections}
    ORDER BY collection, project_name, project_id
"""
RUNS = """
    SELECT r.started_at, r.scope, COALESCE(f.listed, 0), COALESCE(f.failed, 0), r.requests, r.bytes
    FROM {extraction_runs} AS r
    LEFT JOIN (
        SELECT run_id, SUM(CASE WHEN outcome = 'failed' THEN 0 ELSE 1 END) AS listed,
            SUM(CASE WHEN outcome = 'failed' THEN 1 ELSE 0 END) AS failed
        FROM {project_listings} GROUP BY run_id
    ) AS f ON f.run_id = r.run_id
    ORDER BY r.run_id DESC
"""
