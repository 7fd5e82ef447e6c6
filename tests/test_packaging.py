"""What the wheel holds, what installing it brings along, and the files that people copy."""

import ast
import inspect
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ampersand import ampersand_source
from ampersand.settings import DEFAULT_BASE_URL

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PACKAGES = {
    "ampersand": ROOT / "sources" / "ampersand",
    "ampersand_pipelines": ROOT / "pipelines" / "ampersand_pipelines",
}
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


def test_wheel_holds_both_packages_with_their_data(tmp_path: Path):
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run(
        [*command, "--directory", str(tmp_path)], cwd=ROOT, check=True, capture_output=True
    )
    (wheel,) = tmp_path.glob("*.whl")
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


def test_source_requirements_are_those_of_the_project():
    source = requirements((PACKAGES["ampersand"] / "requirements.txt").read_text().splitlines())
    pipelines_only = {"PyYAML", "tqdm"}
    assert source == {
        requirement
        for requirement in requirements(PROJECT["dependencies"])
        if requirement.name not in pipelines_only
    }


def test_every_dependency_has_both_bounds():
    for requirement in requirements(PROJECT["dependencies"]):
        assert sorted(s.operator for s in requirement.specifier) == ["<", ">="], requirement


def test_constraints_pin_every_dependency_within_its_bounds():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = dict(line.split("==") for line in lines if not line.startswith("#"))
    assert list(pins) == sorted(pins, key=canonicalize_name)
    versions = {canonicalize_name(name): version for name, version in pins.items()}
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
    }
    documented = tomllib.loads(uncommented(text))["sources"]["ampersand"]
    parameters = inspect.signature(ampersand_source).parameters
    defaults = {name: parameter.default for name, parameter in parameters.items()}
    # Two are secrets, and the third is a decision for one run.
    assert documented.keys() == defaults.keys() - {"api_key", "api_keys", "full"}
    # The source cannot declare these two as they are: no list, and an address with an environment
    # variable before it.
    assert documented.pop("projects")
    assert documented.pop("base_url") == DEFAULT_BASE_URL
    assert documented == {name: defaults[name] for name in documented}


def test_example_of_secrets_has_both_ways_to_give_keys():
    text = (ROOT / ".dlt" / "example.secrets.toml").read_text()
    assert tomllib.loads(text)["sources"]["ampersand"].keys() == {"api_key"}
    every = tomllib.loads(uncommented(text))
    assert every["sources"]["ampersand"].keys() == {"api_key", "api_keys"}
    assert "credentials" in every["destination"]["postgres"]
