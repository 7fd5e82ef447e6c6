"""An account of as many integrations as one likes."""

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from ampersand_pipelines.sandbox import Account, bundled_account
from ampersand_pipelines.sandbox.account import Platform

_UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def many_times(number: int) -> Account:
    """The sandbox's bundled account that many times over, each with ids and names of its own."""
    bundled = bundled_account()
    account = Account(catalog=bundled.catalog)
    for project, integrations, platform in _copies(bundled, number):
        account.projects.append(project)
        account.integrations[project["id"]] = integrations
        account.platform[project["id"]] = Platform(**platform)
    return account


def _copies(account: Account, number: int) -> Iterator[Any]:
    for project in account.projects:
        parts = [project, account.integrations[project["id"]]]
        text = json.dumps([*parts, asdict(account.platform[project["id"]])])
        for copy in range(number):
            own = _with_own_ids(text, str(copy))
            yield json.loads(own.replace("lanternfish-", f"lanternfish-{copy:02}-"))


def _with_own_ids(text: str, copy: str) -> str:
    return _UUID.sub(lambda found: str(uuid.uuid5(uuid.UUID(found[0]), copy)), text)
