"""The demo: needs nothing, answers rightly, reads well."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ampersand.tables import CONTENT_TABLES
from ampersand_pipelines.cli import main
from ampersand_pipelines.demo import DATASET, DEFAULT_FILE, QUESTIONS, ask
from ampersand_pipelines.exit_codes import ExitCode
from ampersand_pipelines.report import fit, text_table
from tests.support.offline import Offline

KEY = "somebodys-own-key"
PROXY = "http://proxy.example.com:3128"
PRODUCTION = "lanternfish-production"

CHANGED = [
    ("lanternfish-freshdesk", "removed", "integration", None, None),
    ("lanternfish-hubspot", "added", "tickets", None, None),
    ("lanternfish-hubspot", "added", "hs_object_id", None, None),
    ("lanternfish-hubspot", "added", "hs_pipeline_stage", None, None),
    ("lanternfish-hubspot", "added", "subject", None, None),
    ("lanternfish-salesforce", "changed", "Email", "email", "email_address"),
]
BREAKS = [
    ("lanternfish-hubspot", "read", "companies", "*/15 * * * *"),
    ("lanternfish-hubspot", "read", "contacts", "*/15 * * * *"),
    ("lanternfish-pipedrive", "read", "organizations", "0 * * * *"),
    ("lanternfish-pipedrive", "read", "persons", "0 * * * *"),
    ("lanternfish-salesforce", "read", "account", "*/30 * * * *"),
    ("lanternfish-salesforce", "read", "contact", "*/30 * * * *"),
    ("lanternfish-salesforce", "read", "user", "0 */6 * * *"),
    ("lanternfish-zoho", "read", "Accounts", "30 */4 * * *"),
    ("lanternfish-zoho", "read", "Leads", "30 */4 * * *"),
    ("lanternfishDynamics", "read", "accounts", "0 */2 * * *"),
    ("lanternfishDynamics", "read", "contacts", "0 */2 * * *"),
]
EMAILS = [
    ("atlassian", "$['assignee']['emailAddress']", "assignee_email", False),
    ("dynamicsCRM", "emailaddress1", "email", True),
    ("gong", "emailAddress", "email", True),
    ("hubspot", "email", "email", True),
    ("intercom", "email", "email", True),
    ("marketo", "email", "email", True),
    ("outreach", "emails", "email", True),
    ("pipedrive", "primary_email", "email", True),
    ("quickbooks", "$['PrimaryEmailAddr']['Address']", "email", True),
    ("salesforce", "Email", "email_address", True),
    ("salesloft", "email_address", "email", True),
    ("zendeskSupport", "email", "email", True),
    ("zoho", "Email", "Email", True),
]
DRIFT = [
    ("freshdesk", "not_deployed", "integration", None),
    ("hubspot", "not_declared", "hs_object_id", None),
    ("hubspot", "not_declared", "hs_pipeline_stage", None),
    ("hubspot", "not_declared", "subject", None),
    ("hubspot", "not_declared", "tickets", None),
    ("salesforce", "differs", "Email", "email -> email_address"),
]
INSTALLED = [
    ("hubspot", 3, 0, 0, 3),
    ("netsuite", 3, 1, 1, 0),
    ("salesforce", 3, 0, 0, 2),
    ("zendeskSupport", 2, 0, 0, 1),
    ("atlassian", 1, 0, 0, 0),
    ("dynamicsCRM", 1, 0, 0, 0),
    ("github", 1, 0, 0, 0),
    ("gong", 1, 0, 0, 0),
]


class Run:
    """A run of the demo in a program of its own, and what it left."""

    def __init__(self, offline: Offline, folder: Path, settings: dict[str, str]) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "ampersand_pipelines.cli", "demo"],
            cwd=folder,
            env={**offline.environment, "COLUMNS": "80", **settings},
            capture_output=True,
            text=True,
        )
        self.exit_code = done.returncode
        self.out, self.error = done.stdout, done.stderr
        self.files = {path.name for path in folder.iterdir()}
        self.attempts = offline.attempts()
        file = folder / DEFAULT_FILE
        self.answers = [ask(file, question) for question in QUESTIONS]
        self.rows: dict[str, list[Any]] = {}
        with duckdb.connect(str(file), read_only=True) as connection:
            for table in CONTENT_TABLES:
                columns = ", ".join(
                    column.name for column in table.columns if column.name != "run_id"
                )
                self.rows[table.name] = connection.execute(
                    f"SELECT {columns} FROM {DATASET}.{table.name} ORDER BY ALL"
                ).fetchall()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def first(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """In an empty folder, with nothing set."""
    return Run(Offline(tmp_path_factory.mktemp("first")), folder, {})


@pytest.fixture(scope="module")
def second(first: Run, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Once more in the same folder, where somebody has settings for an account of their own."""
    (folder / ".dlt").mkdir()
    (folder / ".dlt" / "secrets.toml").write_text(f'[sources.ampersand.api_keys]\nmine = "{KEY}"\n')
    settings = {
        "AMP_API_KEY": KEY,
        "AMP_API_URL": "https://api.example.com/v1",
        "SOURCES__AMPERSAND__API_KEY": KEY,
        "SOURCES__AMPERSAND__PROJECTS": '["mine"]',
        "SOURCES__AMPERSAND__MAX_ATTEMPTS": "1",
        "RUNTIME__DLTHUB_TELEMETRY": "true",
        "HTTP_PROXY": PROXY,
        "HTTPS_PROXY": PROXY,
    }
    return Run(Offline(tmp_path_factory.mktemp("second")), folder, settings)


@pytest.fixture(params=["first", pytest.param("second", marks=pytest.mark.thorough)])
def run(request: pytest.FixtureRequest) -> Run:
    run: Run = request.getfixturevalue(request.param)
    return run


def test_it_is_well_and_speaks_to_this_machine_only(run: Run):
    assert (run.exit_code, run.error, run.attempts) == (0, "", [])


def test_it_leaves_one_file(run: Run):
    assert run.files - {".dlt"} == {DEFAULT_FILE}


def test_answers_are_right(run: Run):
    assert [answer.rows for answer in run.answers] == [CHANGED, BREAKS, EMAILS, DRIFT, INSTALLED]


def test_both_loads_are_told(run: Run):
    assert "30 new, 0 changed, 0 gone; 30 now" in run.out
    assert "0 new, 2 changed, 1 gone; 29 now" in run.out
    assert f"changed      {PRODUCTION}/lanternfish-salesforce" in run.out
    assert f"gone         {PRODUCTION}/lanternfish-freshdesk" in run.out


def test_every_answer_stands_with_its_question_and_its_query(run: Run):
    at = 0
    for question, answer in zip(QUESTIONS, run.answers, strict=True):
        parts = [*question.title.split(), *question.sql.splitlines()]
        parts += text_table(answer.columns, answer.rows).splitlines()
        for part in parts:
            at = run.out.index(part, at) + len(part)


def test_nothing_is_told_that_nobody_should_read(run: Run):
    assert KEY not in run.out
    assert "Traceback" not in run.out


def test_it_fits_a_terminal_of_80_columns(run: Run):
    text, end = run.out.split("All of it stays in")
    lines = text.splitlines() + end.splitlines()
    with_paths = (DEFAULT_FILE, str(Path(sys.executable).parent))
    long = [line for line in lines if len(line) > 80 and not any(p in line for p in with_paths)]
    assert long == []


def test_what_to_try_next_works(first: Run, folder: Path):
    _, end = first.out.split("All of it stays in")
    commands = re.findall(r"(?ms)^    \S.*?(?=\n\n|\Z)", end)
    told = []
    for command in commands[:-1]:  # the last one loads from the real API
        done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        told.append(done.stdout)
    assert "integration ever seen in a project" in told[0]
    assert "removed: integration lanternfish-freshdesk" in told[1]
    assert "0 errors, 5 warnings" in told[1]
    assert re.search(r"hubspot\W+2\b", told[2])


@pytest.mark.thorough
def test_two_runs_make_the_same_database(first: Run, second: Run):
    assert first.rows == second.rows
    deployed = 32
    declared = 23
    assert len(first.rows["revisions"]) == deployed + declared


@pytest.fixture
def existing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database that somebody has already."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")  # main sets it; this unsets it again
    file = tmp_path / "mine.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE TABLE mine AS SELECT 1")
    return file


def test_a_file_that_was_named_is_not_replaced(existing: Path, capsys: pytest.CaptureFixture[str]):
    before = existing.read_bytes()
    assert main(["demo", "--duckdb", existing.name]) == ExitCode.USAGE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "ampersand: mine.duckdb is there already; --replace replaces it\n"
    assert existing.read_bytes() == before


@pytest.mark.thorough
def test_a_file_is_replaced_where_that_is_asked_for(
    existing: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["demo", "--duckdb", existing.name, "--replace"]) == ExitCode.DONE
    assert "Loaded into mine.duckdb, dataset ampersand_data" in capsys.readouterr().out
    assert ask(existing, QUESTIONS[0]).rows == CHANGED
    with duckdb.connect(str(existing), read_only=True) as connection:
        assert connection.execute(
            "SELECT COUNT(*) FROM duckdb_tables() WHERE table_name = 'mine'"
        ).fetchall() == [(0,)]


def test_a_file_called_like_the_dataset_is_refused_with_advice_that_applies(
    existing: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["demo", "--duckdb", f"{DATASET}.duckdb"]) == ExitCode.USAGE
    error = capsys.readouterr().err
    assert error.endswith("could not tell them apart; give another name with --duckdb\n")
    assert not existing.with_name(f"{DATASET}.duckdb").exists()


def test_help_fits_a_terminal_of_80_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("COLUMNS", "80")

    def read(*command: str) -> str:
        with pytest.raises(SystemExit):
            main([*command, "--help"])
        return capsys.readouterr().out

    commands = re.findall(r"(?m)^    (\w+) ", read())
    assert {"load", "demo"} <= set(commands)
    for text in (read(), *map(read, commands)):
        assert [line for line in text.splitlines() if len(line) > 80] == []


def test_table_aligns_and_leaves_nulls_empty():
    assert text_table(["a", "long name"], [(None, 1), ("text", None)]).splitlines() == [
        "a     long name",
        "----  ---------",
        "      1",
        "text",
    ]
    assert text_table(["a"], []).splitlines() == ["a", "-"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("plain text that is long", ["plain text", "that is long"]),
        ("- entry of lists", ["- entry of", "  lists"]),
        ("1. entry of lists", ["1. entry of", "   lists"]),
        ("  Rows  one, two", ["  Rows  one,", "        two"]),
        ("one\ntwo", ["one", "two"]),
        ("/a/path/that/has/no/blank", ["/a/path/that/has/no/blank"]),
    ],
    ids=["prose", "list", "numbers", "row", "lines", "unbreakable"],
)
def test_fit_goes_on_under_the_text(text: str, lines: list[str]):
    assert fit(text, 12).splitlines() == lines


def test_help_says_what_the_demo_needs(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["demo", "--help"])
    assert "no key, no network" in capsys.readouterr().out
