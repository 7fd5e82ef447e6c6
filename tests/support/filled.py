"""Documents that have every property of the specification, each with a text that occurs only there.

Where such a text is found later tells which properties were kept.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.support.generated import SPECIFICATION

ADDRESSES = frozenset({"url", "queueUrl", "serverUrl", "baseURL"})
"""Properties that hold URLs, in which more than one part may be a secret."""


@cache
def read_schemas() -> dict[str, Any]:
    """The schemas of the specification, by name."""
    document = json.loads(SPECIFICATION.read_text(encoding="utf-8"))
    schemas: dict[str, Any] = document["components"]["schemas"]
    return schemas


@dataclass
class Filling:
    """Makes documents, and knows what each text in them stands for.

    Attributes:
        schemas: The schemas of the specification.
        marks: Each text by the path of the property that has it. `{}` in a path is the name of a
            property that is data, `unknown` a property that no specification has.
    """

    schemas: Mapping[str, Any]
    marks: dict[str, str] = field(default_factory=dict)

    def document(self, name: str) -> Any:
        """A document of the schema of that name."""
        return self._fill({"$ref": f"#/components/schemas/{name}"}, name)

    def paths_in(self, content: bytes) -> set[str]:
        """The paths whose texts occur in some content."""
        return {path for path, mark in self.marks.items() if mark.encode() in content}

    def _mark(self, path: str) -> str:
        # letters alone, all of one case: whatever reads an address keeps them as they are
        number = len(self.marks)
        letters = "".join(chr(ord("a") + int(digit)) for digit in f"{number:05d}")
        return self.marks.setdefault(path, f"zq{letters}qz")

    def _fill(self, schema: Mapping[str, Any], path: str) -> Any:
        schema = self._resolved(schema)
        if "properties" in schema or "additionalProperties" in schema:
            return dict(self._members(schema, path))
        kind = schema.get("type")
        if kind == "array":
            return [self._fill(schema["items"], f"{path}[]")]
        if kind in ("integer", "number"):
            return 7
        if kind == "boolean":
            return True
        if schema.get("format") == "date-time":
            return "2026-01-02T03:04:05Z"
        if path.rpartition(".")[2] in ADDRESSES:
            parts = [self._mark(f"{path} {part}") for part in ("user", "password", "host")]
            path_and_more = [self._mark(f"{path} {part}") for part in ("path", "query", "fragment")]
            return "https://{}:{}@{}.example/{}?token={}#{}".format(*parts, *path_and_more)
        return self._mark(path)

    def _members(self, schema: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
        for name, below in schema.get("properties", {}).items():
            yield name, self._fill(below, f"{path}.{name}")
        values = schema.get("additionalProperties")
        if isinstance(values, dict):
            yield self._mark(f"{path}.{{}}"), self._fill(values, f"{path}.{{}} value")
        elif "properties" in schema:
            yield "unknown", {"token": self._mark(f"{path}.unknown")}

    def _resolved(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """A schema without references, and with all that its parts say."""
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"].rpartition("/")[2]]
        merged: dict[str, Any] = {}
        for part in (*schema.get("allOf", ()), *schema.get("oneOf", ()), schema):
            resolved = part if part is schema else self._resolved(part)
            for key, value in resolved.items():
                if key == "properties":
                    known = merged.setdefault("properties", {})
                    for name, below in value.items():
                        known[name] = _both(known.get(name), below)
                elif key not in ("allOf", "oneOf"):
                    merged[key] = value
        return merged


def _both(one: Any, other: Any) -> Any:
    """What two parts of a schema say of the same property."""
    if one is None or one == other:
        return other
    return {"allOf": [one, other]}
