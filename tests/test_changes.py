"""What the views of history and changes tell, and the command that shows it."""

import copy
import json
import os
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ampersand_pipelines.changes import describe, for_people, since
from ampersand_pipelines.cli import main
from ampersand_pipelines.exit_codes import ExitCode
from ampersand_pipelines.output import Answer
from ampersand_pipelines.sandbox import SandboxServer
from tests.support.acme import Acme
from tests.support.drivers import Run, run_plainly
from tests.support.in_memory import InMemory
from tests.support.warehouses import DATASET, Kind, Warehouse

Json = dict[str, Any]

PROJECT = {"id": "p", "name": "shop"}
CONTENT: Json = {
    "name": "crm",
    "provider": "hubspot",
    "displayName": "CRM",
    "read": {
        "objects": [
            {
                "objectName": "contact",
                "destination": "stream",
                "schedule": "0 * * * *",
                "requiredFields": [
                    {"fieldName": "email", "mapToName": "mail"},
                    {"fieldName": "stage", "mapToName": "stage"},
                    {"fieldName": "stage", "mapToName": "status"},
                ],
                "optionalFields": [{"mapToName": "phone", "prompt": "Which?"}],
                "backfill": {"defaultPeriod": {"days": 30}},
            },
            {"objectName": "company", "destination": "stream"},
        ]
    },
    "subscribe": {
        "objects": [
            {
                "objectName": "contact",
                "destination": "events",
                "inheritFieldsAndMapping": True,
                "createEvent": {"enabled": "always"},
                "updateEvent": {"enabled": "always", "requiredWatchFields": ["email"]},
                "otherEvents": ["contact.merge"],
            }
        ]
    },
    "watchSchema": {
        "destination": "schema",
        "allObjects": {"fieldCreated": {"enabled": "always"}},
    },
}


def integration(content: Json, revision: str = "r", **more: Any) -> Json:
    return {
        "id": "i",
        "projectId": "p",
        "name": "crm",
        "provider": "hubspot",
        "createTime": "2026-01-01T00:00:00Z",
        "latestRevision": {"id": revision, "specVersion": "1.0.0", "content": content},
        **more,
    }


def changes(*listings: list[Json]) -> list[tuple[Any, ...]]:
    """What is told of one project's listings, one after the other."""
    dataset = InMemory()
    for listing in listings:
        dataset.run([PROJECT], {"p": listing})
    return dataset.rows(
        "SELECT kind, change, action, object_name, field_name, event_type, event_name, property, "
        "old_value, new_value FROM revision_changes ORDER BY ALL"
    )


def read(content: Json) -> Json:
    contact: Json = content["read"]["objects"][0]
    return contact


def subscribe(content: Json) -> Json:
    contact: Json = content["subscribe"]["objects"][0]
    return contact


def row(kind: str, change: str, *names: str | None, **values: str | None) -> tuple[Any, ...]:
    padded = [*names, *[None] * (5 - len(names))]
    return (
        *(kind, change, *padded),
        *(values.get("property"), values.get("old"), values.get("new")),
    )


CONTACT = ("read", "contact")
EDITS: dict[str, tuple[Callable[[Json], Any], list[tuple[Any, ...]]]] = {
    "nothing": (lambda content: None, []),
    "a_property_of_the_revision": (
        lambda content: content.update(displayName="Customers"),
        [row("revision", "changed", property="display_name", old="CRM", new="Customers")],
    ),
    "a_property_that_no_column_holds": (
        lambda content: content.update(comingSoon=[1]),
        [row("revision", "changed", property="comingSoon", new="[1]")],
    ),
    "a_property_of_a_field_that_no_column_holds": (
        lambda content: read(content)["requiredFields"][0].update(colour="red"),
        [row("field", "changed", *CONTACT, "email", property="colour", new='"red"')],
    ),
    "an_object_added": (
        lambda content: content["read"]["objects"].insert(
            0, {"objectName": "deal", "destination": "d", "requiredFields": [{"fieldName": "x"}]}
        ),
        [
            row("field", "added", "read", "deal", "x", new="required"),
            row("object", "added", "read", "deal", new="d"),
        ],
    ),
    "an_object_removed": (
        lambda content: content["read"]["objects"].pop(1),
        [row("object", "removed", "read", "company", old="stream")],
    ),
    "an_object_moved": (lambda content: content["read"]["objects"].reverse(), []),
    "properties_of_an_object": (
        lambda content: read(content).update(
            schedule="*/10 * * * *", backfill={"defaultPeriod": {"fullHistory": True}}
        ),
        [
            row("object", "changed", *CONTACT, property="backfill_days", old="30"),
            row("object", "changed", *CONTACT, property="backfill_full_history", new="true"),
            row(
                *("object", "changed", *CONTACT),
                property="schedule",
                old="0 * * * *",
                new="*/10 * * * *",
            ),
        ],
    ),
    "a_field_removed": (
        lambda content: read(content)["requiredFields"].pop(0),
        [row("field", "removed", *CONTACT, "email", old="required")],
    ),
    "a_field_moved": (lambda content: read(content)["requiredFields"].reverse(), []),
    "a_mapping_renamed": (
        lambda content: read(content)["requiredFields"][0].update(mapToName="address"),
        [
            row(
                *("field", "changed", *CONTACT, "email"),
                property="map_to_name",
                old="mail",
                new="address",
            )
        ],
    ),
    "a_field_made_optional": (
        lambda content: read(content)["optionalFields"].append(
            read(content)["requiredFields"].pop(0)
        ),
        [
            row(
                *("field", "changed", *CONTACT, "email"),
                property="is_required",
                old="true",
                new="false",
            )
        ],
    ),
    "a_field_that_customers_map": (
        lambda content: read(content)["optionalFields"][0].update(prompt="Say which"),
        [
            row(
                *("field", "changed", *CONTACT, "phone"),
                property="prompt",
                old="Which?",
                new="Say which",
            )
        ],
    ),
    "an_event": (
        lambda content: subscribe(content)["createEvent"].update(enabled="never"),
        [
            row(
                *("event", "changed", "subscribe", "contact", None, "create"),
                property="enabled",
                old="always",
                new="never",
            )
        ],
    ),
    "another_event_of_the_provider": (
        lambda content: subscribe(content).update(otherEvents=["contact.restore"]),
        [
            row("event", "added", "subscribe", "contact", None, "other", "contact.restore"),
            row("event", "removed", "subscribe", "contact", None, "other", "contact.merge"),
        ],
    ),
    "a_watched_field": (
        lambda content: subscribe(content)["updateEvent"].update(
            requiredWatchFields=["stage", "email"]
        ),
        [row("watch_field", "added", "subscribe", "contact", "stage", "update")],
    ),
    "a_block_without_objects": (
        lambda content: content.update(write={"objects": []}),
        [row("revision", "changed", property="has_write", old="false", new="true")],
    ),
    "a_watch_on_the_schema": (
        lambda content: content["watchSchema"]["allObjects"].update(
            fieldDeleted={"enabled": "always"}
        ),
        [
            row(
                *("schema_watch_event", "added", None, "all_objects", None, "field_deleted"),
                new="always",
            )
        ],
    ),
}


@pytest.mark.parametrize(("edit", "expected"), EDITS.values(), ids=EDITS)
def test_change_within_a_revision(
    edit: Callable[[Json], Any], expected: list[tuple[Any, ...]]
) -> None:
    changed = copy.deepcopy(CONTENT)
    edit(changed)
    found = changes([integration(CONTENT)], [integration(changed)])
    assert sorted(map(str, found)) == sorted(map(str, expected))


def test_first_listing_is_no_change() -> None:
    assert changes([integration(CONTENT)]) == []


def test_revision_deployed_without_a_change() -> None:
    assert changes([integration(CONTENT)], [integration(CONTENT, "r2")]) == [
        row("revision", "changed", property="revision_id", old="r", new="r2")
    ]


def test_there_and_back_is_told_twice() -> None:
    other = {**CONTENT, "displayName": "Customers"}
    assert changes([integration(CONTENT)], [integration(other)], [integration(CONTENT)]) == [
        row("revision", "changed", property="display_name", old="CRM", new="Customers"),
        row("revision", "changed", property="display_name", old="Customers", new="CRM"),
    ]


def test_integration_added_renamed_and_removed() -> None:
    renamed = integration(CONTENT, name="customers", colour="red")
    assert changes([], [integration(CONTENT)], [renamed], []) == [
        row("integration", "added"),
        row("integration", "changed", property="name", old="crm", new="customers"),
        row("integration", "changed", property="other_properties", new='{"colour":"red"}'),
        row("integration", "removed"),
    ]


def test_revision_that_goes_missing_takes_its_things_along() -> None:
    gone = {**integration(CONTENT), "latestRevision": None}
    found = changes([integration(CONTENT)], [gone])
    assert {change for _, change, *_ in found} == {"removed"}
    assert [kind for kind, *_ in found].count("field") == 4


def test_project_renamed_removed_and_back() -> None:
    dataset = InMemory()
    for projects in ([PROJECT], [{**PROJECT, "name": "store"}], [], [PROJECT]):
        dataset.run(projects, {"p": [integration(CONTENT)]})
    assert dataset.rows(
        "SELECT first_seen_at::DATE::TEXT, kind, change, project_name, integration_name, "
        "old_value, new_value FROM revision_changes ORDER BY ALL"
    ) == [
        ("2026-01-02", "project", "changed", "store", None, "shop", "store"),
        ("2026-01-03", "integration", "removed", "store", "crm", None, None),
        ("2026-01-03", "project", "removed", "store", None, None, None),
        ("2026-01-04", "integration", "added", "shop", "crm", None, None),
        ("2026-01-04", "project", "added", "shop", None, None, None),
    ]


def test_integrations_are_under_the_name_that_their_project_had_last() -> None:
    dataset = InMemory()
    for projects in ([PROJECT], [{**PROJECT, "name": "store"}], []):
        dataset.run(projects, {"p": [integration(CONTENT)]})
    assert dataset.rows("SELECT project_name, name, is_current FROM integrations") == [
        ("store", "crm", False)
    ]


def test_what_was_live_at_a_moment() -> None:
    other = {**CONTENT, "displayName": "Customers"}
    dataset = InMemory()
    for listing in (
        [integration(CONTENT, "r1")],
        [integration(CONTENT, "r1"), integration(other, "q1", id="j", name="desk")],
        [integration(other, "r2")],
        [integration(other, "r2"), integration(other, "q1", id="j", name="desk")],
    ):
        dataset.run([PROJECT], {"p": listing})
    live = {
        day: dataset.rows(
            "SELECT integration_name, revision_id FROM integration_history "
            f"WHERE valid_from <= TIMESTAMPTZ '2026-01-0{day} 12:00:00Z' "
            f"AND (valid_to IS NULL OR valid_to > TIMESTAMPTZ '2026-01-0{day} 12:00:00Z') "
            "ORDER BY integration_name"
        )
        for day in range(1, 5)
    }
    assert live == {
        1: [("crm", "r1")],
        2: [("crm", "r1"), ("desk", "q1")],
        3: [("crm", "r2")],
        4: [("crm", "r2"), ("desk", "q1")],
    }
    assert dataset.rows("SELECT COUNT(*) FROM integration_history") == [(4,)]


@pytest.fixture(scope="module")
def loaded_twice(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Acme, before and after a deployment."""
    warehouse = Warehouse("duckdb", tmp_path_factory.mktemp("changes"))
    acme = Acme()
    with SandboxServer(acme.account) as api:
        run_plainly(warehouse, api.url)
        acme.deploy("alpha", "crm", 2)
        acme.remove("beta", "desk")
        run_plainly(warehouse, api.url)
    return warehouse


def _command(warehouse: Warehouse, *arguments: str) -> list[str]:
    return [
        *("changes", *arguments, "--duckdb", str(warehouse.file), "--dataset", DATASET),
        *("--pipelines-dir", str(warehouse.pipelines_dir)),
    ]


def test_command_tells_people(loaded_twice: Warehouse, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(_command(loaded_twice)) == ExitCode.DONE
    heading, *lines = capsys.readouterr().out.splitlines()
    assert heading.split("  ")[0] == "first seen (UTC)"
    assert [re.split(" {2,}", line)[1:] for line in lines] == [
        ["beta/desk", "removed: integration desk"],
        ["alpha/crm", 'changed: comingSoon of the manifest: {"number":1} -> {"number":2}'],
        ["alpha/crm", "changed: backfill_days of read object contact: 1 -> 2"],
        ["alpha/crm", "added: required field field_1 of read object contact"],
    ]


def test_command_tells_programs(
    loaded_twice: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(_command(loaded_twice, "--format", "json")) == ExitCode.DONE
    found = json.loads(capsys.readouterr().out)
    assert [change["integration_name"] for change in found] == ["crm"] * 4 + ["desk"]
    assert found[2] == {
        "first_seen_at": found[4]["first_seen_at"],
        "project_name": "alpha",
        "integration_name": "crm",
        "change": "changed",
        "kind": "object",
        "action": "read",
        "object_name": "contact",
        "field_name": None,
        "event_type": None,
        "event_name": None,
        "property": "backfill_days",
        "old_value": "1",
        "new_value": "2",
        "project_id": "p-alpha",
        "integration_id": "i-crm",
    }
    assert main(_command(loaded_twice, "--format", "csv")) == ExitCode.DONE
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split(",") == list(found[0])
    assert len(lines) == 6
    assert lines[5].endswith(",beta,desk,removed,integration,,,,,,,,,p-beta,i-desk")


def test_command_looks_back_as_far_as_it_is_told(
    loaded_twice: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    ((last,),) = loaded_twice.rows("SELECT MAX(started_at) FROM extraction_runs")
    assert main(_command(loaded_twice, "--since", last.isoformat())) == ExitCode.DONE
    assert len(capsys.readouterr().out.splitlines()) == 5
    after = last + timedelta(microseconds=1)
    assert main(_command(loaded_twice, "--since", after.isoformat())) == ExitCode.DONE
    moment = last.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    assert capsys.readouterr().out == (
        f"No project has been listed since {moment} UTC: "
        f"the last load that did so began at {moment} UTC.\n"
    )


def test_command_says_that_a_first_load_is_no_change(
    loaded_warehouse: Callable[[Kind], Warehouse], capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse = loaded_warehouse("duckdb")
    told = (
        "So far there is only a first load, of 3 integrations in 3 projects; "
        "changes show from the second one on.\n"
    )
    assert main(_command(warehouse)) == ExitCode.DONE
    assert capsys.readouterr() == (told, "")
    assert main(_command(warehouse, "--format", "json")) == ExitCode.DONE
    assert capsys.readouterr() == ("[]\n", told)
    with SandboxServer(Acme().account) as api:
        run_plainly(warehouse, api.url)
    assert main(_command(warehouse)) == ExitCode.DONE
    assert capsys.readouterr().out.startswith("Nothing changed since the first load, at ")
    assert main(_command(warehouse, "--since", f"{datetime.now(UTC):%Y-%m-%d}")) == ExitCode.DONE
    assert "since the first load" in capsys.readouterr().out
    assert main(_command(warehouse, "--format", "json")) == ExitCode.DONE
    assert capsys.readouterr() == ("[]\n", "")


def test_terminal_shows_what_changed_at_once_together(
    loaded_twice: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen, end = os.openpty()
    monkeypatch.setenv("COLUMNS", "60")
    with os.fdopen(screen, "rb", buffering=0) as terminal, os.fdopen(end, "w") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        assert main(_command(loaded_twice)) == ExitCode.DONE
        stdout.flush()
        lines = terminal.read(65536).decode().splitlines()
    assert max(map(len, lines)) <= 60
    headings = [line for line in lines if re.fullmatch(r"\S+  \S+ \S+ UTC", line)]
    assert len(headings) == len(set(headings))
    assert all(line.startswith(("- ", "  ")) for line in lines if line and line not in headings)


@pytest.mark.thorough
def test_command_says_which_projects_there_is_only_a_first_load_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse = Warehouse("duckdb", tmp_path)
    only = "Of {} there is only a first load so far; changes show from the second one on.\n"
    acme = Acme()

    def told_after(*projects: str) -> str:
        run_plainly(warehouse, api.url, Run(projects=projects))
        assert main(_command(warehouse)) == ExitCode.DONE
        return capsys.readouterr().out

    with SandboxServer(acme.account) as api:
        assert "a first load, of 2 integrations in 1 project;" in told_after("alpha")
        assert "a first load, of 3 integrations in 2 projects;" in told_after("beta")
        assert told_after("alpha") == only.format("beta")
        acme.remove("alpha", "crm")
        lines = told_after("alpha", "gamma").splitlines(keepends=True)
        assert "removed: integration crm" in lines[1]
        assert lines[2:] == ["\n", only.format("beta and gamma")]


def test_command_says_that_nothing_has_been_loaded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse = Warehouse("duckdb", tmp_path)
    with SandboxServer(Acme().account) as api:
        run_plainly(warehouse, api.url)
    warehouse.execute("DELETE FROM project_listings")
    assert main(_command(warehouse)) == ExitCode.DONE
    assert capsys.readouterr().out.startswith("So far no project has been loaded;")


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_every_destination_tells_the_same(
    kind: Kind, loaded_warehouse: Callable[[Kind], Warehouse], loaded_twice: Warehouse
) -> None:
    warehouse = loaded_warehouse(kind)
    acme = Acme()
    acme.deploy("alpha", "crm", 2)
    acme.remove("beta", "desk")
    with SandboxServer(acme.account) as api:
        run_plainly(warehouse, api.url)
    query = (
        "SELECT project_name, integration_name, kind, change, action, object_name, field_name, "
        "event_type, event_name, property, old_value, new_value, old_revision_key, "
        "new_revision_key FROM revision_changes"
    )
    assert sorted(warehouse.rows(query), key=str) == sorted(loaded_twice.rows(query), key=str)


NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("12h", datetime(2026, 3, 10, 0, tzinfo=UTC)),
        ("7d", datetime(2026, 3, 3, 12, tzinfo=UTC)),
        ("1w", datetime(2026, 3, 3, 12, tzinfo=UTC)),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T10:00+02:00", datetime(2026, 3, 1, 8, tzinfo=UTC)),
    ],
)
def test_moments(text: str, moment: datetime) -> None:
    assert since(text, NOW) == moment


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--since", "yesterday"], "'yesterday' is no moment"),
        (["--since", "2999-01-01"], "'2999-01-01' is yet to come: it is 20"),
        (["--duckdb", "missing.duckdb"], "there is no database missing.duckdb"),
        (["--dataset", "other"], "there is no revision_changes in"),
    ],
)
def test_what_cannot_be_asked_is_told_plainly(
    arguments: list[str],
    told: str,
    loaded_twice: Warehouse,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*_command(loaded_twice), *arguments]) == ExitCode.USAGE
    assert told in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def change(kind: str, change: str = "added", **values: str) -> Json:
    """A row of the view."""
    names = (
        *("first_seen_at", "project_id", "project_name", "integration_id", "integration_name"),
        *("action", "object_name", "field_name", "event_type", "event_name"),
        *("property", "old_value", "new_value"),
    )
    return {**dict.fromkeys(names), "kind": kind, "change": change, **values}


OF_CONTACT = {"action": "subscribe", "object_name": "contact", "event_type": "update"}


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (change("project", project_name="shop"), "added: project shop"),
        (
            change("project", "changed", project_name="shop", property="name", new_value="shop"),
            "changed: name of project shop: unset -> shop",
        ),
        (change("integration", "removed", integration_name="crm"), "removed: integration crm"),
        (change("revision", "removed", old_value="r1"), "removed: the manifest, revision r1"),
        (
            change("revision", "changed", property="revision_id", old_value="1", new_value="2"),
            "deployed again: nothing else changed, revision 1 -> 2",
        ),
        (
            change("object", action="read", object_name="deal", new_value="stream"),
            "added: read object deal, delivered to stream",
        ),
        (change("object", action="write", object_name="deal"), "added: write object deal"),
        (
            change(
                *("field", "removed"),
                action="read",
                object_name="deal",
                field_name="id",
                old_value="optional",
            ),
            "removed: optional field id of read object deal",
        ),
        (
            change("field", action="read", object_name="deal", new_value="optional"),
            "added: optional field of read object deal",
        ),
        (
            change("event", **OF_CONTACT, new_value="always"),
            "added: update event of subscribe object contact, enabled: always",
        ),
        (
            change("event", **{**OF_CONTACT, "event_type": "other"}, event_name="contact.merge"),
            "added: other event contact.merge of subscribe object contact",
        ),
        (
            change("watch_field", **OF_CONTACT, field_name="email"),
            "added: watched field email of update event of subscribe object contact",
        ),
        (
            change(
                "schema_watch_event",
                object_name="all_objects",
                event_type="field_deleted",
                new_value="always",
            ),
            "added: field_deleted watch on the schema of all_objects, enabled: always",
        ),
        (
            change("revision", "changed", property="note", old_value="a\n  b"),
            "changed: note of the manifest: a b -> unset",
        ),
    ],
)
def test_a_change_is_told_in_one_line(row: Json, line: str) -> None:
    assert describe(row) == line


def test_people_see_what_is_gone_first_and_a_revision_only_where_nothing_else_changed() -> None:
    def of(project: str, integration: str, day: int, row: Json) -> Json:
        ids = {"project_id": project, "integration_id": integration}
        names = {"project_name": "shop", "integration_name": "crm"}
        return {**row, **ids, **names, "first_seen_at": datetime(2026, 3, day, tzinfo=UTC)}

    deployed = change("revision", "changed", property="revision_id", old_value="1", new_value="2")
    new_object = change("object", action="read", object_name="deal")
    rows = [
        of("p", "i", 3, deployed),
        of("p", "i", 3, new_object),
        of("p", "i", 2, deployed),
        of("q", "i", 3, deployed),  # another project of the same name
        of("p", "j", 2, {**new_object, "change": "removed"}),
        of("p", "j", 1, change("integration", "removed")),
        of("p", "", 1, change("project", "removed")),
    ]
    table = for_people(Answer(tuple(rows[0]), [tuple(row.values()) for row in rows]))
    assert [(at.day, line.split(":")[0], line.split()[1]) for at, _, line in table.rows] == [
        (1, "removed", "project"),
        (1, "removed", "integration"),
        (3, "added", "read"),
        (2, "deployed again", "again:"),
        (3, "deployed again", "again:"),
        (2, "removed", "read"),
    ]
