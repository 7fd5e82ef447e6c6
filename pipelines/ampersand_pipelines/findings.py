"""What is wrong with the manifests of a dataset."""

from collections import Counter

from ampersand.rules import SEVERITIES, Severity

from .output import Answer
from .reading import Dataset
from .wording import counted


def read_findings(dataset: Dataset) -> Answer:
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


def at_least(findings: Answer, severity: Severity) -> Answer:
    """The findings of a severity, and the worse ones."""
    severities = SEVERITIES[: SEVERITIES.index(severity) + 1]
    column = findings.columns.index("severity")
    return Answer(findings.columns, [row for row in findings.rows if row[column] in severities])


def for_people(findings: Answer) -> Answer:
    """The findings as a table that fits a terminal."""
    rows = []
    for row in findings.records():
        names = ("project_name", "integration_name", "object_name", "field_name")
        where = "/".join(row[name] for name in names if row[name])
        rows.append((row["severity"], row["rule_id"], where, row["message"], row["remedy"]))
    return Answer(("severity", "rule", "where", "finding", "remedy"), rows)


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
