"""The command `findings`: what it shows, in which form, and when it fails."""

import csv
import io
import json
from pathlib import Path

import pytest

from ampersand.rules import RULES, SEVERITIES
from ampersand_pipelines.cli import main
from ampersand_pipelines.findings import count, for_people
from ampersand_pipelines.output import Answer
from ampersand_pipelines.report import fit
from ampersand_pipelines.sandbox import Account, SandboxServer
from tests.support.drivers import Run, run_plainly
from tests.support.warehouses import DATASET, Warehouse

READ = {"objectName": "contact", "destination": "d", "requiredFields": [{"fieldName": "id"}]}


def _account(**integrations: dict[str, object]) -> Account:
    documents = [
        {
            "id": name,
            "projectId": "p",
            "name": name,
            "provider": "hubspot",
            "latestRevision": {
                "id": f"{name}-1",
                "specVersion": "1.0.0",
                "createTime": "2026-01-01T08:00:00Z",
                "content": {"name": name, "provider": "hubspot", **content},
            },
        }
        for name, content in integrations.items()
    ]
    return Account([{"id": "p", "name": "project"}], {"p": documents})


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A database with an error, a warning and a remark."""
    warehouse = Warehouse("duckdb", tmp_path_factory.mktemp("findings"))
    account = _account(
        empty={}, on_demand={"read": {"objects": [READ]}}, aName={"proxy": {"enabled": True}}
    )
    with SandboxServer(account) as api:
        run_plainly(warehouse, api.url)
    return warehouse


def _ask(warehouse: Warehouse, *arguments: str) -> int:
    place = ["--duckdb", str(warehouse.file), "--dataset", DATASET]
    return main(["findings", *place, "--pipelines-dir", str(warehouse.pipelines_dir), *arguments])


def test_errors_and_warnings_are_shown_and_all_are_counted(
    warehouse: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _ask(warehouse) == 0
    rules = {rule.id: rule for rule in RULES}
    assert capsys.readouterr().out == (
        "error M02\n"
        "  finding  There is neither read nor write, subscribe or proxy.\n"
        f"  remedy   {rules['M02'].remedy}\n"
        "  where    project/empty\n"
        "\n"
        "warning M05\n"
        "  finding  There is no schedule, so it is read on demand only.\n"
        f"  remedy   {rules['M05'].remedy}\n"
        "  where    project/on_demand/contact\n"
        "\n"
        "1 error, 1 warning, 1 remark (not shown without --severity info)\n"
    )


def test_a_rule_is_told_once_with_all_its_places_and_fits_a_terminal() -> None:
    columns = (
        *("severity", "rule_id", "project_name", "integration_name", "object_name"),
        *("field_name", "message", "remedy"),
    )
    contact = ("error", "M07", "shop", "crm", "contact", None)
    company = ("error", "M07", "shop", "crm", "company", None)
    long = "With the schedule */5 * * * * the shortest time between two reads is 5 min."
    on_demand = ("It is read on demand.", "Add a schedule.")
    rows = [
        (*contact, long, "Take longer."),
        (*company, long.replace("5", "2"), "Take longer."),
        ("warning", "M05", "shop", "crm", "deal", "id", *on_demand),
        ("warning", "M05", "shop", "desk", None, None, *on_demand),
    ]
    assert fit(for_people(Answer(columns, rows)), 60).split("\n") == [
        "error M07",
        "  remedy   Take longer.",
        "  where    shop/crm/contact: With the schedule */5 * * * *",
        "           the shortest time between two reads is 5 min.",
        "           shop/crm/company: With the schedule */2 * * * *",
        "           the shortest time between two reads is 2 min.",
        "",
        "warning M05",
        "  finding  It is read on demand.",
        "  remedy   Add a schedule.",
        "  where    shop/crm/deal/id",
        "           shop/desk",
    ]


@pytest.mark.parametrize(
    ("severity", "rules"),
    [("error", ["M02"]), ("warning", ["M02", "M05"]), ("info", ["M02", "M05", "M33"])],
)
def test_a_severity_stands_for_the_worse_ones_too(
    severity: str, rules: list[str], warehouse: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _ask(warehouse, "--severity", severity, "--format", "csv") == 0
    printed = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(printed.out)))
    assert [row["rule_id"] for row in rows] == rules
    assert printed.err.startswith("1 error, 1 warning")


def test_json_has_every_column(warehouse: Warehouse, capsys: pytest.CaptureFixture[str]) -> None:
    assert _ask(warehouse, "--format", "json") == 0
    printed = capsys.readouterr()
    _, warning = json.loads(printed.out)
    rule = next(rule for rule in RULES if rule.id == "M05")
    assert warning.pop("object_key").endswith(":read:0")
    assert warning == {
        "severity": "warning",
        "rule_id": "M05",
        "project_id": "p",
        "project_name": "project",
        "integration_id": "on_demand",
        "integration_name": "on_demand",
        "provider": "hubspot",
        "object_name": "contact",
        "field_name": None,
        "message": "There is no schedule, so it is read on demand only.",
        "remedy": rule.remedy,
        "rule_source": rule.source,
    }
    assert printed.err == "1 error, 1 warning, 1 remark (not shown without --severity info)\n"


def test_the_gate_shuts_for_its_severity_and_the_worse_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse = Warehouse("duckdb", tmp_path)
    with SandboxServer(_account(on_demand={"read": {"objects": [READ]}})) as api:
        run_plainly(warehouse, api.url)
    assert [_ask(warehouse, "--fail-on", severity) for severity in SEVERITIES] == [0, 4, 4]
    assert _ask(warehouse, "--fail-on", "warning", "--severity", "error") == 4
    assert capsys.readouterr().out.endswith(
        "\n0 errors, 1 warning (not shown without --severity warning), 0 remarks\n"
    )


def test_where_nothing_was_loaded_nothing_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _ask(Warehouse("duckdb", tmp_path), "--fail-on", "error") == 2
    assert "`ampersand load` makes it" in capsys.readouterr().err
    assert list(tmp_path.glob("*.duckdb*")) == []


def test_a_dataset_with_some_of_the_tables_is_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse = Warehouse("duckdb", tmp_path)
    with SandboxServer(_account(empty={})) as api:
        run_plainly(warehouse, api.url, Run(select=["revisions"]))
    assert _ask(warehouse) == 2
    assert "there is no manifest_findings" in capsys.readouterr().err


def test_numbers_are_counted_as_people_write_them() -> None:
    findings = Answer(["severity"], [("info",)] * 1234 + [("error",)] * 2)
    assert count(findings, "info") == "2 errors, 0 warnings, 1,234 remarks"
