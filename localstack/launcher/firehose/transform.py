"""The call of the transform function, and what its answer means for each record."""

from __future__ import annotations

import base64
import binascii
import json
import logging
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from launcher.firehose.destination import Processor
from launcher.firehose.record import Record, entry_size

LOGGER = logging.getLogger("headend.firehose")

# The synchronous payload limits of Lambda; the answer has 100 bytes more, as its own message says.
REQUEST_LIMIT = 6_291_456
RESPONSE_LIMIT = 6_291_556
_ENVELOPE_ROOM = 2_048

# Pause before a retry; AWS does not say how long its own is.
_RETRY_SECONDS = 0.1

_FUNCTION_ERROR = (
    "Lambda.FunctionError", "The Lambda function was successfully invoked but it returned an error result.")
_LIMIT_EXCEEDED = (
    "Lambda.InvokeLimitExceeded",
    "The Lambda concurrent execution limit is exceeded. Increase the concurrent execution limit.")
_NOT_FOUND = (
    "Lambda.ResourceNotFound",
    "The specified Lambda function does not exist. Use a different function that does exist.")
_MISSING_ID = (
    "Lambda.MissingRecordId",
    "One or more record Ids were not returned. Ensure that the Lambda function returns all received record Ids.")
_DUPLICATED_ID = (
    "Lambda.DuplicatedRecordId",
    "Multiple records were returned with the same record Id. "
    "Ensure that the Lambda function returns a unique record Id for each record.")
_NOT_PARSED = (
    "Lambda.JsonProcessingException",
    "There was an error parsing returned records from the Lambda function. Ensure that the returned records "
    "follow the status model required by Amazon Data Firehose.")
_FAILED_STATUS = ("Lambda.ProcessingFailedStatus", "ProcessingFailed status set for record")
_NO_DATA = (
    "Lambda.InvalidReturnFormat",
    "The data field cannot be null when the SourceType is DirectPut or KinesisStreamAsSource and processing "
    "result is Ok. The value field cannot be null when the SourceType is MSKAsSource and processing result is Ok.")


@dataclass(frozen=True)
class Failure:
    """A record for the error prefix; `attempts` counts the calls that were made for it."""

    record: Record
    code: str
    message: str
    attempts: int
    ended_ms: int


@dataclass(frozen=True)
class Transformed:
    """A record that goes on, with its new data and the partition keys the function gave."""

    record: Record
    data: bytes
    keys: Mapping[str, str]


@dataclass
class Outcome:
    """What became of a batch."""

    transformed: list[Transformed] = field(default_factory=list)
    dropped: int = 0
    failures: list[Failure] = field(default_factory=list)


def next_batch(waiting: Sequence[Record], size_bytes: int) -> list[Record]:
    """The records of the next call: up to the buffer size, and never a request above Lambda's limit."""
    batch: list[Record] = []
    raw = 0
    request = _ENVELOPE_ROOM
    for record in waiting:
        raw += len(record.data)
        request += entry_size(record.transform_entry())
        if batch and (raw > size_bytes or request > REQUEST_LIMIT):
            break
        batch.append(record)
    return batch


def run(processor: Processor, delivery_stream_arn: str, source_arn: str | None, region: str,
        batch: Sequence[Record]) -> Outcome:
    """Calls the function with the whole batch, again after a failed call, and sorts the answer."""
    entries = [record.transform_entry() for record in batch]
    attempts = processor.retries + 1
    error = _FUNCTION_ERROR
    for attempt in range(1, attempts + 1):
        event: dict[str, Any] = {"invocationId": str(uuid.uuid4()), "deliveryStreamArn": delivery_stream_arn}
        if source_arn:
            event["sourceKinesisStreamArn"] = source_arn
        event.update({"region": region, "records": entries})
        answer, failed = _call(processor.function_arn, event)
        if failed is None:
            return _sort(batch, answer, attempt)
        error = failed
        LOGGER.warning("transform call %d of %d failed: %s", attempt, attempts, error[0])
        if attempt < attempts:
            time.sleep(_RETRY_SECONDS)
    return _all_failed(batch, error, attempts)


def _call(function_arn: str, event: dict[str, Any]) -> tuple[Any, tuple[str, str] | None]:
    """One invocation: the answer and None, or the error that it ended with."""
    from ministack.services import lambda_svc

    name, qualifier = lambda_svc._resolve_name_and_qualifier(function_arn)
    function, _ = lambda_svc._get_func_record_for_qualifier(name, qualifier)
    if function is None:
        return None, _NOT_FOUND
    try:
        result = lambda_svc._execute_function(function, event)
    except Exception:
        LOGGER.exception("the transform function could not be run")
        return None, _FUNCTION_ERROR
    if result.get("throttle"):
        return None, _LIMIT_EXCEEDED
    if result.get("error"):
        LOGGER.warning("the transform function failed: %s", json.dumps(result.get("body"))[:1000])
        return None, _FUNCTION_ERROR
    answer = result.get("body")
    if len(json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")) > RESPONSE_LIMIT:
        return None, _FUNCTION_ERROR
    return answer, None


def _sort(batch: Sequence[Record], answer: Any, attempt: int) -> Outcome:
    """Gives each record of the batch its result; ids that were never sent are ignored."""
    returned = answer.get("records") if isinstance(answer, dict) else None
    results: dict[str, list[dict[str, Any]]] = {}
    for entry in returned if isinstance(returned, list) else []:
        if not isinstance(entry, dict):
            return _all_failed(batch, _NOT_PARSED, attempt)
        results.setdefault(str(entry.get("recordId")), []).append(entry)
    outcome = Outcome()
    for record in batch:
        entries = results.get(record.id, [])
        if len(entries) != 1:
            outcome.failures.append(_failure(record, _DUPLICATED_ID if entries else _MISSING_ID, attempt))
            continue
        try:
            _place(outcome, record, entries[0], attempt)
        except _BadModel:
            # Firehose reads the answer as one document: what does not fit its model fails all of it.
            return _all_failed(batch, _NOT_PARSED, attempt)
    return outcome


class _BadModel(Exception):
    """The answer departs from the status model."""


def _place(outcome: Outcome, record: Record, entry: dict[str, Any], attempt: int) -> None:
    result = entry.get("result")
    if result == "Dropped":
        outcome.dropped += 1
    elif result == "ProcessingFailed":
        outcome.failures.append(_failure(record, _FAILED_STATUS, attempt))
    elif result == "Ok":
        if entry.get("data") is None:
            outcome.failures.append(_failure(record, _NO_DATA, attempt))
        else:
            outcome.transformed.append(Transformed(record, _decode(entry["data"]), _partition_keys(entry)))
    else:
        raise _BadModel


def _decode(data: Any) -> bytes:
    if not isinstance(data, str):
        raise _BadModel
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise _BadModel from error


def _partition_keys(entry: dict[str, Any]) -> Mapping[str, str]:
    metadata = entry.get("metadata")
    keys = metadata.get("partitionKeys") if isinstance(metadata, dict) else None
    if keys is None:
        return {}
    if not isinstance(keys, dict) or not all(isinstance(value, str) for value in keys.values()):
        raise _BadModel
    return keys


def _failure(record: Record, error: tuple[str, str], attempts: int) -> Failure:
    return Failure(record, error[0], error[1], attempts, int(time.time() * 1000))


def _all_failed(batch: Sequence[Record], error: tuple[str, str], attempts: int) -> Outcome:
    return Outcome(failures=[_failure(record, error, attempts) for record in batch])
