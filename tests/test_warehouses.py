"""What holds on each destination, and which are refused."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dlt
import pytest
from dlt.pipeline.exceptions import PipelineStepFailed

from ampersand import ConfigurationError, ampersand_source, create_views, open_views, rebuild
from ampersand.rebuild import RebuildFailed
from ampersand_pipelines.cli import main
from ampersand_pipelines.exit_codes import ExitCode
from ampersand_pipelines.sandbox import SandboxServer
from tests.support.acme import KEY, Acme
from tests.support.drivers import causes, run_plainly
from tests.support.warehouses import WITH_A_LANE, Kind, Warehouse

NewWarehouse = Callable[[Kind], Warehouse]

KINDS = (
    *("duckdb", "sqlite"),
    pytest.param("postgres", marks=pytest.mark.postgres),
    *(pytest.param(kind, marks=pytest.mark.warehouse) for kind in WITH_A_LANE),
)


@pytest.fixture
def acme() -> Acme:
    return Acme()


@pytest.fixture
def api(acme: Acme) -> Iterator[SandboxServer]:
    with SandboxServer(acme.account) as server:
        yield server


@pytest.mark.parametrize("kind", KINDS)
def test_text_of_any_length_and_script_comes_back(
    kind: Kind, acme: Acme, api: SandboxServer, new_warehouse: NewWarehouse
):
    """Some columns hold 64 kB, some character sets a few scripts, some comparisons no case."""
    names = ["Größe 😀", "GRÖSSE 😀", "größe 😀", "größe 😀 ", "名前", "a\\b'c\"d", "%s {} ;--"]
    long = "é😀" * 100_000
    entry = acme.integration("alpha", "crm")["latestRevision"]["content"]["read"]["objects"][0]
    entry["requiredFields"] = [{"fieldName": name} for name in names]
    entry["displayName"] = long
    warehouse = new_warehouse(kind)
    run_plainly(warehouse, api.url)
    fields = warehouse.rows(
        "SELECT field_name, COUNT(*) FROM current_fields "
        "WHERE integration_name = 'crm' AND field_name NOT IN ('mobile') GROUP BY field_name"
    )
    assert sorted(fields) == sorted((name, 1) for name in names)
    ((content,),) = warehouse.rows(
        "SELECT content FROM current_revisions WHERE integration_name = 'crm'"
    )
    (stored, *_) = json.loads(content)["read"]["objects"]
    assert stored == entry


@pytest.fixture
def plain_files(tmp_path: Path) -> Any:
    return dlt.destinations.filesystem((tmp_path / "files").as_uri())


@dlt.destination(name="sink")
def _sink(items: Any, table: Any) -> None:
    raise AssertionError("nothing is to be loaded")


@pytest.mark.parametrize(
    ("destination", "message"),
    [
        (
            "plain_files",
            "the destination filesystem can only append to files without a table format.*"
            'run the pipeline with table_format="delta" or table_format="iceberg"',
        ),
        (None, "the destination sink cannot write a row once under its key.*choose another"),
    ],
    ids=["files", "function"],
)
def test_destination_that_only_appends_is_refused(
    destination: str | None,
    message: str,
    api: SandboxServer,
    tmp_path: Path,
    request: pytest.FixtureRequest,
):
    pipeline = dlt.pipeline(
        "ampersand",
        destination=request.getfixturevalue(destination) if destination else _sink(),
        dataset_name="data",
        pipelines_dir=str(tmp_path / "pipelines"),
    )
    with pytest.raises(PipelineStepFailed) as caught:
        pipeline.run(ampersand_source(api_key=KEY, base_url=api.url))
    (error,) = [each for each in causes(caught.value) if isinstance(each, ConfigurationError)]
    assert pytest.RaisesExc(ConfigurationError, match=message).matches(error)
    assert not [path for path in tmp_path.glob("files/**/*.*") if "_dlt" not in str(path)]
    assert api.requests == []


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Arguments of a command that name a lake."""
    monkeypatch.setenv("DESTINATION__FILESYSTEM__BUCKET_URL", (tmp_path / "lake").as_uri())
    monkeypatch.setenv("AMP_API_KEY", KEY)
    return ["--destination", "filesystem", "--pipelines-dir", str(tmp_path / "pipelines")]


def test_command_without_a_table_format_says_what_to_add(
    api: SandboxServer, lake: list[str], capsys: pytest.CaptureFixture[str]
):
    assert main(["load", "--base-url", api.url, *lake]) == ExitCode.USAGE
    assert "--table-format" in capsys.readouterr().err


@pytest.mark.warehouse
@pytest.mark.parametrize("table_format", ["delta", "iceberg"])
def test_commands_answer_of_a_lake(
    table_format: str,
    acme: Acme,
    api: SandboxServer,
    lake: list[str],
    new_warehouse: NewWarehouse,
    capsys: pytest.CaptureFixture[str],
):
    new_warehouse("delta")  # installs what DuckDB needs
    load = ["load", "--base-url", api.url, "--table-format", table_format, "--json", *lake]
    assert main(load) == ExitCode.DONE
    capsys.readouterr()
    acme.deploy("alpha", "crm", 2)
    assert main(load) == ExitCode.DONE
    report = json.loads(capsys.readouterr().out)
    assert report["changed"] == [{"project": "alpha", "name": "crm"}]
    assert main(["changes", "--format", "json", *lake]) == ExitCode.DONE
    assert "crm" in capsys.readouterr().out
    assert main(["findings", "--format", "json", "--severity", "info", *lake]) == ExitCode.DONE
    assert json.loads(capsys.readouterr().out)
    assert main(["rebuild", *lake]) == ExitCode.FAILED
    assert "load into a new dataset" in capsys.readouterr().err


def test_open_views_of_a_database_are_those_in_it(api: SandboxServer, new_warehouse: NewWarehouse):
    warehouse = new_warehouse("duckdb")
    run_plainly(warehouse, api.url)
    with open_views(warehouse.pipeline()) as client:
        rows = client.execute_sql("SELECT COUNT(*) FROM current_integrations")
    assert rows == warehouse.rows("SELECT COUNT(*) FROM current_integrations") == [(3,)]


@pytest.mark.warehouse
def test_lake_keeps_no_views_and_cannot_be_rebuilt(api: SandboxServer, new_warehouse: NewWarehouse):
    warehouse = new_warehouse("delta")
    run_plainly(warehouse, api.url)
    assert create_views(warehouse.pipeline()) == []
    with pytest.raises(RebuildFailed, match=r"filesystem has no transactions.*a new dataset"):
        rebuild(warehouse.pipeline())
    patterns = {"money": ["amount"]}
    with open_views(warehouse.pipeline(), personal_data_patterns=patterns) as client:
        assert client.execute_sql("SELECT DISTINCT personal_data_kind FROM personal_data_patterns")
