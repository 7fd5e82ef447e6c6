"""The views of what there ever was, and when."""

from ..declaration import PROJECT_ID, Example
from ..tables import PROJECTS, REVISIONS
from .declaration import CONTEXT, View
from .runs import LISTED, MISSING, RUNS

_VALIDITY = {
    "valid_from": "When the run began that first found it like this.",
    "valid_to": "When the run began that first found it gone, or otherwise; NULL: it is so now.",
}

INTEGRATIONS = View(
    "integrations",
    "One row per integration ever seen in a project: whether it is still there, and since when.",
    f"""
    WITH {RUNS},
    {LISTED},
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
        s.project_id, n.name AS project_name, s.integration_id, i.name, i.provider,
        i.create_time, i.update_time,
        i.revision_key, f.started_at AS first_seen_at, l.started_at AS last_seen_at,
        r.started_at AS removed_at, x.run_id IS NULL AS is_current
    FROM seen AS s
    JOIN spans AS z ON z.project_id = s.project_id AND z.last_run = s.last_run
    JOIN listing_integrations AS i
        ON i.listing_key = z.listing_key AND i.integration_id = s.integration_id
    JOIN runs AS f ON f.run_id = s.first_run
    JOIN runs AS l ON l.run_id = s.last_run
    JOIN listed AS p ON p.project_id = s.project_id AND p.run_id = s.last_run
    LEFT JOIN projects AS n ON n.project_key = p.project_key
    LEFT JOIN removed AS x
        ON x.project_id = s.project_id AND x.after_run_id = s.last_run
    LEFT JOIN runs AS r ON r.run_id = x.run_id
    """,
    {
        "project_id": PROJECT_ID,
        "project_name": "Name that the project had then.",
        "revision_key": "The latest revision that was seen; NULL when it had none.",
        "first_seen_at": "When the first run began that listed it.",
        "last_seen_at": "When the last run began that listed it.",
        "removed_at": "When the first run began that found it gone; NULL: it is there.",
        "is_current": "Whether it is there now.",
    },
    optional=frozenset({PROJECTS.name}),
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

PROJECT_HISTORY = View(
    "project_history",
    "One row per project and period in which its listing stayed the same.",
    f"""
    WITH {RUNS},
    {LISTED},
    ends AS (
        SELECT DISTINCT project_id, CAST('' AS TEXT) AS run_id FROM known
    ),
    {MISSING},
    looks AS (
        SELECT project_id, run_id, listing_key, project_key FROM listed
        UNION
        SELECT project_id, run_id, NULL AS listing_key, NULL AS project_key
        FROM missing
    ),
    compared AS (
        SELECT project_id, run_id, listing_key, project_key,
            LAG(listing_key) OVER (PARTITION BY project_id ORDER BY run_id) AS last_listing_key
        FROM looks
    ),
    turns AS (
        SELECT project_id, run_id, listing_key, project_key,
            LEAD(run_id) OVER (PARTITION BY project_id ORDER BY run_id) AS next_run_id
        FROM compared
        WHERE COALESCE(listing_key, '') <> COALESCE(last_listing_key, '')
    )
    SELECT
        t.project_id, p.name AS project_name, t.project_key, t.listing_key,
        f.started_at AS valid_from, n.started_at AS valid_to,
        t.run_id AS from_run_id, t.next_run_id AS to_run_id
    FROM turns AS t
    JOIN runs AS f ON f.run_id = t.run_id
    LEFT JOIN runs AS n ON n.run_id = t.next_run_id
    LEFT JOIN projects AS p ON p.project_key = t.project_key
    WHERE t.listing_key IS NOT NULL
    """,
    {
        **CONTEXT,
        "project_key": "Digest of the project's record.",
        "listing_key": "Its listing.",
        **_VALIDITY,
        "from_run_id": "The run that first found it like this.",
        "to_run_id": "The run that first found it gone, or otherwise.",
    },
    optional=frozenset({PROJECTS.name}),
    example=Example(
        "When did anything change in a project?",
        "Support, to know where to look first.",
        """
        SELECT project_name, valid_from, valid_to
        FROM project_history
        ORDER BY project_name, valid_from
        """,
    ),
)

_IN_TURN = "PARTITION BY h.project_id, i.integration_id ORDER BY h.from_run_id"

INTEGRATION_HISTORY = View(
    "integration_history",
    "One row per integration and period in which it stayed the same: what was live at a moment.",
    f"""
    WITH listed AS (
        SELECT h.project_id, h.project_name, i.integration_id, i.name, i.provider, i.revision_key,
            h.valid_from, h.valid_to, h.from_run_id, h.to_run_id,
            LAG(h.to_run_id) OVER ({_IN_TURN}) AS last_to_run_id,
            LAG(i.revision_key) OVER ({_IN_TURN}) AS last_revision_key,
            LAG(i.name) OVER ({_IN_TURN}) AS last_name,
            LAG(i.provider) OVER ({_IN_TURN}) AS last_provider
        FROM project_history AS h
        JOIN listing_integrations AS i
            ON i.listing_key = h.listing_key AND i.project_id = h.project_id
    ),
    marked AS (
        SELECT project_id, integration_id, valid_from, valid_to, from_run_id,
            CASE
                WHEN last_to_run_id = from_run_id
                    AND COALESCE(last_revision_key, '') = COALESCE(revision_key, '')
                    AND COALESCE(last_name, '') = COALESCE(name, '')
                    AND COALESCE(last_provider, '') = COALESCE(provider, '')
                THEN 0
                ELSE 1
            END AS is_turn
        FROM listed
    ),
    numbered AS (
        SELECT project_id, integration_id, valid_from, valid_to, from_run_id,
            SUM(is_turn) OVER (
                PARTITION BY project_id, integration_id ORDER BY from_run_id NULLS FIRST
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS period
        FROM marked
    ),
    periods AS (
        SELECT project_id, integration_id, MAX(from_run_id) AS last_run_id,
            MIN(valid_from) AS valid_from,
            CASE WHEN COUNT(valid_to) = COUNT(*) THEN MAX(valid_to) END AS valid_to
        FROM numbered
        GROUP BY project_id, integration_id, period
    )
    SELECT
        n.project_id, l.project_name, n.integration_id, l.name AS integration_name, l.provider,
        l.revision_key, r.revision_id, n.valid_from, n.valid_to
    FROM periods AS n
    JOIN listed AS l
        ON l.project_id = n.project_id AND l.integration_id = n.integration_id
        AND l.from_run_id = n.last_run_id
    LEFT JOIN revisions AS r ON r.revision_key = l.revision_key
    """,
    {
        **CONTEXT,
        "integration_id": "Id of the integration.",
        "revision_key": "Its latest revision then; NULL when it had none.",
        **_VALIDITY,
    },
    optional=frozenset({REVISIONS.name}),
    example=Example(
        "What was live until the last change, and is otherwise now?",
        "Whoever asks what was live at a given moment: `valid_from` is the first moment, "
        "`valid_to` the first one after.",
        """
        SELECT h.project_name, h.integration_name, CAST(r.create_time AS DATE) AS deployed
        FROM integration_history AS h
        JOIN revisions AS r ON r.revision_key = h.revision_key
        WHERE h.valid_to = (SELECT MAX(valid_from) FROM integration_history)
        ORDER BY h.project_name, h.integration_name
        """,
    ),
)

HISTORY_VIEWS: tuple[View, ...] = (INTEGRATIONS, PROJECT_HISTORY, INTEGRATION_HISTORY)
"""The views of what there ever was, in an order in which they can be made."""
