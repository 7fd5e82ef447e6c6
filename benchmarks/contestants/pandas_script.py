"""What people write first: requests, pandas.json_normalize and DuckDB, six tables."""

from typing import Any

import duckdb
import pandas as pd
import requests

from benchmarks import measure
from benchmarks.measure import API_KEY, Job

REVISION = ["latestRevision", "id"]
CONTENT = ["latestRevision", "content"]


def extract(url: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """All projects and all integrations."""
    with requests.Session() as session:
        session.headers["X-Api-Key"] = API_KEY

        def get(path: str) -> list[dict[str, Any]]:
            answer = session.get(f"{url}/{path}", timeout=60)
            answer.raise_for_status()
            items: list[dict[str, Any]] = answer.json()
            return items

        projects = get("projects")
        integrations = [i for p in projects for i in get(f"projects/{p['id']}/integrations")]
    return projects, integrations


def fill(integrations: list[dict[str, Any]]) -> None:
    """Puts an empty list wherever json_normalize would not bear that there is none."""
    for integration in integrations:
        content = integration["latestRevision"]["content"]
        for action in ("read", "write", "subscribe"):
            content.setdefault(action, {}).setdefault("objects", [])
        for object_ in content["read"]["objects"]:
            object_.setdefault("requiredFields", [])
            object_.setdefault("optionalFields", [])


def tables(
    projects: list[dict[str, Any]], integrations: list[dict[str, Any]]
) -> dict[str, pd.DataFrame]:
    """The six tables."""
    fill(integrations)
    made = {
        "projects": pd.json_normalize(projects, sep="_"),
        "integrations": pd.json_normalize(integrations, sep="_"),
    }
    for action in ("read", "write", "subscribe"):
        made[f"{action}_objects"] = pd.json_normalize(
            integrations, [*CONTENT, action, "objects"], [REVISION], sep="_"
        )
    object_name = [*CONTENT, "read", "objects", "objectName"]
    made["fields"] = pd.concat(
        pd.json_normalize(
            integrations,
            [*CONTENT, "read", "objects", kind],
            [REVISION, object_name],
            sep="_",
        ).assign(kind=kind)
        for kind in ("requiredFields", "optionalFields")
    )
    for name, table in made.items():
        lists = [c for c in table.columns if str(c).endswith(("objects", "Fields"))]
        made[name] = table.drop(columns=lists)
    return made


def main(job: Job) -> None:
    """Loads."""
    with measure.timed() as load, duckdb.connect(job.database) as connection:
        for name, table in tables(*extract(job.url)).items():
            connection.register("frame", table)
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM frame")
    rows = measure.count_in_duckdb(
        job,
        integrations=["integrations"],
        objects=["read_objects", "write_objects", "subscribe_objects"],
        fields=["fields"],
    )
    measure.report(job, load.seconds, rows)


if __name__ == "__main__":
    main(measure.read_job())
