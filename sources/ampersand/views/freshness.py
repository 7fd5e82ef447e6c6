"""The view of how old it is what the other views show."""

from ..declaration import PROJECT_ID, Example
from .declaration import View
from .runs import RUNS

FRESHNESS = View(
    "project_freshness",
    "One row per project that is there now: how old what the views show of it is, and which "
    "listings failed since.",
    f"""
    WITH {RUNS},
    failures AS (
        SELECT p.project_id, COUNT(*) AS failures, MIN(l.run_id) AS first_run,
            MAX(l.run_id) AS last_run
        FROM current_projects AS p
        JOIN project_listings AS l
            ON l.project_id = p.project_id AND l.run_id > p.run_id AND l.outcome = 'failed'
        JOIN runs AS r ON r.run_id = l.run_id
        GROUP BY p.project_id
    )
    SELECT
        p.project_id, p.name AS project_name, p.listed_at, l.integrations,
        COALESCE(f.failures, 0) AS failures, a.started_at AS failing_since, e.error AS last_error,
        p.run_id
    FROM current_projects AS p
    JOIN project_listings AS l ON l.project_id = p.project_id AND l.run_id = p.run_id
    LEFT JOIN failures AS f ON f.project_id = p.project_id
    LEFT JOIN runs AS a ON a.run_id = f.first_run
    LEFT JOIN project_listings AS e ON e.project_id = p.project_id AND e.run_id = f.last_run
    """,
    {
        "project_id": PROJECT_ID,
        "project_name": "Name of the project.",
        "listed_at": "When the run began that listed it last: what the views show is as of then.",
        "integrations": "Number of its integrations then.",
        "failures": "Number of runs since then that could not list it.",
        "failing_since": "When the first of them began; NULL: none failed.",
        "last_error": "What went wrong in the last of them; NULL: none failed.",
        "run_id": "The run that listed it last.",
    },
    example=Example(
        "How old is what the views show of each project, and what failed since?",
        "Whoever is on call, and whatever watches over them: a project whose `listed_at` is older "
        "than the schedule allows failed (`last_error` says how), or no key asked for it.",
        """
        SELECT project_name, listed_at, integrations, failures, failing_since, last_error
        FROM project_freshness
        ORDER BY listed_at, project_name
        """,
    ),
)
