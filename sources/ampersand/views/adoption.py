"""The views that answer questions about customers: who installed what, and does it work.

Like those of `answers.py`, they are written in what all destinations have in common.
"""

from ..declaration import PROJECT_ID, Example
from .declaration import View, count

_CONTEXT = {
    "project_id": PROJECT_ID,
    "project_name": "Name of the project.",
    "integration_name": "Name of the integration; NULL: it is not there.",
    "provider": "Key of the provider in Ampersand's catalog.",
}


_OUTDATED_INSTALLATIONS = View(
    "outdated_installations",
    "One row per installation that is not on the latest revision.",
    """
    SELECT i.project_id, i.project_name, i.integration_id, i.integration_name, i.provider,
        i.installation_id, i.group_ref, i.group_name, i.revision_id, i.latest_revision_id,
        o.create_time AS deployed_at, n.create_time AS latest_deployed_at,
        o.content_hash <> n.content_hash AS is_content_different
    FROM current_installations AS i
    LEFT JOIN current_integrations AS c
        ON c.project_id = i.project_id AND c.integration_id = i.integration_id
    LEFT JOIN revisions AS n ON n.revision_key = c.revision_key
    LEFT JOIN (
        SELECT project_id, integration_id, revision_id, MAX(create_time) AS create_time,
            MAX(content_hash) AS content_hash
        FROM revisions GROUP BY project_id, integration_id, revision_id
    ) AS o
        ON o.project_id = i.project_id AND o.integration_id = i.integration_id
            AND o.revision_id = i.revision_id
    WHERE i.is_outdated
    """,
    {
        **_CONTEXT,
        "revision_id": "The revision that it is on.",
        "latest_revision_id": "The latest revision of the integration.",
        "deployed_at": "When the revision that it is on was deployed; NULL: no run ever saw it.",
        "latest_deployed_at": "When the latest one was deployed.",
        "is_content_different": "Whether the manifest is another one; NULL: not known.",
    },
    example=Example(
        "Which customers are on an outdated revision?",
        "Customer success, before a fix is announced that these will not have.",
        """
        SELECT group_name, integration_name, CAST(deployed_at AS DATE) AS deployed,
            CAST(latest_deployed_at AS DATE) AS latest, is_content_different
        FROM outdated_installations
        ORDER BY group_name, integration_name, installation_id
        """,
    ),
)

_OBJECT_ADOPTION = View(
    "object_adoption",
    "One row per object entry that is there now: how many installations have selected it.",
    """
    WITH installed AS (
        SELECT project_id, integration_id, COUNT(*) AS installations
        FROM current_installations GROUP BY project_id, integration_id
    ),
    selected AS (
        SELECT project_id, integration_id, action, object_name,
            COUNT(DISTINCT installation_id) AS installations
        FROM current_installation_objects
        GROUP BY project_id, integration_id, action, object_name
    )
    SELECT o.project_id, o.project_name, o.integration_id, o.integration_name, o.provider,
        o.object_key, o.action, o.object_name, COALESCE(n.installations, 0) AS installations,
        COALESCE(s.installations, 0) AS selected_by
    FROM current_objects AS o
    JOIN current_collections AS c
        ON c.project_id = o.project_id AND c.collection = 'installations'
    LEFT JOIN installed AS n
        ON n.project_id = o.project_id AND n.integration_id = o.integration_id
    LEFT JOIN selected AS s
        ON s.project_id = o.project_id AND s.integration_id = o.integration_id
            AND s.action = o.action AND s.object_name = o.object_name
    """,
    {
        **_CONTEXT,
        "installations": "Number of installations of the integration.",
        "selected_by": "Number of those that have selected the object.",
    },
    example=Example(
        "Which objects did nobody select?",
        "Product: what nobody wants need not be kept up.",
        """
        SELECT project_name, integration_name, action, object_name, installations
        FROM object_adoption
        WHERE selected_by = 0 AND installations > 0
        ORDER BY installations DESC, project_name, integration_name, action, object_name
        """,
    ),
)

_DESTINATION_STATUS = View(
    "destination_status",
    "One row per name of a destination in a project, be it there or only used.",
    """
    WITH used AS (
        SELECT project_id, project_name, destination_name AS name, integration_id,
            CAST(NULL AS TEXT) AS installation_id, CAST(NULL AS TEXT) AS topic_id
        FROM current_objects
        UNION ALL
        SELECT project_id, project_name, watch_schema_destination_name, integration_id,
            CAST(NULL AS TEXT), CAST(NULL AS TEXT)
        FROM current_revisions
        UNION ALL
        SELECT project_id, project_name, destination_name, CAST(NULL AS TEXT), installation_id,
            CAST(NULL AS TEXT)
        FROM current_installation_objects
        UNION ALL
        SELECT project_id, project_name, destination_name, CAST(NULL AS TEXT), CAST(NULL AS TEXT),
            topic_id
        FROM current_notification_routes
        UNION ALL
        SELECT project_id, project_name, name, CAST(NULL AS TEXT), CAST(NULL AS TEXT),
            CAST(NULL AS TEXT)
        FROM current_destinations
    ),
    counted AS (
        SELECT project_id, MAX(project_name) AS project_name, name,
            COUNT(DISTINCT integration_id) AS integrations,
            COUNT(DISTINCT installation_id) AS installations,
            COUNT(DISTINCT topic_id) AS topics
        FROM used WHERE name IS NOT NULL AND name <> ''
        GROUP BY project_id, name
    )
    SELECT n.project_id, n.project_name, n.name, d.destination_id, d.destination_type,
        n.integrations, n.installations, n.topics,
        CASE
            WHEN d.destination_id IS NULL THEN 'dangling'
            WHEN n.integrations + n.installations + n.topics = 0 THEN 'unused'
            ELSE 'used'
        END AS usage
    FROM counted AS n
    JOIN current_collections AS c
        ON c.project_id = n.project_id AND c.collection = 'destinations'
    LEFT JOIN current_destinations AS d ON d.project_id = n.project_id AND d.name = n.name
    """,
    {
        **_CONTEXT,
        "name": "Name of the destination.",
        "destination_id": "Its id; NULL: there is none of that name.",
        "integrations": "Number of integrations whose manifest names it.",
        "installations": "Number of installations whose config names it.",
        "topics": "Number of topics that are routed to it.",
        "usage": "`used`, `unused`, or `dangling`: named, and not there.",
    },
    example=Example(
        "Which destinations are named and not there, and which does nothing use?",
        "Platform engineers: what goes to a destination that is not there is lost.",
        """
        SELECT usage, project_name, name, integrations, installations
        FROM destination_status
        WHERE usage <> 'used'
        ORDER BY usage, project_name, name
        """,
    ),
)

_INSTALLATION_HEALTH = View(
    "installation_health",
    "One row per integration that is installed now: how many of its installations work.",
    f"""
    SELECT i.project_id, i.project_name, i.integration_id, i.integration_name, i.provider,
        COUNT(*) AS installations,
        {count("i.health_status = 'unhealthy'")} AS unhealthy,
        {count("i.last_operation_status = 'failure'")} AS failed_last,
        {count("c.status = 'bad_credentials'")} AS broken_connections,
        {count("i.is_outdated")} AS outdated
    FROM current_installations AS i
    LEFT JOIN current_connections AS c
        ON c.project_id = i.project_id AND c.connection_id = i.connection_id
    GROUP BY i.project_id, i.project_name, i.integration_id, i.integration_name, i.provider
    """,
    {
        **_CONTEXT,
        "installations": "Number of installations.",
        "unhealthy": "Number of those that are unhealthy.",
        "failed_last": "Number of those whose last operation failed.",
        "broken_connections": "Number of those whose connection has bad credentials.",
        "outdated": "Number of those that are on an older revision.",
    },
    example=Example(
        "Where are customers' installations unhealthy?",
        "Support, every morning.",
        """
        SELECT provider, integration_name, installations, unhealthy, failed_last,
            broken_connections
        FROM installation_health
        WHERE unhealthy + failed_last + broken_connections > 0
        ORDER BY unhealthy DESC, provider, integration_name
        """,
    ),
)

_OPERATION_OUTCOMES = View(
    "operation_outcomes",
    "One row per integration and action: what came of its operations.",
    f"""
    SELECT project_id, project_name, integration_id, integration_name, provider, action_type,
        COUNT(*) AS operations,
        {count("status = 'failure'")} AS failures,
        {count("status = 'in_progress'")} AS in_progress,
        COUNT(DISTINCT CASE WHEN status = 'failure' THEN installation_id END)
            AS failing_installations,
        MAX(CASE WHEN status = 'failure' THEN create_time END) AS last_failure_at,
        MAX(CASE WHEN status = 'failure' THEN result END) AS failure_example
    FROM current_operations
    GROUP BY project_id, project_name, integration_id, integration_name, provider, action_type
    """,
    {
        **_CONTEXT,
        "operations": "Number of operations.",
        "failures": "Number of those that failed.",
        "in_progress": "Number of those that were not over when they were last seen.",
        "failing_installations": "Number of installations that one failed for.",
        "last_failure_at": "When the last one that failed was created.",
        "failure_example": "What one that failed says.",
    },
    example=Example(
        "Which operations fail, by provider and integration?",
        "Whoever is on call.",
        """
        SELECT provider, integration_name, action_type, operations, failures,
            failing_installations
        FROM operation_outcomes
        WHERE failures > 0
        ORDER BY failures DESC, provider, integration_name, action_type
        """,
    ),
)

_BROKEN_CONNECTIONS = View(
    "broken_connections",
    "One row per connection that is there now and does not work.",
    """
    SELECT c.project_id, c.project_name, c.connection_id, c.provider, c.auth_scheme, c.status,
        c.group_ref, c.group_name, c.consumer_name, c.create_time,
        COUNT(i.installation_id) AS installations
    FROM current_connections AS c
    LEFT JOIN current_installations AS i
        ON i.project_id = c.project_id AND i.connection_id = c.connection_id
    WHERE c.status NOT IN ('created', 'working')
    GROUP BY c.project_id, c.project_name, c.connection_id, c.provider, c.auth_scheme, c.status,
        c.group_ref, c.group_name, c.consumer_name, c.create_time
    """,
    {**_CONTEXT, "installations": "Number of installations that use it."},
    example=Example(
        "Whose connection is broken, and what hangs on it?",
        "Support: somebody has to sign in again.",
        """
        SELECT group_name, provider, auth_scheme, status, installations
        FROM broken_connections
        ORDER BY installations DESC, group_name, connection_id
        """,
    ),
)

_MAPPED_FIELDS = View(
    "mapped_fields",
    "One row per field of a provider and name that installations map it to.",
    """
    SELECT provider, object_name, name AS map_to_name, field_name,
        COUNT(DISTINCT installation_id) AS installations,
        COUNT(DISTINCT group_ref) AS customers
    FROM current_installation_fields
    WHERE purpose = 'mapping' AND field_name IS NOT NULL
    GROUP BY provider, object_name, name, field_name
    """,
    {
        "provider": "Key of the provider in Ampersand's catalog.",
        "map_to_name": "Name under which it is delivered.",
        "installations": "Number of installations that map it so.",
        "customers": "Number of customers whose installations do.",
    },
    example=Example(
        "Which fields are mapped most often, and to what?",
        "Product: what most customers choose should be the default.",
        """
        SELECT provider, object_name, map_to_name, field_name, customers
        FROM mapped_fields
        ORDER BY customers DESC, provider, object_name, map_to_name, field_name
        LIMIT 20
        """,
    ),
)

_UNSUPPORTED_CAPABILITIES = View(
    "unsupported_capabilities",
    "One row per capability that an integration uses and the catalog denies.",
    """
    WITH catalog AS (
        SELECT p.provider, m.module, m.supports_read, m.supports_write, m.supports_subscribe,
            m.supports_proxy, m.supports_delete, m.supports_create_events,
            m.supports_update_events, m.supports_delete_events
        FROM current_providers AS p
        JOIN provider_modules AS m ON m.provider_key = p.provider_key
        UNION ALL
        SELECT p.provider, '', p.supports_read, p.supports_write, p.supports_subscribe,
            p.supports_proxy, p.supports_delete, p.supports_create_events,
            p.supports_update_events, p.supports_delete_events
        FROM current_providers AS p
    ),
    integrated AS (
        SELECT r.project_id, r.project_name, r.integration_id, r.integration_name, r.provider,
            r.revision_key, COALESCE(r.module, p.default_module, '') AS module, r.has_read,
            r.has_write, r.has_subscribe, COALESCE(r.proxy_enabled, FALSE) AS has_proxy
        FROM current_revisions AS r
        JOIN current_providers AS p ON p.provider = r.provider
    ),
    used AS (
        SELECT revision_key, 'read' AS capability FROM integrated WHERE has_read
        UNION ALL SELECT revision_key, 'write' FROM integrated WHERE has_write
        UNION ALL SELECT revision_key, 'subscribe' FROM integrated WHERE has_subscribe
        UNION ALL SELECT revision_key, 'proxy' FROM integrated WHERE has_proxy
        UNION ALL SELECT DISTINCT o.revision_key, 'delete'
            FROM current_objects AS o WHERE o.action = 'delete'
        UNION ALL SELECT DISTINCT e.revision_key, e.event_type || ' events'
            FROM current_subscribe_events AS e
            WHERE e.is_enabled AND e.event_type IN ('create', 'update', 'delete')
    )
    SELECT i.project_id, i.project_name, i.integration_id, i.integration_name, i.provider,
        i.module, u.capability
    FROM used AS u
    JOIN integrated AS i ON i.revision_key = u.revision_key
    JOIN catalog AS c ON c.provider = i.provider AND c.module = i.module
    WHERE NOT CASE u.capability
        WHEN 'read' THEN COALESCE(c.supports_read, TRUE)
        WHEN 'write' THEN COALESCE(c.supports_write, TRUE)
        WHEN 'subscribe' THEN COALESCE(c.supports_subscribe, TRUE)
        WHEN 'proxy' THEN COALESCE(c.supports_proxy, TRUE)
        WHEN 'delete' THEN COALESCE(c.supports_delete, TRUE)
        WHEN 'create events' THEN COALESCE(c.supports_create_events, TRUE)
        WHEN 'update events' THEN COALESCE(c.supports_update_events, TRUE)
        WHEN 'delete events' THEN COALESCE(c.supports_delete_events, TRUE)
        ELSE TRUE
    END
    """,
    {
        **_CONTEXT,
        "module": "Module of the provider that counts; empty: it has none.",
        "capability": "`read`, `write`, `subscribe`, `proxy`, `delete`, `create events`, "
        "`update events` or `delete events`.",
    },
    example=Example(
        "Which integrations use what their provider does not support?",
        "Platform engineers, before customers find out.",
        """
        SELECT project_name, integration_name, provider, module, capability
        FROM unsupported_capabilities
        ORDER BY project_name, integration_name, capability
        """,
    ),
)

_ADOPTION_BY_MONTH = View(
    "adoption_by_month",
    "One row per integration and month in which it was installed: how many installations came, "
    "and how many of those are still there.",
    """
    WITH seen AS (
        SELECT project_id, installation_id, MAX(integration_id) AS integration_id,
            MIN(create_time) AS create_time
        FROM installations WHERE create_time IS NOT NULL
        GROUP BY project_id, installation_id
    )
    SELECT s.project_id, p.name AS project_name, s.integration_id, i.name AS integration_name,
        i.provider,
        SUBSTRING(CAST(s.create_time AT TIME ZONE 'UTC' AS TEXT), 1, 7) AS month,
        COUNT(*) AS new_installations, COUNT(n.installation_id) AS still_there
    FROM seen AS s
    JOIN current_projects AS p ON p.project_id = s.project_id
    LEFT JOIN current_integrations AS i
        ON i.project_id = s.project_id AND i.integration_id = s.integration_id
    LEFT JOIN current_installations AS n
        ON n.project_id = s.project_id AND n.installation_id = s.installation_id
    GROUP BY s.project_id, p.name, s.integration_id, i.name, i.provider,
        SUBSTRING(CAST(s.create_time AT TIME ZONE 'UTC' AS TEXT), 1, 7)
    """,
    {
        **_CONTEXT,
        "integration_id": "Id of the integration.",
        "month": "The month (UTC), as `2026-03`.",
        "new_installations": "Number of installations that were created in it.",
        "still_there": "Number of those that are there now.",
    },
    example=Example(
        "How does adoption grow, month by month?",
        "Product and management.",
        """
        SELECT month, SUM(new_installations) AS new_installations,
            SUM(SUM(new_installations)) OVER (ORDER BY month) AS so_far,
            SUM(still_there) AS still_there
        FROM adoption_by_month
        GROUP BY month
        ORDER BY month
        """,
    ),
)

ADOPTION_VIEWS = (
    _OUTDATED_INSTALLATIONS,
    _OBJECT_ADOPTION,
    _DESTINATION_STATUS,
    _INSTALLATION_HEALTH,
    _OPERATION_OUTCOMES,
    _BROKEN_CONNECTIONS,
    _MAPPED_FIELDS,
    _UNSUPPORTED_CAPABILITIES,
    _ADOPTION_BY_MONTH,
)
