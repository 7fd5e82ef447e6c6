"""The SQL for engines that the tests do not have: printed, generated, parsed and read, not run."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from dlt.common.schema import Schema
from sqlglot import ErrorLevel, exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from ampersand import ConfigurationError, ampersand_source, loaded_tables, view_statements
from ampersand.script import DIALECTS
from ampersand.tables import TABLES, TABLES_OF_COLLECTIONS
from ampersand.views import VIEWS, View
from ampersand.views.declaration import parse
from ampersand.views.rendering import SQL_TYPES, makeable
from ampersand_pipelines.cli import main
from ampersand_pipelines.demo import DATASET, load_demo
from ampersand_pipelines.exit_codes import ExitCode
from ampersand_pipelines.sandbox import SandboxServer, bundled_account
from tests.support.drivers import load_bundled
from tests.support.golden_sql import CATALOG, DESTINATIONS, Generated, strategies
from tests.support.warehouses import Kind, Warehouse

ROOT = Path(__file__).resolve().parents[1]
CASES = ROOT / "tests" / "cases" / "dialects"
PAGE = ROOT / "docs" / "destinations.md"
NAMES = [view.name for view in VIEWS]
EVERYTHING = list(TABLES_OF_COLLECTIONS)
EVERYTHING_LOADED = [f"--collection={name}" for name in EVERYTHING]
DRIVERS = {
    "bigquery": "google.cloud.bigquery",
    "databricks": "databricks.sql",
    "snowflake": "snowflake.connector",
}
"""The modules without which dlt makes no SQL for a destination; Redshift's is PostgreSQL's."""

Script = Callable[..., str]


@pytest.fixture
def script(capsys: pytest.CaptureFixture[str]) -> Script:
    """What `ampersand views` prints."""

    def printed(*options: str) -> str:
        assert main(["views", *EVERYTHING_LOADED, *options]) == ExitCode.DONE
        out, err = capsys.readouterr()
        assert err == ""
        return out

    return printed


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that was loaded twice from the sandbox, with views and comments."""
    folder = tmp_path_factory.mktemp("demo")
    load_demo(folder / "lake.duckdb", folder / "pipelines", lambda _: None)
    return folder / "lake.duckdb"


def _views(connection: duckdb.DuckDBPyConnection, schema: str) -> dict[str, Counter[str]]:
    """The rows of each view."""
    connection.execute(f"USE {schema}")
    return {
        name: Counter(map(str, connection.execute(f"FROM {name}").fetchall())) for name in NAMES
    }


@pytest.mark.thorough
@pytest.mark.parametrize("catalog", [None, "lake"])
def test_the_script_makes_the_same_views(
    catalog: str | None, script: Script, demo: Path, tmp_path: Path
) -> None:
    file = tmp_path / demo.name
    file.write_bytes(demo.read_bytes())
    options = ["--catalog", catalog] if catalog else []
    text = script("--dialect", "duckdb", "--dataset", DATASET, *options)
    with closing(duckdb.connect(str(file))) as connection:
        expected = _views(connection, DATASET)
        comments = connection.execute(
            "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal ORDER BY ALL"
        ).fetchall()
        for name in reversed(NAMES):
            connection.execute(f"DROP VIEW {name}")
        if catalog:
            connection.execute("ATTACH ':memory:' AS own; USE own")
        connection.execute(text)
        connection.execute(text)  # as often as one likes
        assert _views(connection, f"lake.{DATASET}") == expected
        assert (
            comments
            == connection.execute(
                "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal ORDER BY ALL"
            ).fetchall()
        )
    in_demo = {name for name, rows in expected.items() if rows}
    assert set(NAMES) - in_demo == {
        *("current_unmapped_properties", "unmapped_properties_summary"),
        "current_dropped_properties",
    }
    assert dict(comments) == {view.name: view.description for view in VIEWS}


@pytest.mark.thorough
@pytest.mark.postgres
def test_the_script_makes_the_same_views_on_postgresql(
    script: Script, new_warehouse: Callable[[Kind], Warehouse]
) -> None:
    warehouse = new_warehouse("postgres")
    load_bundled(warehouse)

    def views() -> dict[str, Counter[str]]:
        return {name: Counter(map(str, warehouse.rows(f"SELECT * FROM {name}"))) for name in NAMES}

    expected = views()
    warehouse.execute(*(f"DROP VIEW {name}" for name in reversed(NAMES)))
    warehouse.execute(script("--dialect", "postgres"))
    assert views() == expected
    assert any(expected.values())


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_script_is_sql_of_its_dialect(dialect: str, script: Script) -> None:
    made: list[str] = []
    for tree in _parsed(dialect, script("--dialect", dialect)):
        if isinstance(tree, exp.Comment):
            assert tree.this.name.lower() == made[-1]
            continue
        assert isinstance(tree, exp.Create)
        assert tree.kind == "VIEW"
        assert tree.args["replace"]
        made.append(tree.this.name.lower())
        own = {cte.alias for cte in tree.find_all(exp.CTE)}
        read = {t.name.lower() for t in tree.expression.find_all(exp.Table) if t.name not in own}
        assert read & set(NAMES) <= set(made), made[-1]
        assert read == {source.lower() for source in VIEWS[len(made) - 1].sources()}
    assert made == NAMES


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_view_is_described(dialect: str) -> None:
    lines = "\n".join(view_statements(dialect, DATASET, collections=EVERYTHING)).splitlines()
    for view in VIEWS:
        if dialect == "athena":  # it has comments on tables alone
            assert f"-- {view.description}" in lines
        else:
            text = exp.Literal.string(view.description).sql(dialect=dialect)
            assert any(text in line for line in lines)


@pytest.mark.parametrize(
    ("dialect", "catalog", "table", "view"),
    [
        ("athena", None, '"mine"."_dlt_loads"', '"mine"."integrations"'),
        ("bigquery", "my-project", "`my-project`.`Mine`.`_dlt_loads`", "`Mine`.`integrations`"),
        ("databricks", "main", "`main`.`mine`.`_dlt_loads`", "`main`.`mine`.`integrations`"),
        ("duckdb", None, '"Mine"."_dlt_loads"', '"Mine"."integrations"'),
        ("postgres", None, '"mine"."_dlt_loads"', '"mine"."integrations"'),
        ("redshift", None, '"mine"."_dlt_loads"', '"mine"."integrations"'),
        ("snowflake", "Base", '"BASE"."MINE"."_DLT_LOADS"', '"BASE"."MINE"."INTEGRATIONS"'),
        ("spark", None, "`mine`.`_dlt_loads`", "`mine`.`integrations`"),
        ("trino", "iceberg", '"iceberg"."mine"."_dlt_loads"', '"mine"."integrations"'),
    ],
)
def test_names_are_those_that_dlt_gives(
    dialect: str, catalog: str | None, table: str, view: str
) -> None:
    first = view_statements(dialect, "Mine", catalog)[0]
    assert f"FROM {table} AS l" in first
    assert re.search(rf"CREATE OR REPLACE VIEW (\S+\.)?{re.escape(view)} ", first)


def test_an_unknown_dialect_is_refused_with_those_that_are_known(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["views", "--dialect", "oracle"]) == ExitCode.USAGE
    assert capsys.readouterr() == (
        "",
        f"ampersand: there is no dialect oracle; the views can be had in: {', '.join(DIALECTS)}\n",
    )


def test_the_script_has_the_patterns_that_are_configured(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    variable = "SOURCES__AMPERSAND__PERSONAL_DATA_PATTERNS"
    monkeypatch.setenv(variable, '{"money": ["%amount%"]}')
    text = script("--dialect", "trino")
    assert "'%amount%'" in text
    assert "'%email%'" not in text
    monkeypatch.setenv(variable, '{"money": "%amount%"}')
    with pytest.raises(ConfigurationError, match="given for money is no list of texts"):
        view_statements("trino", DATASET)


@pytest.mark.parametrize(
    ("options", "collections"),
    [([], None), (["--collection", "installations"], ["installations"]), ([], [])],
)
def test_the_script_has_views_of_what_is_loaded(
    options: list[str],
    collections: list[str] | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if collections != []:
        monkeypatch.delenv("SOURCES__AMPERSAND__COLLECTIONS")
    assert main(["views", "--dialect", "duckdb", *options]) == ExitCode.DONE
    statements = sqlglot.parse(capsys.readouterr().out, dialect="duckdb")
    made = [each for each in statements if isinstance(each, exp.Create)]
    views = {each.this.name for each in made}
    named = {cte.alias for each in made for cte in each.find_all(exp.CTE)}
    read = {table.name for each in made for table in each.expression.find_all(exp.Table)} - named
    tables = {table.name for table in loaded_tables(collections)}
    assert read & {table.name for table in TABLES} <= tables
    assert views == {view.name for view in makeable(frozenset({*tables, "_dlt_loads"}))}
    assert ("current_installations" in views) == (collections != [])
    assert "current_operations" not in views


def _nodes(view: View, *kinds: type[exp.Expr]) -> list[str]:
    return [node.sql() for node in parse(view.sql).find_all(*kinds)]


@pytest.mark.parametrize("view", VIEWS, ids=NAMES)
def test_a_view_is_written_in_what_all_have(view: View) -> None:
    missing_somewhere = (
        *(exp.Values, exp.Filter, exp.Lateral, exp.Qualify, exp.Array, exp.RegexpLike),
        *(exp.NullSafeEQ, exp.NullSafeNEQ, exp.LogicalAnd, exp.LogicalOr, exp.GroupConcat),
    )
    assert _nodes(view, *missing_somewhere) == []
    tree = parse(view.sql)
    assert not any(part.args.get("recursive") for part in tree.find_all(exp.With))
    for cte in tree.find_all(exp.CTE):  # BigQuery takes no names of columns
        assert not cte.args["alias"].columns
    for select in tree.find_all(exp.Select):
        assert not select.args.get("windows")
    for window in tree.find_all(exp.Window):
        if isinstance(window.this, exp.AggFunc) and not isinstance(
            window.this, exp.RowNumber | exp.Lag | exp.Lead
        ):  # Redshift has no default
            assert bool(window.args.get("order")) == bool(window.args.get("spec"))
    for operation in tree.find_all(exp.SetOperation):  # BigQuery: in brackets only
        inner = operation.left
        if isinstance(inner, exp.SetOperation):
            kinds = {(type(o), bool(o.args["distinct"])) for o in (inner, operation)}
            assert len(kinds) == 1
    for subquery in tree.find_all(exp.Subquery):
        assert isinstance(subquery.parent, exp.From | exp.Join | exp.In), subquery.sql()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_view_can_be_said_in_the_dialect(dialect: str) -> None:
    words = {
        word.upper() for word in Dialect.get_or_raise(dialect).generator_class.RESERVED_KEYWORDS
    }
    for view in VIEWS:
        tree = parse(view.sql)
        tree.sql(dialect=dialect, unsupported_level=ErrorLevel.RAISE)
        names = {identifier.name.upper() for identifier in tree.find_all(exp.Identifier)}
        assert names & words == set(), view.name


_RESERVED = {
    *("FIRST", "LAST", "ROW", "ROWS", "OLD", "NEW", "TAG", "OFFSET", "START", "VALUES", "DEFAULT"),
    *("GROUPS", "HASH", "ISSUE", "INCREMENT", "ORGANIZATION", "CONNECTION", "TRIGGER", "MINUS"),
}
"""Words that are reserved in Athena, Redshift, BigQuery or Snowflake, and that sqlglot leaves out
for one of them."""

_Type = exp.DataType.Type
_CLASSES = {
    **dict.fromkeys(exp.DataType.TEXT_TYPES, "text"),
    **dict.fromkeys(exp.DataType.NUMERIC_TYPES, "number"),
    _Type.BOOLEAN: "bool",
    _Type.TIMESTAMPTZ: "timestamp",
}


def _class(node: exp.Expr) -> str | None:
    """What kind of type an expression has; None: NULL, or unknown."""
    return _CLASSES.get(node.type.this) if node.type else None


def _alike(nodes: Iterable[exp.Expr]) -> bool:
    return len({_class(node) for node in nodes} - {None}) <= 1


@pytest.mark.thorough
def test_no_view_relies_on_conversions() -> None:
    """BigQuery and Trino compare and join texts with texts alone."""
    schema: dict[str, Any] = {
        table.name: {column.name: SQL_TYPES[column.type] for column in table.columns}
        for table in TABLES
    }
    for columns in schema.values():
        columns["_dlt_load_id"] = "TEXT"
    schema["_dlt_loads"] = {"load_id": "TEXT", "status": "BIGINT"}
    joined = 0
    for view in VIEWS:
        tree = qualify(parse(view.sql).copy(), schema=schema, dialect="duckdb")
        tree = annotate_types(tree, schema=schema, dialect="duckdb")
        assert isinstance(tree, exp.Query)
        schema[view.name] = {each.alias_or_name: each.type for each in tree.selects}
        for node in tree.walk():
            where = f"{view.name}: {node.sql()[:200]}"
            if isinstance(node, exp.DPipe):
                joined += 1
                assert _class(node.left) == _class(node.right) == "text", where
            elif isinstance(node, exp.Predicate) and isinstance(node, exp.Binary):
                assert _alike([node.left, node.right]), where
            elif isinstance(node, exp.In | exp.Coalesce):
                assert _alike([node.this, *node.expressions]), where
            elif isinstance(node, exp.Case):
                results = [branch.args["true"] for branch in node.args["ifs"]]
                assert _alike([*results, *filter(None, [node.args.get("default")])]), where
            elif isinstance(node, exp.SetOperation):
                for sides in zip(node.left.selects, node.right.selects, strict=True):
                    assert _alike(sides), where
    assert joined > 50


def _parsed(dialect: str, text: str) -> Iterator[exp.Expr]:
    """The statements of a text; what sqlglot does not understand is a failure."""
    for tree in sqlglot.parse(text, dialect=dialect):
        if tree is None or isinstance(tree, exp.Semicolon):
            continue
        assert not list(tree.find_all(exp.Command)), tree.sql()[:200]
        yield tree


def _compare(name: str, file: str, statements: Iterable[str], update: bool) -> None:
    """Compares statements with a golden file, after they were understood."""
    text = "".join(f"{statement};\n\n" for statement in statements)
    assert list(_parsed(name, text))
    path = CASES / name / file
    if update:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DESTINATIONS)
def test_views_are_those_that_were_read(name: str, update_golden: bool) -> None:
    _compare(
        name,
        "views.sql",
        view_statements(name, DATASET, CATALOG, collections=EVERYTHING),
        update_golden,
    )


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    """The schema of all tables there are, as a load makes it."""
    pipeline = Warehouse("duckdb", tmp_path_factory.mktemp("whole")).pipeline()
    with SandboxServer(bundled_account()) as api:
        pipeline.run(
            ampersand_source(
                api_key="any", base_url=api.url, collections=list(TABLES_OF_COLLECTIONS)
            )
        )
    return pipeline.default_schema


@pytest.fixture
def generated(schema: Schema) -> Callable[[str], Generated]:
    """What dlt would send to a destination, for the tables as a load makes them."""

    def make(name: str) -> Generated:
        if name in DRIVERS:
            pytest.importorskip(DRIVERS[name])
        return Generated(name, schema)

    return make


WITH_DRIVERS = [
    pytest.param(name, marks=pytest.mark.dialects if name in DRIVERS else ())
    for name in DESTINATIONS
]


@pytest.mark.parametrize("name", WITH_DRIVERS)
def test_tables_are_those_that_were_read(
    name: str, generated: Callable[[str], Generated], update_golden: bool
) -> None:
    _compare(name, "tables.sql", generated(name).tables(), update_golden)


@pytest.mark.parametrize("name", WITH_DRIVERS)
def test_merges_are_those_that_were_read(
    name: str, generated: Callable[[str], Generated], update_golden: bool
) -> None:
    _compare(name, "merge.sql", generated(name).merges(), update_golden)


@pytest.mark.parametrize("name", WITH_DRIVERS)
def test_create_views_sends_the_script(name: str, generated: Callable[[str], Generated]) -> None:
    made = generated(name).views()
    catalog = None if name in ("redshift", "snowflake") else CATALOG  # the session's
    script = view_statements(name, DATASET, catalog, collections=EVERYTHING)
    if name == "redshift":  # it cannot replace a view by one with other columns
        drops, made.statements = made.statements[: len(VIEWS)], made.statements[len(VIEWS) :]
        assert [_words(name, drop) for drop in drops] == [
            f'DROP VIEW IF EXISTS "{DATASET}"."{view}"' for view in reversed(NAMES)
        ]
        script = [s.replace(" OR REPLACE", "", 1) for s in script if s.startswith("CREATE")]
    assert [_words(name, s) for s in made.statements] == [_words(name, s) for s in script]
    assert made.in_transaction == (name in ("redshift", "snowflake"))


def _words(dialect: str, statement: str) -> str:
    """A statement, however it is laid out."""
    return sqlglot.parse_one(statement, dialect=dialect).sql(dialect=dialect)


def test_readme_lists_every_dialect() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = re.search(r"It knows (.*?); in Python", readme, re.DOTALL)
    assert listed
    assert re.findall(r"`(\w+)`", listed[1]) == list(DIALECTS)


def test_strategies_are_those_that_are_documented() -> None:
    section = PAGE.read_text(encoding="utf-8").partition("## Generated, not run")[2]
    rows = re.findall(r"(?m)^\| (\w+) \| (\S+) \|.*\(\.\./tests/cases/dialects/(\w+)/\)", section)
    documented = {folder: (name.lower(), strategy) for name, strategy, folder in rows}
    found = {}
    for name, factory in DESTINATIONS.items():
        destination = factory()
        (strategy,) = set(strategies(destination).values())
        found[name] = (name, strategy)
        transactions = bool(destination.capabilities().supports_transactions)
        # a row is looked for twice only where a reader sees none of it meanwhile
        assert (strategy == "delete-insert") == transactions
    assert documented == found
