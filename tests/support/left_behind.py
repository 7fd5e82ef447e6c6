"""What a run leaves behind: every file, also unpacked, and every value of every database."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

import duckdb


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder, as it is and unpacked, and every value of every database."""
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            continue
        content = path.read_bytes()
        yield f"{path.relative_to(folder)} {path.name}", content + str(path).encode()
        for unpack in (gzip.decompress, zlib.decompress):
            try:
                yield f"{path.relative_to(folder)}, unpacked", unpack(content)
            except (OSError, zlib.error, EOFError):
                continue
        if path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as connection:
                for schema, table in connection.execute(
                    "SELECT schema_name, table_name FROM duckdb_tables() "
                    "UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal"
                ).fetchall():
                    rows = connection.execute(f'SELECT * FROM "{schema}"."{table}"').fetchall()
                    yield f"{path.name} {schema}.{table}", repr(rows).encode()
