"""What MySQL and MariaDB need: columns that hold a text of any length."""

from typing import Any

from dlt.common.destination.typing import PreparedTableSchema
from dlt.common.libs.sql_alchemy import sa
from dlt.common.schema.typing import TColumnSchema
from dlt.destinations.impl.sqlalchemy.type_mapper import MysqlVariantTypeMapper

_CHARACTERS = 1 << 30
"""For so many the server takes its longest type, LONGTEXT."""


class LongTexts(MysqlVariantTypeMapper):
    """dlt's types, but for longer texts: its own hold 64 kB, which some manifests exceed."""

    def db_type_from_text_type(self, column: TColumnSchema, table: PreparedTableSchema) -> Any:
        """Type of a column for text; see the class."""
        if column.get("precision") or column.get("unique"):
            return super().db_type_from_text_type(column, table)
        return sa.Text(length=_CHARACTERS)
