"""Findings in the forms that continuous integration reads."""

from collections.abc import Iterator, Mapping
from typing import Any

import junitparser

from .findings import place
from .output import Answer

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def as_github(findings: Answer) -> str:
    """Findings as GitHub's workflow commands, a line each, which it shows beside the code.

    Source: docs.github.com, "Workflow commands for GitHub Actions"; what is escaped and how is
    said by actions/toolkit, `command.ts`.
    """
    return "\n".join(map(_command, findings.records()))


def _command(finding: Mapping[str, Any]) -> str:
    properties = {
        "file": finding.get("file"),
        "line": finding.get("line"),
        "title": f"{finding['rule_id']} {place(finding)}",
    }
    given = ",".join(
        f"{name}={_escaped(str(value)).replace(':', '%3A').replace(',', '%2C')}"
        for name, value in properties.items()
        if value is not None
    )
    text = _escaped(f"{finding['message']} {finding['remedy']}")
    return f"::{_COMMANDS[finding['severity']]} {given}::{text}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


class _Case(junitparser.TestCase):
    """A test case that says where it is, as GitLab and others show it."""

    file = junitparser.Attr("file")
    line = junitparser.IntAttr("line")


def as_junit(findings: Answer) -> str:
    """Findings as JUnit's XML, each a test case that failed; without any, a suite without cases."""
    suite = junitparser.TestSuite("ampersand findings")
    suite.add_testcases([*_cases(findings)])
    report = junitparser.JUnitXml()
    report.add_testsuite(suite)
    return str(report.tostring().decode())


def _cases(findings: Answer) -> Iterator[_Case]:
    for finding in findings.records():
        case = _Case(f"{finding['rule_id']} {place(finding)}", finding.get("file") or "manifests")
        if finding.get("file"):
            case.file, case.line = finding["file"], finding["line"]
        failure = junitparser.Failure(finding["message"], finding["severity"])
        failure.text = finding["remedy"]
        case.result = [failure]
        yield case
