"""The documents that Firehose writes under the error prefix, one JSON object a line.

Two shapes, as seen in objects that AWS itself wrote; where they differ from its
documentation (`lambdaArn`, `ErrorCode`) the objects win.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from launcher.firehose.record import Record

# Values of !{firehose:error-output-type}.
PROCESSING_FAILED = "processing-failed"
CONVERSION_FAILED = "format-conversion-failed"
PARTITION_LIMIT = "activePartitionExceeded"


def processing_failed(record: Record, code: str, message: str, attempts: int, ended_ms: int,
                      function_arn: str | None) -> bytes:
    """A record that was not transformed or has no partition; keeps the bytes as they were put."""
    document: dict[str, Any] = {
        "rawData": _base64(record.data),
        "errorCode": code,
        "errorMessage": message,
        "attemptsMade": attempts,
        "arrivalTimestamp": record.arrival_ms,
        "attemptEndingTimestamp": ended_ms,
    }
    if function_arn:
        document["lambdaARN"] = function_arn
    return _line(document)


def conversion_failed(record: Record, data: bytes, code: str, message: str, ended_ms: int,
                      table: dict[str, Any]) -> bytes:
    """A record that does not fit the table; keeps the bytes that were to be converted."""
    document: dict[str, Any] = {
        "attemptsMade": 1,
        "arrivalTimestamp": record.arrival_ms,
        "lastErrorCode": code,
        "lastErrorMessage": message,
        "attemptEndingTimestamp": ended_ms,
        "rawData": _base64(data),
    }
    if record.position is not None:
        document["sequenceNumber"] = record.position.sequence_number
        document["subSequenceNumber"] = 0
    document["dataCatalogTable"] = table
    return _line(document)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _line(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode() + b"\n"
