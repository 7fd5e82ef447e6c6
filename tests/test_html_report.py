"""The report: what is in it, and that whatever an account is called stays text."""

import base64
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ampersand import open_views
from ampersand_pipelines.cli import main
from ampersand_pipelines.demo import load_demo
from ampersand_pipelines.html_report.hours import reads_by_hour
from ampersand_pipelines.html_report.model import MOST_ROWS, Column, Note, Report, Table, table
from ampersand_pipelines.html_report.page import render
from ampersand_pipelines.html_report.sections import new_by_month, read_report
from ampersand_pipelines.pipeline import Target
from ampersand_pipelines.reading import Dataset, open_dataset
from ampersand_pipelines.sandbox import Account, Failure, SandboxServer
from tests.support.acme import Acme
from tests.support.drivers import Run, run_plainly
from tests.support.warehouses import DATASET, Kind, Warehouse

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
VOID = {"meta", "link", "input", "br", "img"}
NASTY = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "</style></title><b>bold</b>",
    "{{ 7 * 191 }}{% endraw %}",
    "`<i>code</i>`",
)


class Page(HTMLParser):
    """What a browser would make of a page: its elements, and the text below each id."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.contents: dict[str, str] = {}
        self._open: list[tuple[str, str | None]] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append((tag, dict(attrs).get("id")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] in ("script", "style"):
            self.contents[self._open[-1][0]] = data
            return
        for _, name in self._open:
            if name and data.strip():
                self.texts.setdefault(name, []).append(data)

    def section(self, name: str) -> str:
        """The text of a section, with single blanks."""
        return " ".join(" ".join(self.texts[name]).split())


def _tables(report: Report) -> dict[str, Table]:
    """The tables of a report by `<section>/<title>`."""
    return {
        f"{section.id}/{part.title}": part
        for section in report.sections
        for part in section.parts
        if isinstance(part, Table)
    }


def _notes(report: Report) -> dict[str, list[str]]:
    return {
        section.id: [part.text for part in section.parts if isinstance(part, Note)]
        for section in report.sections
    }


def _of(warehouse: Warehouse) -> Report:
    with open_views(warehouse.pipeline()) as client:
        return read_report(Dataset(client, "somewhere"), "somewhere")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of the demo, which has something for every section."""
    folder = tmp_path_factory.mktemp("demo")
    load_demo(folder / "demo.duckdb", folder / "work", lambda text: None)
    return folder / "demo.duckdb"


@pytest.fixture(scope="module")
def report(demo: Path) -> Report:
    with open_dataset(Target(duckdb_file=str(demo))) as dataset:
        return read_report(dataset, "demo.duckdb")


@pytest.fixture
def ask(demo: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(demo), read_only=True) as connection:
        connection.execute(f"USE {DATASET}")
        yield connection


def test_the_account_at_a_glance(report: Report, ask: duckdb.DuckDBPyConnection) -> None:
    figures = {figure.label: figure.value for figure in report.figures}
    said = ask.sql(
        """
        SELECT (SELECT COUNT(*) FROM current_projects),
            (SELECT COUNT(*) FROM current_integrations),
            (SELECT COUNT(DISTINCT provider) FROM current_integrations),
            (SELECT COUNT(*) FROM object_coverage),
            (SELECT COUNT(*) FROM current_installations),
            (SELECT COUNT(DISTINCT group_ref) FROM current_installations),
            (SELECT COUNT(*) FROM manifest_findings WHERE severity = 'error'),
            (SELECT COUNT(*) FROM manifest_findings WHERE severity = 'warning'),
            (SELECT COUNT(*) FROM manifest_findings WHERE severity = 'info')
        """
    ).fetchall()
    assert tuple(figures.values()) == said[0]
    assert list(figures)[-3:] == ["Errors", "Warnings", "Remarks"]
    assert report.as_of == ask.sql("SELECT MAX(listed_at) FROM current_projects").fetchall()[0][0]


@pytest.mark.parametrize(
    ("place", "view"),
    [
        ("integrations/Integrations", "current_integrations"),
        ("coverage/Objects by provider", "object_coverage"),
        ("coverage/Used, though the provider does not support it", "unsupported_capabilities"),
        (
            "events/Events that are on",
            "(SELECT DISTINCT provider, object_name FROM current_subscribe_events)",
        ),
        ("load/Load by provider and project", "scheduled_reads"),
        ("adoption/Installations by month", "(SELECT DISTINCT month FROM adoption_by_month)"),
        (
            "adoption/Objects that nobody selected",
            "(FROM object_adoption WHERE selected_by = 0 AND installations > 0)",
        ),
        ("health/Health of installations", "installation_health"),
        ("health/Broken connections", "broken_connections"),
        ("health/Installations on an outdated revision", "outdated_installations"),
        ("health/Outcomes of operations", "operation_outcomes"),
        ("destinations/Destinations", "destination_status"),
        ("freshness/Projects", "project_freshness"),
        ("freshness/Runs, the latest first", "extraction_runs"),
        ("freshness/Other lists", "current_collections"),
    ],
)
def test_every_row_of_a_view_is_told(
    report: Report, ask: duckdb.DuckDBPyConnection, place: str, view: str
) -> None:
    ((number,),) = ask.sql(f"SELECT COUNT(*) FROM {view}").fetchall()
    told = _tables(report)[place]
    assert (len(told.rows), told.total) == (number, number)
    assert number > 0


def test_what_the_page_says(report: Report) -> None:
    page = Page(render(report, NOW))
    assert "Data as of" in render(report, NOW)
    assert "days old" in page.section("made")
    assert "lanternfish-hubspot lanternfish-production hubspot 4 3 2 7 yes 2026-06-01" in (
        page.section("integrations")
    )
    assert "contacts hubspot 1 1 1" in page.section("coverage")
    assert "contacts hubspot 1 1 1 1 2" in page.section("events")
    assert "hubspot lanternfish-production 4 16 384 15" in page.section("load")
    findings = page.section("findings")
    assert "warning Delivery is not onRequest 3 What to do: Move to automatic" in findings
    assert "2026-01: 5 installations" in page.section("adoption")
    assert "lanternfish-netsuite lanternfish-production netsuite 3 1 3 1 0" in (
        page.section("health")
    )
    assert "lanternfish-work-events lanternfish-production dangling" in (
        page.section("destinations")
    )
    assert "changed: map_to_name of field Email of read object contact: email -> email_address" in (
        page.section("changes")
    )
    assert "every list could be read" in page.section("freshness")


def test_a_page_asks_nobody_for_anything(report: Report) -> None:
    html = render(report, NOW)
    page = Page(html)
    for tag, attributes in page.elements:
        assert tag not in ("img", "iframe", "object", "embed", "base", "form")
        assert not {"src", "srcset", "action", "style"} & attributes.keys()
        assert not [name for name in attributes if name.startswith("on")]
        if "href" in attributes:
            assert str(attributes["href"]).startswith(("#", "data:,"))
    assert not re.search(r"url\(|@import|https?:", page.contents["style"])
    assert not re.search(r"fetch\(|XMLHttp|import\b|https?:|innerHTML", page.contents["script"])


def test_the_policy_lets_in_its_own_script_and_style_and_nothing_else(report: Report) -> None:
    page = Page(render(report, NOW))
    (policy,) = [
        str(attributes["content"])
        for tag, attributes in page.elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    for tag in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(page.contents[tag].encode()).digest()).decode()
        assert rules[f"{tag}-src"] == f"'sha256-{digest}'"
        assert [name for name, _ in page.elements].count(tag) == 1


def test_a_page_can_be_heard_and_walked_through(report: Report) -> None:
    page = Page(render(report, NOW))
    tags = [tag for tag, _ in page.elements]
    for landmark in ("header", "nav", "main", "footer", "h1"):
        assert tags.count(landmark) == 1
    assert tags.count("caption") == tags.count("table") > 10
    for tag, attributes in page.elements:
        if tag == "th":
            assert attributes["scope"] in ("col", "row")
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.elements:
        for name in ("href", "aria-labelledby"):
            target = str(attributes.get(name) or "")
            assert not target or target.startswith("data:") or target.lstrip("#") in ids


@pytest.mark.thorough
def test_only_when_it_was_made_is_new_in_a_report_made_anew(demo: Path, report: Report) -> None:
    with open_dataset(Target(duckdb_file=str(demo))) as dataset:
        again = read_report(dataset, "demo.duckdb")
    assert again == report
    first, second = (render(report, at).splitlines() for at in (NOW, NOW + timedelta(days=3)))
    different = [one for one, two in zip(first, second, strict=True) if one != two]
    assert [line.startswith('<span id="made">') for line in different] == [True]


def _nasty_account() -> Account:
    """An account in which all that can be named has a nasty name."""
    content: dict[str, Any] = {
        "read": {
            "objects": [
                {
                    "objectName": name,
                    "destination": name,
                    "schedule": "0 * * * *",
                    "requiredFields": [{"fieldName": name, "mapToName": name}],
                    "backfill": {"defaultPeriod": {"fullHistory": True}},
                    name: name,
                }
                for name in NASTY
            ]
        },
        "subscribe": {
            "objects": [
                {"objectName": name, "destination": name, "otherEvents": [name]} for name in NASTY
            ]
        },
    }
    integrations = [
        {
            "id": f"i-{number}",
            "projectId": "p-0",
            "name": name,
            "provider": name,
            "latestRevision": {
                "id": name,
                "specVersion": "1.0.0",
                "createTime": "2026-01-01T08:00:00Z",
                "content": {"name": name, "provider": name, "displayName": name, **content},
            },
        }
        for number, name in enumerate(NASTY)
    ]
    projects = [{"id": f"p-{number}", "name": name} for number, name in enumerate(NASTY)]
    return Account(projects, {"p-0": integrations})


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Of the nasty account, loaded twice without all else: it changed, and a project failed."""
    warehouse = Warehouse("duckdb", tmp_path_factory.mktemp("nasty"))
    account = _nasty_account()
    with SandboxServer(account) as api:
        run_plainly(warehouse, api.url)
        changed = account.integrations["p-0"][0]
        changed["latestRevision"]["content"]["read"]["objects"][0]["destination"] = NASTY[1]
        changed["latestRevision"]["id"] = "another"
        account.failures["/projects/p-1/integrations"] = Failure(403, NASTY[0].encode())
        run_plainly(warehouse, api.url)
    return _of(warehouse)


def test_whatever_an_account_is_called_is_only_a_name(nasty: Report) -> None:
    html = render(nasty, NOW)
    page = Page(html)
    tags = [tag for tag, _ in page.elements]
    assert [tags.count(tag) for tag in ("script", "style", "img", "b", "i")] == [1, 1, 0, 0, 0]
    assert not [a for _, a in page.elements if any(name.startswith("on") for name in a)]
    assert "1337" not in html
    texts = {"".join(text.split()) for parts in page.texts.values() for text in parts}
    for section in ("integrations", "coverage", "load", "findings", "changes", "freshness"):
        told = " ".join(page.texts[section])
        assert NASTY[0] in told, section
    for name in NASTY:
        assert "".join(name.split()) in texts


def test_what_was_not_loaded_is_told_in_a_sentence(nasty: Report) -> None:
    figures = {figure.label: figure.value for figure in nasty.figures}
    assert (figures["Installations"], figures["Customers"]) == (None, None)
    assert figures["Errors"] is not None
    notes = _notes(nasty)
    for section, collection in (
        ("adoption", "installations"),
        ("health", "operations"),
        ("health", "connections"),
        ("destinations", "destinations"),
        ("coverage", "providers"),
    ):
        assert (
            f"{collection.capitalize()} were not loaded: name them in the setting `collections`, "
            f"or load once more with `--collection {collection}`."
        ) in notes[section]
    assert notes["freshness"] == ["Nothing was loaded besides projects and integrations."]
    page = Page(render(nasty, NOW))
    assert "Installations, not loaded" in page.section("glance")
    assert "Operations were not loaded" in page.section("health")


def test_what_failed_is_told(nasty: Report) -> None:
    projects = _tables(nasty)["freshness/Projects"]
    assert [column.title for column in projects.columns][-1] == "Last error"
    assert [(row[0], row[3]) for row in projects.rows if row[3]] == [(NASTY[1], 1)]
    assert "403" in str(projects.rows[0][-1])
    runs = _tables(nasty)["freshness/Runs, the latest first"]
    assert [row[2:4] for row in runs.rows] == [(len(NASTY) - 1, 1), (len(NASTY), 0)]


def test_tables_that_were_left_out_are_told_of(tmp_path: Path) -> None:
    warehouse = Warehouse("duckdb", tmp_path)
    with SandboxServer(Acme().account) as api:
        run_plainly(warehouse, api.url, Run(select=["projects", "listing_integrations"]))
    notes = _notes(_of(warehouse))
    for section in ("integrations", "coverage", "events", "load", "findings"):
        assert "Not all that this needs was loaded" in notes[section][0]
    assert "So far there is only a first load" in notes["changes"][0]


@pytest.mark.parametrize(
    "kind",
    ["sqlite", pytest.param("postgres", marks=[pytest.mark.thorough, pytest.mark.postgres])],
)
def test_other_databases_say_the_same(kind: Kind, loaded_warehouse: Any) -> None:
    def comparable(report: Report) -> Any:
        return [
            (section.id, part)
            for section in report.sections
            if section.id != "freshness"
            for part in section.parts
            if not (isinstance(part, Table) and part.title == "Projects")
        ]

    said = comparable(_of(loaded_warehouse(kind)))
    assert said == comparable(_of(loaded_warehouse("duckdb")))
    assert any(isinstance(part, Table) and part.rows for _, part in said)


def test_long_tables_end_with_a_count() -> None:
    rows = [(f"name-{number}", number) for number in range(MOST_ROWS + 7)]
    long = table("Names", [Column("Name"), Column("Number", "number")], rows)
    assert (len(long.rows), long.total) == (MOST_ROWS, MOST_ROWS + 7)
    report = Report("somewhere", [], None, [], [_section(long)])
    assert "These are the first 1,000 of 1,007 rows" in Page(render(report, NOW)).section("names")


def test_columns_that_say_nothing_are_left_out() -> None:
    columns = [Column("Name"), Column("Field"), Column("Number", "number")]
    told = table("Names", columns, [("a", None, 0), (None, "", 1)])
    assert [column.title for column in told.columns] == ["Name", "Number"]
    assert told.rows == [("a", 0), (None, 1)]


def _section(part: Table) -> Any:
    from ampersand_pipelines.html_report.model import Section

    return Section("names", "Names", "", [part])


def test_reads_spread_over_the_hours_that_a_schedule_names() -> None:
    reads = reads_by_hour(
        [
            ("a", "*/30 * * * *", 48.0, 2),
            ("a", "15 3,4 * * *", 2.0, 1),
            (None, "0 9 * * 1", 1 / 7, 7),
        ]
    )
    assert reads["a"] == [4.0] * 3 + [5.0, 5.0] + [4.0] * 19
    assert reads[""] == [0.0] * 9 + [1.0] + [0.0] * 14


def test_months_without_installations_are_months_too() -> None:
    assert new_by_month([("2025-11", 2, 1), ("2026-02", 3, 3)]) == [
        *(("2025-11", 2.0), ("2025-12", 0), ("2026-01", 0), ("2026-02", 3.0)),
    ]


def test_the_command_writes_the_file_and_shows_it(demo: Path, tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/shown\n')
    browser.chmod(0o700)
    arguments = ["report", "--open", "--duckdb", str(demo), "--out", "of today.html"]
    done = subprocess.run(
        [sys.executable, "-m", "ampersand_pipelines.cli", *arguments],
        cwd=tmp_path,
        env={**os.environ, "BROWSER": f"{browser} %s"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"The report is in {tmp_path}/of today.html.\n"
    assert (tmp_path / "shown").read_text().strip() == (tmp_path / "of today.html").as_uri()
    Page((tmp_path / "of today.html").read_text())


def test_what_a_user_can_cause_is_explained(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = ["--duckdb", str(tmp_path / "nowhere.duckdb")]
    for arguments, text in (
        (nowhere, "there is no database"),
        (["--duckdb", str(demo), "--out", str(tmp_path / "no" / "a.html")], "does not exist"),
        (["--duckdb", str(demo), "--out", str(tmp_path)], "is a folder; name a file: --out"),
        (["--duckdb", str(demo), "--out", "/dev/full/a.html"], "does not exist"),
    ):
        if arguments == nowhere:
            arguments = [*arguments, "--out", str(tmp_path / "a.html")]
        assert main(["report", *arguments]) == 2
        assert text in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
