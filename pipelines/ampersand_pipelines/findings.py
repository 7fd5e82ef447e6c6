"""What is wrong with the manifests of a dataset."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ampersand.manifest_files import Manifest
from ampersand.manifests import elements, read_all
from ampersand.rules import SEVERITIES, Severity

from .in_memory import InMemory
from .output import Answer
from .reading import Asked
from .wording import counted

_NO_PROJECT = "manifests"
_OF_DATASETS = frozenset({"project_name", "project_id", "integration_id", "object_key"})
"""What is told of findings in a dataset, and not of those in files."""

_UNKNOWN_KEY = re.compile(r" at \$\.latestRevision\.content(?P<place>\S.*)\.$")
"""How the rule about unknown keys ends its message."""


def read_findings(dataset: Asked) -> Answer:
    """All findings, the worst first."""
    return dataset.ask(
        """
        SELECT severity, rule_id, project_name, integration_name, provider, object_name,
            field_name, message, remedy, rule_source, project_id, integration_id, object_key
        FROM {manifest_findings}
        ORDER BY CASE severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END,
            rule_id, project_name, integration_name, object_key, field_name, message
        """,
        ["manifest_findings"],
    )


def check_manifests(paths: Sequence[Path]) -> Answer:
    """All findings in manifest files, each with file and line; nothing is loaded for good.

    Raises:
        ManifestError: A file is no manifest.
    """
    manifests = read_all(paths)
    dataset = InMemory(["manifest_findings"])
    dataset.declare(manifests, [_NO_PROJECT], as_deployed=True)
    findings = read_findings(dataset)
    by_id = dict(zip((each["id"] for each in elements(manifests)), manifests, strict=True))
    columns = [name for name in findings.columns if name not in _OF_DATASETS]
    rows = []
    for row in findings.records():
        manifest = by_id[row["integration_id"]]
        rows.append((manifest.path, _line(manifest, row), *(row[name] for name in columns)))
    return Answer(("file", "line", *columns), rows)


def _line(manifest: Manifest, finding: Mapping[str, Any]) -> int:
    """The line that a finding is about."""
    unknown = _UNKNOWN_KEY.search(finding["message"])
    if unknown:
        return manifest.line_of(unknown["place"])
    place = ""
    if finding["object_key"]:
        _, action, position = finding["object_key"].split(":")
        place = f".{action}.objects[{position}]"
    return manifest.line_of(place, finding["field_name"])


def at_least(findings: Answer, severity: Severity) -> Answer:
    """The findings of a severity, and the worse ones."""
    severities = SEVERITIES[: SEVERITIES.index(severity) + 1]
    column = findings.columns.index("severity")
    return Answer(findings.columns, [row for row in findings.rows if row[column] in severities])


def for_people(findings: Answer) -> str:
    """The findings by rule: what was found, what to do, and where; each place on a line of its own.

    Where a rule finds different things in different places, each stands beside its place.
    """
    by_rule: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in findings.records():
        by_rule.setdefault((row["severity"], row["rule_id"]), []).append(row)
    return "\n\n".join(
        "\n".join([f"{severity} {rule}", *_lines(rows)])
        for (severity, rule), rows in by_rule.items()
    )


def _lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The findings of a rule, with what to do."""
    messages = {row["message"] for row in rows}
    if len(messages) == 1:
        yield f"  finding  {messages.pop()}"
    yield f"  remedy   {rows[0]['remedy']}"
    for number, row in enumerate(rows):
        where = place(row)
        if "file" in row:
            where = f"{row['file']}:{row['line']} {where}"
        found = f": {row['message']}" if messages else ""
        yield f"  {'' if number else 'where':<7}  {where}{found}"


def place(finding: Mapping[str, Any]) -> str:
    """What a finding is about, from the project down to the field, as far as it tells."""
    names = ("project_name", "integration_name", "object_name", "field_name")
    return "/".join(finding[name] for name in names if finding.get(name))


def count(findings: Answer, shown: Severity) -> str:
    """How many findings there are, in one line.

    Args:
        findings: All findings.
        shown: The least severity of those that are shown.
    """
    column = findings.columns.index("severity")
    numbers = Counter(row[column] for row in findings.rows)
    texts = []
    for severity in SEVERITIES:
        number = numbers[severity]
        text = counted(number, "remark" if severity == "info" else severity)
        if number and SEVERITIES.index(severity) > SEVERITIES.index(shown):
            text += f" (not shown without --severity {severity})"
        texts.append(text)
    return ", ".join(texts)
