"""What a newcomer types first: `make`, on a machine where something may be missing."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
MAKEFILE = (ROOT / "Makefile").read_text().replace("\\\n", "")


def make(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **variables},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """Where there is no virtual environment yet."""
    return tmp_path / "venv"


@pytest.mark.parametrize("module", ["ensurepip", "venv"])
def test_python_without_venv_is_named_with_what_to_install(
    venv: Path, tmp_path: Path, module: str
) -> None:
    # found before the one of the standard library, as if that were not there
    (tmp_path / f"{module}.py").write_text("raise ModuleNotFoundError(__name__)")
    done = make("venv", f"VENV={venv}", f"PYTHON={sys.executable}", PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert f"{sys.executable} cannot make virtual environments" in done.stderr
    assert "apt-get install python3-venv" in done.stderr
    assert "Traceback" not in done.stderr
    assert not venv.exists()


def test_no_python_says_which_is_needed(venv: Path, tmp_path: Path) -> None:
    for name in ("sh", "make", "awk"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    done = make("venv", f"VENV={venv}", "SHELL=/bin/sh", PATH=str(tmp_path))
    assert done.returncode == 2
    assert "No Python 3.11 or newer on the PATH. Install one, or name it" in done.stderr
    assert not venv.exists()


def test_help_lists_every_target() -> None:
    phony = re.search(r"(?m)^\.PHONY: (.*)$", MAKEFILE)
    assert phony
    listed = re.findall(r"(?m)^  ([\w-]+) +\w", make("help").stdout)
    assert sorted(listed) == sorted(phony[1].split())
    assert make().stdout == make("help").stdout


def test_the_main_targets_say_what_they_do_and_how_long_it_takes() -> None:
    assert "ampersand demo" in make("--dry-run", "demo").stdout  # which says it by itself
    assert "about five minutes" in make("--dry-run", "test").stdout
    thorough = "more cases on every destination: some five minutes"
    assert thorough in make("help").stdout
    assert thorough in make("--dry-run", "test-thorough").stdout


def test_documents_name_only_targets_that_are_there() -> None:
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
    named = {
        target
        for document in documents
        for target in re.findall(r"`make ([a-z-]+)", document.read_text())
    }
    assert {"demo", "notebook"} <= named
    assert named - set(re.findall(r"(?m)^([a-z-]+):", MAKEFILE)) == set()


def test_pre_commit_runs_targets_that_are_there() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    for hook in config["repos"][0]["hooks"]:
        command, *arguments = shlex.split(hook["entry"])
        assert (command, hook["language"]) == ("make", "system")
        assert make("--dry-run", *arguments).returncode == 0


@pytest.mark.parametrize(
    "body",
    [
        "def test_a(): pytest.skip('of no use')",
        "@pytest.mark.skip(reason='of no use')\ndef test_a(): pass",
        "pytest.importorskip('of_no_use')\ndef test_a(): pass",
    ],
    ids=["in the test", "marked", "the whole file"],
)
def test_long_targets_fail_where_a_test_is_skipped(body: str, tmp_path: Path) -> None:
    for target in ("soak", "fuzz", "contract", "test-schedulers"):
        assert "--no-skips" in make("--dry-run", target).stdout
    file = tmp_path / "test_a.py"
    file.write_text(f"import pytest\n{body}\n@pytest.mark.xfail\ndef test_b(): assert False\n")
    outcomes = []
    for options in ([], ["--no-skips"]):
        # as make calls it, with the options of tests/conftest.py
        command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", *options]
        done = subprocess.run([*command, str(file)], cwd=ROOT, capture_output=True, text=True)
        outcomes.append(done.returncode)
    assert outcomes[0] in (0, 5)  # 5: there was no test
    assert outcomes[1] in (1, 2), done.stdout
    assert "of no use" in done.stdout or "of_no_use" in done.stdout
