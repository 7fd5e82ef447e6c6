"""The limit: scripts without a promise, as fast as we know. They lose what they do not know, have
no history, and stop at odd input.

Variant: `inferred` and `explicit` (DuckDB's read_json), or `pyarrow` (pyarrow.json and kernels).
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json
import urllib3

from benchmarks import measure
from benchmarks.measure import API_KEY, Job

EVENTS = ("create", "update", "delete")

FIELD = {"fieldName": "VARCHAR", "mapToName": "VARCHAR", "mapToDisplayName": "VARCHAR"}
READ = {
    "objectName": "VARCHAR",
    "destination": "VARCHAR",
    "schedule": "VARCHAR",
    "mapToName": "VARCHAR",
    "optionalFieldsAuto": "VARCHAR",
    "enabled": "VARCHAR",
    "backfill": {"defaultPeriod": {"days": "BIGINT", "fullHistory": "BOOLEAN"}},
    "requiredFields": [FIELD],
    "optionalFields": [FIELD],
}
SUBSCRIBE = {
    "objectName": "VARCHAR",
    "destination": "VARCHAR",
    **{f"{event}Event": {"enabled": "VARCHAR"} for event in EVENTS},
}
INTEGRATION = {
    **dict.fromkeys(("id", "projectId", "name", "provider"), "VARCHAR"),
    "createTime": "TIMESTAMP",
    "updateTime": "TIMESTAMP",
    "latestRevision": {
        "id": "VARCHAR",
        "specVersion": "VARCHAR",
        "createTime": "TIMESTAMP",
        "content": {
            **dict.fromkeys(("name", "displayName", "provider", "module"), "VARCHAR"),
            "read": {"objects": [READ]},
            "write": {"objects": [{"objectName": "VARCHAR", "inheritMapping": "BOOLEAN"}]},
            "subscribe": {"objects": [SUBSCRIBE]},
            "proxy": {"enabled": "BOOLEAN"},
        },
    },
}
PROJECT = dict.fromkeys(("id", "name", "appName", "orgId", "createTime"), "VARCHAR")

SQL = f"""
CREATE TABLE integrations AS
SELECT id, projectId, name, provider, createTime, updateTime, latestRevision.id AS revision_id
FROM received;
CREATE TABLE revisions AS
SELECT r.id, r.specVersion, r.createTime, r.content.name, r.content.displayName,
    r.content.provider, r.content.module, r.content.proxy.enabled AS proxy_enabled
FROM (SELECT latestRevision AS r FROM received);
CREATE TEMP TABLE read_objects AS
SELECT latestRevision.id AS revision_id, unnest(latestRevision.content.read.objects) AS o
FROM received;
CREATE TEMP TABLE subscribe_objects AS
SELECT latestRevision.id AS revision_id, unnest(latestRevision.content.subscribe.objects) AS o
FROM received;
CREATE TABLE objects AS
SELECT revision_id, 'read' AS action, o.objectName, o.mapToName, o.destination, o.schedule,
    o.optionalFieldsAuto, o.enabled, o.backfill.defaultPeriod.days AS days,
    o.backfill.defaultPeriod.fullHistory AS fullHistory, NULL::BOOLEAN AS inheritMapping
FROM read_objects
UNION ALL BY NAME
SELECT revision_id, 'write' AS action, o.objectName, o.inheritMapping
FROM (
    SELECT latestRevision.id AS revision_id, unnest(latestRevision.content.write.objects) AS o
    FROM received
)
UNION ALL BY NAME
SELECT revision_id, 'subscribe' AS action, o.objectName, o.destination FROM subscribe_objects;
CREATE TABLE fields AS
SELECT revision_id, objectName, is_required, f.fieldName, f.mapToName, f.mapToDisplayName
FROM (
    SELECT revision_id, o.objectName, true AS is_required, unnest(o.requiredFields) AS f
    FROM read_objects
    UNION ALL BY NAME
    SELECT revision_id, o.objectName, false AS is_required, unnest(o.optionalFields) AS f
    FROM read_objects
);
CREATE TABLE subscribe_events AS
{
    " UNION ALL ".join(
        f"SELECT revision_id, o.objectName, '{event}' AS event, o.{event}Event.enabled "
        f"FROM subscribe_objects WHERE o.{event}Event IS NOT NULL"
        for event in EVENTS
    )
};
"""


def fetch(url: str) -> tuple[bytes, list[bytes]]:
    """The list of projects, and the listing of each."""
    pool = urllib3.PoolManager(headers={"X-Api-Key": API_KEY})

    def get(path: str) -> bytes:
        answer = pool.request("GET", f"{url}/{path}")
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}")
        return answer.data

    projects = get("projects")
    return projects, [get(f"projects/{p['id']}/integrations") for p in orjson.loads(projects)]


def with_duckdb(job: Job, structure: Mapping[str, Any] | None) -> None:
    """Loads with read_json, from files."""
    projects, pages = fetch(job.url)
    folder = Path(job.folder) / "pages"
    folder.mkdir()
    (Path(job.folder) / "projects.json").write_bytes(projects)
    for number, page in enumerate(pages):
        (folder / f"{number}.json").write_bytes(page)
    how = f"columns = {_structure(structure)}" if structure else "sample_size = -1"
    with duckdb.connect(job.database) as connection:
        connection.execute(
            f"CREATE TABLE projects AS FROM read_json('{job.folder}/projects.json');"
            "CREATE TEMP TABLE received AS "
            f"FROM read_json('{folder}/*.json', format = 'array', {how});" + SQL
        )


def _structure(columns: Mapping[str, Any]) -> str:
    typed = (f"{name}: '{_sql_type(type_)}'" for name, type_ in columns.items())
    return f"{{{', '.join(typed)}}}"


def _sql_type(type_: Any) -> str:
    if isinstance(type_, list):
        return f"{_sql_type(type_[0])}[]"
    if isinstance(type_, str):
        return type_
    typed = (f'"{name}" {_sql_type(of)}' for name, of in type_.items())
    return f"STRUCT({', '.join(typed)})"


def with_pyarrow(job: Job) -> None:
    """Loads with pyarrow.json, from memory."""
    projects, pages = fetch(job.url)
    tables = {"projects": pa.Table.from_pylist(orjson.loads(projects)), **_unnest(_parse(pages))}
    with duckdb.connect(job.database) as connection:
        for name, table in tables.items():
            connection.register("arrow", table)
            connection.execute(f"CREATE TABLE {name} AS FROM arrow")
            connection.unregister("arrow")


def _parse(pages: list[bytes]) -> Any:
    """All integrations; each page is made one record, so that nothing has to be cut up."""
    lines = b"".join(b'{"v":%b}\n' % page for page in pages)
    schema = pa.schema([("v", pa.list_(_arrow_type(INTEGRATION)))])
    table = pyarrow.json.read_json(
        pa.BufferReader(lines),
        pyarrow.json.ReadOptions(block_size=8 * 1024 * 1024),
        pyarrow.json.ParseOptions(
            explicit_schema=schema, unexpected_field_behavior="ignore", newlines_in_values=True
        ),
    )
    return pc.list_flatten(table.column("v").combine_chunks())


def _arrow_type(type_: Any) -> pa.DataType:
    if isinstance(type_, list):
        return pa.list_(_arrow_type(type_[0]))
    if isinstance(type_, str):
        arrow = {"VARCHAR": pa.string(), "BIGINT": pa.int64(), "BOOLEAN": pa.bool_()}
        return arrow.get(type_, pa.timestamp("s"))
    return pa.struct([(name, _arrow_type(of)) for name, of in type_.items()])


def _unnest(integrations: Any) -> dict[str, pa.Table]:
    def get(rows: Any, *path: str) -> Any:
        return pc.struct_field(rows, list(path))

    def columns(rows: Any, *paths: str) -> dict[str, Any]:
        return {path.rpartition(".")[2]: get(rows, *path.split(".")) for path in paths}

    def entries(rows: Any, *path: str) -> tuple[Any, Any]:
        """What a list in each row holds, and the number of the row of each."""
        lists = get(rows, *path)
        return pc.list_flatten(lists), pc.list_parent_indices(lists)

    revisions = get(integrations, "latestRevision")
    content = get(revisions, "content")
    revision_ids = get(revisions, "id")
    envelope = ("id", "projectId", "name", "provider", "createTime", "updateTime")
    told = ("name", "displayName", "provider", "module", "proxy.enabled")
    of_action = {
        "read": (
            *("objectName", "mapToName", "destination", "schedule", "optionalFieldsAuto"),
            *("enabled", "backfill.defaultPeriod.days", "backfill.defaultPeriod.fullHistory"),
        ),
        "write": ("objectName", "inheritMapping"),
        "subscribe": ("objectName", "destination"),
    }
    objects, fields, events = [], [], []
    for action, paths in of_action.items():
        rows, parents = entries(content, action, "objects")
        keys = {"revision_id": revision_ids.take(parents)}
        objects.append(
            pa.table({**keys, "action": pa.repeat(action, len(rows)), **columns(rows, *paths)})
        )
        names = get(rows, "objectName")
        for kind in ("requiredFields", "optionalFields") if action == "read" else ():
            found, parents = entries(rows, kind)
            fields.append(
                pa.table(
                    {
                        "revision_id": keys["revision_id"].take(parents),
                        "objectName": names.take(parents),
                        "is_required": pa.repeat(kind == "requiredFields", len(found)),
                        **columns(found, *FIELD),
                    }
                )
            )
        for event in EVENTS if action == "subscribe" else ():
            block = get(rows, f"{event}Event")
            table = pa.table(
                {
                    **keys,
                    "objectName": names,
                    "event": pa.repeat(event, len(rows)),
                    "enabled": get(block, "enabled"),
                }
            )
            events.append(table.filter(block.is_valid()))
    return {
        "integrations": pa.table({**columns(integrations, *envelope), "revision_id": revision_ids}),
        "revisions": pa.table(
            {**columns(revisions, "id", "specVersion", "createTime"), **columns(content, *told)}
        ),
        "objects": pa.concat_tables(objects, promote_options="default"),
        "fields": pa.concat_tables(fields),
        "subscribe_events": pa.concat_tables(events),
    }


WAYS: Mapping[str, Callable[[Job], None]] = {
    "inferred": lambda job: with_duckdb(job, None),
    "explicit": lambda job: with_duckdb(job, INTEGRATION),
    "pyarrow": with_pyarrow,
}


def main(job: Job) -> None:
    """Loads."""
    with measure.timed() as load:
        WAYS[job.variant](job)
    rows = measure.count_in_duckdb(
        job, integrations=["integrations"], objects=["objects"], fields=["fields"]
    )
    measure.report(job, load.seconds, rows)


if __name__ == "__main__":
    main(measure.read_job())
