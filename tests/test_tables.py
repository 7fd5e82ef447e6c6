"""The declarations themselves: what the normaliser and the documentation take for granted."""

from collections import Counter

import pytest

from ampersand.tables import TABLES, TABLES_BY_NAME
from ampersand.views import VIEWS, column_descriptions

VIEWS_BY_NAME = {view.name: view for view in VIEWS}


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
