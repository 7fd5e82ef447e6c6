"""What is left of this source's load without dlt and without making rows: requests, files, DuckDB.

The answers are fetched as the raw scripts do; the rows that this source has made of them, which is
not counted, are written to files and inserted, as fast as we know.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ampersand import ampersand_source
from ampersand.duckdb_limits import MERGES_AT_ONCE
from benchmarks import measure
from benchmarks.contestants.raw import fetch
from benchmarks.contestants.this_source import new_pipeline
from benchmarks.measure import API_KEY, Job


def rows_of(job: Job) -> dict[str, list[pa.Table]]:
    """The rows that this source makes, as many together as it writes, by table."""
    pipeline = new_pipeline(job)
    pipeline.extract(ampersand_source(api_key=API_KEY, base_url=job.url, collections=[]))
    pipeline.normalize()
    (package,) = pipeline.list_normalized_load_packages()
    found: dict[str, list[pa.Table]] = {}
    for load in pipeline.get_load_package_info(package).jobs["new_jobs"]:
        if load.job_file_info.file_format == "parquet":
            file = pq.ParquetFile(load.file_path)
            groups = [file.read_row_group(number) for number in range(file.num_row_groups)]
            found[load.job_file_info.table_name] = groups
    return found


def write(groups: list[pa.Table], path: Path) -> None:
    """Writes a table's rows to a file."""
    with pq.ParquetWriter(path, groups[0].schema) as writer:
        for group in groups:
            writer.write_table(group)


def insert(paths: list[Path], database: str) -> None:
    """Makes a table of each file."""

    def load(path: Path) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE {path.stem} AS FROM read_parquet('{path}')")

    with (
        duckdb.connect(database, config={"threads": 1, "memory_limit": "160MiB"}) as connection,
        ThreadPoolExecutor(MERGES_AT_ONCE) as pool,
    ):
        list(pool.map(load, paths))


def main(job: Job) -> None:
    """Loads."""
    rows = {name: groups for name, groups in rows_of(job).items() if groups}
    with measure.timed() as fetching:
        fetch(job.url)
    paths = [Path(job.folder) / f"{name}.parquet" for name in rows]
    with measure.timed() as writing:
        for path in paths:
            write(rows[path.stem], path)
    with measure.timed() as inserting:
        insert(paths, job.database)
    extract = fetching.seconds + writing.seconds
    measure.report(
        job,
        extract + inserting.seconds,
        measure.count_in_duckdb(job),
        steps={"extract": round(extract, 4), "load": round(inserting.seconds, 4)},
    )


if __name__ == "__main__":
    main(measure.read_job())
