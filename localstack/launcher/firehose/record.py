"""One record on its way through a delivery stream."""

from __future__ import annotations

import base64
import itertools
import json
import time
from dataclasses import dataclass
from typing import Any

_SERIAL = itertools.count(1)


@dataclass(frozen=True)
class KinesisPosition:
    """Where a record stands in its source stream."""

    shard_id: str
    partition_key: str
    sequence_number: str
    # Which of the records that were packed into one; 0 for one that was not.
    subsequence_number: int = 0


@dataclass(frozen=True)
class Record:
    """A record as it was put; `data` never changes, so that an error document can keep it."""

    id: str
    data: bytes
    arrival_ms: int
    position: KinesisPosition | None = None

    def transform_entry(self) -> dict[str, Any]:
        """The record's entry in the request of the transform function."""
        entry: dict[str, Any] = {
            "recordId": self.id,
            "approximateArrivalTimestamp": self.arrival_ms,
            "data": base64.b64encode(self.data).decode(),
        }
        if self.position is not None:
            entry["kinesisRecordMetadata"] = {
                "shardId": self.position.shard_id,
                "partitionKey": self.position.partition_key,
                "approximateArrivalTimestamp": self.arrival_ms,
                "sequenceNumber": self.position.sequence_number,
                "subsequenceNumber": self.position.subsequence_number,
            }
        return entry


def new_record_id() -> str:
    """An id that no other record of this process has, of the length that AWS uses."""
    return f"{time.time_ns():020d}{next(_SERIAL):036d}"


def entry_size(entry: dict[str, Any]) -> int:
    """Bytes that an entry adds to the JSON request; base64 text is never escaped."""
    return len(json.dumps({**entry, "data": ""})) + len(entry["data"]) + len(", ")
