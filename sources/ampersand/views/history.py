"""The views of what there ever was."""

from ..tables import Example
from .declaration import PROJECT_ID, View
from .runs import MISSING, RUNS

INTEGRATIONS = View(
    "integrations",
    "One row per integration ever seen in a project, whether it is still there or not.",
    f"""
    WITH {RUNS},
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
    {MISSING},
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
        "project_id": PROJECT_ID,
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

HISTORY_VIEWS = (INTEGRATIONS,)
