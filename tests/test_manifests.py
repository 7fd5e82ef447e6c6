"""Manifests from files: how they are read, and that they are loaded beside what is deployed."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ampersand import ConfigurationError, ManifestError, create_views, manifests_source, rebuild
from ampersand.manifest_files import find_manifests, parse
from ampersand.manifest_history import Repository as Git
from ampersand.manifests import project_ids, read_history
from ampersand.tables import MODEL_VERSION
from ampersand_pipelines.cli import main
from ampersand_pipelines.sandbox import SandboxServer, read_manifests
from tests.support.drivers import rows_written, run_plainly
from tests.support.warehouses import DATASET, Warehouse

CRM = """\
specVersion: 1.0.0
integrations:
  - name: crm
    provider: hubspot
    read:
      objects:
        - objectName: contacts
          destination: webhook
          schedule: "0 * * * *"
          requiredFields:
            - fieldName: email
              mapToName: email_address
"""
DESK = """\
specVersion: 1.0.0
integrations:
  - {name: desk, provider: zendeskSupport, proxy: {enabled: true}}
"""


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


class Repository:
    """A git repository, whose clock goes a day further with each commit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.day = 0
        self.git("init", "-q", "-b", "trunk")

    def git(self, *arguments: str) -> str:
        date = f"2026-01-{self.day + 1:02}T00:00:00Z"
        author = ["-c", "user.name=tests", "-c", "user.email=tests@example.com"]
        done = subprocess.run(
            ["git", *author, *arguments],
            cwd=self.folder,
            env={**os.environ, "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def commit(self, files: dict[str, str | None]) -> str:
        """Writes files, or removes them, and commits that; returns the commit."""
        self.day += 1
        for name, text in files.items():
            if text is None:
                (self.folder / name).unlink()
            else:
                write(self.folder / name, text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "a change")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A database into which two manifests were deployed and loaded."""
    warehouse = Warehouse("duckdb", tmp_path_factory.mktemp("loaded"))
    write(warehouse.folder / "deployed" / "crm" / "amp.yaml", CRM)
    write(warehouse.folder / "deployed" / "desk" / "amp.yml", DESK)
    with SandboxServer(read_manifests(warehouse.folder / "deployed")) as api:
        run_plainly(warehouse, api.url)
    return warehouse


@pytest.fixture
def warehouse(loaded: Warehouse, tmp_path: Path) -> Warehouse:
    """A copy of it."""
    return loaded.copy(tmp_path)


def load(warehouse: Warehouse, *paths: Path, **arguments: Any) -> dict[str, int]:
    """Loads manifests with plain dlt; returns the rows that were written."""
    pipeline = warehouse.pipeline()
    pipeline.run(manifests_source([*paths], **arguments))
    create_views(pipeline)
    return rows_written(pipeline)


def declared(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    return warehouse.rows(
        "SELECT integration_name, declared_in, CAST(CAST(declared_from AS DATE) AS TEXT), "
        "is_current FROM declared_integrations ORDER BY declared_from, integration_id"
    )


def content(text: str) -> dict[str, Any]:
    """What is read of a manifest with these properties."""
    (manifest,) = parse(f"specVersion: 1.0\nintegrations:\n  - {text}\n".encode(), "amp.yaml")
    return manifest.content


def test_what_is_a_text_stays_as_it_was_written() -> None:
    read = content(
        "{name: 0123, provider: on, displayName: 2026-01-01, module: 1.0, extra: 2026-01-01, "
        "read: {objects: [{objectName: 1_000, schedule: ~, mapToName: 12:30, enabled: true, "
        "requiredFields: [0x1F, {fieldName: no, default: 1e3, prompt: '', other: yes}]}]}, "
        "subscribe: {objects: [{objectName: y, otherEvents: [1.50, [off]]}]}}"
    )
    assert read == {
        "name": "0123",
        "provider": "on",
        "displayName": "2026-01-01",
        "module": "1.0",
        "extra": "2026-01-01",
        "read": {
            "objects": [
                {
                    "objectName": "1_000",
                    "schedule": None,
                    "mapToName": "12:30",
                    "enabled": "true",
                    "requiredFields": [
                        "0x1F",
                        {"fieldName": "no", "default": "1e3", "prompt": "", "other": "yes"},
                    ],
                }
            ]
        },
        "subscribe": {"objects": [{"objectName": "y", "otherEvents": ["1.50", ["off"]]}]},
    }


def test_numbers_and_truth_values_are_read_where_they_belong() -> None:
    read = content(
        "{name: a, provider: b, proxy: {enabled: on, useModule: No}, novelty: [1, 1.5, true, ~, "
        "on, 12:30], read: {objects: [{backfill: {defaultPeriod: {days: 30}}}]}}"
    )
    assert read["proxy"] == {"enabled": True, "useModule": False}
    assert read["novelty"] == [1, 1.5, True, None, "on", "12:30"]
    assert read["read"]["objects"][0]["backfill"]["defaultPeriod"]["days"] == 30


def test_aliases_and_merged_keys_are_what_they_stand_for() -> None:
    text = CRM.replace("- objectName: contacts", "- &base\n          objectName: contacts")
    text += "        - {<<: *base, objectName: companies, destination: other}\n"
    (manifest,) = parse(text.encode(), "amp.yaml")
    first, second = manifest.content["read"]["objects"]
    assert second == {**first, "objectName": "companies", "destination": "other"}


def test_lines_are_those_of_the_nearest_thing() -> None:
    (manifest,) = parse(CRM.encode(), "amp.yaml")
    assert manifest.line == 3
    assert manifest.line_of("") == 3
    assert manifest.line_of(".read.objects[0]") == 7
    assert manifest.line_of(".read.objects[0]", "email") == 11
    assert manifest.line_of(".read.objects[0].requiredFields[0].mapToName") == 12
    assert manifest.line_of(".read.objects[0]", "nothing") == 7
    assert manifest.line_of(".write.objects[3]") == 3
    assert manifest.line_of("['read'].objects[7]") == 6
    assert manifest.line_of("", "schedule") == 9


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: b: c", "line 1: mapping values are not allowed here"),
        ("a: 1\nb: \x07", "line 2: unacceptable character #x0007"),
        ("a: 1\nb: \udcff", "line 2: 'utf-8' codec can't decode"),
        (CRM.replace("name: crm", "title: crm"), "line 3: integrations[0] has no name"),
        ("specVersion: 1.0.0\nintegrations:\n  - a", "line 3: integrations[0] is no mapping"),
        ("specVersion: 1.0.0\nintegrations: {}", "line 2: has no list of integrations"),
        ("\nother: 1", "line 2: has no specVersion"),
        (CRM + "              mapToName: other\n", "line 13: the key mapToName is there twice"),
        (CRM.replace("email\n", ".inf\n").replace("fieldName", "x"), "line 11: inf has no form"),
        ("? [a]\n: b", "line 1: a key is no text"),
        (CRM.replace("contacts", "!thing contacts").replace("objectName", "x"), "line 7: could"),
        (CRM.replace("name: crm", 'name: "a\\0b"'), "line 3: the name cannot be stored"),
    ],
)  # fmt: skip
def test_a_bad_manifest_is_named_with_line_and_reason(
    text: str, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "amp.yaml"
    path.write_bytes(text.encode(errors="surrogateescape"))
    assert main(["load-manifests", str(path), "--duckdb", str(tmp_path / "new.duckdb")]) == 2
    assert capsys.readouterr().err.startswith(f"ampersand: {path}: {reason}")
    assert not (tmp_path / "new.duckdb").exists()


def test_aliases_that_fill_the_memory_are_refused() -> None:
    bomb = "".join(
        f"    x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 10) if n else '1'}]\n" for n in range(9)
    )
    with pytest.raises(ManifestError, match=r"line \d+: has more than 100,000 values"):
        parse(f"{CRM}{bomb}".encode(), "amp.yaml")


def test_files_are_found_as_the_sandbox_finds_them(tmp_path: Path) -> None:
    for name in ("b/ amp.yaml", "c/d/AMP.yml", "amp.yaml", "other.yaml", "amp.yaml.bak"):
        write(tmp_path / name, DESK)
    found = [path.relative_to(tmp_path).as_posix() for path in find_manifests([tmp_path])]
    assert found == ["amp.yaml", "b/ amp.yaml", "c/d/AMP.yml"]
    named = [tmp_path / "other.yaml", tmp_path / "c", tmp_path / "other.yaml"]
    assert find_manifests(named) == [tmp_path / "other.yaml", tmp_path / "c/d/AMP.yml"]
    with pytest.raises(ManifestError, match="missing: is no file and no folder"):
        find_manifests([tmp_path / "missing"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(ManifestError, match=r"empty: holds no amp\.yaml"):
        find_manifests([tmp_path / "empty"])


def test_what_is_declared_is_no_part_of_what_is_deployed(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    questions = [
        "SELECT * FROM current_integrations ORDER BY ALL",
        "SELECT * FROM current_unmapped_properties ORDER BY ALL",
        "SELECT * FROM integrations ORDER BY ALL",
        "SELECT * FROM integration_history ORDER BY ALL",
        "SELECT * FROM project_freshness",
        "SELECT * FROM revision_changes",
        "SELECT * FROM unmapped_properties_summary",
        "SELECT * FROM manifest_findings ORDER BY ALL",
        "SELECT * FROM environment_differences",
    ]
    before = [warehouse.rows(question) for question in questions]
    write(tmp_path / "files" / "amp.yaml", CRM.replace("email_address", "mail") + "    new: 1\n")
    rows = load(warehouse, tmp_path / "files")
    assert rows["listing_integrations"] == rows["revisions"] == rows["revision_fields"] == 1
    assert [warehouse.rows(question) for question in questions] == before
    assert warehouse.rows(
        "SELECT integration_id, json_path FROM revision_unmapped_properties LEFT JOIN revisions "
        "USING (revision_key)"
    ) == [("manifest:crm", "$.latestRevision.content.new")]
    with SandboxServer(read_manifests(tmp_path / "deployed")) as api:
        assert "revisions" not in run_plainly(warehouse, api.url).rows
    assert [
        row[0] for row in warehouse.rows("SELECT outcome FROM project_listings ORDER BY run_id")
    ] == [*("listed", "listed", "unchanged")]


@pytest.mark.thorough
def test_loading_twice_loads_nothing_new(warehouse: Warehouse, tmp_path: Path) -> None:
    load(warehouse, tmp_path / "deployed")
    again = load(warehouse, tmp_path / "deployed")
    assert {name: n for name, n in again.items() if not name.startswith("_dlt")} == {
        "extraction_runs": 1,
        "project_listings": 1,
    }
    write(tmp_path / "deployed" / "desk" / "amp.yml", DESK.replace("true", "false"))
    changed = load(warehouse, tmp_path / "deployed")
    assert (changed["listing_integrations"], changed["revisions"]) == (2, 1)
    assert "revision_fields" not in changed
    assert [row[0] for row in declared(warehouse)] == ["crm", "desk"] * 2
    assert [row[3] for row in declared(warehouse)] == [False, False, True, True]


@pytest.mark.thorough
def test_rows_of_what_is_declared_can_be_made_again(warehouse: Warehouse, tmp_path: Path) -> None:
    load(warehouse, tmp_path / "deployed")
    warehouse.execute(
        f"UPDATE {DATASET}.extraction_runs SET model_version = {MODEL_VERSION - 1} "
        "WHERE scope = 'manifests'"
    )
    before = warehouse.rows(
        "SELECT field_key, field_name, map_to_name FROM revision_fields ORDER BY 1"
    )
    assert rebuild(warehouse.pipeline()) == 4
    after = warehouse.rows(
        "SELECT field_key, field_name, map_to_name FROM revision_fields ORDER BY 1"
    )
    assert after == before
    assert load(warehouse, tmp_path / "deployed")["project_listings"] == 1


@pytest.mark.thorough
def test_each_commit_is_what_was_declared_then(
    warehouse: Warehouse, repository: Repository
) -> None:
    first = repository.commit({"crm/amp.yaml": CRM})
    second = repository.commit({"desk/ amp.yaml": DESK, "crm/notes.md": "none of it"})
    repository.commit({"crm/notes.md": "nothing that is declared"})
    repository.git("checkout", "-q", "-b", "aside")
    repository.commit({"crm/amp.yaml": CRM.replace("webhook", "queue")})
    repository.commit({"crm/amp.yaml": CRM.replace("webhook", "stream")})
    repository.git("checkout", "-q", "trunk")
    repository.day += 1
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "aside")
    merged = repository.git("rev-parse", "HEAD")
    repository.commit({"crm/amp.yaml": None})
    write(repository.folder / "crm" / "amp.yaml", "not: committed")

    rows = load(warehouse, repository.folder, history=True)
    crm = f'{{"file":"crm/amp.yaml","line":3,"commit":"{first}"}}'
    desk = f'{{"file":"desk/ amp.yaml","line":3,"commit":"{second}"}}'
    assert declared(warehouse) == [
        ("crm", crm, "2026-01-02", False),
        ("crm", crm, "2026-01-03", False),
        ("desk", desk, "2026-01-03", False),
        ("crm", crm.replace(first, merged), "2026-01-07", False),
        ("desk", desk, "2026-01-07", False),
        ("desk", desk, "2026-01-08", True),
    ]
    assert (rows["extraction_runs"], rows["revisions"]) == (4, 3)
    assert warehouse.rows(
        "SELECT CAST(committed_at AS DATE)::TEXT FROM declared_integrations WHERE is_current"
    ) == [("2026-01-03",)]

    before = warehouse.rows("SELECT run_id FROM extraction_runs ORDER BY run_id")
    (repository.folder / "crm" / "amp.yaml").unlink()
    repository.commit({"crm/amp.yml": CRM})
    assert load(warehouse, repository.folder, history=True)["extraction_runs"] == 1
    after = warehouse.rows("SELECT run_id FROM extraction_runs ORDER BY run_id")
    assert (len(after), set(before) - set(after)) == (len(before) + 1, set())
    load(warehouse, repository.folder)
    assert {json.loads(row[1]).get("commit") for row in declared(warehouse) if row[3]} == {None}


def test_a_history_may_be_of_a_folder_or_a_file(
    repository: Repository,
) -> None:
    repository.commit({"a/amp.yaml": CRM, "b/other.yaml": DESK, "b/amp.yaml": "no: manifest"})
    paths = [repository.folder / "a", repository.folder / "b" / "other.yaml"]
    (declaration,) = read_history(Git(paths))
    assert [element["file"] for element in declaration.elements] == ["a/amp.yaml", "b/other.yaml"]


def test_of_a_history_only_the_last_commit_must_be_readable(
    warehouse: Warehouse, repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.commit({"amp.yaml": CRM})
    broken = repository.commit({"amp.yaml": CRM + "oops"})
    place = ["--duckdb", str(warehouse.file), "--dataset", DATASET]
    place += ["--pipelines-dir", str(warehouse.pipelines_dir)]
    command = ["load-manifests", str(repository.folder), "--history", *place]
    assert main(command) == 2
    assert "ampersand: amp.yaml: line 13: could not find expected ':'" in capsys.readouterr().err
    repository.commit({"amp.yaml": CRM})
    assert main(command) == 0
    assert f"left out, could not be read: {broken[:12]}: amp.yaml: line" in capsys.readouterr().out
    assert warehouse.rows("SELECT outcome FROM project_listings ORDER BY run_id")[:3] == [
        ("listed",),
        ("failed",),
        ("listed",),
    ]
    assert main(command) == 0
    assert capsys.readouterr().out == "All of the history was loaded before.\n"


def test_without_a_history_there_is_nothing_to_load(
    tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "amp.yaml", CRM)
    with pytest.raises(ConfigurationError, match="git says: fatal: not a git repository"):
        manifests_source([tmp_path / "amp.yaml"], history=True)
    repository.commit({"other": ""})
    with pytest.raises(ConfigurationError, match="no commit has a manifest in the repository"):
        manifests_source([repository.folder], history=True)
    other = Repository(tmp_path / "other")
    with pytest.raises(ConfigurationError, match="are several repositories"):
        manifests_source([repository.folder, other.folder], history=True)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigurationError, match="there is no git"):
        manifests_source([repository.folder], history=True)


def test_the_project_is_found_by_name_or_must_be_named() -> None:
    there = {"p1": "First", "p2": None}
    assert project_ids(["first", "p2", "p1"], there) == ["p1", "p2"]
    assert project_ids(["later"], {}) == ["later"]
    assert project_ids(None, {"p1": "first"}) == ["p1"]
    with pytest.raises(ConfigurationError, match="declared for: First, p2 are there; name one"):
        project_ids([], there)
    with pytest.raises(ConfigurationError, match="none has been loaded yet; name one"):
        project_ids(None, {})
    with pytest.raises(ConfigurationError, match="must be a list"):
        project_ids("first", there)
    with pytest.raises(ConfigurationError, match="paths must be a list"):
        manifests_source("folder")


def test_the_command_tells_what_it_loaded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse = Warehouse("duckdb", tmp_path)
    file = write(tmp_path / "amp.yaml", CRM)
    place = ["--duckdb", str(warehouse.file), "--dataset", DATASET]
    place += ["--pipelines-dir", str(warehouse.pipelines_dir)]
    assert main(["load-manifests", str(file), *place]) == 2
    assert "none has been loaded yet; name one" in capsys.readouterr().err
    assert not warehouse.file.exists()
    command = ["load-manifests", str(file), *place, "--project", "a", "--project", "b"]
    assert main(command) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"Loaded into {warehouse.file}, dataset {DATASET}",
        "  a: 1 integration, new",
        "  b: 1 integration, new",
    ]
    assert main(command) == 0
    assert (
        "  a: 1 integration, as they were when they were loaded last\n" in capsys.readouterr().out
    )
    assert warehouse.rows("SELECT COUNT(*) FROM listing_integrations") == [(2,)]


def test_the_yaml_of_the_sandbox_is_read_as_yaml(tmp_path: Path) -> None:
    """Nothing but texts is read in another way than PyYAML does."""
    for path in Path("pipelines/ampersand_pipelines/sandbox/data").rglob("amp.yaml"):
        documents = yaml.safe_load(path.read_text())["integrations"]
        assert [m.content for m in parse(path.read_bytes(), "x")] == documents
