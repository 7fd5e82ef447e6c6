"""This source: two lines of dlt, and the views."""

from typing import Any

import dlt
import pyarrow.parquet  # noqa: F401 - dlt imports it with its first file

from ampersand import ampersand_source, create_views
from ampersand.tables import TABLES_OF_COLLECTIONS
from benchmarks import measure
from benchmarks.contestants import EVERYTHING
from benchmarks.measure import API_KEY, Job

DATASET = "ampersand_data"


def new_pipeline(job: Job) -> dlt.Pipeline:
    """A pipeline whose files all lie in the job's folder."""
    destination: Any = dlt.destinations.duckdb(job.database)
    if job.postgres:
        destination = dlt.destinations.postgres(job.postgres)
    return dlt.pipeline(
        "ampersand",
        pipelines_dir=f"{job.folder}/pipelines",
        destination=destination,
        dataset_name=DATASET,
    )


def count(job: Job, pipeline: dlt.Pipeline) -> dict[str, int]:
    """Counts what is loaded, history included."""
    tables = {
        "integrations": ["revisions"],
        "objects": ["revision_objects"],
        "fields": ["revision_fields"],
    }
    if job.variant == EVERYTHING.variant:
        tables |= {name: [name] for name in ("installations", "operations")}
    if not job.postgres:
        return measure.count_in_duckdb(job, **tables)
    with pipeline.sql_client() as client:
        counted = {}
        for table in pipeline.default_schema.data_table_names(seen_data_only=True):
            name = client.make_qualified_table_name(table)
            (row,) = client.execute_sql(f"SELECT count(*) FROM {name}") or ()
            counted[table] = int(row[0])
    rows = {kind: sum(counted.get(name, 0) for name in names) for kind, names in tables.items()}
    return {**rows, "all": sum(counted.values())}


def main(job: Job) -> None:
    """Loads."""
    # no other way loads more than integrations
    collections = list(TABLES_OF_COLLECTIONS) if job.variant == EVERYTHING.variant else []
    with measure.timed() as load:
        pipeline = new_pipeline(job)
        pipeline.run(
            ampersand_source(
                api_key=API_KEY,
                base_url=job.url,
                concurrency=job.concurrency,
                collections=collections,
            )
        )
    steps = measure.steps(pipeline.last_trace)
    with measure.timed() as views:
        create_views(pipeline)
    measure.report(
        job,
        load.seconds,
        count(job, pipeline),
        steps={**steps, "views": round(views.seconds, 4)},
    )


if __name__ == "__main__":
    main(measure.read_job())
