"""The vendor's specification, and what it says of a document."""

import json
from typing import Any

import jsonschema
import pytest

from tests.support.generated import SPECIFICATION

Schemas = dict[str, Any]


def read_schemas() -> Schemas:
    """The schemas, with oneOf read as anyOf: many real fields fit both of its forms."""
    if not SPECIFICATION.is_file():
        pytest.skip(f"needs the vendor's specification at {SPECIFICATION}")
    text = SPECIFICATION.read_text(encoding="utf-8").replace('"oneOf"', '"anyOf"')
    loaded: Schemas = json.loads(text, object_hook=_with_null)["components"]["schemas"]
    return loaded


def _with_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema that says `nullable`, as OpenAPI 3.0 does, in the words of JSON Schema."""
    if schema.get("nullable") is True and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
    return schema


def errors_of(schemas: Schemas, name: str, document: Any) -> list[str]:
    # OpenAPI 3.0 has draft 4's boolean exclusiveMaximum.
    validator = jsonschema.Draft4Validator(
        {"components": {"schemas": schemas}, "allOf": [{"$ref": f"#/components/schemas/{name}"}]}
    )
    return [f"{list(e.absolute_path)}: {e.message}" for e in validator.iter_errors(document)]


def specified(schemas: Schemas, name: str) -> tuple[set[str], set[tuple[str, str]]]:
    """Every path of a schema, a map's keys written as *, and every value of its enums."""
    paths: set[str] = set()
    values: set[tuple[str, str]] = set()

    def walk(schema: dict[str, Any], path: str) -> None:
        while "$ref" in schema:
            schema = schemas[schema["$ref"].rpartition("/")[2]]
        values.update((path, value) for value in schema.get("enum", ()))
        for part in [*schema.get("anyOf", ()), *schema.get("allOf", ())]:
            walk(part, path)
        for key, child in schema.get("properties", {}).items():
            paths.add(f"{path}.{key}")
            walk(child, f"{path}.{key}")
        if "items" in schema:
            walk(schema["items"], f"{path}[]")
        if isinstance(schema.get("additionalProperties"), dict):
            paths.add(f"{path}.*")
            walk(schema["additionalProperties"], f"{path}.*")

    walk({"$ref": name}, "")
    return paths, values
