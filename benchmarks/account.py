"""Makes an account with installations and operations: the sandbox's own, many times over.

    python -m benchmarks.account ROOT PROJECTS INSTALLATIONS OPERATIONS NEW

What the sandbox's largest project has is copied with other ids into each project, and each of its
installations, with its customer and connection, as often as it takes.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from ampersand.platform_tables import COLLECTIONS
from ampersand_pipelines.sandbox import Platform, bundled_account
from ampersand_pipelines.sandbox.operations import operations_of
from benchmarks.data import SUMMARY_FILE, made_up_id
from benchmarks.server import ANSWERS_FILE, LISTS_FOLDER

VERSION = 1
"""As that of `benchmarks.data`."""

_FAILS = 40
"""Every so manieth operation has failed."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Size:
    """What to make.

    Attributes:
        projects: Number of projects.
        installations: Number of installations in each.
        operations: Number of operations of each of those.
        new: How many more there are once time has passed.
    """

    projects: int
    installations: int
    operations: int
    new: int

    @property
    def numbers(self) -> tuple[int, ...]:
        """All that makes it up."""
        return (self.projects, self.installations, self.operations, self.new)


@dataclass(frozen=True)
class Summary:
    """What was made.

    Attributes:
        integrations: Number of integrations.
        installations: Number of installations.
        operations: Number of operations, without the new ones.
        new: Number of the new ones.
    """

    integrations: int
    installations: int
    operations: int
    new: int


def make(root: Path, size: Size) -> Path:
    """Writes the answers to files, unless they are there already.

    Args:
        root: A folder for data of all sizes.
        size: What to make.

    Returns:
        The folder of this size: whole answers by their paths, lists with an entry in each line,
        and a summary.
    """
    folder = root / "-".join(map(str, (f"account-v{VERSION}", *size.numbers)))
    if (folder / SUMMARY_FILE).exists():
        return folder
    (folder / LISTS_FOLDER).mkdir(parents=True, exist_ok=True)
    account = bundled_account()
    template = max(account.projects, key=lambda each: _installations(account.platform[each["id"]]))
    original = _Original(
        template, account.integrations[template["id"]], account.platform[template["id"]]
    )
    projects = []
    answers: dict[str, Any] = {"/providers": account.catalog}
    for number in range(size.projects):
        project, lists = original.copy(number, size.installations)
        projects.append(project)
        answers |= {f"/projects/{project['id']}/{path}": lists[path] for path in lists}
        for installation in lists["installations"]:
            count = size.operations + size.new
            operations = operations_of(
                installation, count=count, failures=range(_FAILS // 2, count, _FAILS)
            )
            file = folder / LISTS_FOLDER / installation["id"]
            file.write_text("\n".join(map(_encoded, operations)), encoding="utf-8")
    answers["/projects"] = projects
    (folder / ANSWERS_FILE).write_text(_encoded(answers), encoding="utf-8")
    installations = size.projects * size.installations
    summary = Summary(
        size.projects * len(original.integrations),
        installations,
        installations * size.operations,
        installations * size.new,
    )
    (folder / SUMMARY_FILE).write_text(json.dumps(asdict(summary)))
    return folder


def read_summary(folder: Path) -> Summary:
    """The summary of a folder that was made."""
    return Summary(**json.loads((folder / SUMMARY_FILE).read_text()))


class _Original:
    """What is copied."""

    def __init__(
        self, project: dict[str, Any], integrations: list[dict[str, Any]], platform: Platform
    ) -> None:
        self.project = project
        self.integrations = integrations
        self.platform = platform
        paths = [each.path.rpartition("/")[2] for each in COLLECTIONS if not each.is_global]
        self.lists = {path: getattr(platform, path.replace("-", "_")) for path in paths}
        customers = ("installations", "connections")
        of_projects = [self.lists[path] for path in paths if path not in customers]
        self.shared = frozenset(_UUID.findall(_encoded([project, integrations, of_projects])))

    def copy(self, number: int, installations: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """A project, and its lists by the last part of their paths."""
        project = self._copied(self.project, number) | {"name": f"project-{number:04}"}
        lists = {path: self._copied(entries, number) for path, entries in self.lists.items()}
        lists["installations"] = list(islice(self._customers(number), installations))
        lists["connections"] = [each["connection"] for each in lists["installations"]]
        lists["integrations"] = self._copied(self.integrations, number)
        return project, lists

    def _customers(self, number: int) -> Iterator[dict[str, Any]]:
        turn = 0
        while True:
            for installation in self.platform.installations:
                if not self.platform.operations[installation["id"]]:
                    continue  # it does nothing
                group = installation["group"]
                yield self._copied(
                    installation,
                    number,
                    turn,
                    {group[name]: f"{group[name]}-{turn}" for name in ("groupRef", "groupName")},
                )
            turn += 1

    def _copied(
        self, document: Any, number: int, turn: int = 0, others: dict[str, str] | None = None
    ) -> Any:
        """The same with other ids; those of the project itself are the same in every turn."""
        text = _UUID.sub(
            lambda found: made_up_id(number, 0 if found[0] in self.shared else turn, found[0]),
            _encoded(document),
        )
        for old, new in (others or {}).items():
            text = text.replace(old, new)
        return json.loads(text)


def _installations(platform: Platform) -> int:
    return len(platform.installations)


def _encoded(document: Any) -> str:
    return json.dumps(document, separators=(",", ":"))


if __name__ == "__main__":
    print(make(Path(sys.argv[1]), Size(*map(int, sys.argv[2:]))))
