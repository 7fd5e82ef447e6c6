"""What counts as current: the rule in a few lines of Python, against the views, on random ledgers.

The ledger's rows are written as runs would write them, so that many runs can be tried; whether runs
write them like this is what test_scenarios.py shows.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ampersand_pipelines.in_memory import empty_database

PROJECTS = ("p", "q")
KEYS = ("a", "b")
LISTINGS = {"none": (), "x": ("x",), "y": ("y",), "xy": ("x", "y")}


@dataclass(frozen=True)
class Answer:
    """What a run says of a project.

    Attributes:
        outcome: As in `project_listings`.
        key: The key that was used.
        listing: What it listed.
        has_record: Whether the project's record was had.
    """

    outcome: str
    key: str
    listing: str
    has_record: bool


@dataclass(frozen=True)
class LedgerRun:
    """What a run writes into the ledger.

    Attributes:
        is_complete: Whether its load package was.
        lists: For keys that were asked for all their projects, whether they answered.
        answers: What it says of projects.
    """

    is_complete: bool
    lists: dict[str, bool]
    answers: dict[str, Answer]


RUNS = st.builds(
    LedgerRun,
    st.sampled_from([True, True, True, False]),
    st.dictionaries(st.sampled_from(KEYS), st.booleans()),
    st.dictionaries(
        st.sampled_from(PROJECTS),
        st.builds(
            Answer,
            st.sampled_from(["listed", "unchanged", "failed", "not_found"]),
            st.sampled_from(KEYS),
            st.sampled_from(list(LISTINGS)),
            st.booleans(),
        ),
    ),
)


def rule(runs: list[LedgerRun]) -> tuple[dict[str, int], dict[tuple[str, str], int | None]]:
    """What is current, said plainly.

    Returns:
        For each current project the number of the run that listed it last, and for each
        integration ever seen the number of the run that found it gone, None where none did.
    """
    listed: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
    missing: dict[str, list[int]] = {}
    known_by: dict[str, set[str]] = {project: set() for project in PROJECTS}
    for number, run in enumerate(runs):
        if not run.is_complete:
            continue
        for project in PROJECTS:
            answer = run.answers.get(project)
            outcome = answer.outcome if answer else None
            lists_without = {key for key, answered in run.lists.items() if answered}
            says_no = lists_without if outcome in (None, "not_found") else set()
            if answer and outcome == "not_found":
                says_no = says_no | {answer.key}
            if says_no & known_by[project]:
                missing.setdefault(project, []).append(number)
            if answer and outcome in ("listed", "unchanged"):
                listed.setdefault(project, []).append((number, LISTINGS[answer.listing]))
            if answer and (
                outcome in ("listed", "unchanged") or (outcome == "failed" and answer.has_record)
            ):
                known_by[project].add(answer.key)
    current = {}
    removed: dict[tuple[str, str], int | None] = {}
    for project, looks in listed.items():
        gone = [number for number in missing.get(project, ()) if number > looks[-1][0]]
        if not gone:
            current[project] = looks[-1][0]
        for name in ("x", "y"):
            seen = [number for number, listing in looks if name in listing]
            if seen:
                later = [n for n, _ in looks if n > seen[-1]]
                later += [n for n in missing.get(project, ()) if n > seen[-1]]
                removed[project, name] = min(later, default=None)
    return current, removed


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables with listings, but without runs, and the views over them."""
    with empty_database() as connection:
        for project in PROJECTS:
            for key, integrations in LISTINGS.items():
                for integration in integrations:
                    connection.execute(
                        "INSERT INTO listing_integrations (listing_key, project_id, integration_id)"
                        " VALUES (?, ?, ?)",
                        [f"{project}-{key}", project, integration],
                    )
        yield connection


def _write(database: duckdb.DuckDBPyConnection, runs: list[LedgerRun]) -> None:
    for name in ("_dlt_loads", "extraction_runs", "credential_listings", "project_listings"):
        database.execute(f"DELETE FROM {name}")
    for number, run in enumerate(runs):
        run_id, load_id = f"{number:016}-ab", f"load-{number}"
        if run.is_complete:
            database.execute("INSERT INTO _dlt_loads VALUES (?, 0)", [load_id])
        database.execute(
            "INSERT INTO extraction_runs (run_id, scope, started_at, _dlt_load_id) "
            "VALUES (?, 'all', make_timestamptz(?), ?)",
            [run_id, number * 1_000_000, load_id],
        )
        for key, answered in run.lists.items():
            database.execute(
                "INSERT INTO credential_listings (run_id, credential, outcome, asks_for_all, "
                "_dlt_load_id) VALUES (?, ?, ?, TRUE, ?)",
                [run_id, key, "listed" if answered else "failed", load_id],
            )
        for project, answer in run.answers.items():
            is_listed = answer.outcome in ("listed", "unchanged")
            database.execute(
                "INSERT INTO project_listings (run_id, project_id, credential, outcome, "
                "listing_key, project_key, error, _dlt_load_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    *(run_id, project, answer.key, answer.outcome),
                    f"{project}-{answer.listing}" if is_listed else None,
                    "record" if answer.has_record else None,
                    None if is_listed else f"error of run {number}",
                    load_id,
                ],
            )


@given(runs=st.lists(RUNS, max_size=6))
def test_history_tells_what_was_current_after_each_run(
    database: duckdb.DuckDBPyConnection, runs: list[LedgerRun]
) -> None:
    _write(database, runs)
    spans = "epoch(valid_from)::INT, coalesce(epoch(valid_to)::INT, 1000)"
    projects = database.execute(f"SELECT project_id, {spans} FROM project_history").fetchall()
    integrations = database.execute(
        f"SELECT project_id, integration_id, {spans} FROM integration_history"
    ).fetchall()
    for now in range(len(runs)):
        current, removed = rule(runs[: now + 1])
        assert sorted(current) == sorted(
            project for project, since, until in projects if since <= now < until
        )
        assert sorted(key for key, gone in removed.items() if gone is None) == sorted(
            (project, name) for project, name, since, until in integrations if since <= now < until
        )


def _outcome(run: LedgerRun, project: str) -> str | None:
    return run.answers[project].outcome if project in run.answers else None


def _one(outcome: str) -> LedgerRun:
    """A run that says something of one project."""
    return LedgerRun(True, {}, {"p": Answer(outcome, "a", "x", has_record=True)})


@given(runs=st.lists(RUNS, max_size=6))
@example(runs=[_one("failed"), _one("listed"), _one("failed"), _one("failed")])
def test_views_follow_the_rule(database: duckdb.DuckDBPyConnection, runs: list[LedgerRun]) -> None:
    _write(database, runs)
    current, removed = rule(runs)
    assert current == dict(
        database.execute(
            "SELECT project_id, epoch(listed_at)::INT FROM current_projects"
        ).fetchall()
    )
    assert removed == {
        (project, integration): number
        for project, integration, number in database.execute(
            "SELECT project_id, integration_id, epoch(removed_at)::INT FROM integrations"
        ).fetchall()
    }
    failures = {
        project: [
            number
            for number, run in enumerate(runs)
            if number > listed_by and run.is_complete and _outcome(run, project) == "failed"
        ]
        for project, listed_by in current.items()
    }
    freshness = database.execute(
        "SELECT project_id, epoch(listed_at)::INT, failures, epoch(failing_since)::INT, last_error "
        "FROM project_freshness ORDER BY project_id"
    )
    assert freshness.fetchall() == [
        (
            *(project, current[project], len(numbers), min(numbers, default=None)),
            f"error of run {numbers[-1]}" if numbers else None,
        )
        for project, numbers in sorted(failures.items())
    ]
    now = "SELECT project_id, integration_id FROM {}"
    assert {key for key, number in removed.items() if number is None} == set(
        database.execute(now.format("current_integrations")).fetchall()
    )
    assert (
        database.execute(now.format("integrations WHERE is_current ORDER BY ALL")).fetchall()
        == database.execute(now.format("current_integrations ORDER BY ALL")).fetchall()
    )
