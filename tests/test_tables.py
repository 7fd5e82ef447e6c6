"""The declarations themselves: what the normaliser and the documentation take for granted."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from ampersand import derived
from ampersand.declaration import ChildKey, Column, Derived, Inherited, Rows, Table
from ampersand.declaration import Path as ColumnPath
from ampersand.normalize import arrow_schema
from ampersand.tables import (
    ALWAYS_SELECTED,
    CONTENT_TABLES,
    INTEGRATION_TABLES,
    REVISION_CHILDREN,
    TABLES,
    TABLES_BY_NAME,
)
from ampersand.views import VIEWS
from ampersand.views.rendering import column_descriptions
from tests.support import generated

VIEWS_BY_NAME = {view.name: view for view in VIEWS}

# What people write SQL against: a name that goes, or changes, breaks their queries.
KEYS = {
    "projects": "project_key",
    "listing_integrations": "listing_key integration_id",
    "revisions": "revision_key",
    "revision_objects": "object_key",
    "revision_fields": "field_key",
    "revision_subscribe_events": "event_key",
    "revision_watch_fields": "watch_field_key",
    "revision_schema_watch_events": "schema_watch_event_key",
    "revision_unmapped_properties": "unmapped_property_key",
    "extraction_runs": "run_id",
    "credential_listings": "run_id credential",
    "project_listings": "run_id project_id",
    "destinations": "destination_key",
    "installations": "installation_key",
    "installation_configs": "config_key",
    "installation_objects": "config_object_key",
    "installation_fields": "config_field_key",
    "installation_value_mappings": "value_mapping_key",
    "installation_filters": "config_filter_key",
    "installation_events": "config_event_key",
    "connections": "connection_key",
    "providers": "provider_key",
    "provider_modules": "provider_module_key",
    "provider_apps": "provider_app_key",
    "topics": "topic_key",
    "topic_event_routes": "topic_event_route_key",
    "topic_destination_routes": "topic_destination_route_key",
    "operations": "operation_key",
    "collection_entries": "listing_key entry_id",
    "collection_listings": "run_id collection project_id",
}
COLUMNS = {
    "projects": "project_id name app_name org_id create_time update_time other_properties",
    "listing_integrations": (
        "project_id revision_key name provider create_time update_time other_properties"
    ),
    "revisions": (
        "project_id integration_id revision_id spec_version create_time content_name"
        " content_provider display_name module has_read has_write has_subscribe has_proxy"
        " proxy_enabled proxy_use_module watch_schema_destination_name watch_schema_schedule"
        " watch_schema_min_interval_minutes content_hash content"
    ),
    "revision_objects": (
        "revision_key action position object_name map_to_name map_to_display_name destination_name"
        " schedule schedule_runs_per_day schedule_min_interval_minutes enabled optional_fields_auto"
        " has_backfill backfill_days backfill_full_history delivery_mode delivery_page_size"
        " inherits_mapping allow_any_value_defaults"
    ),
    "revision_fields": (
        "revision_key object_key object_name is_required position field_name map_to_name"
        " map_to_display_name default_field_name prompt"
    ),
    "revision_subscribe_events": (
        "revision_key object_key object_name destination_name event_type event_name position"
        " enabled watch_fields_auto include_full_records"
    ),
    "revision_watch_fields": "revision_key event_key object_key position watch_field",
    "revision_schema_watch_events": (
        "revision_key scope event_type enabled destination_name schedule"
    ),
    "revision_unmapped_properties": (
        "revision_key listing_key json_path property_name value reason parent_table parent_key"
    ),
    "extraction_runs": "scope selection started_at model_version versions requests bytes counts",
    "credential_listings": "outcome asks_for_all projects unreadable error",
    "project_listings": (
        "credential outcome project_key listing_key integrations requests bytes seconds error"
    ),
    "destinations": (
        "project_id destination_id name destination_type url_host has_headers region stream_name"
        " partition_key_template bucket key_template storage_class container"
        " database_name clickhouse_database schema_name table_name gcp_project_id"
        " bigquery_dataset bigquery_table redshift_workgroup redshift_cluster"
        " pubsub_topic exchange queue_name queue_address server_address is_tls batch_size"
        " max_wait_seconds create_time update_time"
    ),
    "installations": (
        "project_id installation_id integration_id config_key connection_id group_ref"
        " group_name health_status last_operation_status created_by create_time"
        " update_time"
    ),
    "installation_configs": (
        "project_id installation_id config_id revision_id provider proxy_enabled"
        " created_by create_time"
    ),
    "installation_objects": (
        "config_key action object_name destination_name schedule is_disabled"
        " selected_fields_auto backfill_days backfill_full_history deletion_enabled"
        " inherits_fields_and_mappings quota_optimization_enabled"
    ),
    "installation_fields": (
        "config_key config_object_key object_name purpose position name field_name"
        " map_to_name map_to_display_name prompt is_selected write_on_create"
        " write_on_update has_default"
    ),
    "installation_value_mappings": (
        "config_key config_object_key config_field_key object_name field_name position"
        " delivered_value provider_value mapped_value mapped_display_value"
    ),
    "installation_filters": (
        "config_key config_object_key object_name scope position field_name operator"
    ),
    "installation_events": (
        "config_key config_object_key object_name event_type position event_name enabled"
        " watch_fields_auto"
    ),
    "connections": (
        "project_id connection_id provider provider_app_id auth_scheme status scopes"
        " group_ref group_name consumer_ref consumer_name provider_workspace_ref"
        " provider_consumer_ref create_time"
    ),
    "providers": (
        "provider display_name auth_type base_url default_module post_auth_info_needed"
        " supports_read supports_write supports_subscribe supports_proxy supports_delete"
        " supports_search supports_bulk_insert supports_bulk_update supports_bulk_upsert"
        " supports_bulk_delete supports_create_events supports_update_events"
        " supports_delete_events supports_other_events"
    ),
    "provider_modules": (
        "provider_key module display_name base_url supports_read supports_write"
        " supports_subscribe supports_proxy supports_delete supports_search"
        " supports_bulk_insert supports_bulk_update supports_bulk_upsert"
        " supports_bulk_delete supports_create_events supports_update_events"
        " supports_delete_events supports_other_events"
    ),
    "provider_apps": (
        "project_id provider_app_id provider external_ref client_id scopes create_time update_time"
    ),
    "topics": ("project_id topic_id name create_time update_time"),
    "topic_event_routes": ("project_id route_id event_type topic_id create_time update_time"),
    "topic_destination_routes": ("project_id route_id topic_id destination_id create_time"),
    "operations": (
        "project_id operation_id run_id integration_id installation_id config_id"
        " action_type status result object_names retry_attempts records_processed"
        " records_estimated_total create_time"
    ),
    "collection_entries": ("collection project_id entry_key"),
    "collection_listings": ("credential outcome listing_key entries requests bytes seconds error"),
}

IN_NO_SPECIFICATION = {
    # the vendor's own client decodes it
    ("latestRevision", "integrationId"),
}
NOT_MODELLED = {
    # managed by the vendor, sent only when asked for, and no part of an integration
    "entitlements",
}
TYPES = {
    ("string", None): "text",
    ("string", "date-time"): "timestamp",
    ("integer", None): "bigint",
    ("boolean", None): "bool",
}

SpecPath = tuple[str | int, ...]

needs_specification = pytest.mark.skipif(
    not generated.SPECIFICATION.exists(),
    reason="the API's specification (shared/openapi) does not lie beside the repository",
)


def kinds() -> Iterator[tuple[Table, Rows]]:
    for table in TABLES:
        for rows in table.rows:
            yield table, rows


KINDS = {rows.kind: (table, rows) for table, rows in kinds()}


def steps(path: str) -> SpecPath:
    """A dotted path as steps, with 0 for any index."""
    found: list[str | int] = []
    for step in path.split(".") if path else ():
        found += [step.removesuffix("[]"), 0] if step.endswith("[]") else [step]
    return tuple(found)


def place(rows: Rows) -> SpecPath:
    """Where the elements of a kind of row lie, from the integration or the project."""
    above = () if rows.parent is None else place(KINDS[rows.parent][1])
    return above + steps(rows.path)


def declared() -> Iterator[tuple[str, SpecPath, Column]]:
    """Where each column is read from, with the specification that knows it."""
    for table, rows in kinds():
        if table not in INTEGRATION_TABLES:  # of the others tests/test_admission.py tells
            continue
        if rows.kind == "other_action":  # an action of which no specification knows
            continue
        top = "Project" if rows.kind == "project" else "Integration"
        for column in table.columns:
            if isinstance(column.origin, ColumnPath) and rows.kind in column.origin.by_kind:
                yield top, place(rows) + steps(column.origin.by_kind[rows.kind]), column
        for echo, echoed in rows.echoes.items():
            yield top, (*place(rows), echo), table.column(echoed)


def specified(name: str) -> dict[SpecPath, dict[str, Any]]:
    """Every property of the specification that holds a scalar."""
    schema = generated.resolved({"$ref": f"#/components/schemas/{name}"})
    found = {}
    for path, below in generated.properties(schema).items():
        if below.get("type") == "array" and "properties" not in below["items"]:
            for item in generated.variants(below["items"]):
                if item["type"] not in ("object", "array"):
                    found[*path, 0] = item
        elif below.get("type") not in ("object", "array"):
            found[path] = below
    return found


def test_tables_keys_and_columns_keep_their_names() -> None:
    assert {table.name: " ".join(table.key) for table in TABLES} == KEYS
    for table in TABLES:
        names = [column.name for column in table.columns if column.name not in table.key]
        assert names == COLUMNS[table.name].split(), table.name


@needs_specification
@pytest.mark.parametrize("name", ["Integration", "Project"])
def test_each_path_of_a_column_is_in_the_specification(name: str) -> None:
    paths = {path for top, path, _ in declared() if top == name}
    exceptions = IN_NO_SPECIFICATION if name == "Integration" else set()
    assert paths - specified(name).keys() == exceptions


@needs_specification
@pytest.mark.parametrize("name", ["Integration", "Project"])
def test_each_property_of_the_specification_is_a_column(name: str) -> None:
    paths = {path for top, path, _ in declared() if top == name}
    missing = specified(name).keys() - paths
    assert {path[0] for path in missing} == (NOT_MODELLED if name == "Project" else set())


@needs_specification
def test_each_column_has_the_type_that_the_specification_says() -> None:
    for top, path, column in declared():
        schema = specified(top).get(path)
        if schema is not None:
            assert column.type == TYPES[schema["type"], schema.get("format")], path


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_is_described_for_its_readers(table: Table) -> None:
    texts = {column.name: column.description for column in table.columns}
    texts |= {"the table": table.description, "its grain": f"{table.grain}."}
    for name, text in texts.items():
        assert re.fullmatch(r"[A-Z`].*\.", text.capitalize() if name == "its grain" else text), name
        assert not re.search(r"[{}]|TODO|TBD|FIXME|XXX|\.\.\.|configure me", text), name
        assert not re.search(r"\s\s|\n", text), name
    assert all(name in VIEWS_BY_NAME for name in re.findall(r"now use (\w+)", table.description))


def test_content_tables_say_that_they_hold_history_and_what_is_current() -> None:
    for table in CONTENT_TABLES:
        assert "Holds history" in table.description
        assert re.search(r"now use current_\w+\.", table.description)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_keys_are_texts_that_are_never_null(table: Table) -> None:
    for name in table.key:
        assert not table.column(name).nullable
        assert table.column(name).type == "text"


def test_names_need_no_quotes() -> None:
    reserved = {
        name
        for (name,) in duckdb.execute(
            "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category = 'reserved'"
        ).fetchall()
    }
    names = {table.name for table in TABLES}
    names |= {column.name for table in TABLES for column in table.columns}
    assert not names & reserved
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in names)
    assert max(map(len, names)) <= 63 - len("rebuilt_")


def test_names_are_unique() -> None:
    assert len(TABLES_BY_NAME) == len(TABLES)
    for table in TABLES:
        names = Counter(column.name for column in table.columns)
        assert max(names.values()) == 1, table.name


def test_parents_come_before_children() -> None:
    order = [table.name for table in TABLES]
    for table in TABLES:
        for column in table.columns:
            if column.references:
                other = column.references.split(".")[0]
                # what holds a content is said first
                later = (table.name, other) in (
                    ("listing_integrations", "revisions"),
                    ("installations", "installation_configs"),
                )
                assert later or order.index(other) < order.index(table.name)


def test_a_reference_points_to_a_key_and_has_its_type() -> None:
    for table in TABLES:
        for column in table.columns:
            if column.references:
                name, other_column = column.references.split(".")
                other = TABLES_BY_NAME[name]
                assert other_column in other.key
                assert column.type == other.column(other_column).type


def test_what_a_column_is_made_of_is_declared_too() -> None:
    for table, rows in kinds():
        for column in table.columns:
            origin = column.origin
            if isinstance(origin, Inherited):
                parent = None if rows.parent is None else KINDS[rows.parent][0]
                assert parent is not None
                assert parent.column(origin.column).type == column.type
            elif isinstance(origin, Derived):
                assert callable(getattr(derived, origin.function))
                assert table.column(origin.column).type == "text"
            elif isinstance(origin, ChildKey):
                assert KINDS[origin.kind][1].parent == rows.kind
            elif isinstance(origin, ColumnPath):
                assert origin.by_kind.keys() <= KINDS.keys()
                assert all(KINDS[kind][0] is table for kind in origin.by_kind)


def test_arrow_schemas_are_those_of_the_declaration() -> None:
    types = {
        "text": pa.string(),
        "bigint": pa.int64(),
        "double": pa.float64(),
        "bool": pa.bool_(),
        "timestamp": pa.timestamp("us", tz="UTC"),
    }
    for table in TABLES:
        assert arrow_schema(table.name) == pa.schema(
            [
                pa.field(column.name, types[column.type], nullable=column.nullable)
                for column in table.columns
            ]
        )


def golden_rows() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted((Path(__file__).parent / "cases" / "normalize" / "expected").glob("*.json")):
        for name, rows in json.loads(path.read_text())["tables"].items():
            for row in rows:
                yield name, row


def test_no_column_of_content_is_always_null() -> None:
    filled: dict[str, set[str]] = {table.name: set() for table in INTEGRATION_TABLES}
    for name, row in golden_rows():
        filled[name] |= row.keys()
    assert filled == {
        table.name: {column.name for column in table.columns} for table in INTEGRATION_TABLES
    }


def test_the_reasons_of_unmapped_properties_are_those_described() -> None:
    unmapped = "revision_unmapped_properties"
    described = TABLES_BY_NAME[unmapped].column("reason").description
    reasons = {row["reason"] for name, row in golden_rows() if name == unmapped}
    assert set(re.findall(r"`(\w+)`", described)) == reasons


def test_the_words_of_a_constant_are_those_described() -> None:
    for name, column_name in (
        ("revision_subscribe_events", "event_type"),
        ("revision_schema_watch_events", "event_type"),
        ("revision_schema_watch_events", "scope"),
    ):
        table = TABLES_BY_NAME[name]
        words = {rows.constants[column_name] for rows in table.rows}
        described = re.findall(r"`(\w+)`", table.column(column_name).description)
        assert set(described) == words


def test_what_is_rebuilt_from_content_and_what_is_always_loaded() -> None:
    assert [table.name for table in REVISION_CHILDREN] == [
        "revision_objects",
        "revision_fields",
        "revision_subscribe_events",
        "revision_watch_fields",
        "revision_schema_watch_events",
        "revision_unmapped_properties",
    ]
    assert set(ALWAYS_SELECTED) == {
        "listing_integrations",
        "extraction_runs",
        "credential_listings",
        "project_listings",
    }


def test_each_kind_of_row_has_a_name_of_its_own() -> None:
    kinds = Counter(rows.kind for table in TABLES for rows in table.rows)
    assert [kind for kind, times in kinds.items() if times > 1] == []


def test_each_reference_points_to_a_declared_column() -> None:
    columns = {f"{table.name}.{column.name}" for table in TABLES for column in table.columns}
    references = {column.references for table in TABLES for column in table.columns}
    assert references - columns == {None}


@pytest.mark.parametrize(
    ("view", "column", "table"),
    [
        ("current_projects", "name", "projects"),
        ("current_projects", "org_id", "projects"),
        ("integrations", "name", "listing_integrations"),
        ("current_integrations", "create_time", "listing_integrations"),
        ("current_read_objects", "map_to_name", "revision_objects"),
        ("current_fields", "map_to_name", "revision_fields"),
        ("current_subscribe_events", "enabled", "revision_subscribe_events"),
        ("current_schema_watch_events", "event_type", "revision_schema_watch_events"),
        ("current_unmapped_properties", "listing_key", "revision_unmapped_properties"),
    ],
)
def test_a_view_describes_a_column_as_the_table_does(view: str, column: str, table: str) -> None:
    described = column_descriptions(VIEWS_BY_NAME[view])[column]
    assert described == TABLES_BY_NAME[table].column(column).description
