"""Integrations and projects made from the API's specification, and JSON that is wild.

All choices are made by a `random.Random`: hypothesis gives one whose choices it can shrink, a seed
gives thousands of documents in no time.
"""

import json
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from tests.support.json_texts import WIDE_NUMBERS, nested

SPECIFICATION = Path(__file__).resolve().parents[3] / "shared" / "openapi" / "api.bundled.json"

Schema = dict[str, Any]

PLAIN_TEXTS = (
    "contact",
    "Contact",
    "kontakt-größe",
    "project/tickets",
    "$['a']['b']",
    "日本語",
    "\U0001f600",
    "2024-W05",
    "2026-01-01",
    "1e5",
    "007",
    "true",
    "null",
    "NaN",
    '{"a": 1}',
    "[]",
    "*/10 * * * *",
    'a\nb\t"c" \\ \'',
    " ",
    "",
    "0001-01-01T00:00:00Z",
    "<script>&\u2028",
    "x" * 300,
)
ODD_TEXTS = (*PLAIN_TEXTS, "\0", "a\0b", "\ud800", "\udfff-x", "\x7f\x1f", "never", "always")
TIMES = (
    "2026-01-02T03:04:05Z",
    "2023-07-13T21:34:44.816354Z",
    "2024-02-29T23:59:59.9Z",
    "1999-12-31T23:59:59+00:00",
    "2026-01-02T03:04:05.000001-07:30",
    "2026-01-02T03:04:05.120000000Z",
)
ODD_TIMES = (
    *TIMES,
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00.5Z",
    "0001-01-01T00:00:00+01:00",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:59-01:00",
    "2026-01-02T03:04:05.123456789Z",
    "2026-01-02T03:04:05.1234567Z",
    "2026-01-02t03:04:05z",
    "2026-01-02 03:04:05Z",
    "2026-01-02T03:04:05",
    "2026-01-02",
    "2026-02-30T00:00:00Z",
    "2026-01-02T24:00:00Z",
    "2026-01-02T23:59:60Z",
    "2026-01-02T03:04:05+24:00",
    "2026-01-02T03:04:05+05:60",
    "2026-01-02T03:04Z",
    "2026-1-2T03:04:05Z",
    "٢٠٢٦-01-02T03:04:05Z",
    "+2026-01-02T03:04:05Z",
    "2026-01-02T03:04:05.Z",
    "2026-01-02T03:04:05,5Z",
    "1735689600",
    "\ud800",
    "2026-01-02T03:04:05Z\0",
    "2026-01-02T03:04:05Z\n",
    "",
)
NAMES = (
    *("id", "name", "objects", "content", "latestRevision", "projectId", "integrationId"),
    *("objectName", "fieldName", "FieldName", "mapToName", "enabled", "default", "results"),
    *("_dlt_id", "_dlt_load_id", "revision_key", "listing_key", "delete", "search", "Read"),
    *("", " ", "a.b", "a'b", 'a"b', "a\\b", "[0]", "$", "*", "é", "日本", "\0", "\ud800", "\n"),
    *("CreateEvent", "inheritMappingFromRead", "fieldTypeChanged", "n" * 200, "_", "0", "a-b"),
)


@cache
def specification() -> Schema:
    schemas: Schema = json.loads(SPECIFICATION.read_text())["components"]["schemas"]
    return schemas


def resolved(schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = specification()[schema["$ref"].rpartition("/")[2]]
    return schema


def variants(schema: Schema) -> list[Schema]:
    schema = resolved(schema)
    return [resolved(one) for one in schema["oneOf"]] if "oneOf" in schema else [schema]


def properties(
    schema: Schema, path: tuple[str | int, ...] = ()
) -> dict[tuple[str | int, ...], Schema]:
    """Every property below a schema by its path, `0` for any index."""
    found: dict[tuple[str | int, ...], Schema] = {}
    for variant in variants(schema):
        for name, below in variant.get("properties", {}).items():
            found[*path, name] = resolved(below)
            found |= properties(below, (*path, name))
        if "items" in variant:
            found |= properties(variant["items"], (*path, 0))
    return found


def a_document(random: Random, schema: Schema, oddness: float = 0.0) -> str:
    """A value of a schema, with properties missing at random.

    Args:
        random: Makes the choices.
        schema: What the value should be.
        oddness: Chance that a node is replaced by wild JSON, a property added or repeated.
    """
    if oddness and random.random() < oddness:
        return wild(random)
    schema = random.choice(variants(schema))
    kind = schema["type"]
    if kind == "object":
        members = []
        for name, below in schema.get("properties", {}).items():
            if random.random() < (0.95 if name in schema.get("required", ()) else 0.6):
                members.append((name, a_document(random, below, oddness)))
        if oddness and random.random() < 3 * oddness:
            name = random.choice([*(name for name, _ in members), random.choice(NAMES)])
            members.append((name, wild(random)))
        if random.random() < 0.1:
            random.shuffle(members)
        return an_object(members)
    if kind == "array":
        size = random.choice((0, 1, 1, 2, 3))
        return f"[{','.join(a_document(random, schema['items'], oddness) for _ in range(size))}]"
    if kind == "integer":
        return str(random.choice((0, 1, 30, 100, 2**31, 2**53 + 1, 2**63 - 1)))
    if kind == "boolean":
        return random.choice(("true", "false"))
    if "enum" in schema:
        return json.dumps(random.choice(schema["enum"]))
    if schema.get("format") == "date-time":
        return spelled(random, random.choice(ODD_TIMES if oddness else TIMES))
    return spelled(random, random.choice(ODD_TEXTS if oddness else PLAIN_TEXTS))


def an_integration(random: Random, identifier: str, project_id: str, oddness: float = 0.0) -> str:
    """An integration of the specification, with an id of its own and that of its project."""
    if oddness and random.random() < oddness:
        return wild(random)
    return _record(random, "Integration", {"id": identifier, "projectId": project_id}, oddness)


def a_project(random: Random, project_id: str, oddness: float = 0.0) -> str:
    """A project's record; its id is always readable."""
    text = _record(random, "Project", {}, oddness)
    own = f'"id":{json.dumps(project_id)}'
    return f"{{{own}}}" if text == "{}" else f"{text[:-1]},{own}}}"


def _record(random: Random, name: str, ids: dict[str, str], oddness: float) -> str:
    schema = resolved({"$ref": f"#/components/schemas/{name}"})
    own: Schema = {
        key: {"type": "string", "enum": [ids[key]]} if key in ids else below
        for key, below in schema["properties"].items()
        # the model leaves entitlements to the unmapped properties
        if (key != "id" or key in ids) and (key != "entitlements" or oddness)
    }
    text = ""
    while not text.startswith("{"):
        text = a_document(random, {**schema, "properties": own}, oddness)
    return text


def an_object(members: list[tuple[str, str]]) -> str:
    """An object of members given as text."""
    return "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in members) + "}"


def wild(random: Random, levels: int = 3) -> str:
    """Any JSON at all."""
    kind = random.randrange(12 if levels else 8)
    if kind < 2:
        return random.choice(("null", "true", "false", "{}", "[]"))
    if kind < 4:
        return random.choice(("0", "-1", "1.5", "30.0", *WIDE_NUMBERS))
    if kind < 7:
        return spelled(random, random.choice(ODD_TEXTS + ODD_TIMES))
    if kind == 7:
        shape = random.choice(("[]", "{}"))
        return nested(random.choice((1, 2, 240, 256, 300)), shape, random.choice(("", "1")))
    below = [wild(random, levels - 1) for _ in range(random.randrange(4))]
    if kind < 10:
        return f"[{','.join(below)}]"
    return an_object([(random.choice(NAMES), value) for value in below])


def spelled(random: Random, text: str) -> str:
    """A JSON string, sometimes in ASCII."""
    if random.random() < 0.5:
        return json.dumps(text)
    try:
        spelled = json.dumps(text, ensure_ascii=False)
        spelled.encode()
    except UnicodeEncodeError:
        return json.dumps(text)
    return spelled
