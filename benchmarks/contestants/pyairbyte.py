"""PyAirbyte with a declarative manifest; what is nested stays JSON."""

import os

# read when it is imported
os.environ |= {"AIRBYTE_OFFLINE_MODE": "1", "DO_NOT_TRACK": "1"}

import airbyte as ab
from airbyte.caches import DuckDBCache

from benchmarks import measure
from benchmarks.measure import API_KEY, Job


def manifest(url: str) -> dict[str, object]:
    """Two streams: projects, and the integrations of each."""

    def retriever(path: str) -> dict[str, object]:
        return {
            "type": "SimpleRetriever",
            "requester": {
                "type": "HttpRequester",
                "url_base": url,
                "path": path,
                "http_method": "GET",
                "authenticator": {
                    "type": "ApiKeyAuthenticator",
                    "api_token": "{{ config['api_key'] }}",
                    "inject_into": {
                        "type": "RequestOption",
                        "field_name": "X-Api-Key",
                        "inject_into": "header",
                    },
                },
            },
            "record_selector": {
                "type": "RecordSelector",
                "extractor": {"type": "DpathExtractor", "field_path": []},
            },
        }

    def stream(
        name: str, columns: dict[str, str], retriever: dict[str, object]
    ) -> dict[str, object]:
        properties = {column: {"type": ["null", type_]} for column, type_ in columns.items()}
        return {
            "type": "DeclarativeStream",
            "name": name,
            "primary_key": ["id"],
            "retriever": retriever,
            "schema_loader": {
                "type": "InlineSchemaLoader",
                "schema": {
                    "$schema": "http://json-schema.org/schema#",
                    "type": "object",
                    "properties": properties,
                },
            },
        }

    texts = dict.fromkeys(("id", "name", "createTime", "updateTime"), "string")
    projects = stream(
        "projects", texts | {"appName": "string", "orgId": "string"}, retriever("/projects")
    )
    partitioned = retriever("/projects/{{ stream_partition.project }}/integrations") | {
        "partition_router": {
            "type": "SubstreamPartitionRouter",
            "parent_stream_configs": [
                {
                    "type": "ParentStreamConfig",
                    "parent_key": "id",
                    "partition_field": "project",
                    "stream": projects,
                }
            ],
        }
    }
    columns = texts | {"projectId": "string", "provider": "string", "latestRevision": "object"}
    return {
        "version": "6.0.0",
        "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": ["projects"]},
        "streams": [projects, stream("integrations", columns, partitioned)],
        "spec": {
            "type": "Spec",
            "connection_specification": {
                "type": "object",
                "required": ["api_key"],
                "properties": {"api_key": {"type": "string", "airbyte_secret": True}},
            },
        },
    }


def main(job: Job) -> None:
    """Loads."""
    with measure.timed() as load:
        source = ab.get_source(
            "source-ampersand",
            config={"api_key": API_KEY},
            source_manifest=manifest(job.url),
            streams=["projects", "integrations"],
        )
        cache = DuckDBCache(db_path=job.database)
        source.read(cache=cache)
        cache.close()
    measure.report(job, load.seconds, measure.count_in_duckdb(job, integrations=["integrations"]))


if __name__ == "__main__":
    main(measure.read_job())
