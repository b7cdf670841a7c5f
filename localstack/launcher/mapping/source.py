"""The shards of a stream, and the records in them as a function gets them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Protocol

_TABLE_SHARD = "shardId-00000000000000000000-00000000"


@dataclass(frozen=True)
class Record:
    """A record of a stream."""

    sequence: str
    # Seconds since 1970.
    arrival: float
    # Records of the same key keep their order, whatever runs in parallel.
    key: str
    make_entry: Callable[[], dict[str, Any]]

    @cached_property
    def entry(self) -> dict[str, Any]:
        """The element of `Records` of the event; made when it is needed, since many are only counted."""
        return self.make_entry()


@dataclass(frozen=True)
class Position:
    """How far a shard has been read: so many records, the last of them with this sequence number.

    The number is what holds when the stream has dropped old records and the count is wrong.
    """

    index: int
    last: str | None = None


class Source(Protocol):
    """A stream that a mapping reads."""

    # The member of a discarded batch's document that speaks of it.
    batch_member: str

    def shards(self) -> dict[str, list[str]]:
        """The shards, each with those whose records come before its own; empty when there is no stream."""

    def start(self, shard: str, mapping: dict[str, Any]) -> Position:
        """Where a mapping begins to read a shard."""

    def read(self, shard: str, position: Position) -> Iterator[tuple[Position, Record]]:
        """The records after a position, each with the position after it."""

    def left(self, shard: str, position: Position) -> int:
        """How many records there are after a position."""

    def newest(self, shard: str) -> float | None:
        """When the last record arrived, in seconds since 1970; None when there is none."""


def of(mapping: dict[str, Any]) -> Source | None:
    """The source of a mapping, or None for one that the emulator serves itself."""
    arn = str(mapping.get("EventSourceArn") or "")
    parts = arn.split(":", 5)
    if len(parts) != 6:
        return None
    if parts[2] == "kinesis" and parts[5].startswith("stream/"):
        return _Kinesis(arn, parts[4], parts[3], parts[5].removeprefix("stream/"), mapping)
    if parts[2] == "dynamodb" and "/stream/" in parts[5]:
        return _Dynamo(arn, parts[5].removeprefix("table/").split("/stream/")[0])
    return None


def lane_of(record: Record, lanes: int) -> int:
    """Which of a shard's lanes a record belongs to."""
    return int.from_bytes(hashlib.md5(record.key.encode()).digest()[:4], "big") % lanes


class _Kinesis:
    batch_member = "KinesisBatchInfo"

    def __init__(self, arn: str, account: str, region: str, name: str, mapping: dict[str, Any]) -> None:
        self._arn, self._account, self._region, self._name = arn, account, region, name
        self._mapping = mapping

    def shards(self) -> dict[str, list[str]]:
        stream = self._stream()
        if stream is None:
            return {}
        shards = stream["shards"]
        return {
            name: [parent for parent in (shard.get("parent_shard_id"), shard.get("adjacent_parent_shard_id"))
                   if parent in shards]
            for name, shard in list(shards.items())}

    def start(self, shard: str, mapping: dict[str, Any]) -> Position:
        records = self._records(shard)
        wanted = mapping.get("StartingPosition")
        if wanted == "TRIM_HORIZON":
            return Position(0)
        if wanted == "AT_TIMESTAMP":
            moment = float(mapping.get("StartingPositionTimestamp") or 0)
            return Position(sum(1 for record in records if record["ApproximateArrivalTimestamp"] < moment))
        return Position(len(records), records[-1]["SequenceNumber"] if records else None)

    def read(self, shard: str, position: Position) -> Iterator[tuple[Position, Record]]:
        records = self._records(shard)
        for index in range(self._sequences(records).after(position), len(records)):
            stored = records[index]
            sequence = stored["SequenceNumber"]
            yield Position(index + 1, sequence), Record(
                sequence, stored["ApproximateArrivalTimestamp"], stored["PartitionKey"],
                partial(self._entry, shard, stored))

    def left(self, shard: str, position: Position) -> int:
        records = self._records(shard)
        return len(records) - self._sequences(records).after(position)

    def newest(self, shard: str) -> float | None:
        records = self._records(shard)
        return records[-1]["ApproximateArrivalTimestamp"] if records else None

    @staticmethod
    def _sequences(records: Sequence[dict[str, Any]]) -> _Sequences:
        return _Sequences(records, lambda record: record["SequenceNumber"])

    def _entry(self, shard: str, stored: dict[str, Any]) -> dict[str, Any]:
        from ministack.services import lambda_svc

        function = lambda_svc._functions.get(self._mapping["FunctionName"]) or {}
        return {
            "kinesis": {
                "kinesisSchemaVersion": "1.0", "partitionKey": stored["PartitionKey"],
                "sequenceNumber": stored["SequenceNumber"], "data": _base64(stored["Data"]),
                "approximateArrivalTimestamp": stored["ApproximateArrivalTimestamp"]},
            "eventSource": "aws:kinesis", "eventVersion": "1.0", "eventID": f"{shard}:{stored['SequenceNumber']}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": (function.get("config") or {}).get("Role", ""),
            "awsRegion": self._region, "eventSourceARN": self._arn}

    def _stream(self) -> dict[str, Any] | None:
        from ministack.services import kinesis

        stream = kinesis._streams.get_scoped(self._account, self._region, self._name)
        return stream if stream and stream["StreamStatus"] == "ACTIVE" else None

    def _records(self, shard: str) -> list[dict[str, Any]]:
        stream = self._stream()
        return list(stream["shards"][shard]["records"]) if stream and shard in stream["shards"] else []


class _Dynamo:
    batch_member = "DDBStreamBatchInfo"

    def __init__(self, arn: str, table: str) -> None:
        self._arn, self._table = arn, table

    def shards(self) -> dict[str, list[str]]:
        from ministack.services import dynamodb

        table = dynamodb._tables.get(self._table)
        return {_TABLE_SHARD: []} if table and table.get("LatestStreamArn") == self._arn else {}

    def start(self, shard: str, mapping: dict[str, Any]) -> Position:
        records = self._records()
        if mapping.get("StartingPosition") == "TRIM_HORIZON" or not records:
            return Position(0)
        return Position(len(records), records[-1]["dynamodb"]["SequenceNumber"])

    def read(self, shard: str, position: Position) -> Iterator[tuple[Position, Record]]:
        records = self._records()
        for index in range(self._sequences(records).after(position), len(records)):
            entry = records[index]
            change = entry["dynamodb"]
            yield Position(index + 1, change["SequenceNumber"]), Record(
                change["SequenceNumber"], _created(change), json.dumps(change["Keys"], sort_keys=True),
                partial(_same, entry))

    def left(self, shard: str, position: Position) -> int:
        records = self._records()
        return len(records) - self._sequences(records).after(position)

    def newest(self, shard: str) -> float | None:
        records = self._records()
        return _created(records[-1]["dynamodb"]) if records else None

    @staticmethod
    def _sequences(records: Sequence[dict[str, Any]]) -> _Sequences:
        return _Sequences(records, lambda record: record["dynamodb"]["SequenceNumber"])

    def _records(self) -> Sequence[dict[str, Any]]:
        from ministack.services import dynamodb

        # The list grows at its end alone, and old records leave it after a day.
        return dynamodb.stream_live_records(self._table) if self.shards() else ()


class _Sequences:
    """Finds a position again in a list whose front may be gone."""

    def __init__(self, records: Sequence[dict[str, Any]], sequence: Any) -> None:
        self._records = records
        self._sequence = sequence

    def after(self, position: Position) -> int:
        """The index of the first record after a position."""
        if position.last is None:
            return position.index
        if 0 < position.index <= len(self._records) and \
                self._sequence(self._records[position.index - 1]) == position.last:
            return position.index
        last = int(position.last)
        return next(
            (index for index, record in enumerate(self._records) if int(self._sequence(record)) > last),
            len(self._records))


def _created(change: dict[str, Any]) -> float:
    return float(change.get("ApproximateCreationDateTime") or time.time())


def _same(entry: dict[str, Any]) -> dict[str, Any]:
    return entry


def _base64(data: Any) -> str:
    # The emulator keeps what it was sent, which need not be base64; this must agree with what it hands out.
    if isinstance(data, str):
        try:
            base64.b64decode(data, validate=True)
            return data
        except (binascii.Error, ValueError):
            data = data.encode()
    return base64.b64encode(bytes(data)).decode()
