"""The operations of installations: what was read and written, and how that went."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from .account import Platform
from .invented import NOW, go_time, invented_id

SPAN = timedelta(days=7)
"""How far back the operations of an installation go."""

# Some providers tell how much is to come (spec api.yaml, Operation.metadata.progress).
_ESTIMATING = frozenset({"salesforce", "hubspot"})
_EVERY_NTH_WRITES = 5


def operations_of(
    installation: dict[str, Any],
    *,
    count: int,
    failures: Collection[int] = (),
    running: Collection[int] = (),
) -> list[dict[str, Any]]:
    """Make the operations of the last days, spread evenly.

    Args:
        installation: The installation's document, with its config and connection.
        count: How many.
        failures: Which of them failed, counted from 0, the newest.
        running: Which of them are still in progress.

    Returns:
        Operation documents, from new to old.
    """
    content = installation["config"]["content"]
    reads = list(content.get("read", {}).get("objects", ()))
    writes = list(content.get("write", {}).get("objects", ()))
    operations = []
    for number in range(count):
        operation_id = invented_id("operation", installation["id"], str(number))
        is_write = bool(writes) and number % _EVERY_NTH_WRITES == _EVERY_NTH_WRITES - 1
        objects = writes if is_write else reads
        step = SPAN / count
        operation = {
            "id": str(operation_id),
            "projectId": installation["projectId"],
            "integrationId": installation["integrationId"],
            "installationId": installation["id"],
            "configId": installation["config"]["id"],
            "actionType": "write" if is_write else "read",
            "status": "in_progress",
            "metadata": {"objects": [objects[number % len(objects)]]},
            "createTime": go_time(NOW - step * (number + 1) + step * 0.5 * _share(operation_id)),
        }
        if not is_write:
            _add_progress(operation, installation["connection"]["provider"])
        if number in failures:
            _fail(operation, installation["connection"]["status"])
        elif number not in running:
            _finish(operation)
        operations.append(operation)
    return operations


def finish_running(platform: Platform) -> int:
    """Let every operation that is in progress end well.

    Args:
        platform: What a project has; its operations and installations are changed.

    Returns:
        How many there were.
    """
    running = [
        operation
        for operations in platform.operations.values()
        for operation in operations
        if operation["status"] == "in_progress"
    ]
    for operation in running:
        _finish(operation)
    for installation in platform.installations:
        set_last_status(installation, platform.operations[installation["id"]])
    return len(running)


def set_last_status(installation: dict[str, Any], operations: list[dict[str, Any]]) -> None:
    """Let an installation say how its newest operation went, if it has any."""
    if operations:
        installation["lastOperationStatus"] = operations[0]["status"]


def _add_progress(operation: dict[str, Any], provider: str) -> None:
    progress = {
        "installationId": operation["installationId"],
        "objectName": operation["metadata"]["objects"][0],
        "operationId": operation["id"],
        "recordsProcessed": _records(operation) // 2,
    }
    if provider in _ESTIMATING:
        progress["recordsEstimatedTotal"] = _records(operation)
    operation["metadata"]["progress"] = progress


def _finish(operation: dict[str, Any]) -> None:
    operation["status"] = "success"
    metadata = operation["metadata"]
    records = _records(operation)
    if operation["actionType"] == "write":
        written = records % 4 + 1
        operation["result"] = f"Batch write completed ({written} succeeded, 0 failed)"
        metadata["successfulRecordIds"] = [
            f"canary-record-{operation['id'][:8]}-{number}" for number in range(written)
        ]
        return
    metadata["progress"]["recordsProcessed"] = records
    what = f"Read {records} records" if records else "No new data found"
    operation["result"] = f"[{metadata['objects'][0]}] {what}"


def _fail(operation: dict[str, Any], connection_status: str) -> None:
    operation["status"] = "failure"
    created = datetime.fromisoformat(operation["createTime"])
    operation["metadata"]["retry"] = {
        "attempts": 3,
        "lastAttempt": go_time(created + timedelta(minutes=7)),
        "lastNotified": go_time(created + timedelta(minutes=8)),
    }
    reason = "The provider asked to slow down (429)"
    if connection_status == "bad_credentials":
        reason = "The provider refused the credentials (401)"
    operation["result"] = f"[{operation['metadata']['objects'][0]}] {reason}"


def _records(operation: dict[str, Any]) -> int:
    """How many records it is about; in every third read there is nothing new."""
    seed = uuid.UUID(operation["id"]).int
    return 0 if seed % 3 == 0 else seed % 4_999 + 1


def _share(seed: uuid.UUID) -> float:
    return seed.int % 1_000 / 1_000
