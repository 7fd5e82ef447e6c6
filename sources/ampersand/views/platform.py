"""The views of what is there now beside the integrations: destinations, installations and so on."""

from collections.abc import Mapping

from ..declaration import PROJECT_ID, Example, Table
from ..platform_tables import (
    CONNECTIONS,
    DESTINATIONS,
    INSTALLATION_FIELDS,
    INSTALLATION_OBJECTS,
    INSTALLATIONS,
    OPERATIONS,
    PROVIDER_APPS,
    PROVIDER_MODULES,
    PROVIDERS,
)
from .declaration import View, columns_of
from .runs import RUNS

_PROJECT = {"project_id": PROJECT_ID, "project_name": "Name of the project."}
_LISTED_AT = {"listed_at": "When the run began that listed it last."}

_CURRENT_COLLECTIONS = View(
    "current_collections",
    "One row per collection of a project, such as its installations: as of the last run that could "
    "list it.",
    f"""
    WITH {RUNS},
    latest AS (
        SELECT c.collection, c.project_id, MAX(c.run_id) AS run_id
        FROM collection_listings AS c
        JOIN runs AS r ON r.run_id = c.run_id
        WHERE c.outcome IN ('listed', 'unchanged')
        GROUP BY c.collection, c.project_id
    )
    SELECT l.project_id, p.name AS project_name, l.collection, c.listing_key, c.entries, c.run_id,
        r.started_at AS listed_at
    FROM latest AS l
    JOIN collection_listings AS c
        ON c.collection = l.collection AND c.project_id = l.project_id AND c.run_id = l.run_id
    JOIN runs AS r ON r.run_id = l.run_id
    LEFT JOIN current_projects AS p ON p.project_id = l.project_id
    WHERE l.project_id = '' OR p.project_id IS NOT NULL
    """,
    {
        **_PROJECT,
        "project_id": "Id of the Ampersand project; empty for what is the same for all.",
        "collection": "Table that has the entries.",
        "listing_key": "Its listing; NULL for operations.",
        "entries": "Number of entries; of operations, of those that were new then.",
        "run_id": "The run that listed it last.",
        **_LISTED_AT,
    },
    example=Example(
        "What is there beside integrations, and how fresh is what we know of it?",
        "Whoever is on call, before trusting what is said about installations.",
        """
        SELECT project_name, collection, entries
        FROM current_collections
        ORDER BY project_name, collection
        """,
    ),
)


def _current(
    table: Table,
    description: str,
    columns: str = "",
    joins: str = "",
    described: Mapping[str, str] | None = None,
    *,
    name: str = "",
    example: Example,
) -> View:
    """A view of the rows of a collection's table that are there now."""
    of_project = "c.project_id, c.project_name, " if "project_id" in _names(table) else ""
    return View(
        name or f"current_{table.name}",
        description,
        f"""
        SELECT {of_project}{columns_of(table, "x", without=("project_id",))}{columns}, c.listed_at
        FROM current_collections AS c
        JOIN collection_entries AS e
            ON e.listing_key = c.listing_key AND e.collection = c.collection
        JOIN {table.name} AS x ON x.{table.key[0]} = e.entry_key
        {joins}
        WHERE c.collection = '{table.name}'
        """,
        {**(_PROJECT if of_project else {}), **_LISTED_AT, **(described or {})},
        example=example,
    )


def _names(table: Table) -> set[str]:
    return {column.name for column in table.columns}


_CURRENT_DESTINATIONS = _current(
    DESTINATIONS,
    "One row per destination that is there now.",
    example=Example(
        "Which destinations are there, and where do they go?",
        "Platform engineers and security.",
        """
        SELECT project_name, name, destination_type,
            SUBSTRING(COALESCE(url_host, stream_name, bucket, queue_address), 1, 26) AS goes_to
        FROM current_destinations
        ORDER BY project_name, name
        """,
    ),
)

_CURRENT_INSTALLATIONS = _current(
    INSTALLATIONS,
    "One row per installation that is there now, with the revision that it is on.",
    """,
        i.name AS integration_name, i.provider, f.config_id, f.revision_id,
        f.create_time AS config_create_time, f.proxy_enabled,
        i.revision_id AS latest_revision_id,
        f.revision_id <> i.revision_id AS is_outdated""",
    """
        LEFT JOIN installation_configs AS f ON f.config_key = x.config_key
        LEFT JOIN current_integrations AS i
            ON i.project_id = c.project_id AND i.integration_id = x.integration_id""",
    {
        "integration_name": "Name of the integration; NULL: it is not there.",
        "provider": "Key of the provider in Ampersand's catalog.",
        "config_create_time": "When its config was saved.",
        "revision_id": "The revision that it is on.",
        "latest_revision_id": "The latest revision of the integration.",
        "is_outdated": "Whether it is on an older revision than the latest; NULL: not known.",
    },
    example=Example(
        "Which customers have installed what?",
        "Customer success, before a call.",
        """
        SELECT group_name, project_name, integration_name, health_status
        FROM current_installations
        ORDER BY group_name, project_name, integration_name, installation_id
        """,
    ),
)


def _of_config(table: Table, description: str, *, example: Example) -> View:
    """A view of the rows below the configs of the installations that are there now."""
    return View(
        f"current_{table.name}",
        description,
        f"""
        SELECT i.project_id, i.project_name, i.integration_id, i.integration_name, i.provider,
            i.installation_id, i.group_ref, i.group_name, {columns_of(table, "x")}
        FROM current_installations AS i
        JOIN {table.name} AS x ON x.config_key = i.config_key
        """,
        {
            **_PROJECT,
            "integration_name": "Name of the integration; NULL: it is not there.",
            "provider": "Key of the provider in Ampersand's catalog.",
        },
        example=example,
    )


_CURRENT_INSTALLATION_OBJECTS = _of_config(
    INSTALLATION_OBJECTS,
    "One row per object that an installation has selected, for an action.",
    example=Example(
        "Which customers read everything there is of an object?",
        "Security, before a field is classified.",
        """
        SELECT group_name, integration_name, object_name
        FROM current_installation_objects
        WHERE action = 'read' AND selected_fields_auto = 'all'
        ORDER BY group_name, integration_name, object_name
        """,
    ),
)

_CURRENT_INSTALLATION_FIELDS = _of_config(
    INSTALLATION_FIELDS,
    "One row per field that an installation has: selected, mapped, watched, written by default.",
    example=Example(
        "Which fields does each customer map?",
        "Support, when a column is empty for one customer.",
        """
        SELECT group_name, integration_name, object_name, name AS our_name, field_name
        FROM current_installation_fields
        WHERE purpose = 'mapping'
        ORDER BY group_name, integration_name, object_name, our_name
        """,
    ),
)

_CURRENT_CONNECTIONS = _current(
    CONNECTIONS,
    "One row per connection that is there now.",
    example=Example(
        "Which connections are there, and how do they sign in?",
        "Security.",
        """
        SELECT provider, auth_scheme, status, COUNT(*) AS connections
        FROM current_connections
        GROUP BY provider, auth_scheme, status
        ORDER BY provider, auth_scheme, status
        """,
    ),
)

_CURRENT_PROVIDERS = _current(
    PROVIDERS,
    "One row per provider that is in the catalog now.",
    example=Example(
        "What can each provider do?",
        "Product, before anything is promised.",
        """
        SELECT provider, supports_read, supports_write, supports_subscribe, supports_proxy
        FROM current_providers
        ORDER BY provider
        """,
    ),
)

_CURRENT_PROVIDER_MODULES = View(
    "current_provider_modules",
    "One row per module of a provider that is in the catalog now.",
    f"""
    SELECT p.provider, p.display_name AS provider_display_name,
        {columns_of(PROVIDER_MODULES, "m")}
    FROM current_providers AS p
    JOIN provider_modules AS m ON m.provider_key = p.provider_key
    """,
    {"provider_display_name": "Name of the provider for people."},
    example=Example(
        "What can each module do?",
        "Platform engineers, before they write a manifest.",
        """
        SELECT provider, module, supports_read, supports_write, supports_subscribe
        FROM current_provider_modules
        ORDER BY provider, module
        """,
    ),
)

_CURRENT_PROVIDER_APPS = _current(
    PROVIDER_APPS,
    "One row per provider app that is there now.",
    example=Example(
        "For which providers do we have an app of our own?",
        "Platform engineers, before an integration goes live.",
        """
        SELECT project_name, provider, client_id
        FROM current_provider_apps
        ORDER BY project_name, provider
        """,
    ),
)

_CURRENT_NOTIFICATION_ROUTES = View(
    "current_notification_routes",
    "One row per way of a notification that is there now: from the event by its topic to a "
    "destination.",
    """
    WITH entries AS (
        SELECT c.project_id, c.project_name, e.collection, e.entry_key
        FROM current_collections AS c
        JOIN collection_entries AS e
            ON e.listing_key = c.listing_key AND e.collection = c.collection
    )
    SELECT n.project_id, n.project_name, t.topic_id, t.name AS topic, r.event_type,
        d.destination_id, o.name AS destination_name
    FROM entries AS n
    JOIN topics AS t ON t.topic_key = n.entry_key
    LEFT JOIN (
        SELECT x.project_id, x.topic_id, x.event_type
        FROM entries AS e JOIN topic_event_routes AS x ON x.topic_event_route_key = e.entry_key
        WHERE e.collection = 'topic_event_routes'
    ) AS r ON r.project_id = n.project_id AND r.topic_id = t.topic_id
    LEFT JOIN (
        SELECT x.project_id, x.topic_id, x.destination_id
        FROM entries AS e
        JOIN topic_destination_routes AS x ON x.topic_destination_route_key = e.entry_key
        WHERE e.collection = 'topic_destination_routes'
    ) AS d ON d.project_id = n.project_id AND d.topic_id = t.topic_id
    LEFT JOIN current_destinations AS o
        ON o.project_id = n.project_id AND o.destination_id = d.destination_id
    WHERE n.collection = 'topics'
    """,
    {
        **_PROJECT,
        "topic": "Name of the topic.",
        "event_type": "The event; NULL: none is routed to the topic.",
        "destination_id": "Where it goes; NULL: nowhere.",
        "destination_name": "Name of the destination; NULL: nowhere, or it is not there.",
    },
    example=Example(
        "Who hears of what?",
        "Whoever is on call: what goes nowhere is not heard.",
        """
        SELECT project_name, event_type, topic, destination_name
        FROM current_notification_routes
        ORDER BY project_name, event_type, topic, destination_name
        """,
    ),
)

_CURRENT_OPERATIONS = View(
    "current_operations",
    "One row per operation ever seen of a project that is there now: its latest state.",
    f"""
    WITH {RUNS},
    latest AS (
        SELECT o.operation_key,
            ROW_NUMBER() OVER (
                PARTITION BY o.project_id, o.operation_id
                ORDER BY o.run_id DESC, CASE WHEN o.status = 'in_progress' THEN 1 ELSE 0 END,
                    o.operation_key
            ) AS place
        FROM operations AS o
        LEFT JOIN runs AS r ON r.run_id = o.run_id
        LEFT JOIN current_collections AS c
            ON c.project_id = o.project_id AND c.collection = 'operations' AND c.run_id >= o.run_id
        WHERE r.run_id IS NOT NULL OR c.run_id IS NOT NULL
    )
    SELECT o.project_id, p.name AS project_name, o.operation_id,
        {columns_of(OPERATIONS, "o", without=("project_id", "operation_id"))},
        i.name AS integration_name, i.provider
    FROM latest AS l
    JOIN operations AS o ON o.operation_key = l.operation_key AND l.place = 1
    JOIN current_projects AS p ON p.project_id = o.project_id
    LEFT JOIN current_integrations AS i
        ON i.project_id = o.project_id AND i.integration_id = o.integration_id
    """,
    {
        **_PROJECT,
        "integration_name": "Name of the integration; NULL: it is not there.",
        "provider": "Key of the provider in Ampersand's catalog.",
    },
    example=Example(
        "What went wrong lately?",
        "Whoever is on call.",
        """
        SELECT integration_name, action_type, SUBSTRING(result, 1, 40) AS result,
            CAST(create_time AS DATE) AS created
        FROM current_operations
        WHERE status = 'failure'
        ORDER BY create_time DESC, operation_id
        LIMIT 10
        """,
    ),
)

_CURRENT_DROPPED_PROPERTIES = View(
    "current_dropped_properties",
    "One row per value beside the integrations that no column takes now; of operations, in any "
    "state that was seen. Since it may be a secret, it is not kept; where it was is.",
    """
    SELECT c.project_id, c.project_name, c.collection, u.json_path, u.property_name, u.reason,
        u.parent_key
    FROM current_collections AS c
    JOIN revision_unmapped_properties AS u ON u.listing_key = c.listing_key
    UNION ALL
    SELECT c.project_id, c.project_name, c.collection, u.json_path, u.property_name, u.reason,
        u.parent_key
    FROM current_collections AS c
    JOIN operations AS o ON o.project_id = c.project_id AND o.run_id <= c.run_id
    JOIN revision_unmapped_properties AS u
        ON u.parent_table = 'operations' AND u.parent_key = o.operation_key
    WHERE c.collection = 'operations'
    """,
    {
        **_PROJECT,
        "project_id": "Id of the Ampersand project; empty for what is the same for all.",
        "collection": "Table that has the entry.",
    },
    example=Example(
        "Did the API bring properties of installations and the like that the model does not know?",
        "Whoever maintains this pipeline.",
        """
        SELECT collection, property_name, reason, COUNT(*) AS times
        FROM current_dropped_properties
        GROUP BY collection, property_name, reason
        ORDER BY times DESC, collection, property_name
        """,
        no_rows="in the demo, the model knows all that the API sends",
    ),
    optional=frozenset({OPERATIONS.name}),
)

PLATFORM_VIEWS = (
    _CURRENT_COLLECTIONS,
    _CURRENT_DESTINATIONS,
    _CURRENT_INSTALLATIONS,
    _CURRENT_INSTALLATION_OBJECTS,
    _CURRENT_INSTALLATION_FIELDS,
    _CURRENT_CONNECTIONS,
    _CURRENT_PROVIDERS,
    _CURRENT_PROVIDER_MODULES,
    _CURRENT_PROVIDER_APPS,
    _CURRENT_NOTIFICATION_ROUTES,
    _CURRENT_OPERATIONS,
    _CURRENT_DROPPED_PROPERTIES,
)
