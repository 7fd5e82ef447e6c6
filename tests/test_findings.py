"""The command `findings`: what it shows, in which form, and when it fails."""

import csv
import io
import json
from pathlib import Path

import junitparser
import pytest

from ampersand.rules import RULES, SEVERITIES
from ampersand_pipelines.cli import main
from ampersand_pipelines.findings import count, for_people
from ampersand_pipelines.output import Answer
from ampersand_pipelines.report import fit
from ampersand_pipelines.sandbox import Account, SandboxServer
from tests.support.drivers import Run, run_plainly
from tests.support.warehouses import DATASET, Warehouse

SHARED = Path(__file__).resolve().parents[2] / "shared" / "manifests"
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


FILE = """\
specVersion: 1.0.0
integrations:
  - name: aName
    provider: hubspot
    read:
      objects:
        - objectName: contact
          destination: d
          requiredFields:
            - fieldName: id
            - mapToName: mail
            - fieldName: mail
              mapToName: mail
          shedule: "0 * * * *"
  - {name: empty, provider: hubspot}
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A manifest with findings of each severity, in the folder of whoever asks."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "crm").mkdir()
    (tmp_path / "crm" / "amp.yaml").write_text(FILE)
    return "crm/amp.yaml"


def _remedy(rule_id: str) -> str:
    return next(rule.remedy for rule in RULES if rule.id == rule_id)


def test_files_are_checked_with_file_and_line(
    file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["findings", "--manifests", "crm", "--severity", "info", "--format", "csv"]) == 0
    printed = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(printed.out)))
    assert [(row["file"], int(row["line"]), row["severity"], row["rule_id"]) for row in rows] == [
        (file, 15, "error", "M02"),
        (file, 11, "error", "M10"),
        (file, 7, "warning", "M05"),
        (file, 11, "warning", "M30"),
        (file, 14, "warning", "M32"),
        (file, 3, "info", "M33"),
    ]
    assert printed.err == "2 errors, 3 warnings, 1 remark\n"
    assert list(rows[0]) == [
        *("file", "line", "severity", "rule_id", "integration_name", "provider", "object_name"),
        *("field_name", "message", "remedy", "rule_source"),
    ]
    assert main(["findings", "--manifests", file, "--severity", "error"]) == 0
    assert "  where    crm/amp.yaml:15 empty\n" in capsys.readouterr().out
    gates = [main(["findings", "--manifests", file, "--fail-on", s]) for s in SEVERITIES]
    assert gates == [4, 4, 4]


def test_a_file_without_findings_passes_in_each_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "amp.yaml"
    file.write_text(
        "specVersion: 1.0.0\nintegrations: [{name: a, provider: b, proxy: {enabled: true}}]"
    )
    said = {}
    for form in ("table", "csv", "json", "github", "junit"):
        command = ["findings", "--manifests", str(file), "--severity", "info", "--format", form]
        assert main([*command, "--fail-on", "info"]) == 0
        said[form] = capsys.readouterr().out
    assert said["table"] == "0 errors, 0 warnings, 0 remarks\n"
    assert json.loads(said["json"]) == []
    assert said["github"] == ""
    assert junitparser.JUnitXml.fromstring(said["junit"].encode()).tests == 0


def test_github_shows_findings_beside_the_code(
    file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = FILE.replace("  - {name: empty,", '  - {name: "a: 1, 50%\\n",')
    Path(file).write_text(text)
    assert main(["findings", "--manifests", file, "--severity", "info", "--format", "github"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" ")[0] for line in lines] == [
        *("::error", "::error", "::warning", "::warning", "::warning", "::notice", "::notice")
    ]
    assert lines[0] == (
        "::error file=crm/amp.yaml,line=15,title=M02 a%3A 1%2C 50%25%0A"
        f"::There is neither read nor write, subscribe or proxy. {_remedy('M02')}"
    )


def test_junit_has_a_failed_case_for_each_finding(
    file: str, warehouse: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["findings", "--manifests", file, "--format", "junit"]) == 0
    (suite,) = junitparser.JUnitXml.fromstring(capsys.readouterr().out.encode())
    assert (suite.tests, suite.failures) == (5, 5)
    case = next(iter(suite))
    assert (case.name, case.classname) == ("M02 empty", "crm/amp.yaml")
    assert (case._elem.get("file"), case._elem.get("line")) == ("crm/amp.yaml", "15")
    (failure,) = case.result
    assert (failure.type, failure.text) == ("error", _remedy("M02"))
    assert failure.message == "There is neither read nor write, subscribe or proxy."
    assert _ask(warehouse, "--format", "junit") == 0
    (suite,) = junitparser.JUnitXml.fromstring(capsys.readouterr().out.encode())
    assert [case.name for case in suite] == ["M02 project/empty", "M05 project/on_demand/contact"]


def test_findings_in_real_manifests_are_where_they_say(
    capsys: pytest.CaptureFixture[str],
) -> None:
    if not SHARED.is_dir():
        pytest.skip(f"needs the vendor's public manifests at {SHARED}")
    assert main(["findings", "--manifests", str(SHARED), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found
    for row in found:
        line = Path(row["file"]).read_text().splitlines()[row["line"] - 1]
        about = row["field_name"] or row["object_name"] or row["integration_name"]
        assert about in line or row["rule_id"] == "M32", row


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
