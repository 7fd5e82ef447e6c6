"""Whatever the API does, a load loads all, or fails and leaves what was there as it was.

Each fault of `tests/support/faults.py` strikes the list of projects, and the list of integrations
of one project of several. What an operator sees then is compared with `tests/cases/faults.json`;
`--update-golden -m "thorough or not thorough"` writes it.
"""

import contextlib
import fcntl
import io
import json
import logging
import re
import signal
import ssl
import subprocess
from collections import ChainMap, Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

import pytest

from ampersand_pipelines.cli import main
from ampersand_pipelines.exit_codes import ExitCode
from tests.support.acme import KEY, Acme, count_fields, count_objects
from tests.support.faults import FAULTS, SETTINGS, Fault, Site
from tests.support.scripted_server import Answer, ScriptedServer, answer
from tests.support.warehouses import DATASET, Kind, Row, State, Warehouse, lost

GOLDEN = Path(__file__).parent / "cases" / "faults.json"
PROJECTS = "/v1/projects"

Place = Literal["projects", "integrations"]
Rows = dict[str, Counter[Row]]
Strike = Callable[..., "Struck"]
MakeWarehouse = Callable[[Kind], Warehouse]


def _integrations(project: str) -> str:
    return f"{PROJECTS}/{project}/integrations"


def _lists(acme: Acme) -> dict[str, bytes]:
    """All lists as they should be, by the path where they are."""
    account = acme.account
    lists = {PROJECTS: account.projects} | {
        _integrations(project): listing for project, listing in account.integrations.items()
    }
    return {
        target: json.dumps(document, separators=(",", ":")).encode()
        for target, document in lists.items()
    }


def _state(acme: Acme) -> State:
    """What the views should say once all of it is loaded."""
    state = State({project["id"]: project["name"] for project in acme.account.projects})
    for project, listing in acme.account.integrations.items():
        for document in listing:
            name, revision = document["name"], document["latestRevision"]["id"]
            state.integrations[f"{project}/{document['id']}"] = (name, revision)
            number = int(revision.rpartition("-")[2])
            for counts, count in ((state.objects, count_objects), (state.fields, count_fields)):
                counts[project] = counts.get(project, 0) + count(name, number)
    return state


@dataclass(frozen=True)
class Struck:
    """A load that faults struck, and what came of it.

    Attributes:
        exit_code: Of the command.
        out: What it printed.
        err: What it wrote to stderr.
        targets: What the API was asked for.
    """

    exit_code: int
    out: str
    err: str
    targets: list[str]

    def requests(self, target: str) -> int:
        """Requests for one list, with its pages and where redirects lead."""
        paths = [asked.partition("?")[0].removeprefix("/v2") for asked in self.targets]
        return paths.count(target)

    def told(self, project: str = "") -> str:
        """What is told of a project that failed, or else of everything."""
        if project:
            line = re.search(rf"^  FAILED +{project}: (.*); it stays as it was$", self.out, re.M)
        else:
            line = re.search(r"^(ampersand: .*|WARNING: .*)$", self.err + self.out, re.M)
        return _masked(line[1], project) if line else ""


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine that nobody vouches for, with its key."""
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-subj", "/CN=api"),
            *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", "key", "-out", "certificate"),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    both = folder / "both.pem"
    both.write_bytes((folder / "key").read_bytes() + (folder / "certificate").read_bytes())
    return both


@pytest.fixture(scope="session")
def strike(certificate: Path) -> Strike:
    """Loads from an API with faults."""
    return partial(_strike, certificate)


def _strike(
    certificate: Path,
    warehouse: Warehouse,
    acme: Acme,
    faults: Mapping[str, Fault],
    patience: float = 1,
) -> Struck:
    """Loads from an API with a fault at each of these paths; the key must not go astray.

    With `patience`, timeouts are longer: other answers than the faulty have to be in time.
    """
    tls = next((fault.tls for fault in faults.values()), "")
    context = None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    answers: ChainMap[str, Sequence[Answer]] = ChainMap()
    log = io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        ScriptedServer() as elsewhere,
        ScriptedServer(answers, tls=context) as api,
    ):
        lists = _lists(acme)
        for target, fault in faults.items():
            answers.maps.append(fault.script(Site(target, lists[target], api.url, elsewhere.url)))
        answers.maps.append({target: [answer(body=body)] for target, body in lists.items()})
        for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "ALL_PROXY"):
            patch.delenv(name, raising=False)
            patch.delenv(name.lower(), raising=False)
        if tls == "known":
            patch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        patch.setenv("AMP_API_KEY", KEY)
        settings = dict(SETTINGS)
        for fault in faults.values():
            settings |= {name: str(time * patience) for name, time in fault.timeouts.items()}
        for name, value in settings.items():
            patch.setenv(f"SOURCES__AMPERSAND__{name}", value)
        nobody = next((fault.nobody for fault in faults.values() if fault.nobody), None)
        with nobody() if nobody else contextlib.nullcontext(api.url) as url:
            exit_code, out, err = _command(warehouse, url, log)
    assert elsewhere.requests == []
    assert {request.headers["X-Api-Key"] for request in api.requests} <= {KEY}
    told = [out, err, log.getvalue()]
    assert not [text for text in told if KEY in text or "Traceback" in text]
    files = [path for path in warehouse.folder.rglob("*") if path.is_file()]
    assert not [path for path in files if KEY.encode() in path.read_bytes()]
    return Struck(exit_code, out, err, api.targets)


def _command(warehouse: Warehouse, url: str, log: io.StringIO) -> tuple[int, str, str]:
    arguments = ["load", "--quiet", "--base-url", url, "--dataset", DATASET]
    arguments += ["--duckdb", str(warehouse.file), "--pipelines-dir", str(warehouse.pipelines_dir)]
    handler = logging.StreamHandler(log)
    logging.getLogger("dlt").addHandler(handler)
    at_first = signal.getsignal(signal.SIGTERM)
    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            exit_code = main(arguments)
    finally:
        signal.signal(signal.SIGTERM, at_first)
        logging.getLogger("dlt").removeHandler(handler)
    return exit_code, out.getvalue(), err.getvalue()


_VARYING = {
    r"(?<=127\.0\.0\.1:)\d+": "<port>",
    r"\b\d+(?= bytes\))": "<size>",
    r"(?<=\(character )\d+": "<position>",
    r"(?<=not complete in )\S+": "<timeout>",
    r"(?<=cannot be resolved: )[^.(]*\w": "<what the system says>",
    r"(?<=422 Unprocessable )\w+": "Entity",  # Python 3.13 has another word
}


def _masked(message: str, project: str) -> str:
    """A message without what differs from one load to the next."""
    for pattern, mask in _VARYING.items():
        message = re.sub(pattern, mask, message)
    return message.replace(f"p-{project}", "<project>") if project else message


def _compare(fault: Fault, place: Place, told: Mapping[str, Any], update: bool) -> None:
    """Compares what was told with the golden file, or writes it there."""
    if update:
        with GOLDEN.open("r+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            known = {entry["what"]: entry for entry in json.loads(file.read() or "[]")}
            entries = [
                {"group": one.group, "what": one.what, "loads": one.loads}
                | {"projects": known.get(one.what, {}).get("projects")}
                | {"integrations": known.get(one.what, {}).get("integrations")}
                | ({place: told} if one is fault else {})
                for one in FAULTS
            ]
            file.seek(0)
            file.truncate()
            file.write(json.dumps(entries, indent=2, ensure_ascii=False) + "\n")
    (entry,) = [entry for entry in _golden() if entry["what"] == fault.what]
    assert told == entry[place]


def _golden() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return entries


def _slug(fault: Fault) -> str:
    return re.sub(r"\W+", "-", fault.what.lower()).strip("-")


def test_golden_file_has_every_fault_and_no_other() -> None:
    declared = [(fault.group, fault.what, fault.loads) for fault in FAULTS]
    assert [(entry["group"], entry["what"], entry["loads"]) for entry in _golden()] == declared
    assert len({_slug(fault) for fault in FAULTS}) == len(FAULTS)


def test_what_is_told_says_where_it_went_wrong_and_what_to_do() -> None:
    for entry in _golden():
        for place, where in (("projects", "/v1/projects: "), ("integrations", "<project>: ")):
            if entry[place] and not entry["loads"]:
                what, _, remedy = entry[place]["message"].partition(". Remedy: ")
                assert where in what, entry["what"]
                assert remedy, entry["what"]


def _cases(faults: Iterable[Fault], is_thorough: Callable[[Fault], bool] = lambda _: False) -> Any:
    cases = [
        pytest.param(
            fault, id=_slug(fault), marks=pytest.mark.thorough if is_thorough(fault) else ()
        )
        for fault in faults
    ]
    return pytest.mark.parametrize("fault", cases)


@_cases(FAULTS, lambda fault: fault.loads and not fault.empty)
def test_the_list_of_projects(
    fault: Fault, strike: Strike, loaded_warehouse: MakeWarehouse, update_golden: bool
) -> None:
    warehouse, acme = loaded_warehouse("duckdb"), Acme()
    before = warehouse.file.read_bytes()
    acme.deploy("alpha", "crm", 2)
    struck = strike(warehouse, acme, {PROJECTS: fault})
    requests = struck.requests(PROJECTS)
    if fault.empty:
        for name in ("alpha", "beta", "gamma"):
            acme.abandon(name)
    if fault.loads:
        assert struck.exit_code == ExitCode.DONE
        assert struck.err == ""
        assert replace(warehouse.state(), removed=set()) == _state(acme)
        asked_once = [_integrations(project) for project in acme.account.integrations]
    else:
        assert struck.exit_code == ExitCode.FAILED
        assert warehouse.file.read_bytes() == before
        assert struck.out == ""
        assert len(struck.err.splitlines()) == 1
        asked_once = []
    assert len(struck.targets) == requests + len(asked_once)
    assert {struck.targets.count(target) for target in asked_once} <= {1}
    told = {"exit_code": struck.exit_code, "requests": requests, "message": struck.told()}
    _compare(fault, "projects", told, update_golden)


@dataclass(frozen=True)
class Together:
    """A load in which each of some faults has struck a project of its own, named after it.

    Attributes:
        struck: What came of it.
        before: What the views said before.
        after: What they say now.
        lost: Content that is there no more.
        state: What is there now, in short.
        expected: What should be there.
    """

    struck: Struck
    before: Rows
    after: Rows
    lost: dict[str, Any]
    state: State
    expected: State


AT_ONE_PROJECT = [fault for fault in FAULTS if not fault.strikes_all]


def _companions(fault: Fault) -> tuple[Fault, ...]:
    """The faults that strike in the same load: all of its verdict, unless it has to be alone."""
    if fault.is_alone:
        return (fault,)
    return tuple(
        other for other in AT_ONE_PROJECT if other.loads == fault.loads and not other.is_alone
    )


@pytest.fixture(scope="session")
def together(
    strike: Strike, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[tuple[Fault, ...]], Together]:
    """Loads once where all is well, and once where faults strike."""

    @cache
    def load(faults: tuple[Fault, ...]) -> Together:
        warehouse = Warehouse("duckdb", tmp_path_factory.mktemp("together"))
        acme = Acme()
        for fault in faults:
            acme.found(_slug(fault))
            acme.deploy(_slug(fault), _slug(fault), 1)
        assert strike(warehouse, acme, {}).exit_code == ExitCode.DONE
        before, content = warehouse.views(), warehouse.content()
        for project, name in [("alpha", "crm"), *((_slug(fault),) * 2 for fault in faults)]:
            acme.deploy(project, name, 2)
        at = {_integrations(f"p-{_slug(fault)}"): fault for fault in faults}
        struck = strike(warehouse, acme, at, patience=10)
        for fault in faults:
            if fault.empty:
                acme.remove(_slug(fault), _slug(fault))
            elif not fault.loads:
                acme.deploy(_slug(fault), _slug(fault), 1)
        gone = lost(content, warehouse.content())
        return Together(struck, before, warehouse.views(), gone, warehouse.state(), _state(acme))

    return load


def _state_of(project: str, state: State) -> Any:
    integrations = {
        name: integration
        for name, integration in state.integrations.items()
        if name.startswith(f"{project}/")
    }
    return (
        state.projects.get(project),
        integrations,
        state.objects.get(project),
        state.fields.get(project),
    )


def _rows_of(project: str, views: Rows) -> Rows:
    return {
        name: Counter({row: count for row, count in rows.items() if project in row})
        for name, rows in views.items()
    }


@pytest.mark.thorough
@_cases(AT_ONE_PROJECT, lambda fault: fault.is_alone)
def test_one_project_of_several(
    fault: Fault, together: Callable[[tuple[Fault, ...]], Together], update_golden: bool
) -> None:
    load = together(_companions(fault))
    struck, project = load.struck, f"p-{_slug(fault)}"
    assert struck.exit_code == (ExitCode.DONE if fault.loads else ExitCode.PARTLY_LOADED)
    assert struck.err == ""
    assert load.lost == {}
    for name in (project, "p-alpha", "p-beta", "p-gamma"):
        assert _state_of(name, load.state) == _state_of(name, load.expected)
    if not fault.loads:
        assert _rows_of(project, load.after) == _rows_of(project, load.before)
    assert struck.requests(PROJECTS) == struck.requests(_integrations("p-alpha")) == 1
    told = {
        "exit_code": struck.exit_code,
        "requests": struck.requests(_integrations(project)),
        "message": struck.told(_slug(fault)),
    }
    _compare(fault, "integrations", told, update_golden)
