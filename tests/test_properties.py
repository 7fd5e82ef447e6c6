"""Whatever is served, nothing is lost: found by search over invented answers of the API."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import dlt
import pyarrow as pa
import pytest
from hypothesis import currently_in_test_context, given, note, settings
from hypothesis import strategies as st

import ampersand
from ampersand.decoded import DecodedListing
from ampersand.lossless_json import decode_page
from ampersand.normalize import (
    StoredRevision,
    arrow_schema,
    normalize_listings,
    normalize_projects,
    normalize_revisions,
)
from ampersand.tables import INTEGRATION_TABLES, TABLES_BY_NAME
from tests.support import generated, served
from tests.support.json_texts import meanings
from tests.support.scripted_server import ScriptedServer, answer
from tests.support.served import TableRows, check_listing, check_project

pytestmark = pytest.mark.skipif(
    not generated.SPECIFICATION.exists(),
    reason="the API's specification (shared/openapi) does not lie beside the repository",
)

PROJECT = "p-1"
REPEATED = "p-0"
RANDOMS = st.randoms(use_true_random=False)
ODDNESS = st.sampled_from([0.003, 0.02, 0.1, 0.5])


def optional(name: str) -> frozenset[served.Path]:
    """Paths of the properties that the specification has."""
    schema = generated.resolved({"$ref": f"#/components/schemas/{name}"})
    return frozenset(generated.properties(schema))


def integration_paths() -> frozenset[served.Path]:
    # decoded by the vendor's own client, though no specification has it
    return optional("Integration") | {("latestRevision", "integrationId")}


def project_paths() -> frozenset[served.Path]:
    # not modelled: part of the vendor's billing
    return frozenset(path for path in optional("Project") if path[0] != "entitlements")


def a_listing(random: Random, size: int, oddness: float = 0.0, project_id: str = PROJECT) -> str:
    elements = (
        generated.an_integration(random, f"i-{number}", project_id, oddness)
        for number in range(size)
    )
    return shown(f"[{','.join(elements)}]")


def shown(text: str) -> str:
    """The text, told by hypothesis when a test fails."""
    if currently_in_test_context():
        note(text)
    return text


def normalized(*listings: tuple[str, str, str]) -> dict[str, pa.Table]:
    """Rows of listings, each given as project id, listing key and text."""
    return normalize_listings(
        DecodedListing(project_id, listing_key, decode_page(text.encode()))
        for project_id, listing_key, text in listings
    )


def as_rows(tables: Mapping[str, pa.Table]) -> TableRows:
    return {name: table.to_pylist() for name, table in tables.items()}


def check_form(tables: Mapping[str, pa.Table]) -> None:
    """Asserts what holds for any rows: declared types, unique keys, parents that exist."""
    rows = as_rows(tables)
    for name, table in tables.items():
        declared = TABLES_BY_NAME[name]
        assert table.schema == arrow_schema(name)
        assert table.num_rows
        for column in declared.columns:
            assert column.nullable or not table[column.name].null_count, (name, column.name)
        keys = [tuple(row[column] for column in declared.key) for row in rows[name]]
        assert len(set(keys)) == len(keys), name
        for row in rows[name] if name == "revision_unmapped_properties" else ():
            if row["parent_table"] is not None:
                parent_key = TABLES_BY_NAME[row["parent_table"]].key
                assert row["parent_key"] in {
                    ":".join(parent[column] for column in parent_key)
                    for parent in rows[row["parent_table"]]
                }
        for column in declared.columns:
            if column.references:
                other, other_column = column.references.split(".")
                known = {row[other_column] for row in rows.get(other, ())} | {None}
                assert {row[column.name] for row in rows[name]} <= known, (name, column.name)


@given(RANDOMS)
def test_what_the_specification_allows_is_all_in_typed_columns(random: Random):
    text = a_listing(random, 2)
    tables = normalized((PROJECT, "l-1", text))
    check_form(tables)
    rows = as_rows(tables)
    # a property may be missing at random, and so may the id
    assert {row["reason"] for row in rows.get("revision_unmapped_properties", ())} <= {"no_id"}
    check_listing(text, rows, PROJECT, "l-1", integration_paths())


@given(RANDOMS, ODDNESS)
def test_whatever_is_served_nothing_is_lost(random: Random, oddness: float):
    text = a_listing(random, 3, oddness)
    tables = normalized((PROJECT, "l-1", text))
    check_form(tables)
    check_listing(text, as_rows(tables), PROJECT, "l-1", integration_paths())


@given(RANDOMS)
def test_a_listing_of_anything_is_kept(random: Random):
    elements = [generated.wild(random) for _ in range(4)]
    revisions = (generated.wild(random), generated.an_object([("content", generated.wild(random))]))
    for number, revision in enumerate(revisions):
        members = [("id", f'"i-{number}"'), ("latestRevision", revision)]
        elements.append(generated.an_object(members))
    text = shown(f"[{','.join(elements)}]")
    tables = normalized((PROJECT, "l-1", text))
    check_form(tables)
    check_listing(text, as_rows(tables), PROJECT, "l-1", integration_paths())


@given(RANDOMS, st.sampled_from([0.0, 0.02, 0.3]), st.sampled_from(["l-1", None]))
def test_nothing_of_a_project_is_lost(random: Random, oddness: float, listing_key: str | None):
    text = shown(generated.a_project(random, PROJECT, oddness))
    (record,) = decode_page(f"[{text}]".encode())
    tables = normalize_projects([(record, listing_key)])
    check_form(tables)
    assert oddness or "revision_unmapped_properties" not in tables
    check_project(text, as_rows(tables), listing_key, project_paths())


def by_key(tables: Mapping[str, pa.Table]) -> dict[tuple[Any, ...], dict[str, Any]]:
    return {
        (name, *(row[column] for column in TABLES_BY_NAME[name].key)): row
        for name, table in tables.items()
        for row in table.to_pylist()
    }


@given(RANDOMS, ODDNESS)
def test_rows_do_not_depend_on_what_else_is_in_the_batch(random: Random, oddness: float):
    listings = [
        (f"p-{number}", f"l-{number}", a_listing(random, 2, oddness, f"p-{number}"))
        for number in range(3)
    ]
    apart: dict[tuple[Any, ...], dict[str, Any]] = {}
    for listing in listings:
        apart |= by_key(normalized(listing))
    assert by_key(normalized(*listings)) == apart
    assert by_key(normalized(*reversed(listings))) == apart


@given(RANDOMS, ODDNESS)
def test_the_order_of_a_listing_is_no_part_of_a_revision(random: Random, oddness: float):
    elements = {
        element["id"]: element
        for element in decode_page(a_listing(random, 3, oddness).encode())
        if isinstance(element, dict) and isinstance(element.get("id"), str)
    }

    def revision_rows(*listing: Any) -> dict[tuple[Any, ...], dict[str, Any]]:
        tables = normalize_listings([DecodedListing(PROJECT, "l-1", listing)])
        tables.pop("listing_integrations", None)
        return {key: row for key, row in by_key(tables).items() if row["revision_key"] is not None}

    apart: dict[tuple[Any, ...], dict[str, Any]] = {}
    for element in elements.values():
        apart |= revision_rows(element)
    assert revision_rows(*elements.values()) == apart
    assert revision_rows(*reversed(elements.values())) == apart


@given(RANDOMS, ODDNESS)
def test_rows_made_again_from_stored_content_are_the_same(random: Random, oddness: float):
    tables = normalized((PROJECT, "l-1", a_listing(random, 3, oddness)))
    if "revisions" not in tables:
        return
    revisions = [
        StoredRevision.read(row["revision_key"], row["content"])
        for row in tables["revisions"].to_pylist()
    ]
    again = by_key(normalize_revisions(revisions))
    for key, row in by_key(tables).items():
        if key[0] in ("listing_integrations", "revisions") or row["revision_key"] is None:
            continue
        if not row.get("json_path", "$.latestRevision.content").startswith(
            "$.latestRevision.content"
        ):
            continue
        # of a revision with several contents, one is stored
        if row.get("json_path") == "$.latestRevision.content":
            again.pop(key, None)
            continue
        assert again.pop(key) == row
    assert {
        key for key, row in again.items() if row.get("json_path") != "$.latestRevision.content"
    } <= {key for key in again if key[0] == "revisions"}


def read_back(pipeline: dlt.Pipeline) -> TableRows:
    """All rows of content that a pipeline has loaded."""
    found = {}
    with pipeline.sql_client() as client:
        client.execute_sql("SET TimeZone = 'UTC'")
        for table in INTEGRATION_TABLES:
            names = [column.name for column in table.columns]
            rows = client.execute_sql(f"SELECT {', '.join(names)} FROM {table.name}") or ()
            found[table.name] = [dict(zip(names, row, strict=True)) for row in rows]
    return found


def check_records(
    records: Sequence[str], rows: TableRows, project_id: str, listing_key: str
) -> None:
    """Asserts that nothing of a project's records is lost, of which the first one counts."""
    for record in records:
        failures: list[AssertionError] = []
        of_project = [row for row in rows["projects"] if row["project_id"] == project_id]
        for row in of_project:
            try:
                check_project(
                    record,
                    {**rows, "projects": [row]},
                    listing_key if record == records[0] else None,
                    project_paths(),
                )
                break
            except AssertionError as error:
                failures.append(error)
        else:
            raise ExceptionGroup(f"lost: {record}", failures)


@pytest.fixture
def invented_api() -> Iterator[tuple[ScriptedServer, dict[str, str], list[str]]]:
    """A server of three projects, with the texts of each listing and each record of a project.

    `REPEATED` is listed twice, with another record.
    """
    random = Random(20)
    sizes = {"p-0": 1200, "p-1": 500, "p-2": 300}
    oddness = {"p-0": 0.003, "p-1": 0.05, "p-2": 0.3}
    listings = {
        project_id: a_listing(random, size, oddness[project_id], project_id)
        for project_id, size in sizes.items()
    }
    projects = [generated.a_project(random, project_id, 0.02) for project_id in [*sizes, REPEATED]]
    answers = {"/v1/projects": [answer(body=f"[{','.join(projects)}]".encode())]}
    for project_id, listing in listings.items():
        answers[f"/v1/projects/{project_id}/integrations"] = [answer(body=listing.encode())]
    with ScriptedServer(answers) as server:
        yield server, listings, projects


def test_nothing_is_lost_in_a_database(
    invented_api: tuple[ScriptedServer, dict[str, str], list[str]], tmp_path: Path
):
    server, listings, projects = invented_api
    pipeline = dlt.pipeline(
        "lossless",
        destination=dlt.destinations.duckdb(str(tmp_path / "loaded.duckdb")),
        dataset_name="served",
        pipelines_dir=str(tmp_path / "pipelines"),
    )
    pipeline.run(ampersand.ampersand_source(api_key="key", base_url=server.url))
    rows = read_back(pipeline)
    keys = {row["project_id"]: row["listing_key"] for row in rows["listing_integrations"]}
    for number, (project_id, listing) in enumerate(listings.items()):
        check_listing(listing, rows, project_id, keys[project_id], integration_paths())
        repeated = projects[len(listings) :] if project_id == REPEATED else []
        check_records([projects[number], *repeated], rows, project_id, keys[project_id])


@settings(max_examples=max(1, settings().max_examples // 100))
@given(st.integers(0, 2**32), st.sampled_from([0.01, 0.1, 0.5]))
@pytest.mark.thorough
def test_nothing_of_an_odd_account_is_lost_in_a_database(seed: int, oddness: float):
    random = Random(seed)
    ids = [f"p-{number}" for number in range(random.randint(1, 3))]
    projects = [generated.a_project(random, one, oddness) for one in [*ids, REPEATED]]
    # an object might be taken for a project
    others = [other for other in map(generated.wild, [random] * 3) if not other.startswith("{")]
    listings = {one: a_listing(random, random.randint(0, 6), oddness, one) for one in ids}
    entries = f"[{','.join([*projects, *others])}]"
    answers = {"/v1/projects": [answer(body=entries.encode())]}
    for one, listing in listings.items():
        answers[f"/v1/projects/{one}/integrations"] = [answer(body=listing.encode())]
    with ScriptedServer(answers) as server, TemporaryDirectory() as folder:
        pipeline = dlt.pipeline(
            "lossless",
            destination=dlt.destinations.duckdb(str(Path(folder) / "loaded.duckdb")),
            dataset_name="served",
            pipelines_dir=folder,
        )
        pipeline.run(ampersand.ampersand_source(api_key="key", base_url=server.url))
        for view in ampersand.create_views(pipeline):
            with pipeline.sql_client() as client:
                client.execute_sql(f"SELECT * FROM {view}")
        rows = read_back(pipeline)
        with pipeline.sql_client() as client:
            ledger = client.execute_sql("SELECT project_id, listing_key FROM project_listings")
            unreadable = client.execute_sql("SELECT unreadable FROM credential_listings") or ()
    keys: dict[str, str] = {one: key for one, key in ledger or ()}  # noqa: C416, for the types
    for number, one in enumerate(ids):
        check_listing(listings[one], rows, one, keys[one], integration_paths())
        repeated = projects[len(ids) :] if one == REPEATED else []
        check_records([projects[number], *repeated], rows, one, keys[one])
    texts = [text for (text,) in unreadable if text]
    assert [*map(meanings, texts)] == [meanings(f"[{','.join(others)}]") for _ in texts]
    assert bool(texts) == bool(others)
