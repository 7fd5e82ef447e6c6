"""What the wheel holds, what installing it brings along, and the files that people copy."""

import ast
import inspect
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution, packages_distributions
from pathlib import Path
from typing import Any, get_args

import pytest
from dlt.common.destination import Destination
from dlt.common.runtime.run_context import RunContext, switched_run_context
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ampersand import ampersand_source
from ampersand.settings import DEFAULT_BASE_URL
from ampersand.tables import DEFAULT_COLLECTIONS
from ampersand_pipelines.sandbox import Account, SandboxServer
from tests.support.golden_sql import DESTINATIONS
from tests.support.offline import Offline
from tests.support.warehouses import WITH_A_LANE, Kind

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PACKAGES = {
    "ampersand": ROOT / "sources" / "ampersand",
    "ampersand_pipelines": ROOT / "pipelines" / "ampersand_pipelines",
}
# Two are secrets, and the third is a decision for one run.
NO_SETTINGS = {"api_key", "api_keys", "full", "personal_hash_key"}
# As a pattern, so that this file holds none of them.
REGISTRY_HOSTS = (
    r"(pypi|pythonhosted|npmjs|deb[.]debian|proxy[.]golang|conda[.]anaconda)[.](org|com)"
    r"|crates[.]io"
)


def git(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *args], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def checkout() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")


def requirements(lines: list[str]) -> set[Requirement]:
    return {Requirement(line) for line in lines}


def imported(folder: Path) -> Iterator[str]:
    """Top-level names of the modules that a folder's code imports, except its own."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.partition(".")[0]


def uncommented(text: str) -> str:
    """The file as it is when every commented setting is switched on."""
    return re.sub(r"(?m)^# (\[[\w.]+\]|[\w-]+ = .*)$", r"\1", text)


def brought_along(wanted: set[Requirement]) -> Iterator[Distribution]:
    """The installed distributions that requirements ask for, and those that these need in turn."""
    todo, seen = list(wanted), set()
    while todo:
        requirement = todo.pop()
        if requirement in seen:
            continue
        seen.add(requirement)
        found = distribution(requirement.name)
        yield found
        for needed in map(Requirement, found.requires or ()):
            extras = ("", *requirement.extras)
            if not needed.marker or any(needed.marker.evaluate({"extra": e}) for e in extras):
                todo.append(needed)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run(
        [*command, "--directory", str(folder)], cwd=ROOT, check=True, capture_output=True
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that has the wheel, and nothing that it does not
    ask for: what it asks for is linked from the environment that the tests run in.
    """
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, symlinks=True)
    bin_folder = folder / "bin"
    (site_packages,) = folder.glob("lib/python*/site-packages")
    links = {
        file.parts[0]: str(found.locate_file(file.parts[0]))
        for found in brought_along(requirements(PROJECT["dependencies"]))
        for file in found.files or ()
    }
    for name in links.keys() - {"..", "__pycache__"}:
        (site_packages / name).symlink_to(links[name])
    pip = [sys.executable, "-m", "pip", "--python", str(bin_folder / "python"), "install"]
    subprocess.run(
        [*pip, "--quiet", "--no-index", "--no-deps", str(wheel)], check=True, capture_output=True
    )
    return bin_folder


def test_wheel_holds_both_packages_with_their_data(wheel: Path):
    assert wheel.name == f"dlt_source_ampersand-{PROJECT['version']}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}

    on_disk = {
        f"{package}/{path.relative_to(folder).as_posix()}"
        for package, folder in PACKAGES.items()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert names == on_disk - {"ampersand/requirements.txt"}
    assert {
        f"{package}/{name}" for package in PACKAGES for name in ("__init__.py", "py.typed")
    } <= names
    assert any(
        name.startswith("ampersand_pipelines/sandbox/data/") and name.endswith(".yaml")
        for name in names
    )


class Programs:
    """The programs of an environment, run in a folder as `dlt init` leaves it: telemetry is on."""

    def __init__(self, bin_folder: Path, folder: Path) -> None:
        self._bin, self._folder = bin_folder, folder
        (folder / ".dlt").mkdir()
        (folder / ".dlt" / "config.toml").write_text("[runtime]\ndlthub_telemetry = true\n")
        self.offline = Offline(folder)
        self._environment = {
            **self.offline.environment,
            "PYTHONPATH": str(folder),  # what guards the sockets, and none of the sources
            "DLT_DATA_DIR": str(folder),
            "AMP_API_KEY": "any",
        }

    def start(self, program: str, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(self._bin / program), *arguments],
            cwd=self._folder,
            env=self._environment | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, program: str, *arguments: str, **variables: str) -> str:
        with self.start(program, *arguments, **variables) as process:
            output, _ = process.communicate()
        assert process.returncode == 0, output
        return output


@pytest.fixture
def programs(installed: Path, tmp_path: Path) -> Programs:
    return Programs(installed, tmp_path)


def test_wheel_works_with_its_dependencies_alone_and_without_telemetry(
    installed: Path, programs: Programs
):
    code = (
        "import importlib.util as u; print(*map(u.find_spec, ['pytest', 'ampersand']), sep='\\n')"
    )
    development, own = programs.run("python", "-c", code).splitlines()
    assert development == "None"
    assert str(installed.parent) in own

    assert programs.run("ampersand", "--version") == f"ampersand {PROJECT['version']}\n"
    assert programs.run("ampersand", "--help").startswith("usage: ampersand")
    with programs.start("ampersand", "sandbox", "--port", "0") as sandbox:
        try:
            assert sandbox.stdout is not None
            line = sandbox.stdout.readline()
            address = re.search(r"http://[\w.:/]+", line)
            assert address, line
            url = ("--base-url", address[0])
            assert "2 projects can be loaded" in programs.run("ampersand", "check", *url)
            assert "30 new" in programs.run("ampersand", "load", *url)
            assert "30 revisions" in programs.run("ampersand", "rebuild")
        finally:
            sandbox.terminate()
    assert programs.offline.attempts() == []


@pytest.mark.thorough
def test_the_environment_turns_telemetry_on(programs: Programs):
    on = {"RUNTIME__DLTHUB_TELEMETRY": "true"}
    with SandboxServer(Account()) as server:
        programs.run("ampersand", "load", "--dry-run", "--base-url", server.url, **on)
    assert programs.offline.attempts() != []


def test_source_requirements_are_those_of_the_project():
    source = requirements((PACKAGES["ampersand"] / "requirements.txt").read_text().splitlines())
    pipelines_only = {"Jinja2", "junitparser", "rich", "tqdm"}
    assert source == {
        requirement
        for requirement in requirements(PROJECT["dependencies"])
        if requirement.name not in pipelines_only
    }


def test_every_dependency_has_both_bounds_and_a_reason():
    text = (ROOT / "pyproject.toml").read_text().partition("[project.scripts]")[0]
    lines = re.findall(r'(?m)^    "(.*[<>=].*)",(.*)$', text)
    extras = [line for extra in PROJECT["optional-dependencies"].values() for line in extra]
    everything = requirements(PROJECT["dependencies"] + extras)
    everything = {r for r in everything if r.name != PROJECT["name"]}
    assert {Requirement(line) for line, _ in lines} == everything
    for line, reason in lines:
        assert sorted(s.operator for s in Requirement(line).specifier) == ["<", ">="], line
        assert reason.strip().startswith("# ") or line.startswith("types-"), f"{line}: why?"


def test_the_extras_are_those_that_the_readme_gives_reasons_for():
    section = (ROOT / "README.md").read_text().partition("## Use it in your own project")[2]
    rows = re.findall(r"(?m)^\| (\w+) \| (?:none needed|`(\w+)`) \|$", section)
    kinds = {"DuckDB": "duckdb", "PostgreSQL": "postgres", "SQLite": "sqlite"}
    assert {kinds[destination] for destination, _ in rows} == {*get_args(Kind)} - {*WITH_A_LANE}
    destinations = [extra for _, extra in rows if extra]
    assert set(PROJECT["optional-dependencies"]) == {*destinations, "notebooks", "dev"}
    assert f"[{destinations[0]}]" in section
    assert "`notebooks`" in section


def pins(file: str) -> dict[str, str]:
    lines = (ROOT / file).read_text().splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def test_drivers_of_warehouses_are_pinned_beside_the_same_versions():
    usual, with_drivers = pins("constraints.txt"), pins("tests/constraints-dialects.txt")
    assert list(with_drivers) == sorted(with_drivers, key=canonicalize_name)
    assert {name for name in usual if with_drivers.get(name) != usual[name]} == {"python-dateutil"}
    drivers = {"google-cloud-bigquery", "databricks-sql-connector", "snowflake-connector-python"}
    assert drivers <= with_drivers.keys() - usual.keys()


def test_constraints_pin_every_dependency_within_its_bounds():
    pinned = pins("constraints.txt")
    assert list(pinned) == sorted(pinned, key=canonicalize_name)
    versions = {canonicalize_name(name): version for name, version in pinned.items()}
    extras = [line for extra in PROJECT["optional-dependencies"].values() for line in extra]
    for requirement in requirements(PROJECT["dependencies"] + extras):
        if requirement.name != PROJECT["name"]:
            assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)]), (
                requirement
            )


@pytest.mark.parametrize(
    ("package", "declared"),
    [
        ("ampersand", PACKAGES["ampersand"].joinpath("requirements.txt").read_text().splitlines()),
        ("ampersand_pipelines", PROJECT["dependencies"]),
    ],
)
def test_everything_imported_is_declared(package: str, declared: list[str]):
    names = {canonicalize_name(requirement.name) for requirement in requirements(declared)}
    distributions = packages_distributions()
    undeclared = [
        module
        for module in set(imported(PACKAGES[package]))
        - sys.stdlib_module_names
        - {"ampersand", package}
        if names.isdisjoint(map(canonicalize_name, distributions.get(module, [])))
    ]
    assert undeclared == []


def test_importing_the_source_does_not_import_pandas():
    code = "import sys, ampersand; sys.exit('pandas' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.usefixtures("checkout")
def test_no_file_names_a_package_registry():
    found = git("grep", "--untracked", "-nIE", REGISTRY_HOSTS)
    assert (found.returncode, found.stdout) == (1, ""), found.stdout + found.stderr


@pytest.mark.usefixtures("checkout")
def test_no_uv_lock():
    assert not [name for name in git("ls-files").stdout.split() if name.endswith("uv.lock")]


@pytest.mark.usefixtures("checkout")
def test_git_ignores_secrets_but_not_their_example():
    assert git("check-ignore", ".dlt/secrets.toml").returncode == 0
    assert git("check-ignore", ".dlt/example.secrets.toml").returncode == 1


def test_config_documents_every_setting_with_its_default():
    text = (ROOT / ".dlt" / "config.toml").read_text()
    assert tomllib.loads(text) == {
        "runtime": {"dlthub_telemetry": False, "log_level": "WARNING"},
        "load": {"delete_completed_jobs": True},
    }
    documented = tomllib.loads(uncommented(text))["sources"]["ampersand"]
    parameters = inspect.signature(ampersand_source).parameters
    defaults = {name: parameter.default for name, parameter in parameters.items()}
    assert documented.keys() == defaults.keys() - NO_SETTINGS
    # The source cannot declare these as they are: no list, one that may grow, and an address with
    # an environment variable before it.
    assert documented.pop("projects")
    assert documented.pop("collections") == list(DEFAULT_COLLECTIONS)
    assert documented.pop("base_url") == DEFAULT_BASE_URL
    assert documented == {name: defaults[name] for name in documented}


SECRETS = (ROOT / ".dlt" / "example.secrets.toml").read_text()
BLOCKS = re.findall(r"(?m)^(?:# )?\[destination\..*\](?:\n(?:# )?[\[\w].*)*", SECRETS)
"""The credentials of each destination, switched on or off."""


def leaves(settings: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of each setting, and its value."""
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from leaves(value, (*path, name))
        else:
            yield (*path, name), value


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("]")[0].lstrip("# ["))
def test_credentials_are_where_dlt_looks_for_them(
    block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    text = re.sub("(?m)^# ", "", block)
    ((name, settings),) = tomllib.loads(text)["destination"].items()
    (tmp_path / ".dlt").mkdir()
    (tmp_path / ".dlt" / "secrets.toml").write_text(text)
    monkeypatch.setenv("DLT_PROJECT_DIR", str(tmp_path))
    with switched_run_context(RunContext(str(tmp_path))):
        destination: Any = Destination.from_reference(name)
        resolved = destination.configuration(destination.spec()._bind_dataset_name("any"))
    for path, value in leaves(settings):
        found: Any = resolved
        for part in path:
            assert part in found.get_resolvable_fields(), path
            found = getattr(found, part)
        assert found in (value, f"{value}\n"), path  # dlt ends the line of a private key


def test_every_destination_has_a_block_of_credentials():
    names = [block.split("]")[0].split(".")[1] for block in BLOCKS]
    assert sorted(names) == sorted(
        ["postgres", "sqlalchemy", "filesystem", "ducklake", *DESTINATIONS]
    )
    # nothing that a person could take for a real one
    assert not re.findall(r'(?:key|password|token|secret\w*) = "(?!<)', SECRETS)


def test_readme_lists_every_setting_with_its_default():
    text = (ROOT / "README.md").read_text()
    table = text[text.index("| setting of ") :].partition("\n\n")[0]
    rows = re.findall(r"(?m)^\| (`.*`) \| (.*?) \|", table)
    listed: dict[str, str] = {}
    for names, defaults in rows:
        names = re.findall(r"`(\w+)`", names)
        listed.update(zip(names, defaults.split(", ", len(names) - 1), strict=True))
    assert listed.pop("personal_hash_key") == "none: names are kept"
    parameters = inspect.signature(ampersand_source).parameters.values()
    settings = {p.name: p.default for p in parameters if p.name not in NO_SETTINGS}
    assert listed.keys() == settings.keys()
    assert {name: float(listed[name]) for name, value in settings.items() if value} == {
        name: value for name, value in settings.items() if value
    }


def test_example_of_secrets_has_both_ways_to_give_keys():
    text = (ROOT / ".dlt" / "example.secrets.toml").read_text()
    assert tomllib.loads(text)["sources"]["ampersand"] == {"api_key": "<configure me>"}
    every = tomllib.loads(uncommented(text))
    assert every["sources"]["ampersand"].keys() == {"api_key", "api_keys", "personal_hash_key"}
    assert "credentials" in every["destination"]["postgres"]
