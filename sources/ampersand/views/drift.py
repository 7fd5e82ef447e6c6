"""The views of what manifests in files declare, and where that differs from what is deployed."""

from ..declaration import Example
from ..tables import PROJECTS
from .changes import NAMES, REVISION_CHANGES, THINGS, differences, facts_of_things
from .declaration import CONTEXT, View
from .runs import DECLARING_RUNS

_DECLARED_IN = (
    "Where it is declared, as a JSON object: `file`, `line` and, in a history, `commit`, the one "
    "that gave the file its content."
)

_DECLARED_INTEGRATIONS = View(
    "declared_integrations",
    "One row per integration in a set of manifests that was declared: each set that "
    "`ampersand load-manifests` read for a project, with its history those of all commits.",
    f"""
    WITH {DECLARING_RUNS},
    looks AS (
        SELECT l.project_id, l.run_id, l.listing_key, r.started_at,
            LAG(l.listing_key) OVER (PARTITION BY l.project_id ORDER BY l.run_id)
                AS last_listing_key
        FROM project_listings AS l
        JOIN declaring_runs AS r ON r.run_id = l.run_id
        WHERE l.outcome IN ('listed', 'unchanged')
    ),
    turns AS (
        SELECT project_id, listing_key, started_at,
            LEAD(started_at) OVER (PARTITION BY project_id ORDER BY run_id) AS next_started_at
        FROM looks
        WHERE COALESCE(last_listing_key, '') <> listing_key
    )
    SELECT
        t.project_id, p.name AS project_name, i.integration_id, i.name AS integration_name,
        i.provider, i.revision_key, i.other_properties AS declared_in,
        i.update_time AS committed_at, t.started_at AS declared_from,
        t.next_started_at AS declared_to, t.next_started_at IS NULL AS is_current
    FROM turns AS t
    JOIN listing_integrations AS i
        ON i.listing_key = t.listing_key AND i.project_id = t.project_id
    LEFT JOIN current_projects AS p ON p.project_id = t.project_id
    """,
    {
        **CONTEXT,
        "integration_id": "`manifest:<name>`; with `:2` and so on where a name is there again.",
        "revision_key": "What it declares, as a revision.",
        "declared_in": _DECLARED_IN,
        "committed_at": "When its file got this content; NULL: it was read without a history.",
        "declared_from": "When the set of manifests was committed, or read without a history.",
        "declared_to": "When the next set was; NULL: this is the latest.",
        "is_current": "Whether it is the latest set.",
    },
    optional=frozenset({PROJECTS.name}),
    example=Example(
        "What do the manifests declare, and for which project?",
        "Platform engineers. `declared_in` has file, line and commit, `committed_at` since when.",
        """
        SELECT project_name, integration_name, provider
        FROM declared_integrations
        WHERE is_current
        ORDER BY project_name, integration_name, integration_id
        """,
    ),
)

# Integrations are matched by name, which is unique in a project (api.yaml). Files may repeat one
# all the same: such twins are told apart by provider and module.
_MANIFEST_DRIFT = View(
    "manifest_drift",
    "One row per difference between latest manifests and what is deployed: a thing that one side "
    "alone has, or a property that differs, in the projects for which manifests were loaded. What "
    "is unset is not told apart from an empty text or false, and an order alone is no difference.",
    f"""
    WITH {DECLARING_RUNS},
    projects_on_both AS (
        SELECT p.project_id, p.name AS project_name, p.listing_key AS deployed_key,
            l.listing_key AS declared_key, r.started_at AS declared_from, p.listed_at
        FROM current_projects AS p
        JOIN (
            SELECT l.project_id, MAX(l.run_id) AS run_id
            FROM project_listings AS l
            JOIN declaring_runs AS r ON r.run_id = l.run_id
            WHERE l.outcome IN ('listed', 'unchanged')
            GROUP BY l.project_id
        ) AS n ON n.project_id = p.project_id
        JOIN project_listings AS l ON l.project_id = n.project_id AND l.run_id = n.run_id
        JOIN declaring_runs AS r ON r.run_id = l.run_id
    ),
    integrations_on_sides AS (
        SELECT p.project_id, s.side, i.integration_id, i.name, i.provider, i.revision_key,
            i.other_properties, COALESCE(r.content_hash, '') AS content_hash,
            ROW_NUMBER() OVER (
                PARTITION BY p.project_id, s.side, i.name
                ORDER BY i.provider, r.module, i.integration_id
            ) AS twin
        FROM projects_on_both AS p
        CROSS JOIN (SELECT 'declared' AS side UNION ALL SELECT 'deployed') AS s
        JOIN listing_integrations AS i
            ON i.project_id = p.project_id AND i.listing_key =
                CASE s.side WHEN 'declared' THEN p.declared_key ELSE p.deployed_key END
        LEFT JOIN revisions AS r ON r.revision_key = i.revision_key
    ),
    integrations_beside AS (
        SELECT i.project_id, i.name AS integration_name, i.twin,
            COUNT(CASE WHEN i.side = 'declared' THEN 1 END) AS is_declared,
            COUNT(CASE WHEN i.side = 'deployed' THEN 1 END) AS is_deployed,
            MAX(CASE WHEN i.side = 'deployed' THEN i.integration_id END) AS integration_id,
            COALESCE(
                MAX(CASE WHEN i.side = 'deployed' THEN i.provider END), MAX(i.provider)
            ) AS provider,
            MAX(CASE WHEN i.side = 'declared' THEN i.revision_key END) AS declared_revision_key,
            MAX(CASE WHEN i.side = 'deployed' THEN i.revision_key END) AS deployed_revision_key,
            MAX(CASE WHEN i.side = 'declared' THEN i.other_properties END) AS declared_in,
            MIN(i.content_hash) AS content_hash, MAX(i.content_hash) AS other_content_hash
        FROM integrations_on_sides AS i
        GROUP BY i.project_id, i.name, i.twin
    ),
    pairs AS (
        SELECT * FROM integrations_beside
        WHERE is_declared > 0 AND is_deployed > 0 AND content_hash <> other_content_hash
    ),
    content_sides AS (
        SELECT p.project_id, p.integration_name, p.twin, s.side,
            CASE s.side WHEN 'declared' THEN p.declared_revision_key
                ELSE p.deployed_revision_key END AS content_key
        FROM pairs AS p
        CROSS JOIN (SELECT 'declared' AS side UNION ALL SELECT 'deployed') AS s
    ),
    contents AS (
        SELECT DISTINCT content_key AS revision_key FROM content_sides
        WHERE content_key IS NOT NULL
    ),
    {THINGS},
    facts AS (
        {facts_of_things(without_unset=True)}
    ),
    {
        differences(
            ("project_id", "integration_name", "twin"),
            "declared",
            "deployed",
            without="revision_id",
        )
    },
    told AS (
        SELECT x.project_id, x.integration_name, x.twin, 'integration' AS kind,
            {", ".join(f"CAST(NULL AS TEXT) AS {name}" for name in NAMES)},
            CAST(NULL AS TEXT) AS property, x.is_declared, x.is_deployed,
            CAST(NULL AS TEXT) AS declared_value, CAST(NULL AS TEXT) AS deployed_value
        FROM integrations_beside AS x
        WHERE x.is_declared = 0 OR x.is_deployed = 0
        UNION ALL
        SELECT d.project_id, d.integration_name, d.twin, d.kind,
            {", ".join(f"d.{name}" for name in NAMES)}, NULLIF(d.property, ''), d.is_declared,
            d.is_deployed, d.declared_value, d.deployed_value
        FROM differences AS d
    )
    SELECT t.project_id, p.project_name, x.integration_id, t.integration_name, x.provider,
        CASE
            WHEN t.property IS NOT NULL THEN 'differs'
            WHEN t.is_deployed = 0 THEN 'not_deployed'
            ELSE 'not_declared'
        END AS difference,
        t.kind, {", ".join(f"t.{name}" for name in NAMES)}, t.property, t.declared_value,
        t.deployed_value, x.declared_in, p.declared_from, p.listed_at, x.declared_revision_key,
        x.deployed_revision_key
    FROM told AS t
    JOIN projects_on_both AS p ON p.project_id = t.project_id
    JOIN integrations_beside AS x
        ON x.project_id = t.project_id AND x.twin = t.twin
        AND COALESCE(x.integration_name, '') = COALESCE(t.integration_name, '')
    """,
    {
        **CONTEXT,
        "integration_id": "Id of the integration that is deployed; NULL: none of that name is.",
        "difference": "`not_deployed`: it is declared, and not deployed. `not_declared`: it is "
        "deployed, and not declared. `differs`: both have it, with another value of a property.",
        **{name: REVISION_CHANGES.columns[name] for name in NAMES},
        "kind": "What differs: `integration`, `revision`, `object`, `field`, `event`, "
        "`watch_field` or `schema_watch_event`. Of an integration that one side alone has, its "
        "things are not told.",
        "property": "What differs of it: a column of its table, or a property that no column "
        "holds; NULL where the thing as a whole is missing.",
        "declared_value": "The value that is declared; of what is not deployed: whether a field "
        "is required or optional, where an object is delivered to.",
        "deployed_value": "The value that is deployed; of what is not declared, likewise.",
        "declared_in": _DECLARED_IN,
        "declared_from": "When the manifests were committed, or read without a history.",
        "listed_at": "When the run began that saw what is deployed.",
        "declared_revision_key": "What is declared, as a revision.",
        "deployed_revision_key": "The revision that is deployed.",
    },
    optional=frozenset({PROJECTS.name}),  # without any other, differences would not be seen
    example=Example(
        "What is deployed otherwise than git says?",
        "Platform engineers, before a deployment and after one that somebody made by hand.",
        """
        SELECT REPLACE(integration_name, 'lanternfish-', '') AS integration, difference,
            COALESCE(field_name, object_name, kind) AS what, property, declared_value,
            SUBSTRING(deployed_value, 1, 15) AS deployed_value
        FROM manifest_drift
        ORDER BY integration_name, kind, what, property
        """,
    ),
)

DRIFT_VIEWS: tuple[View, ...] = (_DECLARED_INTEGRATIONS, _MANIFEST_DRIFT)
"""The views of what is declared, in an order in which they can be made."""
