"""The main job on real input: the vendor's public manifests, served over HTTP, into DuckDB."""

import json
from pathlib import Path

import duckdb
import pytest

from ampersand_pipelines.cli import main
from ampersand_pipelines.sandbox import SandboxServer, read_manifests

MANIFESTS = Path(__file__).resolve().parents[2] / "shared" / "manifests"
KEY = "key-for-tests"

pytestmark = pytest.mark.skipif(
    not MANIFESTS.is_dir(), reason=f"the vendor's manifests are not at {MANIFESTS}"
)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """A database into which the command has loaded the 71 public integrations."""
    folder = tmp_path_factory.mktemp("main_job")
    with (
        pytest.MonkeyPatch.context() as patch,
        SandboxServer(read_manifests(MANIFESTS, projects=3)) as server,
    ):
        patch.setenv("AMP_API_KEY", KEY)
        place = ["--duckdb", str(folder / "real.duckdb"), "--dataset", "amp"]
        work = ["--pipelines-dir", str(folder / "pipelines")]
        exit_code = main(["load", "--quiet", "--base-url", server.url, *place, *work])
    assert exit_code == 0
    connection = duckdb.connect(str(folder / "real.duckdb"), read_only=True)
    connection.execute("SET schema = 'amp'")
    return connection


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> object:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    ("what", "number"),
    [
        ("current_integrations", 71),
        ("current_objects WHERE action = 'read'", 214),
        ("current_objects WHERE action = 'write'", 184),
        ("current_objects WHERE action = 'delete'", 3),
        ("current_objects WHERE action = 'subscribe'", 6),
        ("current_fields WHERE is_required", 629),
        ("current_fields WHERE NOT is_required", 58),
        ("current_subscribe_events", 16),
    ],
)
def test_every_row_is_there(loaded: duckdb.DuckDBPyConnection, what: str, number: int) -> None:
    assert _one(loaded, f"SELECT COUNT(*) FROM {what}") == number


def test_what_no_column_holds_is_named(loaded: duckdb.DuckDBPyConnection) -> None:
    rows = loaded.execute(
        "SELECT property_name, reason, parent_table FROM current_unmapped_properties ORDER BY ALL"
    ).fetchall()
    assert rows == [
        ("delete", "unknown_property", "revisions"),
        ("watchFieldsAuto", "unknown_property", "revision_subscribe_events"),
        ("watchFieldsAuto", "unknown_property", "revision_subscribe_events"),
    ]


def test_content_is_the_manifest_as_it_was(loaded: duckdb.DuckDBPyConnection) -> None:
    served = {
        integration["id"]: integration["latestRevision"]["content"]
        for integrations in read_manifests(MANIFESTS, projects=3).integrations.values()
        for integration in integrations
    }
    rows = loaded.execute("SELECT integration_id, content FROM current_revisions").fetchall()
    assert {integration_id: json.loads(content) for integration_id, content in rows} == served


def test_every_revision_object_and_field_joins(loaded: duckdb.DuckDBPyConnection) -> None:
    orphans = """
        SELECT COUNT(*) FROM revision_fields AS f
        LEFT JOIN revision_objects AS o ON o.object_key = f.object_key
        LEFT JOIN revisions AS r ON r.revision_key = f.revision_key
        WHERE o.object_key IS NULL OR r.revision_key IS NULL OR o.revision_key <> f.revision_key
    """
    assert _one(loaded, orphans) == 0
