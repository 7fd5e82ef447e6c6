"""Each rule finds what breaks it and nothing else, on hand-made manifests and on real ones."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from ampersand.rules import RULES, SEVERITIES
from ampersand.tables import CORE_TABLES, TABLES_BY_NAME
from ampersand.views.rendering import makeable
from ampersand_pipelines.sandbox import Account, SandboxServer, read_manifests
from tests.support.drivers import run_plainly
from tests.support.in_memory import InMemory
from tests.support.warehouses import WITH_A_LANE, Kind, Warehouse

CASES = Path(__file__).parent / "cases" / "rules" / "cases.yaml"
SHARED = Path(__file__).resolve().parents[2] / "shared"
MANIFESTS = SHARED / "manifests"
SPECIFICATION = SHARED / "openapi" / "manifest.yaml"
PROJECT = {"id": "p-rules", "name": "rules"}

Finding = tuple[Any, ...]
Json = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A manifest and what is to be found in it.

    Attributes:
        rule: The rule that it is about.
        is_broken: Whether it breaks that rule.
        integration: The manifest as the API lists it.
        findings: Rule, object, field and message of all that is to be found.
    """

    rule: str
    is_broken: bool
    integration: Json
    findings: list[Finding]


def _cases() -> Iterator[tuple[str, Case]]:
    document = yaml.safe_load(CASES.read_text(encoding="utf-8"))
    del document["parts"]
    for rule, kinds in document.items():
        for kind, cases in kinds.items():
            for number, (title, case) in enumerate(cases.items()):
                integration = _integration(f"{rule}-{kind}-{number}".lower(), case)
                findings = [tuple(finding) for finding in case.get("findings", ())]
                yield f"{rule} {kind}: {title}", Case(rule, kind == "broken", integration, findings)


def _integration(identifier: str, case: Json) -> Json:
    content = {"name": identifier, "provider": "hubspot"} | case["content"]
    return {
        "id": identifier,
        "projectId": PROJECT["id"],
        "name": content["name"],
        "provider": content["provider"],
        "createTime": "2026-01-01T08:00:00Z",
        "latestRevision": {
            "id": f"{identifier}-1",
            "specVersion": case.get("specVersion", "1.0.0"),
            "createTime": "2026-01-01T08:00:00Z",
            "content": content,
            **case.get("revision", {}),
        },
        **case.get("integration", {}),
    }


BY_TITLE = dict(_cases())


def _loaded(integrations: list[Json]) -> InMemory:
    """A dataset in which integrations are current."""
    dataset = InMemory()
    dataset.run([PROJECT], {PROJECT["id"]: integrations})
    return dataset


@pytest.fixture(scope="module")
def dataset() -> InMemory:
    """A dataset with all cases."""
    return _loaded([case.integration for case in BY_TITLE.values()])


@pytest.fixture(scope="module")
def findings(dataset: InMemory) -> dict[str, list[Finding]]:
    """What is found in each integration, by its id."""
    found: dict[str, list[Finding]] = {}
    for identifier, *finding in dataset.rows(
        "SELECT integration_id, rule_id, object_name, field_name, message FROM manifest_findings"
    ):
        found.setdefault(identifier, []).append(tuple(finding))
    return found


@pytest.mark.parametrize("title", BY_TITLE)
def test_all_that_is_wrong_is_found_and_nothing_else(
    title: str, findings: dict[str, list[Finding]]
) -> None:
    case = BY_TITLE[title]
    found = findings.get(case.integration["id"], [])
    assert sorted(found, key=repr) == sorted(case.findings, key=repr)


def test_each_rule_has_a_case_that_breaks_it_and_one_that_keeps_it() -> None:
    told = {
        (case.rule, case.is_broken, case.rule in {finding[0] for finding in case.findings})
        for case in BY_TITLE.values()
    }
    assert told == {(rule.id, broken, broken) for rule in RULES for broken in (True, False)}


def test_each_check_finds_something() -> None:
    told = [finding for case in BY_TITLE.values() for finding in case.findings]
    for rule in RULES:
        messages = [finding[3] for finding in told if finding[0] == rule.id]
        for check in rule.checks:
            _, start, *_ = check.message.split("'")
            assert any(message.startswith(start) for message in messages), (rule.id, start)


def test_a_finding_says_which_rule_and_where(dataset: InMemory) -> None:
    found = dataset.rows(
        "SELECT DISTINCT rule_id, severity, remedy, rule_source FROM manifest_findings"
    )
    assert set(found) == {(rule.id, rule.severity, rule.remedy, rule.source) for rule in RULES}
    strangers = """
        SELECT f.rule_id, f.integration_id, f.object_name, o.object_name
        FROM manifest_findings AS f
        LEFT JOIN current_integrations AS i
            ON (i.project_id, i.project_name, i.integration_id, i.name, i.provider)
                = (f.project_id, f.project_name, f.integration_id, f.integration_name, f.provider)
        LEFT JOIN current_objects AS o
            ON o.object_key = f.object_key AND o.integration_id = f.integration_id
        WHERE i.integration_id IS NULL OR f.message IS NULL
            OR (f.object_key IS NULL) <> (o.object_key IS NULL)
            OR f.object_name IS DISTINCT FROM o.object_name
    """
    assert dataset.rows(strangers) == []


def test_an_integration_without_a_revision_breaks_the_rule_of_names_alone() -> None:
    document = {"id": "i", "name": "Bare", "provider": "hubspot", "latestRevision": None}
    assert _loaded([document]).rows("SELECT rule_id FROM manifest_findings") == [("M33",)]


def test_rules_are_declared_for_their_readers() -> None:
    assert [rule.id for rule in RULES] == [f"M{number:02}" for number in range(1, 38)]
    assert {rule.severity for rule in RULES} == set(SEVERITIES)
    assert {rule.id for rule in RULES if rule.severity == "info"} == {"M33", "M37"}
    for rule in RULES:
        assert not rule.title.endswith("."), rule.id
        assert rule.reason.endswith("."), rule.id
        assert rule.remedy.endswith("."), rule.id


def test_the_view_is_made_where_all_tables_are_that_it_reads() -> None:
    existing = frozenset({"_dlt_loads", *TABLES_BY_NAME})
    assert "manifest_findings" in {view.name for view in makeable(existing)}
    needless = {"projects", "revision_schema_watch_events"}
    for table in CORE_TABLES:
        name = table.name
        views = {view.name for view in makeable(existing - {name})}
        assert ("manifest_findings" in views) == (name in needless), name


@pytest.mark.parametrize(
    "kind",
    [
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.postgres),
        *(pytest.param(kind, marks=pytest.mark.warehouse) for kind in WITH_A_LANE),
    ],
)
def test_other_databases_find_the_same(
    kind: Kind, new_warehouse: Callable[[Kind], Warehouse], dataset: InMemory
) -> None:
    integrations = [case.integration for case in BY_TITLE.values()]
    warehouse = new_warehouse(kind)
    with SandboxServer(Account([PROJECT], {PROJECT["id"]: integrations})) as api:
        run_plainly(warehouse, api.url)
    # without integration_name: dlt's way into PostgreSQL makes the name "" NULL
    sql = """
        SELECT rule_id, severity, project_id, project_name, integration_id, provider, object_key,
            object_name, field_name, message, remedy, rule_source
        FROM manifest_findings
    """
    found = Counter(warehouse.rows(sql))
    assert found == Counter(dataset.rows(sql))
    assert found.total() == sum(len(case.findings) for case in BY_TITLE.values())


def _unspecified_keys() -> int:
    """How many keys of the vendor's files are not in the published specification of manifests."""
    schemas = yaml.safe_load(SPECIFICATION.read_text())["components"]["schemas"]

    def parts(schema: Json) -> Iterator[Json]:
        """A schema and all that it is made of."""
        if "$ref" in schema:
            schema = schemas[schema["$ref"].rpartition("/")[2]]
        yield schema
        for part in [*schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("oneOf", ())]:
            yield from parts(part)

    def count(value: Any, schema: Json) -> int:
        made_of = list(parts(schema))
        if isinstance(value, list):
            items = next(part["items"] for part in made_of if "items" in part)
            return sum(count(entry, items) for entry in value)
        if not isinstance(value, dict):
            return 0
        known = {k: v for part in made_of for k, v in part.get("properties", {}).items()}
        return sum(count(v, known[k]) if k in known else 1 for k, v in value.items())

    files = [path for path in MANIFESTS.rglob("*") if path.suffix in (".yaml", ".yml")]
    documents = [yaml.safe_load(path.read_text()) for path in files]
    return sum(
        count(integration, {"$ref": "#/components/schemas/Integration"})
        for document in documents
        for integration in document["integrations"]
    )


@pytest.mark.skipif(not MANIFESTS.is_dir(), reason=f"the vendor's manifests are not at {MANIFESTS}")
def test_the_vendors_manifests_break_these_rules() -> None:
    (integrations,) = read_manifests(MANIFESTS).integrations.values()
    assert len(integrations) == 71
    found = _loaded(integrations).rows(
        "SELECT rule_id, COUNT(*) FROM manifest_findings GROUP BY rule_id"
    )
    assert dict(found) == {
        "M05": 4,
        "M09": 1,
        "M26": 2,
        "M32": _unspecified_keys(),
        "M33": 51,
        "M35": 2,
        "M37": 48,
    }
