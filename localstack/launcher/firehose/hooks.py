"""Where the emulator hands records over, and the pipelines that take them.

Replaced in MiniStack: the two functions through which records reach a delivery
stream, and the three through which they reach a Kinesis stream, because only
there the shard and the sequence number of a record are known.
"""

from __future__ import annotations

import base64
import binascii
import json
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from launcher.firehose import aggregate
from launcher.firehose.pipeline import Pipeline
from launcher.firehose.record import KinesisPosition, Record, new_record_id

Response = tuple[int, dict[str, str], Any]

_LOCK = threading.Lock()
_PIPELINES: dict[str, Pipeline] = {}
_TIME_SCALE = 1.0


def install(time_scale: float) -> None:
    """Puts the replacements in; `time_scale` multiplies every buffering interval."""
    global _TIME_SCALE
    from ministack.services import firehose, kinesis

    _TIME_SCALE = time_scale
    firehose._deliver_records_to_s3 = _take_direct
    # Kinesis calls this with data and partition key only; the wrapped puts below know more.
    firehose.ingest_from_kinesis_source = lambda stream_arn, records: None
    kinesis._put_record = _after(kinesis._put_record, lambda data, answer: [(data, answer)])
    kinesis._put_records = _after(
        kinesis._put_records, lambda data, answer: list(zip(data["Records"], answer["Records"], strict=True)))
    kinesis.put_record_internal = _put_internal


def counts() -> dict[str, dict[str, int]]:
    """The counts of every delivery stream that has had a record, by name."""
    return {pipeline.stream["name"]: pipeline.counts() for pipeline in _live()}


def drain(seconds: float) -> int:
    """Delivers everything now; returns how many records are still in flight after `seconds`."""
    deadline = time.monotonic() + seconds
    return sum(pipeline.drain(deadline) for pipeline in _live())


def _take_direct(stream: dict[str, Any], destination: dict[str, Any], records: Sequence[tuple[str, bytes]]) -> None:
    """PutRecord and PutRecordBatch."""
    # The emulator keeps every record in a list that nothing ever reads or trims.
    destination["records"].clear()
    arrival = int(time.time() * 1000)
    _pipeline(stream).put([Record(record_id, data, arrival) for record_id, data in records])


def _after(
    put: Callable[[dict[str, Any]], Response],
    pairs: Callable[[dict[str, Any], dict[str, Any]], list[tuple[dict[str, Any], dict[str, Any]]]],
) -> Callable[[dict[str, Any]], Response]:
    """The put, followed by handing what it stored to the delivery streams that read the stream."""

    def replacement(data: dict[str, Any]) -> Response:
        response = put(data)
        if response[0] == 200:
            _fan_out(data, pairs(data, json.loads(response[2])))
        return response

    return replacement


def _put_internal(stream_arn: str, partition_key: str, data: bytes) -> bool:
    """The put of the emulator's other services; goes the way of the public one."""
    from ministack.services import kinesis

    request = {
        "StreamARN": stream_arn, "PartitionKey": partition_key, "Data": base64.b64encode(data).decode()}
    return bool(kinesis._put_record(request)[0] == 200)


def _fan_out(data: dict[str, Any], stored: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    from ministack.services import kinesis

    _, source = kinesis._resolve_stream(data)
    readers = _readers(source["StreamARN"])
    if not readers:
        return
    arrivals = _arrivals(source, stored)
    records = []
    for request, answer in stored:
        # Only what comes from a stream is taken apart; what is put directly is not.
        data = _bytes(request.get("Data", ""))
        parts = aggregate.unpack(data)
        if parts is None:
            parts = [(request.get("PartitionKey", ""), data)]
        records += [
            Record(
                new_record_id(), part, arrivals[answer["SequenceNumber"]],
                KinesisPosition(answer["ShardId"], key, answer["SequenceNumber"], number))
            for number, (key, part) in enumerate(parts)
        ]
    for stream in readers:
        _pipeline(stream).put(records)


def _readers(stream_arn: str) -> list[dict[str, Any]]:
    """The delivery streams that read the Kinesis stream into S3."""
    from ministack.services import firehose

    return [
        stream for stream in list(firehose._streams.values())
        if stream.get("type") == "KinesisStreamAsSource" and stream.get("status") == "ACTIVE"
        and (stream.get("kinesis_source") or {}).get("KinesisStreamARN") == stream_arn
        and any(destination["type"] in ("ExtendedS3", "S3") for destination in stream["destinations"])
    ]


def _arrivals(source: dict[str, Any], stored: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> dict[str, int]:
    """Arrival in milliseconds by sequence number, as GetRecords would tell it."""
    wanted: dict[str, set[str]] = {}
    for _, answer in stored:
        wanted.setdefault(answer["ShardId"], set()).add(answer["SequenceNumber"])
    found: dict[str, int] = {}
    for shard_id, numbers in wanted.items():
        # The records just stored stand at the end, so this reads only as many as were put.
        for record in reversed(source["shards"][shard_id]["records"]):
            if not numbers:
                break
            if record["SequenceNumber"] in numbers:
                numbers.remove(record["SequenceNumber"])
                found[record["SequenceNumber"]] = int(record["ApproximateArrivalTimestamp"] * 1000)
    return found


def _bytes(data: Any) -> bytes:
    # The emulator takes what is not base64 as it stands; this must agree with what it stored.
    try:
        return base64.b64decode(data)
    except (binascii.Error, ValueError):
        return data.encode() if isinstance(data, str) else bytes(data)


def _pipeline(stream: dict[str, Any]) -> Pipeline:
    """The pipeline of a delivery stream; one made again under the same name starts empty."""
    from ministack.core.responses import get_account_id, get_region

    with _LOCK:
        pipeline = _PIPELINES.get(stream["arn"])
        if pipeline is None or pipeline.stream is not stream:
            if pipeline is not None:
                pipeline.close()
            pipeline = _PIPELINES[stream["arn"]] = Pipeline(stream, get_account_id(), get_region(), _TIME_SCALE)
        return pipeline


def _live() -> list[Pipeline]:
    """The pipelines whose delivery stream still exists; closes the others."""
    from ministack.core.responses import request_scope

    with _LOCK:
        for arn, pipeline in list(_PIPELINES.items()):
            _, _, _, region, account, _ = arn.split(":", 5)
            with request_scope(account, region):
                exists = pipeline.exists()
            if not exists:
                pipeline.close()
                del _PIPELINES[arn]
        return list(_PIPELINES.values())
