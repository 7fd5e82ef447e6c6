"""The small account about which every answer view has something to say, and what they say."""

import copy
import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ampersand.views.answers import ANSWER_VIEWS
from ampersand_pipelines.sandbox import Account, SandboxServer

from .drivers import run_plainly
from .warehouses import Row, Warehouse

CASES = Path(__file__).resolve().parents[1] / "cases" / "answers"

Answers = dict[str, list[dict[str, Any]]]


def load_account(warehouse: Warehouse) -> None:
    """Loads the account twice: first as it was when one property was not there, and another was."""
    account = json.loads((CASES / "account.json").read_text(encoding="utf-8"))
    now = account["integrations"]["p-production"]
    before = copy.deepcopy(now)
    del before[0]["latestRevision"]["content"]["read"]["objects"][0]["newThing"]
    before[2]["latestRevision"]["content"]["oldThing"] = "x" * 300
    integrations = {**account["integrations"], "p-production": before}
    served = Account(projects=account["projects"], integrations=integrations)
    with SandboxServer(served) as api:
        run_plainly(warehouse, api.url)
        served.set_integrations("p-production", now)
        run_plainly(warehouse, api.url)


def answers(table: Callable[[str], tuple[list[str], list[Row]]]) -> Answers:
    """What each view says, with the names of revisions and runs instead of their keys.

    Args:
        table: Gives the names of the columns of a query, and its rows.
    """
    revisions: dict[str, str] = dict(table("SELECT revision_key, revision_id FROM revisions")[1])
    runs = table("SELECT started_at FROM extraction_runs ORDER BY run_id")[1]
    numbers = {_time(started): f"run {number}" for number, (started,) in enumerate(runs, 1)}

    def plain(name: str, value: Any) -> Any:
        if isinstance(value, float):
            return round(value, 6)
        if name.endswith(("_at", "_time")) and value is not None:
            return numbers.get(_time(value), _time(value))
        if name.endswith("_key") and value is not None:
            key, _, rest = value.partition(":")
            return f"{revisions[key]}:{rest}"
        return value

    said = {}
    for view in ANSWER_VIEWS:
        columns, rows = table(f"SELECT * FROM {view.name}")
        said[view.name] = [
            {name: plain(name, value) for name, value in zip(columns, row, strict=True)}
            for row in rows
        ]
    return said


def counted(rows: list[dict[str, Any]]) -> Counter[Row]:
    """Rows that can be compared in any order."""
    return Counter(tuple(row.items()) for row in rows)


def _time(value: datetime | str) -> str:
    time = datetime.fromisoformat(value) if isinstance(value, str) else value
    return (time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)).isoformat()
