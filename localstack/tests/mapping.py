"""A stream or a table, a function that reads it, and what became of the records."""

from __future__ import annotations

import json
import urllib.request
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .cloud import ROLE, Cloud, bootstrap_zip, unique, until

CONSUMER = Path(__file__).parent / "consumer.py"


class Consumer:
    """A function with a mapping; the keywords of `create_event_source_mapping` are given as they are."""

    def __init__(self, cloud: Cloud, folder: Path, source_arn: str, mode: str = "report", timeout: int = 30,
                 **mapping: Any) -> None:
        self.cloud = cloud
        self.trace = folder / f"{uuid.uuid4().hex}.jsonl"
        self.trace.touch()
        self.function = unique("consumer")
        cloud.client("lambda").create_function(
            FunctionName=self.function, Runtime="provided.al2023", Handler="bootstrap", Role=ROLE, Timeout=timeout,
            Code={"ZipFile": bootstrap_zip(CONSUMER)},
            Environment={"Variables": {"MODE": mode, "TRACE": str(self.trace)}})
        wanted = {"StartingPosition": "TRIM_HORIZON", "FunctionResponseTypes": ["ReportBatchItemFailures"], **mapping}
        self.mapping = cloud.client("lambda").create_event_source_mapping(
            FunctionName=self.function, EventSourceArn=source_arn, **wanted)
        self.uuid = self.mapping["UUID"]

    def lines(self, kind: str = "begin") -> list[dict[str, Any]]:
        """The calls that have begun or ended, in that order."""
        return [line for line in map(json.loads, self.trace.read_text().splitlines()) if kind in line]

    def calls(self) -> list[list[int]]:
        """The numbers of the records of every call."""
        return [line["begin"] for line in self.lines()]

    def told(self) -> dict[str, Any]:
        """What the launcher tells of the mapping."""
        with urllib.request.urlopen(f"{self.cloud.endpoint}/_headend/mappings") as answer:
            return dict(json.loads(answer.read()).get(self.uuid, {}))

    def shards(self) -> dict[str, Any]:
        """What of it is told by shard."""
        return dict(self.told().get("shards", {}))

    def settled(self, records: int, seconds: float = 20.0) -> list[list[int]]:
        """The calls once so many records are delivered or given up and none is waiting."""
        def find() -> bool:
            shards = self.shards().values()
            ended = sum(shard["delivered"] + shard["discarded"] for shard in shards)
            return ended == records and all(shard["backlog"] == 0 for shard in shards)

        until(f"{records} records settled, now {self.shards()}, {self.calls()}", find, seconds)
        return self.calls()

    def called(self, times: int, seconds: float = 20.0) -> list[list[int]]:
        """The calls once there are so many."""
        until(f"{times} calls, now {self.calls()}", lambda: len(self.calls()) >= times, seconds)
        return self.calls()


def stream(cloud: Cloud, shards: int = 1) -> tuple[str, str]:
    """A new Kinesis stream: its name and its ARN."""
    kinesis, name = cloud.client("kinesis"), unique("stream")
    kinesis.create_stream(StreamName=name, ShardCount=shards)
    return name, kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]


def put(cloud: Cloud, name: str, documents: Sequence[dict[str, Any]], key: str | None = None) -> list[str]:
    """Puts records; each has its own number as its key unless one is given. Returns their shards."""
    answer = cloud.client("kinesis").put_records(StreamName=name, Records=[
        {"Data": json.dumps(document).encode(), "PartitionKey": key or str(document["n"])} for document in documents])
    return [record["ShardId"] for record in answer["Records"]]


def table(cloud: Cloud) -> tuple[str, str]:
    """A new table with a stream: its name and the stream's ARN."""
    name = unique("table")
    described = cloud.client("dynamodb").create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "n", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "n", "AttributeType": "N"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})["TableDescription"]
    return name, described["LatestStreamArn"]


def queue(cloud: Cloud) -> tuple[str, str]:
    """A new queue: its URL and its ARN."""
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName=unique("queue"))["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def received(cloud: Cloud, url: str, seconds: float = 20.0) -> dict[str, Any]:
    """The next message of a queue, read as JSON."""
    sqs = cloud.client("sqs")
    found = until("a message", lambda: sqs.receive_message(QueueUrl=url).get("Messages"), seconds)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=found[0]["ReceiptHandle"])
    return dict(json.loads(found[0]["Body"]))
