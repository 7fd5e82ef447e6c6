import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from inspect import signature
from pathlib import Path
from typing import Any

import dlt
import pytest

import ampersand
from ampersand.client import ClientSettings
from ampersand.exceptions import ConfigurationError
from ampersand.settings import (
    DEFAULT_BASE_URL,
    Assignment,
    assign_keys,
    choose_base_url,
)
from ampersand_pipelines.check import check
from tests.support.scripted_server import ScriptedServer, answer

ROOT = Path(__file__).resolve().parents[1]
TWO_KEYS = {"acme": "key-a", "Globex Corp": "key-g"}


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("AMP_", "SOURCES__")):
            monkeypatch.delenv(name)


def assigned(*args: Any) -> list[tuple[str, tuple[str, ...] | None]]:
    return [(each.api_key, each.projects) for each in assign_keys(*args)]


@pytest.mark.parametrize(
    ("api_key", "api_keys", "projects", "expected"),
    [
        pytest.param("key", None, None, [("key", None)], id="one key, all projects"),
        pytest.param("key", {}, None, [("key", None)], id="no key of a project"),
        pytest.param("key", None, ["acme"], [("key", ("acme",))], id="one key, one project"),
        pytest.param(
            "key", None, ["acme", "globex"], [("key", ("acme", "globex"))], id="two projects"
        ),
        pytest.param(
            *("key", None, ["acme", "globex", "acme"], [("key", ("acme", "globex"))]),
            id="a project twice",
        ),
        pytest.param(
            *(None, TWO_KEYS, None, [("key-a", ("acme",)), ("key-g", ("Globex Corp",))]),
            id="a key for each project",
        ),
        pytest.param(
            "key",
            TWO_KEYS,
            None,
            [("key-a", ("acme",)), ("key-g", ("Globex Corp",)), ("key", None)],
            id="keys of projects beside one for all",
        ),
        pytest.param(
            *(None, TWO_KEYS, ["GLOBEX corp"], [("key-g", ("GLOBEX corp",))]),
            id="a name in another case",
        ),
        pytest.param(
            *(None, {"acme": "lower", "Acme": "upper"}, ["acme"], [("lower", ("acme",))]),
            id="a name in the same case before one in another",
        ),
        pytest.param(
            *("key", TWO_KEYS, ["initech", "acme"], [("key", ("initech",)), ("key-a", ("acme",))]),
            id="the key for all where a project has none",
        ),
        pytest.param(
            *(None, {"acme": "same", "globex": "same"}, None, [("same", ("acme", "globex"))]),
            id="one key under two projects",
        ),
        pytest.param("same", {"acme": "same"}, None, [("same", None)], id="the same key for all"),
        pytest.param(
            *("same", {"acme": " same\n"}, ["acme", "globex"], [("same", ("acme", "globex"))]),
            id="the same key, with blanks around it",
        ),
        pytest.param(" key\t\n", None, None, [("key", None)], id="blanks around a key"),
    ],
)
def test_each_project_gets_its_key(
    api_key: str | None,
    api_keys: dict[str, str] | None,
    projects: list[str] | None,
    expected: list[tuple[str, tuple[str, ...] | None]],
):
    assert assigned(api_key, api_keys, projects) == expected


@pytest.mark.parametrize(
    ("api_key", "api_keys", "projects", "reason"),
    [
        pytest.param(None, None, None, "no API key: set api_key under", id="no key"),
        pytest.param(None, {}, None, "no API key: set api_key under", id="no keys"),
        pytest.param("", None, None, "the API key is empty", id="empty"),
        pytest.param(" \n", None, None, "the API key is empty", id="blank"),
        pytest.param("", TWO_KEYS, None, "the API key is empty", id="empty beside others"),
        pytest.param(
            None,
            {"acme": ""},
            None,
            "the API key of project acme is empty",
            id="empty, of a project",
        ),
        pytest.param("s3crét", None, None, "no header can carry", id="not ASCII"),
        pytest.param("s3c ret", None, None, "no header can carry", id="blank within"),
        pytest.param("s3c\nret", None, None, "no header can carry", id="line break within"),
        pytest.param("s3c\x00ret", None, None, "no header can carry", id="NUL within"),
        pytest.param(
            None,
            {"acme": "s3crét"},
            ["globex"],
            "of project acme has",
            id="of a project not asked for",
        ),
        pytest.param(None, {"acme": 53}, None, "of project acme is no text", id="number"),
        pytest.param(None, {"acme": None}, None, "of project acme is no text", id="null"),
        pytest.param(
            None, {"acme": {"key": "s3cret"}}, None, "of project acme is no text", id="object"
        ),
        pytest.param(None, {" ": "s3cret"}, None, "must not be empty", id="key of no project"),
        pytest.param(
            None,
            {"acme": "s3cret"},
            ["globex"],
            "no API key for project globex",
            id="other project",
        ),
        pytest.param("s3cret", None, [], "the list of projects is empty", id="no projects"),
        pytest.param("s3cret", None, [" "], "must not be empty", id="blank project"),
        pytest.param("s3cret", None, [1], "must be a text", id="number as project"),
        pytest.param("s3cret", None, "acme", "a list of ids or names", id="one text as projects"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_line_without_the_key(
    api_key: Any, api_keys: Any, projects: Any, reason: str
):
    with pytest.raises(ConfigurationError, match=reason) as caught:
        assign_keys(api_key, api_keys, projects)
    assert "s3c" not in str(caught.value)
    assert "53" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "  " not in str(caught.value)


@pytest.mark.parametrize(
    ("api_key", "api_keys", "expected"),
    [
        pytest.param(None, None, [("amp", None)], id="alone"),
        pytest.param(None, {}, [("amp", None)], id="no keys"),
        pytest.param("key", None, [("key", None)], id="a key is set"),
        pytest.param(None, {"acme": "key-a"}, [("key-a", ("acme",))], id="a project's key is set"),
        pytest.param("<configure me>", None, [("amp", None)], id="what dlt init writes"),
    ],
)
def test_the_vendors_variable_counts_last(
    api_key: str | None,
    api_keys: dict[str, str] | None,
    expected: list[tuple[str, tuple[str, ...] | None]],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("AMP_API_KEY", "amp")
    assert assigned(api_key, api_keys, None) == expected


def test_what_dlt_init_writes_is_no_key():
    with pytest.raises(ConfigurationError, match="of project acme is still <its API key>: put"):
        assign_keys(None, {"acme": "<its API key>"}, None)
    with pytest.raises(ConfigurationError, match="api_key is still <configure me>: put the key "):
        assign_keys("<configure me>", None, None)


def test_an_empty_variable_is_an_empty_key(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AMP_API_KEY", "")
    with pytest.raises(ConfigurationError, match="the API key is empty"):
        assign_keys(None, None, None)


def test_a_key_is_in_no_representation_and_its_fingerprint_is_its_own():
    one, other = Assignment("s3cret", ("acme",)), Assignment("s3cret2", None)
    assert "s3cret" not in repr(one) + str(one) + repr([one])
    assert one.credential == Assignment("s3cret", None).credential
    assert one.credential != other.credential
    assert len(one.credential) == 16
    assert "s3cret" not in one.credential


@pytest.mark.parametrize(
    ("base_url", "variable", "expected"),
    [
        (None, None, DEFAULT_BASE_URL),
        (None, "https://staging.example.com", "https://staging.example.com"),
        ("https://dev.example.com", "https://staging.example.com", "https://dev.example.com"),
        ("", "https://staging.example.com", "https://staging.example.com"),
        (None, "", DEFAULT_BASE_URL),
    ],
)
def test_the_address_that_is_used(
    base_url: str | None, variable: str | None, expected: str, monkeypatch: pytest.MonkeyPatch
):
    if variable is not None:
        monkeypatch.setenv("AMP_API_URL", variable)
    assert choose_base_url(base_url) == expected


@pytest.fixture
def api() -> Iterator[ScriptedServer]:
    record = b'{"id":"p-1","name":"acme"}'
    answers = {
        "/v1/projects": [answer(body=b"[%s]" % record)],
        "/v1/projects/p-1/integrations": [answer()],
    }
    with ScriptedServer(answers) as server:
        yield server


def keys_used(api: ScriptedServer, tmp_path: Path, **arguments: Any) -> list[str]:
    """Keys with which an extraction asks for the projects."""
    pipeline = dlt.pipeline("settings", pipelines_dir=str(tmp_path))
    before = len(api.requests)
    pipeline.extract(ampersand.ampersand_source(**arguments))
    pipeline.drop()
    asked = [request for request in api.requests[before:] if request.target == "/v1/projects"]
    return sorted(request.headers["X-Api-Key"] or "none" for request in asked)


@pytest.mark.parametrize(
    ("variables", "arguments", "expected"),
    [
        pytest.param({"AMP_API_KEY": "amp"}, {}, ["amp"], id="the vendor's variable"),
        pytest.param(
            *({"AMP_API_KEY": "amp", "SOURCES__AMPERSAND__API_KEY": "env"}, {}, ["env"]),
            id="dlt's variable",
        ),
        pytest.param(
            {"AMP_API_KEY": "amp", "SOURCES__AMPERSAND__API_KEY": "env"},
            {"api_key": "argument"},
            ["argument"],
            id="an argument",
        ),
        pytest.param(
            {"AMP_API_KEY": "amp", "SOURCES__AMPERSAND__API_KEYS": '{"ACME": "env-acme"}'},
            {},
            ["env-acme"],
            id="a key per project as JSON",
        ),
        pytest.param(
            {"SOURCES__AMPERSAND__API_KEYS": '{"acme": "env-acme"}'},
            {"api_keys": {"acme": "argument-acme"}},
            ["argument-acme"],
            id="a key per project as argument",
        ),
        pytest.param(
            {
                "SOURCES__AMPERSAND__API_KEYS": '{"globex": "env-globex", "p-1": "env-acme"}',
                "SOURCES__AMPERSAND__PROJECTS": '["p-1"]',
            },
            {},
            ["env-acme"],
            id="projects as JSON",
        ),
    ],
)
def test_an_argument_counts_before_a_variable_of_dlt_and_that_before_the_vendors(
    variables: dict[str, str],
    arguments: dict[str, Any],
    expected: list[str],
    api: ScriptedServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert keys_used(api, tmp_path, base_url=api.url, **arguments) == expected


def test_the_address_comes_from_the_environment_as_well(
    api: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("AMP_API_URL", api.url)
    assert keys_used(api, tmp_path, api_key="key") == ["key"]
    monkeypatch.setenv("AMP_API_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("SOURCES__AMPERSAND__BASE_URL", api.url)
    assert keys_used(api, tmp_path, api_key="key") == ["key"]


def test_without_any_key_nothing_is_sent(api: ScriptedServer, tmp_path: Path):
    with pytest.raises(ConfigurationError, match="no API key: set api_key under"):
        keys_used(api, tmp_path, base_url=api.url)
    assert api.requests == []


def test_every_setting_of_the_client_is_one_of_the_source_and_is_documented():
    declared = {setting.name: setting.default for setting in fields(ClientSettings)}
    del declared["base_url"]
    arguments = signature(ampersand.ampersand_source).parameters
    assert {name: arguments[name].default for name in declared} == declared
    config = (ROOT / ".dlt" / "config.toml").read_text().replace("\n# ", "\n")
    (section,) = [
        "\n".join(line for line in text.split("\n") if " = " in line)
        for text in config.split("[sources.ampersand]")[1:]
    ]
    documented = tomllib.loads(section)
    assert {name: documented[name] for name in declared} == declared
    readme = (ROOT / "README.md").read_text()
    assert [name for name in declared if f"`{name}`" not in readme] == []


def test_the_check_obeys_what_is_configured_as_the_load_does(
    api: ScriptedServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("AMP_API_KEY", "key")
    assert check(None, api.url).errors == []
    monkeypatch.setenv("SOURCES__AMPERSAND__MAX_LIST_BYTES", "3")
    (error,) = check(None, api.url).errors
    assert "larger than 3 bytes" in error


def in_a_project(folder: Path, secrets: str, steps: list[dict[str, Any]]) -> list[Any]:
    """What `steps` use, in a process of its own whose `.dlt/secrets.toml` is this."""
    (folder / ".dlt").mkdir()
    (folder / ".dlt" / "config.toml").write_text("[runtime]\ndlthub_telemetry = false\n")
    (folder / ".dlt" / "secrets.toml").write_text(secrets)
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AMP_", "SOURCES__", "DLT_"))
    }
    result = subprocess.run(
        [sys.executable, "-m", "tests.support.settings_in_use", str(folder), json.dumps(steps)],
        cwd=ROOT,
        env={
            **environment,
            "DLT_PROJECT_DIR": str(folder),
            "DLT_DATA_DIR": str(folder / "data"),
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    answers: list[Any] = json.loads(result.stdout)
    return answers


def test_files_count_after_dlts_variables_and_before_the_vendors(tmp_path: Path):
    secrets = '[sources.ampersand]\napi_key = "file"\n'
    variable = {"SOURCES__AMPERSAND__API_KEY": "env"}
    vendors = {"AMP_API_KEY": "amp"}
    steps: list[dict[str, Any]] = [
        {"variables": {}, "arguments": {}},
        {"variables": vendors, "arguments": {}},
        {"variables": variable | vendors, "arguments": {}},
        {"variables": variable | vendors, "arguments": {"api_key": "argument"}},
        {"variables": {}, "arguments": {"api_key": "argument"}},
        {
            "variables": {"SOURCES__AMPERSAND__API_KEYS": '{"acme": "env-acme"}'},
            "arguments": {"projects": ["acme"]},
        },
    ]
    assert in_a_project(tmp_path, secrets, steps) == [
        ["file"],
        ["file"],
        ["env"],
        ["argument"],
        ["argument"],
        ["env-acme"],
    ]


def test_a_file_has_a_line_for_each_project(tmp_path: Path):
    secrets = '[sources.ampersand.api_keys]\nACME = "file-acme"\n"p 2" = "file-2"\n'
    as_json = {"SOURCES__AMPERSAND__API_KEYS": '{"acme": "env-acme"}'}
    steps: list[dict[str, Any]] = [
        {"variables": {}, "arguments": {"projects": ["acme"]}},
        {"variables": {"AMP_API_KEY": "amp"}, "arguments": {}},
        {"variables": as_json, "arguments": {}},
        {"variables": as_json, "arguments": {"api_keys": {"acme": "argument-acme"}}},
    ]
    assert in_a_project(tmp_path, secrets, steps) == [
        ["file-acme"],
        ["file-2", "file-acme"],
        ["env-acme"],
        ["argument-acme"],
    ]
