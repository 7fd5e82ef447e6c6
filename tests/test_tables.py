"""The declaration itself: what the normaliser and the documentation take for granted."""

from collections import Counter

from ampersand.tables import TABLES


def test_each_kind_of_row_has_a_name_of_its_own() -> None:
    kinds = Counter(rows.kind for table in TABLES for rows in table.rows)
    assert [kind for kind, times in kinds.items() if times > 1] == []


def test_each_reference_points_to_a_declared_column() -> None:
    columns = {f"{table.name}.{column.name}" for table in TABLES for column in table.columns}
    references = {column.references for table in TABLES for column in table.columns}
    assert references - columns == {None}
