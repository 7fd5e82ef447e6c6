"""What happens to listings, step by step, on every destination, with plain dlt and the command."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from shutil import rmtree
from typing import Any

import pytest

from ampersand.tables import CORE_TABLES
from ampersand_pipelines.sandbox import SandboxServer
from tests.support.acme import Acme, count_fields, count_objects
from tests.support.drivers import Command, Driver, Run, run_plainly
from tests.support.warehouses import WITH_A_LANE, Kind, State, Warehouse, lost

LEDGER = {table.name for table in CORE_TABLES if table.ledger} | {"_dlt_pipeline_state"}

AT_FIRST = "alpha: crm-1 billing-1 | beta: desk-1 | gamma:"
CRM_2 = "alpha: crm-2 billing-1 | beta: desk-1 | gamma:"
CRM_2_DESK_2 = "alpha: crm-2 billing-1 | beta: desk-2 | gamma:"
BETA_GONE = "alpha: crm-1 billing-1 | gamma:"


@dataclass
class World:
    """All that a step may change."""

    acme: Acme
    warehouse: Warehouse
    backup: Warehouse | None = None


@dataclass(frozen=True)
class Phase:
    """One change, and what is there after a run.

    Attributes:
        now: Current projects, each as `name: revision ...`, where `crm-1` stands for the
            integration `i-crm` named `crm`; else `id/name/revision`. A project whose id is not
            that of its name is written as `id=name`.
        change: Changes the account or the database.
        removed: Integrations that are there no more, as `project/integration`.
        run: The arguments of the run.
        exit_code: Of the command; plain dlt knows 1 and success.
        new_revisions: Rows that are added to the table `revisions`.
        more_fields: Fields in a project beyond those of its revisions as they were made.
        forgets: Whether the change takes rows away.
    """

    now: str
    change: Callable[[World], Any] = lambda world: None
    removed: str = ""
    run: Run = Run()  # noqa: RUF009, it is frozen
    exit_code: int = 0
    new_revisions: int = 0
    more_fields: dict[str, int] = field(default_factory=dict)
    forgets: bool = False


def _expected(phase: Phase) -> State:
    state = State(removed={f"p-{key}".replace("/", "/i-") for key in phase.removed.split()})
    for part in filter(None, phase.now.split("|")):
        head, _, revisions = part.partition(":")
        short, _, name = head.strip().partition("=")
        project = f"p-{short}"
        state.projects[project] = name or short
        for token in revisions.split():
            if "/" in token:
                identifier, name, revision = token.split("/")
            else:
                name, revision = token.rpartition("-")[0], token
                identifier = f"i-{name}"
            state.integrations[f"{project}/{identifier}"] = (name, revision)
            made, _, edition = revision.rpartition("-")
            for counts, count in ((state.objects, count_objects), (state.fields, count_fields)):
                counts[project] = counts.get(project, 0) + count(made, int(edition))
    for project, number in phase.more_fields.items():
        state.fields[f"p-{project}"] += number
    return state


def _change_content(world: World) -> None:
    content = world.acme.integration("alpha", "crm")["latestRevision"]["content"]
    content["read"]["objects"][0]["requiredFields"].append({"fieldName": "added"})


def _reorder_keys(world: World) -> None:
    def reordered(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: reordered(value[key]) for key in reversed(value)}
        return [reordered(entry) for entry in value] if isinstance(value, list) else value

    listing = world.acme.listing("alpha")
    listing[:] = reordered(listing)


def _recreate_project(world: World) -> None:
    world.acme.abandon("beta")
    world.acme.found("beta", "p-beta-new")
    world.acme.deploy("beta", "desk", 1)


def _found_again(world: World) -> None:
    world.acme.found("beta")
    world.acme.deploy("beta", "desk", 1)


def _found_again_and_fail(world: World) -> None:
    _found_again(world)
    world.acme.fail_listing("beta")


def _abandon_all(world: World) -> None:
    for project in ("alpha", "beta", "gamma"):
        world.acme.abandon(project)


def _deploy_everywhere(world: World) -> None:
    world.acme.deploy("alpha", "crm", 2)
    world.acme.deploy("beta", "desk", 2)


def _deploy_where_one_fails(world: World) -> None:
    _deploy_everywhere(world)
    world.acme.fail_listing("beta")


def _fail_list_of_projects(world: World) -> None:
    world.acme.deploy("alpha", "crm", 2)
    world.acme.abandon("beta")
    world.acme.fail("/projects", 503)


def _two_keys(world: World) -> None:
    world.acme.give_keys(key_a=["alpha"], key_b=["beta"])


def _revoke_one_key(world: World) -> None:
    _deploy_everywhere(world)
    assert world.acme.account.keys
    del world.acme.account.keys["key_b"]


def _deploy_and_abandon(world: World) -> None:
    world.acme.deploy("alpha", "crm", 2)
    world.acme.abandon("beta")


def _back_up_and_deploy(world: World) -> None:
    world.backup = world.warehouse.copy(world.warehouse.folder.parent / "backup")
    world.acme.deploy("alpha", "crm", 2)


def _restore(world: World) -> None:
    assert world.backup
    world.warehouse.restore(world.backup)


BOTH_KEYS = Run(keys={"alpha": "key_a", "beta": "key_b"})
ONE_KEY = Run(keys={"alpha": "key_a"})
ALPHA = Run(projects=["alpha"])

STEPS: dict[str, list[Phase]] = {
    "unchanged": [Phase(AT_FIRST)],
    "revision_changed": [
        Phase(CRM_2, lambda world: world.acme.deploy("alpha", "crm", 2), new_revisions=1)
    ],
    "content_changed_under_the_same_revision_id": [
        Phase(AT_FIRST, _change_content, new_revisions=1, more_fields={"alpha": 1})
    ],
    "order_of_the_list_changed": [
        Phase(AT_FIRST, lambda world: world.acme.listing("alpha").reverse())
    ],
    "order_of_keys_changed": [Phase(AT_FIRST, _reorder_keys)],
    "integration_removed": [
        Phase(
            "alpha: billing-1 | beta: desk-1 | gamma:",
            lambda world: world.acme.remove("alpha", "crm"),
            removed="alpha/crm",
        )
    ],
    "last_integration_of_a_project_removed": [
        Phase(
            "alpha: crm-1 billing-1 | beta: | gamma:",
            lambda world: world.acme.remove("beta", "desk"),
            removed="beta/desk",
        )
    ],
    "null_for_an_empty_list": [
        Phase(
            "alpha: crm-1 billing-1 | beta: | gamma:",
            lambda world: world.acme.account.integrations.update({"p-beta": None, "p-gamma": None}),
            removed="beta/desk",
        )
    ],
    "integration_removed_and_back": [
        Phase(
            "alpha: billing-1 | beta: desk-1 | gamma:",
            lambda world: world.acme.remove("alpha", "crm"),
            removed="alpha/crm",
        ),
        Phase(AT_FIRST, lambda world: world.acme.deploy("alpha", "crm", 1)),
    ],
    "revision_changed_and_back": [
        Phase(CRM_2, lambda world: world.acme.deploy("alpha", "crm", 2), new_revisions=1),
        Phase(AT_FIRST, lambda world: world.acme.deploy("alpha", "crm", 1)),
        Phase(CRM_2, lambda world: world.acme.deploy("alpha", "crm", 2)),
    ],
    "integration_renamed": [
        Phase(
            "alpha: i-crm/customers/crm-1 billing-1 | beta: desk-1 | gamma:",
            lambda world: world.acme.integration("alpha", "crm").update(name="customers"),
        )
    ],
    "integration_recreated_under_the_same_name": [
        Phase(
            "alpha: i-crm-new/crm/crm-1 billing-1 | beta: desk-1 | gamma:",
            lambda world: world.acme.integration("alpha", "crm").update(id="i-crm-new"),
            removed="alpha/crm",
            new_revisions=1,
        )
    ],
    "integration_moved_to_another_project": [
        Phase(
            "alpha: crm-1 | beta: desk-1 billing-1 | gamma:",
            lambda world: world.acme.move("billing", "alpha", "beta"),
            removed="alpha/billing",
            new_revisions=1,
        )
    ],
    "project_removed": [
        Phase(BETA_GONE, lambda world: world.acme.abandon("beta"), removed="beta/desk")
    ],
    "project_removed_and_back": [
        Phase(BETA_GONE, lambda world: world.acme.abandon("beta"), removed="beta/desk"),
        Phase(AT_FIRST, _found_again),
    ],
    "project_back_and_failing_stays_gone": [
        Phase(BETA_GONE, lambda world: world.acme.abandon("beta"), removed="beta/desk"),
        Phase(BETA_GONE, _found_again_and_fail, removed="beta/desk", exit_code=3),
        Phase(AT_FIRST, lambda world: world.acme.recover()),
    ],
    "project_renamed": [
        Phase(
            "alpha=omega: crm-1 billing-1 | beta: desk-1 | gamma:",
            lambda world: world.acme.project("alpha").update(name="omega"),
        )
    ],
    "project_recreated_under_the_same_name": [
        Phase(
            "alpha: crm-1 billing-1 | beta-new=beta: desk-1 | gamma:",
            _recreate_project,
            removed="beta/desk",
            new_revisions=1,
        )
    ],
    "no_projects_at_all": [
        Phase("", _abandon_all, removed="alpha/crm alpha/billing beta/desk"),
    ],
    "run_limited_to_one_project": [
        Phase(CRM_2, _deploy_everywhere, run=ALPHA, new_revisions=1),
        Phase(CRM_2_DESK_2, new_revisions=1),
    ],
    "run_limited_to_one_project_while_another_is_removed": [
        Phase(AT_FIRST, lambda world: world.acme.abandon("beta"), run=ALPHA),
        Phase(BETA_GONE, removed="beta/desk"),
    ],
    "one_project_fails": [
        Phase(CRM_2, _deploy_where_one_fails, exit_code=3, new_revisions=1),
        Phase(CRM_2_DESK_2, lambda world: world.acme.recover(), new_revisions=1),
    ],
    "named_project_is_not_found_any_more": [
        Phase(
            BETA_GONE,
            lambda world: world.acme.abandon("beta"),
            run=Run(projects=["alpha", "beta"]),
            removed="beta/desk",
        )
    ],
    "named_project_was_never_found": [
        Phase(AT_FIRST, run=Run(projects=["alpha", "nobody"]), exit_code=3)
    ],
    "nothing_named_was_ever_found": [
        Phase(
            AT_FIRST,
            lambda world: world.acme.deploy("alpha", "crm", 2),
            run=Run(projects=["nobody"]),
            exit_code=1,
        )
    ],
    "named_project_was_renamed": [
        Phase(
            "alpha: crm-1 billing-1 | beta=delta: desk-1 | gamma:",
            lambda world: world.acme.project("beta").update(name="delta"),
            run=Run(projects=["beta"]),
        )
    ],
    "named_project_was_recreated_and_is_not_found_any_more": [
        Phase(
            "alpha: crm-1 billing-1 | beta-new=beta: desk-1 | gamma:",
            _recreate_project,
            removed="beta/desk",
            new_revisions=1,
        ),
        Phase(
            BETA_GONE,
            lambda world: world.acme.abandon("beta"),
            run=Run(projects=["beta"]),
            removed="beta/desk beta-new/desk",
        ),
    ],
    "list_of_projects_fails": [
        Phase(AT_FIRST, _fail_list_of_projects, exit_code=1),
        Phase(
            "alpha: crm-2 billing-1 | gamma:",
            lambda world: world.acme.recover(),
            removed="beta/desk",
            new_revisions=1,
        ),
    ],
    "list_of_projects_fails_where_projects_are_named": [
        Phase(CRM_2, _fail_list_of_projects, run=ALPHA, new_revisions=1)
    ],
    "one_key_for_each_project": [
        Phase(AT_FIRST, _two_keys, run=BOTH_KEYS),
        Phase(BETA_GONE, lambda world: world.acme.abandon("beta"), "beta/desk", run=BOTH_KEYS),
    ],
    "one_key_of_two_is_revoked": [
        Phase(AT_FIRST, _two_keys, run=BOTH_KEYS),
        Phase(CRM_2, _revoke_one_key, run=BOTH_KEYS, exit_code=3, new_revisions=1),
    ],
    "key_is_taken_out_of_the_configuration": [
        Phase(AT_FIRST, _two_keys, run=BOTH_KEYS),
        Phase(CRM_2, _deploy_and_abandon, run=ONE_KEY, new_revisions=1),
    ],
    "database_deleted": [
        Phase(AT_FIRST, lambda world: world.warehouse.delete_database(), forgets=True),
        Phase(CRM_2, lambda world: world.acme.deploy("alpha", "crm", 2), new_revisions=1),
    ],
    "pipelines_folder_deleted": [
        Phase(AT_FIRST, lambda world: rmtree(world.warehouse.pipelines_dir)),
        Phase(CRM_2, lambda world: world.acme.deploy("alpha", "crm", 2), new_revisions=1),
    ],
    "database_restored_from_an_older_copy": [
        Phase(CRM_2, _back_up_and_deploy, new_revisions=1),
        Phase(CRM_2, _restore, forgets=True),
        Phase(AT_FIRST, lambda world: world.acme.deploy("alpha", "crm", 1)),
    ],
}


EVERYWHERE = {
    "null_for_an_empty_list",
    "integration_removed_and_back",
    "integration_moved_to_another_project",
    "one_project_fails",
    "one_key_of_two_is_revoked",
}
"""Steps that differ in kind: taken on every destination, and on DuckDB again."""

OF_A_LAKE = {
    "revision_changed_and_back",
    "run_limited_to_one_project_while_another_is_removed",
    "database_deleted",
    "pipelines_folder_deleted",
    "database_restored_from_an_older_copy",
}
"""Steps taken on a lake as well; all of them would take hours."""

FAST_WITH_A_LANE = {"mariadb", "ducklake"}
"""Where every step is taken, among what has a lane of its own."""


def _parameters() -> Iterator[Any]:
    for way in ("duckdb", "duckdb_command", "sqlite", "postgres"):
        for number, name in enumerate(STEPS):
            # five steps of eight, by one of the two drivers, whenever tests are run
            in_turn = ("duckdb", "duckdb_command")[number % 2]
            usual = way == in_turn and (way == "duckdb" or number % 8 == 1)
            marks = () if usual else pytest.mark.thorough
            yield pytest.param(way, name, marks=marks, id=f"{way}-{name}")
    for kind in WITH_A_LANE:
        for name in STEPS:
            if kind in FAST_WITH_A_LANE or name in EVERYWHERE | OF_A_LAKE:
                yield pytest.param(kind, name, marks=pytest.mark.warehouse, id=f"{kind}-{name}")


@pytest.mark.parametrize(("way", "name"), list(_parameters()))
def test_step(
    way: str, name: str, command: Command, loaded_warehouse: Callable[[Kind], Warehouse]
) -> None:
    kind: Kind = way.removesuffix("_command")  # type: ignore[assignment]
    driver: Driver = command if way == "duckdb_command" else run_plainly
    world = World(Acme(), loaded_warehouse(kind))
    with SandboxServer(world.acme.account) as api:
        for phase in STEPS[name]:
            _check(phase, world, api.url, driver)
        if kind == "duckdb" and name in EVERYWHERE:
            _check_again(STEPS[name][-1], world.warehouse, api.url)


def _check(phase: Phase, world: World, url: str, driver: Driver) -> None:
    warehouse = world.warehouse
    before = warehouse.content()
    phase.change(world)
    outcome = driver(warehouse, url, phase.run)
    is_command = isinstance(driver, Command)
    assert outcome.exit_code == (phase.exit_code if is_command else phase.exit_code == 1)
    assert warehouse.state() == _expected(phase)
    after = warehouse.content()
    if not phase.forgets:
        assert lost(before, after) == {}
        assert after["revisions"].total() - before["revisions"].total() == phase.new_revisions


def _check_again(phase: Phase, warehouse: Warehouse, url: str) -> None:
    """The same run once more changes nothing."""
    views, content = warehouse.views(), warehouse.content()
    again = run_plainly(warehouse, url, phase.run)
    assert again.exit_code == (phase.exit_code == 1)
    assert warehouse.views() == views
    assert warehouse.content() == content
    if phase.exit_code == 0:
        written = {name for name, rows in again.rows.items() if rows} - LEDGER
        assert not written, "the second run wrote rows"
