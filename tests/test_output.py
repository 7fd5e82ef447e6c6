"""Answers as CSV and JSON."""

import csv
import io
import json

import pytest

from ampersand_pipelines.output import Answer, render

NAMES = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1")


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_name_that_a_spreadsheet_would_run_is_text_in_csv_and_exact_in_json(name: str) -> None:
    answer = Answer(("name", "number"), [(name, -1), (f"a{name}", None)])
    rows = list(csv.reader(io.StringIO(render(answer, "csv"), newline="")))
    assert rows == [["name", "number"], [f"'{name}", "-1"], [f"a{name}", ""]]
    assert json.loads(render(answer, "json"))[0] == {"name": name, "number": -1}
