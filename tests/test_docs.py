"""The documentation is what the declarations say and what the demo's database answers."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from ampersand.rules import RULES
from ampersand.tables import TABLES, TABLES_BY_NAME
from ampersand.views import VIEWS
from ampersand_pipelines.output import Answer
from docs import generate
from tests.support.drivers import load_bundled
from tests.support.warehouses import Kind, Warehouse

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[generate.Demo]:
    """The demo, loaded once for this file."""
    with closing(generate.Demo(tmp_path_factory.mktemp("docs"))) as demo:
        yield demo


@pytest.fixture(scope="module")
def page(demo: generate.Demo) -> str:
    """What docs/tables.md should hold."""
    return generate.tables_page(demo)


def test_every_table_view_and_column_is_documented(demo: generate.Demo, page: str) -> None:
    names = [*(table.name for table in TABLES), *(view.name for view in VIEWS)]
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##)", page, re.DOTALL | re.MULTILINE))
    assert list(sections) == names
    for name in names:
        columns = re.findall(r"^\| `(\w+)` \| ([A-Z ]+) \| .*\w.* \|$", sections[name], re.M)
        documented = {column: type_.removesuffix(" NOT NULL") for column, type_ in columns}
        reported = demo.types(name).items()
        assert documented == {k: v for k, v in reported if not k.startswith("_dlt_")}, name


def test_every_rule_is_documented() -> None:
    page = generate.rules_page()
    sections = dict(re.findall(r"^## (M\d\d)\n(.*?)(?=^##)", page, re.DOTALL | re.MULTILINE))
    assert list(sections) == [rule.id for rule in RULES]
    for rule in RULES:
        for text in (rule.severity, rule.title, rule.reason, rule.source, rule.remedy):
            assert text in sections[rule.id], rule.id
        assert sections[rule.id].count(" AS x") == len(rule.checks), rule.id


def test_every_fault_is_documented() -> None:
    faults = json.loads((ROOT / generate.FAULTS).read_text(encoding="utf-8"))
    page = generate.faults_page(faults)
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    documented = {row[0]: row for row in rows if len(row) == 6}
    for fault in faults:
        if not fault["loads"]:
            _, verdict, _, _, told, to_do = documented[fault["what"]]
            assert verdict == "**fails closed**"
            what, _, remedy = fault["projects"]["message"].partition(". Remedy: ")
            assert what.endswith(f": {told.split('`')[1]}")
            assert remedy.partition(". Request id")[0] == to_do.split("; or ")[0]


def test_the_question_about_manifests_leads_to_the_rules(demo: generate.Demo) -> None:
    sections = re.split("^## ", generate.questions_page(demo), flags=re.MULTILINE)
    assert [text[:11] for text in sections if "](rules.md)" in text] == ["Question 16"]


def test_every_example_is_answered_or_says_why_not(demo: generate.Demo) -> None:
    answered = {
        name: bool(demo.ask(example.sql).rows) for name, example in generate.EXAMPLES.items()
    }
    assert answered == {name: not ex.no_rows for name, ex in generate.EXAMPLES.items()}


@pytest.mark.thorough
def test_every_example_runs_on_postgresql(
    new_warehouse: Callable[[Kind], Warehouse],
) -> None:
    warehouse = new_warehouse("postgres")
    load_bundled(warehouse)
    for example in generate.EXAMPLES.values():
        warehouse.rows(example.sql)


@pytest.mark.parametrize("name", generate.EXAMPLES)
def test_an_example_asks_what_it_is_the_example_of(name: str) -> None:
    example = generate.EXAMPLES[name]
    tree = sqlglot.parse_one(example.sql, dialect="duckdb")
    assert name in {table.name for table in tree.find_all(exp.Table)}
    assert example.question.endswith("?")
    assert example.why.endswith(".")


@pytest.mark.thorough
def test_the_generator_is_deterministic(demo: generate.Demo, page: str, tmp_path: Path) -> None:
    with closing(generate.Demo(tmp_path)) as again:
        assert generate.tables_page(again) == page
        assert generate.generate(ROOT, again) == generate.generate(ROOT, demo)


def test_all_that_varies_is_masked_and_each_mask_is_used(page: str) -> None:
    assert {v.mask for v in generate.VARYING if f"<{v.mask}" not in page} == set()
    assert re.findall(r"127\.0\.0\.1:\d|/tmp/|\d{16}", page) == []


def test_nothing_is_too_wide_to_read(page: str) -> None:
    fenced = re.findall(r"^```(?:sql|text)\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert [line for text in fenced for line in text.split("\n") if len(line) > 100] == []


def test_the_diagram_shows_declared_tables_columns_and_references_only(page: str) -> None:
    texts = re.findall(r"^```mermaid\nerDiagram\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    text = "".join(texts)
    entities = dict(re.findall(r"^    (\w+) \{\n(.*?)^    \}", text, re.DOTALL | re.MULTILINE))
    assert list(entities) == [table.name for table in TABLES]
    for name, body in entities.items():
        references = {column.name for column in TABLES_BY_NAME[name].columns if column.references}
        expected = references.union(TABLES_BY_NAME[name].key, generate.TELLING[name])
        assert set(re.findall(r"^ +\w+ (\w+)", body, re.MULTILINE)) == expected
        for type_, column, marks in re.findall(r"^ +(\w+) (\w+)(.*)$", body, re.MULTILINE):
            declared = TABLES_BY_NAME[name].column(column)
            assert declared.type == type_
            assert ("PK" in marks) == (column in TABLES_BY_NAME[name].key)
            assert ("FK" in marks) == bool(declared.references)
    relations = re.findall(r"^    (\w+) (\S+) (\w+) : (\w+)$", text, re.MULTILINE)
    assert {child for _, _, child, _ in relations} == {
        table.name for table in TABLES if any(column.references for column in table.columns)
    }
    for parent, line, child, name in relations:
        column = TABLES_BY_NAME[child].column(name)
        assert (column.references or "").startswith(f"{parent}.")
        assert line == {True: "|o--o{", False: "||--o{"}[column.nullable] or line == "}o--o{"
    known = r"    (direction LR|\w+ \S+ \w+ : \w+|\w+ \{|    \w+ \w+( PK| FK| PK, FK)?|\})"
    assert [line for line in text.splitlines() if not re.fullmatch(known, line)] == []


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "docs/tables.md",
        "docs/rules.md",
        "docs/questions.md",
        "docs/faults.md",
        "docs/destinations.md",
        "docs/operations.md",
        "docs/scheduling.md",
    ],
)
def test_links_resolve(name: str) -> None:
    file = ROOT / name
    text = _without_code(file.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith(("https://", "http://")):
            continue
        path, _, anchor = target.partition("#")
        linked = file.parent / path if path else file
        assert linked.exists(), target
        if anchor:
            assert anchor in _anchors(linked.read_text(encoding="utf-8")), target


def _without_code(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


def _anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", _without_code(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.thorough
def test_check_fails_when_a_description_changed(tmp_path: Path) -> None:
    for folder in ("sources", "pipelines", "docs"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / "README.md", tmp_path)
    (tmp_path / generate.FAULTS).parent.mkdir(parents=True)
    shutil.copy(ROOT / generate.FAULTS, tmp_path / generate.FAULTS)
    shutil.copy(ROOT / generate.WAREHOUSES, tmp_path / generate.WAREHOUSES)
    declarations = tmp_path / "sources" / "ampersand" / "tables.py"
    text = declarations.read_text(encoding="utf-8")
    assert text.count('"When the integration was created."') == 1
    changed = text.replace("When the integration was created.", "When somebody made it.")
    declarations.write_text(changed, encoding="utf-8")
    before = (tmp_path / "docs" / "tables.md").read_bytes()

    check = subprocess.run(
        [sys.executable, str(tmp_path / "docs" / "generate.py"), "--check"],
        env={**os.environ, "PYTHONPATH": f"{tmp_path / 'sources'}:{tmp_path / 'pipelines'}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert check.returncode == 1, check.stderr
    assert "docs/tables.md: not what `make docs` writes. Run it." in check.stderr
    for mark, sentence in (("-", "When the integration was created."), ("+", "When somebody made")):
        lines = [line for line in check.stdout.split("\n") if line.startswith(f"{mark}| ")]
        assert any(sentence in line for line in lines)
    assert (tmp_path / "docs" / "tables.md").read_bytes() == before


def test_the_check_says_so_when_all_is_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {tmp_path / "docs.md": "text\n", tmp_path / "other.md": "more\n"}
    assert generate.write(files, tmp_path, check=False) == 0
    assert capsys.readouterr().out == "docs.md written\nother.md written\n"
    assert generate.write(files, tmp_path, check=True) == 0
    assert capsys.readouterr() == ("docs.md, other.md: as `make docs` writes them\n", "")
    files[tmp_path / "docs.md"] = "other text\n"
    assert generate.write(files, tmp_path, check=True) == 1
    assert capsys.readouterr().err == "docs.md: not what `make docs` writes. Run it.\n"


def test_several_values_of_one_output_are_told_apart_in_their_order() -> None:
    cells = ["removed_at: 2026-01-02", "listed_at: 2026-01-01"]
    assert generate.mask(cells) == ["removed_at: <time 2>", "listed_at: <time 1>"]
    assert generate.mask(cells[:1]) == ["removed_at: <time>"]
    assert generate.mask(["create_time: 2026-01-02"]) == ["create_time: 2026-01-02"]


def test_an_answer_is_a_table_of_text() -> None:
    answer = Answer(
        ["name", "count", "is_on"], [("a", 5, True), (None, None, False)] + [("b", 10, None)] * 9
    )
    assert generate.as_text(answer).split("\n") == [
        "name  count  is_on",
        "----  -----  -----",
        "a         5  true",
        "NULL   NULL  false",
        *["b        10  NULL"] * 8,
        "... and 1 more row",
    ]


def test_a_block_is_written_anew_and_the_rest_stays(demo: generate.Demo) -> None:
    text = "before\n<!-- run: projects -->\nold\n<!-- end -->\nafter <!-- end -->\n"
    once = generate.with_blocks(text, demo)
    assert once == (
        "before\n<!-- run: projects -->\n\n"
        f"{generate.example('projects', demo)}\n\n<!-- end -->\nafter <!-- end -->\n"
    )
    assert generate.with_blocks(once, demo) == once


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<!-- run: nothing -->\n<!-- end -->", "run: nothing -->: no table or view"),
        ("<!-- run: projects -->\n<!-- run: demo -->\n<!-- end -->", "run: projects --> has no"),
        ("<!-- run: projects -->\n", "run: projects --> has no <!-- end -->"),
    ],
)
def test_a_block_that_cannot_be_written_is_an_error(
    text: str, message: str, demo: generate.Demo
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        generate.with_blocks(text, demo)


def test_readme_lists_every_table_and_view() -> None:
    readme = (ROOT / "README.md").read_text()
    listed = set(re.findall(r"`(\w+)`", readme[readme.index("## Tables and views") :]))
    assert {*TABLES_BY_NAME, *(view.name for view in VIEWS)} - listed == set()


def test_readme_names_only_tests_that_are_there() -> None:
    named = re.findall(r"`(tests/\w+\.py)::(\w+)`", (ROOT / "README.md").read_text())
    assert len(named) >= 7
    for file, name in named:
        assert re.search(rf"^def {name}\(", (ROOT / file).read_text(), re.M), f"{file}::{name}"
