"""Parts of queries about runs: which of them count, and what they say of each project.

Written so that the ledger may grow: a year of hourly runs over 200 projects is 1.75 million rows.
Each is looked at a few times; only what came after a project's last listing is looked at closely.
"""

from ..ledger import MANIFESTS_SCOPE

_COUNTS = "r._dlt_load_id IN (SELECT l.load_id FROM _dlt_loads AS l WHERE l.status = 0)"

# The runs that count and looked at what is deployed, what they say of each project, and which keys
# have listed it since when. A run that is killed while it commits is in _dlt_loads again after the
# next one.
RUNS = f"""
    runs AS (
        SELECT r.run_id, r.started_at
        FROM extraction_runs AS r
        WHERE {_COUNTS}
            AND r.scope <> '{MANIFESTS_SCOPE}'
    ),
    known AS (
        SELECT p.project_id, p.credential, MIN(p.run_id) AS since,
            MAX(CASE WHEN p.outcome <> 'failed' THEN p.run_id END) AS last_listed
        FROM project_listings AS p
        JOIN runs AS r ON r.run_id = p.run_id
        WHERE p.outcome IN ('listed', 'unchanged')
            OR (p.outcome = 'failed' AND p.project_key IS NOT NULL)
        GROUP BY p.project_id, p.credential
    )"""

# The runs that count and loaded manifests from files.
DECLARING_RUNS = f"""
    declaring_runs AS (
        SELECT r.run_id, r.started_at
        FROM extraction_runs AS r
        WHERE {_COUNTS}
            AND r.scope = '{MANIFESTS_SCOPE}'
    )"""

# What was listed in the runs that count.
LISTED = """
    listed AS (
        SELECT p.project_id, p.run_id, p.listing_key, p.project_key
        FROM project_listings AS p
        JOIN runs AS r ON r.run_id = p.run_id
        WHERE p.outcome IN ('listed', 'unchanged')
    )"""

# Where a project is found missing after some run of `ends` (project_id, run_id): a key that listed
# it before answers 404 for it, or a complete list without it and no other key lists it. What a
# failure says of a project that is missing is nothing, so that only a listing brings it back.
MISSING = """
    missing AS (
        SELECT e.project_id, e.run_id AS after_run_id, n.run_id
        FROM ends AS e
        JOIN project_listings AS n ON n.project_id = e.project_id AND n.run_id > e.run_id
        JOIN known AS k
            ON k.project_id = n.project_id AND k.credential = n.credential AND n.run_id > k.since
        JOIN runs AS r ON r.run_id = n.run_id
        WHERE n.outcome = 'not_found'
        UNION
        SELECT e.project_id, e.run_id AS after_run_id, c.run_id
        FROM ends AS e
        JOIN known AS k ON k.project_id = e.project_id
        JOIN credential_listings AS c
            ON c.credential = k.credential AND c.run_id > k.since AND c.run_id > e.run_id
        JOIN runs AS r ON r.run_id = c.run_id
        LEFT JOIN project_listings AS p
            ON p.project_id = e.project_id AND p.run_id = c.run_id AND p.outcome <> 'not_found'
        WHERE c.asks_for_all AND c.outcome = 'listed' AND p.run_id IS NULL
    )"""
