"""Calls on partitions that the emulator does not know: UpdatePartition and BatchDeletePartition."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Response = tuple[int, dict[str, str], Any]


def install() -> None:
    """Puts the calls in front of the emulator's own."""
    from ministack.services import glue

    handle = glue._handle_request_sync

    def replacement(method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Response:
        call = _CALLS.get(headers.get("x-amz-target", ""))
        return handle(method, path, headers, body, query) if call is None else call(json.loads(body))

    glue._handle_request_sync = replacement


def _update(data: dict[str, Any]) -> Response:
    from ministack.services import glue

    known = _values(data)
    old, new = data["PartitionValueList"], data["PartitionInput"].get("Values") or data["PartitionValueList"]
    if old not in known:
        return _refused("EntityNotFoundException", "Partition not found.")
    if new != old and new in known:
        return _refused("AlreadyExistsException", "Partition already exists.")
    glue._batch_update_partition({
        "DatabaseName": data["DatabaseName"], "TableName": data["TableName"], "Entries": [
            {"PartitionValueList": old, "PartitionInput": {**data["PartitionInput"], "Values": new}}]})
    return _answered({})


def _delete(data: dict[str, Any]) -> Response:
    from ministack.services import glue

    errors = []
    for item in data["PartitionsToDelete"]:
        if item["Values"] in _values(data):
            glue._delete_partition({**data, "PartitionValues": item["Values"]})
        else:
            errors.append({"PartitionValues": item["Values"], "ErrorDetail": {
                "ErrorCode": "EntityNotFoundException", "ErrorMessage": "Partition not found."}})
    return _answered({"Errors": errors})


def _answered(body: dict[str, Any]) -> Response:
    from ministack.core import responses

    answer: Response = responses.json_response(body)
    return answer


def _refused(code: str, message: str) -> Response:
    from ministack.core import responses

    answer: Response = responses.error_response_json(code, message, 400)
    return answer


def _values(data: dict[str, Any]) -> list[list[str]]:
    """The values of the partitions that a table has."""
    from ministack.services import glue

    found = glue._partitions.get(f"{data['DatabaseName']}/{data['TableName']}") or []
    return [list(partition["Values"]) for partition in found]


_CALLS: dict[str, Callable[[dict[str, Any]], Response]] = {
    "AWSGlue.UpdatePartition": _update, "AWSGlue.BatchDeletePartition": _delete,
}
