"""What dlt itself takes: as many tables as this source has, with one small Arrow row each."""

from collections.abc import Iterator

import dlt
import pyarrow as pa
import pyarrow.parquet  # which dlt imports with its first file
from dlt.extract import DltResource

from ampersand.tables import CORE_TABLES
from benchmarks import measure
from benchmarks.measure import Job


@dlt.source(name="floor")
def floor() -> Iterator[DltResource]:
    """One resource per table."""
    for table in CORE_TABLES:
        yield dlt.resource([pa.table({"number": pa.array([1])})], name=table.name)


def main(job: Job) -> None:
    """Loads."""
    with measure.timed() as load:
        pipeline = dlt.pipeline(
            "floor",
            pipelines_dir=f"{job.folder}/pipelines",
            destination=dlt.destinations.duckdb(job.database),
            dataset_name="floor_data",
        )
        pipeline.run(floor())
    rows = measure.count_in_duckdb(job)
    measure.report(job, load.seconds, rows, steps=measure.steps(pipeline.last_trace))


if __name__ == "__main__":
    main(measure.read_job())
