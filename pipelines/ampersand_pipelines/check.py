"""The check: are key and address good, and which projects do they see?"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from dlt.common.configuration import resolve_configuration
from dlt.common.configuration.inject import get_fun_spec

from ampersand import AmpersandError, ampersand_source
from ampersand.client import AmpersandClient, ClientSettings
from ampersand.exceptions import NotFound
from ampersand.extraction import seen_instead
from ampersand.settings import assign_keys, choose_base_url

from .exit_codes import ExitCode
from .pipeline import given
from .wording import counted


@dataclass
class CheckAnswer:
    """What came of asking."""

    base_url: str
    projects: list[dict[str, str | None]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> ExitCode:
        """0: all is well; 3: some of it; 1: nothing."""
        if not self.errors:
            return ExitCode.DONE
        return ExitCode.PARTLY_LOADED if self.projects else ExitCode.FAILED

    def as_json(self) -> str:
        """The answer as one JSON object."""
        return json.dumps({"exit_code": self.exit_code, **asdict(self)}, indent=2)

    def as_text(self) -> str:
        """The answer for people."""
        projects = counted(len(self.projects), "project")
        lines = [f"{self.base_url} answers; {projects} can be loaded:"]
        if not self.projects:
            lines = [f"{self.base_url}: no project can be loaded."]
        names = [str(project["name"] or "(no name)") for project in self.projects]
        width = max(map(len, names), default=0)
        lines += [
            f"  {name:<{width}}  {project['project_id']}"
            for name, project in zip(names, self.projects, strict=True)
        ]
        lines += [f"FAILED: {error}" for error in self.errors]
        return "\n".join(lines)


def check(projects: Sequence[str] | None, base_url: str | None) -> CheckAnswer:
    """Asks every configured key which projects it sees, and for those that are named.

    Args:
        projects: Ids or names of projects to check; None: all that is configured.
        base_url: Root of the API; None: as configured.

    Raises:
        ConfigurationError: There is no key, or an address cannot be used.
    """
    config: Any = resolve_configuration(
        get_fun_spec(ampersand_source)(),
        sections=("sources", "ampersand"),
        explicit_value=given(projects=projects, base_url=base_url),
    )
    of_client = {setting.name: config[setting.name] for setting in fields(ClientSettings)}
    settings = ClientSettings(**of_client | {"base_url": choose_base_url(config.base_url)})
    answer = CheckAnswer(settings.base_url)
    found: dict[str, dict[str, str | None]] = {}
    for assignment in assign_keys(config.api_key, config.api_keys, config.projects):
        client = AmpersandClient(settings, assignment.api_key)
        try:
            if assignment.projects is None:
                records = client.list_projects()
            else:
                records = [client.get_project(project) for project in assignment.projects]
        except NotFound as error:
            answer.errors.append(f"{error}{seen_instead(_projects(client))}")
            continue
        except AmpersandError as error:
            answer.errors.append(str(error))
            continue
        for record in records:
            if isinstance(record, dict) and isinstance(record.get("id"), str):
                found[record["id"]] = {"project_id": record["id"], "name": record.get("name")}
    answer.projects = list(found.values())
    return answer


def _projects(client: AmpersandClient) -> list[Any]:
    """The projects that a key sees, as far as it may list them."""
    try:
        return client.list_projects()
    except AmpersandError:
        return []
