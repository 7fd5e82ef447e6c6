"""What docs/operations.md says of rights is so."""

import re
from pathlib import Path

import psycopg2
import pytest

from ampersand.tables import CORE_TABLES
from ampersand_pipelines.cli import main
from ampersand_pipelines.exit_codes import ExitCode
from ampersand_pipelines.pipeline import DEFAULT_DATASET
from ampersand_pipelines.sandbox import SandboxServer
from tests.support.acme import Acme
from tests.support.core import CORE_VIEWS
from tests.support.postgres import Postgres

PAGE = Path(__file__).resolve().parents[1] / "docs" / "operations.md"


@pytest.mark.postgres
def test_the_least_rights_are_enough_and_readers_have_no_more(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (statements,) = re.findall(r"(?s)```postgresql\n(.*?)```", PAGE.read_text())
    database = postgres.create()
    postgres.execute(database, "REVOKE CREATE ON SCHEMA public FROM PUBLIC", statements)
    monkeypatch.setenv("AMP_API_KEY", "any")
    monkeypatch.setenv(
        "DESTINATION__POSTGRES__CREDENTIALS", postgres.url(database, "ampersand_loader")
    )
    options = ["--destination", "postgres", "--pipelines-dir", str(tmp_path), "--quiet"]
    acme = Acme()
    with SandboxServer(acme.account) as api:
        assert main(["load", "--base-url", api.url, *options]) == ExitCode.DONE
        acme.deploy("alpha", "crm", 2)
        assert main(["load", "--base-url", api.url, *options]) == ExitCode.DONE
    postgres.execute(database, "ALTER ROLE ampersand_reader LOGIN")
    connection = psycopg2.connect(postgres.url(database, "ampersand_reader"))
    with connection, connection.cursor() as cursor:
        for name in (*(table.name for table in CORE_TABLES), *(view.name for view in CORE_VIEWS)):
            cursor.execute(f"SELECT COUNT(*) FROM {DEFAULT_DATASET}.{name}")
    for forbidden in (
        f"DELETE FROM {DEFAULT_DATASET}.revisions",
        f"SELECT 1 FROM {DEFAULT_DATASET}_staging.revisions",
        f"CREATE TABLE {DEFAULT_DATASET}.mine (a INT)",
    ):
        with (
            pytest.raises(psycopg2.errors.InsufficientPrivilege),
            connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(forbidden)
    connection.close()
    postgres.drop(database)
    postgres.execute("postgres", "DROP ROLE ampersand_reader", "DROP ROLE ampersand_loader")
