"""The benchmark's data has the shape that is claimed, and its page says what was measured."""

import json
import math
import sys
import urllib.request
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ampersand.platform_tables import COLLECTIONS
from benchmarks import account, data, report, results
from benchmarks.account import Size
from benchmarks.contestants import ALONE, EVERYTHING, THIS_SOURCE
from benchmarks.data import Shape, Summary
from benchmarks.measure import REPORT_FILE, Job
from benchmarks.results import Results, Run
from benchmarks.run import execute
from benchmarks.server import ROOT, serving

CASES = Path(__file__).parent / "cases" / "benchmarks"

SAMPLE = [data.integration(project, number) for project in range(20) for number in range(100)]


@pytest.fixture
def measured() -> Results:
    """Made-up results of all scenarios."""
    return results.read(CASES / "results.json")


@pytest.fixture
def measured_operations(measured: Results) -> Results:
    """Made-up results with installations and operations."""
    runs = [
        Run(
            scenario,
            EVERYTHING.name,
            integrations=230,
            repetition=0,
            seconds=seconds,
            cpu=seconds,
            peak=500_000_000,
            requests=1_082,
            bytes=int(seconds * 1e7),
            rows={"installations": 1_000, "operations": operations, "all": operations + 20_000},
        )
        for scenario, seconds, operations in (
            ("operations_first", 30.0, 1_000_000),
            ("operations_new", 5.0, 1_010_000),
            ("operations_unchanged", 4.0, 1_010_000),
        )
    ]
    return replace(measured, plan="operations", data={}, runs=runs)


def share(found: list[bool]) -> float:
    return sum(found) / len(found)


def test_data_is_the_same_as_long_as_its_version_is() -> None:
    made = json.dumps([data.projects(Shape(3, 1)), SAMPLE[:200]]).encode()
    assert (data.VERSION, sha256(made).hexdigest()[:16]) == (1, "2c2bd78900aa5eb8")


def test_data_has_the_shape_of_real_integrations() -> None:
    reads = [list(data.objects_of(one, "read")) for one in SAMPLE]
    writes = [list(data.objects_of(one, "write")) for one in SAMPLE]
    objects = [object_ for of_one in reads for object_ in of_one]
    assert sum(map(len, reads)) / len(SAMPLE) == pytest.approx(3.2, rel=0.03)
    assert sum(map(len, writes)) / len(SAMPLE) == pytest.approx(2.7, rel=0.03)
    fields = sum(len(data.fields_of(object_)) for object_ in objects)
    assert fields / len(objects) == pytest.approx(3.4, rel=0.03)
    subscribing = [bool(list(data.objects_of(one, "subscribe"))) for one in SAMPLE]
    assert share(subscribing) == pytest.approx(1 / 20, abs=0.01)
    assert share(["optionalFieldsAuto" in o for o in objects]) == pytest.approx(0.79, abs=0.02)
    assert share(["backfill" in o for o in objects]) == pytest.approx(0.31, abs=0.02)
    assert share([o.get("schedule") == "*/10 * * * *" for o in objects]) == pytest.approx(
        0.85, abs=0.02
    )
    size = len(json.dumps(SAMPLE, separators=(",", ":"))) / len(SAMPLE)
    assert 25e6 < 20_000 * size < 28e6


def test_every_object_and_field_of_an_integration_is_another_one() -> None:
    for one in SAMPLE:
        for action in ("read", "write", "subscribe"):
            names = [object_["objectName"] for object_ in data.objects_of(one, action)]
            assert len(set(names)) == len(names)
    ids = {one["id"] for one in SAMPLE} | {one["latestRevision"]["id"] for one in SAMPLE}
    assert len(ids) == 2 * len(SAMPLE)


def test_only_what_is_said_to_have_changed_has() -> None:
    shape = Shape(3, 4)
    before = [data.listing(shape, project) for project in range(3)]
    changed = replace(shape, changed_projects=2, changed_integrations=1)
    after = [data.listing(changed, project) for project in range(3)]
    differing = [
        (project, number)
        for project in range(3)
        for number in range(4)
        if before[project][number] != after[project][number]
    ]
    assert differing == [(0, 0), (1, 0)]
    assert before[0][0]["id"] == after[0][0]["id"]
    assert before[0][0]["latestRevision"]["id"] != after[0][0]["latestRevision"]["id"]


def test_this_source_loads_what_the_server_sends(tmp_path: Path) -> None:
    folder = data.make(tmp_path / "data", Shape(2, 3))
    summary = data.read_summary(folder)
    with serving(folder) as server:
        job = Job(server.url, str(tmp_path))
        module = f"benchmarks.contestants.{THIS_SOURCE.module}"
        told = execute([sys.executable, "-m", module, job.as_argument()], tmp_path)
        assert "error" not in told
        assert server.counts() == (summary.requests, summary.bytes)
        assert server.counts() == (0, 0)
    rows = json.loads((tmp_path / REPORT_FILE).read_text())["rows"]
    assert Summary(summary.bytes, summary.requests, *list(rows.values())[:3]) == summary


def test_the_same_rows_are_loaded_alone(tmp_path: Path) -> None:
    loaded = {}
    with serving(data.make(tmp_path / "data", Shape(2, 3))) as server:
        for contestant in (THIS_SOURCE, ALONE):
            folder = tmp_path / contestant.name
            folder.mkdir()
            command = [sys.executable, "-m", f"benchmarks.contestants.{contestant.module}"]
            told = execute([*command, Job(server.url, str(folder)).as_argument()], folder)
            assert "error" not in told
            loaded[contestant.name] = json.loads((folder / REPORT_FILE).read_text())["rows"]["all"]
    assert loaded[ALONE.name] == loaded[THIS_SOURCE.name] > 0


@pytest.mark.thorough
def test_everything_is_loaded_and_then_only_what_is_new(tmp_path: Path) -> None:
    size = Size(2, 3, 30, 2)
    folder = account.make(tmp_path / "data", size)
    made = account.read_summary(folder)
    module = f"benchmarks.contestants.{EVERYTHING.module}"
    requests = []
    for held_back, operations in ((size.new, made.operations), (0, made.operations + made.new)):
        with serving(folder, held_back=held_back) as server:
            job = Job(server.url, str(tmp_path), EVERYTHING.variant)
            told = execute([sys.executable, "-m", module, job.as_argument()], tmp_path)
            assert "error" not in told
            requests.append(server.counts()[0])
        rows = json.loads((tmp_path / REPORT_FILE).read_text())["rows"]
        assert rows["operations"] == operations
        assert (rows["integrations"], rows["installations"]) == (made.integrations, 6)
    # projects, the catalog, integrations and the rest of each project, and each installation
    assert requests == [2 + 2 * (1 + len(COLLECTIONS) - 1) + 6] * 2


def test_operations_are_served_in_pages(tmp_path: Path) -> None:
    folder = account.make(tmp_path, Size(1, 1, 5, 1))
    with serving(folder, held_back=1) as server:

        def get(path: str) -> Any:
            with urllib.request.urlopen(f"{server.url}/{path}") as answer:
                return json.load(answer)

        (project,) = get("projects")
        (installation,) = get(f"projects/{project['id']}/installations")
        path = (
            f"projects/{project['id']}/integrations/{installation['integrationId']}"
            f"/installations/{installation['id']}/operations?pageSize=3"
        )
        first = get(path)
        last = get(f"{path}&pageToken={first['pagination']['nextPageToken']}")
        assert last["pagination"] == {"done": True}
        operations = first["results"] + last["results"]
        assert len({operation["id"] for operation in operations}) == 5
        times = [operation["createTime"] for operation in operations]
        assert times == sorted(times, reverse=True)
        integrations = get(f"projects/{project['id']}/integrations")
        assert installation["integrationId"] in {each["id"] for each in integrations}


def test_server_says_what_it_does_not_have(tmp_path: Path) -> None:
    with (
        serving(data.make(tmp_path, Shape(1, 1))) as server,
        pytest.raises(urllib.request.HTTPError, match="404"),
    ):
        urllib.request.urlopen(f"{server.url}/projects/other/integrations")


def test_a_program_that_fails_is_a_result_with_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = execute([sys.executable, "-c", "raise SystemExit('no luck')"], tmp_path)
    assert told["error"] == "exit code 1: no luck"
    assert "no luck" in capsys.readouterr().err


def test_results_are_read_as_they_were_saved(measured: Results, tmp_path: Path) -> None:
    measured.save(tmp_path / "results.json")
    assert results.read(tmp_path / "results.json") == measured


@pytest.mark.parametrize(
    ("name", "render"), [("page", report.page), ("readme", report.readme_block)]
)
def test_text_made_of_results(
    name: str, render, measured: Results, measured_operations: Results, update_golden: bool
) -> None:
    path = CASES / f"{name}.md"
    text = render(measured, measured_operations).strip() + "\n"
    if update_golden:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_a_missed_target_is_bold(measured: Results) -> None:
    missed = [target for target in report.targets(measured) if not target.met]
    assert [target.what for target in missed] == [
        "faster than requests + pandas.json_normalize + DuckDB",
        "memory at 200,000 integrations against that at 20,000",
    ]
    bold = [line for line in report.targets_table(measured).splitlines() if "**missed**" in line]
    assert len(bold) == len(missed)


def test_what_was_not_measured_is_no_target(measured: Results) -> None:
    assert not [t for t in report.targets(measured) if "PyAirbyte" in t.what]
    small = [replace(run, bytes=run.bytes // 10) for run in measured.of("page")]
    measured.runs = [run for run in measured.runs if run.scenario != "page"] + small
    assert not [t for t in report.targets(measured) if "page" in t.what]
    measured.runs = [run for run in measured.runs if run.contestant != THIS_SOURCE.name]
    assert not [t for t in report.targets(measured) if math.isnan(t.measured)]


def test_a_page_is_made_of_whatever_there_is(measured: Results) -> None:
    scenarios = {run.scenario for run in measured.runs}
    for scenario in scenarios:
        runs = [run for run in measured.runs if run.scenario != scenario]
        assert report.page(replace(measured, runs=runs)) != report.page(measured)
    assert report.page(replace(measured, runs=[], data={}))


def test_a_failed_run_is_told(measured: Results) -> None:
    (failed,) = report.failures(measured)
    assert failed == "postgres, ampersand, 20,000 integrations: exit code 1: the server went away"
    assert failed in report.page(measured)


@pytest.mark.parametrize("objects", [1, 12_001])
def test_other_rows_than_were_served_are_told(measured: Results, objects: int) -> None:
    assert report.differences(measured) == []
    wrong = Run("load", "pandas", 2_000, 9, rows={"integrations": 2_000, "objects": objects})
    measured.runs.append(wrong)
    told = f"pandas at 2,000 has {objects:,} objects, not the 12,000 that were served"
    assert report.differences(measured) == [told]
    assert f"**{told}**" in report.page(measured)


def test_the_block_in_the_readme_is_written_between_its_marks() -> None:
    marked = "before\n<!-- benchmarks -->\nold\n<!-- end of benchmarks -->\nafter\n"
    new = "before\n<!-- benchmarks -->\n\nnew\n\n<!-- end of benchmarks -->\nafter\n"
    assert report.with_block(marked, "new") == new
    assert report.with_block(new, "new") == new
    with pytest.raises(ValueError, match="has no <!-- benchmarks -->"):
        report.with_block("nothing", "new")


def test_what_is_written_is_what_was_measured() -> None:
    path = results.FOLDER / "full.json"
    if not path.exists():
        pytest.skip("make bench has not been run yet")
    full = results.read(path)
    operations = results.read_operations()
    assert (ROOT / report.PAGE_FILE).read_text(encoding="utf-8") == report.page(full, operations)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme == report.with_block(readme, report.readme_block(full, operations))


def test_page_block_and_picture_are_written(measured: Results, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text("<!-- benchmarks --><!-- end of benchmarks -->")
    report.write(measured, None, tmp_path)
    assert (tmp_path / report.PAGE_FILE).read_text(encoding="utf-8") == report.page(measured)
    assert report.readme_block(measured) in (tmp_path / "README.md").read_text(encoding="utf-8")
    picture = (tmp_path / report.PICTURE_FILE).read_bytes()
    assert b"<svg" in picture
    report.write(measured, None, tmp_path)
    assert (tmp_path / report.PICTURE_FILE).read_bytes() == picture


def test_growth_is_the_slope_of_logarithms() -> None:
    values = [results.spread([3 * size**0.5]) for size in (10, 100, 1000)]
    assert report.exponent([10, 100, 1000], values) == pytest.approx(0.5)
