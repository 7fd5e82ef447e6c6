"""dlt's generic source, configured as its documentation shows for a parent and its children.

Variant: a loader_file_format; without one, dlt's own choice.
"""

from typing import Any

import dlt
import pyarrow.parquet  # noqa: F401 - dlt imports it with its first file
from dlt.sources.rest_api import rest_api_source
from dlt.sources.rest_api.typing import RESTAPIConfig

from benchmarks import measure
from benchmarks.measure import API_KEY, Job

_CONTENT = "integrations__latest_revision__content"
_READ = f"{_CONTENT}__read__objects"


def main(job: Job) -> None:
    """Loads."""
    options: dict[str, Any] = {"loader_file_format": job.variant} if job.variant else {}
    with measure.timed() as load:
        config: RESTAPIConfig = {
            "client": {
                "base_url": job.url,
                "auth": {
                    "type": "api_key",
                    "name": "X-Api-Key",
                    "api_key": API_KEY,
                    "location": "header",
                },
                "paginator": "single_page",
            },
            "resources": [
                {"name": "projects", "primary_key": "id"},
                {
                    "name": "integrations",
                    "primary_key": "id",
                    "endpoint": {"path": "projects/{resources.projects.id}/integrations"},
                },
            ],
        }
        pipeline = dlt.pipeline(
            "rest_api",
            pipelines_dir=f"{job.folder}/pipelines",
            destination=dlt.destinations.duckdb(job.database),
            dataset_name="rest_api_data",
        )
        pipeline.run(rest_api_source(config), **options)
    rows = measure.count_in_duckdb(
        job,
        integrations=["integrations"],
        objects=[_READ, f"{_CONTENT}__write__objects", f"{_CONTENT}__subscribe__objects"],
        fields=[f"{_READ}__required_fields", f"{_READ}__optional_fields"],
    )
    measure.report(job, load.seconds, rows, steps=measure.steps(pipeline.last_trace))


if __name__ == "__main__":
    main(measure.read_job())
