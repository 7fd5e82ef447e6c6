"""Databases that refuse rows."""

from collections.abc import Callable

from .warehouses import DATASET, Warehouse


def obstruct(warehouse: Warehouse, table: str) -> Callable[[], None]:
    """Lets every insert into a table fail; returns what takes the obstacle away."""
    if warehouse.kind == "duckdb":
        warehouse.execute(
            f"ALTER TABLE {table} ADD COLUMN obstacle INTEGER DEFAULT 0",
            f"ALTER TABLE {table} ALTER obstacle SET NOT NULL",
            f"ALTER TABLE {table} ALTER obstacle DROP DEFAULT",
        )
        remove = f"ALTER TABLE {table} DROP COLUMN obstacle"
    elif warehouse.kind == "sqlite":
        warehouse.execute(
            f"CREATE TRIGGER {DATASET}.obstacle BEFORE INSERT ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'obstacle'); END"
        )
        remove = f"DROP TRIGGER {DATASET}.obstacle"
    else:
        warehouse.execute(
            "CREATE FUNCTION obstacle() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN RAISE EXCEPTION 'obstacle'; END$$",
            f"CREATE TRIGGER obstacle BEFORE INSERT ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION obstacle()",
        )
        remove = f"DROP TRIGGER obstacle ON {table}"
    return lambda: warehouse.execute(remove)
