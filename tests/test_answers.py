"""The views that answer questions: on a small account, on each database, on real manifests."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ampersand import ViewsNotCreated, create_views
from ampersand.views.answers import ANSWER_VIEWS, PERSONAL_DATA_PATTERNS, personal_data_patterns
from ampersand_pipelines.in_memory import empty_database
from ampersand_pipelines.sandbox import SandboxServer, read_manifests
from tests.support.answers import CASES, Answers, counted, load_account
from tests.support.answers import answers as said
from tests.support.drivers import run_plainly
from tests.support.warehouses import DATASET, WITH_A_LANE, Kind, Row, Warehouse

MANIFESTS = Path(__file__).resolve().parents[2] / "shared" / "manifests"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A DuckDB database with the account in it."""
    warehouse = Warehouse("duckdb", tmp_path_factory.mktemp("answers"))
    load_account(warehouse)
    return warehouse


@pytest.fixture(scope="module")
def answers(warehouse: Warehouse) -> Answers:
    """What the views say there."""
    return said(warehouse.table)


@pytest.mark.parametrize("name", [view.name for view in ANSWER_VIEWS])
def test_a_view_says_what_is_expected(name: str, answers: Answers, update_golden: bool) -> None:
    file = CASES / "expected" / f"{name}.json"
    lines = sorted(json.dumps(row, ensure_ascii=False) for row in answers[name])
    text = "[\n" + ",\n".join(lines) + "\n]\n"
    if update_golden:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "kind",
    [
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.postgres),
        *(pytest.param(kind, marks=pytest.mark.warehouse) for kind in WITH_A_LANE),
    ],
)
def test_views_say_the_same_everywhere(
    kind: Kind, answers: Answers, new_warehouse: Callable[[Kind], Warehouse]
) -> None:
    other = new_warehouse(kind)
    load_account(other)
    there = said(other.table)
    for name, rows in answers.items():
        assert counted(there[name]) == counted(rows), name


def test_a_field_has_the_action_of_its_object(warehouse: Warehouse) -> None:
    actions = warehouse.rows(
        "SELECT f.action, o.action, COUNT(*) > 0 FROM current_fields AS f "
        "JOIN current_objects AS o ON o.object_key = f.object_key GROUP BY ALL"
    )
    assert actions == [("read", "read", True)]


PATTERNS = {"money": ["amount"], "stage": ["%STAGE%", "amount"]}


def _personal(warehouse: Warehouse) -> list[Row]:
    return warehouse.rows(
        "SELECT DISTINCT field_name, personal_data_kind FROM personal_data_fields ORDER BY 1"
    )


def test_patterns_of_personal_data_can_be_replaced(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = warehouse.copy(tmp_path)
    create_views(own.pipeline(), personal_data_patterns=PATTERNS)
    assert _personal(own) == [("amount", "money"), ("stagename", "stage")]
    create_views(own.pipeline(), personal_data_patterns={})
    assert _personal(own) == []
    monkeypatch.setenv("SOURCES__AMPERSAND__PERSONAL_DATA_PATTERNS", json.dumps(PATTERNS))
    create_views(own.pipeline())
    assert _personal(own) == [("amount", "money"), ("stagename", "stage")]
    monkeypatch.delenv("SOURCES__AMPERSAND__PERSONAL_DATA_PATTERNS")
    create_views(own.pipeline())
    assert _personal(own) == _personal(warehouse) != []


@pytest.mark.parametrize(
    ("patterns", "message"),
    [
        ({"email": "%email%"}, r'given for email is no list of texts; write email = \["%...%"\]'),
        ({"email": ["%email%", 1]}, "given for email is no list of texts"),
        ({"email": ["%e\\mail%"]}, "has a backslash, which no name needs; leave it out"),
        ("%email%", "personal_data_patterns"),
    ],
)
def test_patterns_that_cannot_be_used_are_refused(
    patterns: Any, message: str, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _personal(warehouse)
    monkeypatch.setenv("SOURCES__AMPERSAND__PERSONAL_DATA_PATTERNS", json.dumps(patterns))
    with pytest.raises(ViewsNotCreated, match=f"could not be made: .*{message}"):
        create_views(warehouse.pipeline())
    assert _personal(warehouse) == before


def test_positions_are_cut_out_of_a_place_and_other_digits_are_not() -> None:
    places = {
        "$.a[12].b": "$.a[].b",
        "$.a1[0].b2[1000000].c[3]": "$.a1[].b2[].c[]",
        "$.latestRevision.content.9[7654321]": "$.latestRevision.content.9[]",
        "$['1x'][10][20].y": "$['1x'][][].y",
        "$.none": "$.none",
    }
    with empty_database() as connection:
        connection.execute("INSERT INTO _dlt_loads VALUES ('load', 0)")
        connection.execute(
            "INSERT INTO extraction_runs (run_id, scope, _dlt_load_id) VALUES ('1', 'all', 'load')"
        )
        connection.execute(
            "INSERT INTO project_listings (run_id, project_id, outcome, listing_key) "
            "VALUES ('1', 'p', 'listed', 'l')"
        )
        connection.executemany(
            "INSERT INTO revision_unmapped_properties (listing_key, json_path, reason, value) "
            "VALUES ('l', ?, 'unknown_property', '1')",
            [[place] for place in places],
        )
        found = connection.execute("SELECT json_path FROM unmapped_properties_summary").fetchall()
    assert sorted(place for (place,) in found) == sorted(places.values())


def test_patterns_are_text_whatever_is_in_them() -> None:
    sql = personal_data_patterns({"it's": ["'; DROP TABLE x; --"]}).sql
    with duckdb.connect() as connection:
        assert connection.execute(sql).fetchall() == [(0, "it's", "'; drop table x; --")]


def test_patterns_are_as_names_are_compared() -> None:
    for pattern in [p for those in PERSONAL_DATA_PATTERNS.values() for p in those]:
        assert pattern == pattern.lower()
        assert not set(pattern) & set("_-. ")


Json = dict[str, Any]


@pytest.fixture(scope="module")
def manifests() -> list[Json]:
    """The contents of the vendor's public manifests."""
    if not MANIFESTS.is_dir():
        pytest.skip(f"the vendor's manifests are not at {MANIFESTS}")
    listings = read_manifests(MANIFESTS).integrations.values()
    return [document["latestRevision"]["content"] for listing in listings for document in listing]


@pytest.fixture(scope="module")
def real(
    manifests: list[Json], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with them."""
    warehouse = Warehouse("duckdb", tmp_path_factory.mktemp("real"))
    with SandboxServer(read_manifests(MANIFESTS)) as api:
        run_plainly(warehouse, api.url)
    with closing(duckdb.connect(str(warehouse.file), read_only=True)) as connection:
        connection.execute(f"SET schema = '{DATASET}'")
        yield connection


def _objects(content: Json, action: str) -> list[Json]:
    return (content.get(action) or {}).get("objects") or []


def _fields(content: Json, *, required: bool) -> list[Json]:
    name = "requiredFields" if required else "optionalFields"
    return [field for entry in _objects(content, "read") for field in entry.get(name) or []]


def _names(field: Json) -> str:
    return f"{field.get('fieldName')} {field.get('mapToName')}".lower()


def _backfill(entry: Json) -> str:
    period = (entry.get("backfill") or {}).get("defaultPeriod") or {}
    return "full_history" if period.get("fullHistory") else "days" if period.get("days") else "none"


COUNTS: Mapping[str, tuple[str, Callable[[Json], int]]] = {
    "integrations with a proxy": (
        "broad_access WHERE access = 'proxy'",
        lambda content: bool((content.get("proxy") or {}).get("enabled")),
    ),
    "objects of which any field may be read": (
        "broad_access WHERE access = 'read_any_field'",
        lambda content: sum(
            entry.get("optionalFieldsAuto") == "all" for entry in _objects(content, "read")
        ),
    ),
    "objects that backfill everything": (
        "backfill_policies WHERE backfill_kind = 'full_history'",
        lambda content: [*map(_backfill, _objects(content, "read"))].count("full_history"),
    ),
    "objects that backfill some days": (
        "backfill_policies WHERE backfill_kind = 'days'",
        lambda content: [*map(_backfill, _objects(content, "read"))].count("days"),
    ),
    "objects that backfill nothing": (
        "backfill_policies WHERE backfill_kind = 'none'",
        lambda content: [*map(_backfill, _objects(content, "read"))].count("none"),
    ),
    "required e-mail addresses": (
        "personal_data_fields WHERE is_required AND personal_data_kind = 'email'",
        lambda content: sum("email" in _names(f) for f in _fields(content, required=True)),
    ),
    "optional e-mail addresses": (
        "personal_data_fields WHERE NOT is_required AND personal_data_kind = 'email'",
        lambda content: sum("email" in _names(f) for f in _fields(content, required=False)),
    ),
    "phone numbers": (
        "personal_data_fields WHERE personal_data_kind = 'phone'",
        lambda content: sum(
            "phone" in _names(field) or "mobile" in _names(field)
            for required in (True, False)
            for field in _fields(content, required=required)
        ),
    ),
    "objects without a schedule": (
        "object_freshness WHERE action = 'read' AND schedule IS NULL",
        lambda content: sum(not entry.get("schedule") for entry in _objects(content, "read")),
    ),
    "update events that watch all fields": (
        "effective_watch_fields WHERE watches_all_fields",
        lambda content: sum(
            entry.get("updateEvent", {}).get("watchFieldsAuto") == "all"
            for entry in _objects(content, "subscribe")
        ),
    ),
    "fields that are read": (
        "field_lineage WHERE action = 'read'",
        lambda content: len(_fields(content, required=True) + _fields(content, required=False)),
    ),
    "objects with a destination": (
        "destination_usage",
        lambda content: sum(
            bool(entry.get("destination"))
            for action in ("read", "subscribe")
            for entry in _objects(content, action)
        ),
    ),
}
"""Rows of a view on the vendor's manifests, and how they are counted in the documents."""


@pytest.mark.parametrize("what", COUNTS)
def test_real_manifests_are_counted(
    what: str, real: duckdb.DuckDBPyConnection, manifests: list[Json]
) -> None:
    rows, count = COUNTS[what]
    expected = sum(map(count, manifests))
    assert real.execute(f"SELECT COUNT(*) FROM {rows}").fetchone() == (expected,)
    assert expected > 0


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT COUNT(*), SUM(read_objects), SUM(write_objects) FROM integration_inventory",
         [(71, 214, 184)]),
        ("SELECT SUM(other_objects), SUM(events), COUNT(module) FROM integration_inventory",
         [(3, 16, 6)]),
        ("SELECT COUNT(*), COUNT(DISTINCT provider) FROM object_coverage", [(287, 66)]),
        ("SELECT provider, reads_per_hour FROM scheduled_reads ORDER BY 2 DESC, 1 LIMIT 2",
         [("accuLynx", 42.0), ("google", 42.0)]),
        ("SELECT freshness, COUNT(*) FROM object_freshness GROUP BY 1 ORDER BY 1",
         [("on_demand", 2), ("polled", 206), ("real_time", 6)]),
        ("SELECT SUM(fields_to_map), SUM(fields_to_choose) FROM install_mapping_effort",
         [(1, 58)]),
        ("SELECT json_path, current_values FROM unmapped_properties_summary ORDER BY 1",
         [("$.latestRevision.content.delete", 1),
          ("$.latestRevision.content.subscribe.objects[].createEvent.watchFieldsAuto", 1),
          ("$.latestRevision.content.subscribe.objects[].deleteEvent.watchFieldsAuto", 1)]),
        ("SELECT COUNT(*) FROM environment_differences", [(0,)]),
    ],
)  # fmt: skip
def test_real_manifests_are_told_about(
    query: str, rows: list[Row], real: duckdb.DuckDBPyConnection
) -> None:
    assert real.execute(query).fetchall() == rows
