"""A local cloud for the tests of one module, started by the launcher itself."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import boto3
from botocore.config import Config

LAUNCHER = Path(__file__).parent.parent / "ministack.py"
TRANSFORM = Path(__file__).parent / "transform.py"
ROLE = "arn:aws:iam::000000000000:role/test"
REGION = "eu-west-2"

Found = TypeVar("Found")


def until(what: str, find: Callable[[], Found | None], seconds: float = 20.0) -> Found:
    """Asks again and again until something is found; fails with what was missing."""
    deadline = time.monotonic() + seconds
    while True:
        found = find()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(0.02)


class Cloud:
    """A running launcher, its clients and what the tests put into it."""

    def __init__(self, time_scale: float = 0.002, arguments: Sequence[str] = ()) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="headend-test-")
        self.state = Path(self._folder.name) / "state"
        self.process = subprocess.Popen(
            [sys.executable, str(LAUNCHER), "--state", str(self.state), "--region", REGION,
             "--time-scale", str(time_scale), "--owner", "stdin", *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"the launcher ended with {self.process.wait()}")
        self.description: dict[str, Any] = json.loads(line)
        self.endpoint: str = self.description["endpoint"]
        self._clients: dict[str, Any] = {}
        self.trace = Path(self._folder.name) / "trace.jsonl"
        self.trace.touch()

    def client(self, service: str) -> Any:
        """A client with retries off, so that a refusal is seen as it is; made once for each service."""
        if service not in self._clients:
            self._clients[service] = boto3.client(
                service, endpoint_url=self.endpoint, region_name=REGION, aws_access_key_id="test",
                aws_secret_access_key="test", config=Config(
                    retries={"total_max_attempts": 1}, read_timeout=60, s3={"addressing_style": "path"}))
        return self._clients[service]

    def stop(self) -> int:
        """Ends the owner's pipe and waits."""
        self.process.stdin.close()
        return self.process.wait(60)

    def discard(self) -> None:
        """Stops if need be and removes all files."""
        if self.process.poll() is None:
            self.stop()
        for client in self._clients.values():
            client.close()
        self.process.stdin.close()
        self.process.stdout.close()
        self._folder.cleanup()

    def counts(self) -> dict[str, dict[str, int]]:
        """The counts of every delivery stream."""
        with urllib.request.urlopen(f"{self.endpoint}/_headend/firehose") as answer:
            return dict(json.loads(answer.read()))

    def flush(self) -> dict[str, dict[str, int]]:
        """Ends all buffering and returns the counts."""
        request = urllib.request.Request(f"{self.endpoint}/_headend/firehose/flush", method="POST")
        with urllib.request.urlopen(request) as answer:
            return dict(json.loads(answer.read()))

    def requests(self, stream: str) -> list[dict[str, Any]]:
        """The requests that the transform function got from a delivery stream."""
        lines = [json.loads(line) for line in self.trace.read_text().splitlines()]
        return [line["event"] for line in lines if line["event"]["deliveryStreamArn"].endswith("/" + stream)]

    def objects(self, bucket: str, prefix: str = "") -> dict[str, bytes]:
        """All objects of a bucket by key."""
        s3 = self.client("s3")
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


def unique(name: str) -> str:
    """A name that no other test has."""
    return f"{name}-{uuid.uuid4().hex[:8]}"


def packed(program: str) -> bytes:
    """A program as a deployment package for `provided.al2023`."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, program)
    return package.getvalue()


def bootstrap_zip(source: Path = TRANSFORM) -> bytes:
    """A function of these tests as a deployment package, run by this very Python."""
    return packed(f"#!{sys.executable}\n" + source.read_text().split("\n", 1)[1])


class Delivery:
    """A delivery stream with its bucket and, when asked for, its function, table and source."""

    def __init__(self, cloud: Cloud, *, mode: str | None = None, source: bool = False, shards: int = 1,
                 prefix: str | None = None, errors: str = "errors/!{firehose:error-output-type}/",
                 partitioned: bool = False, columns: Sequence[tuple[str, str]] | None = None,
                 processor: dict[str, str] | None = None, hints: dict[str, int] | None = None,
                 timeout: int = 30) -> None:
        self.cloud = cloud
        self.name = unique("stream")
        self.bucket = unique("bucket")
        self.source: str | None = None
        cloud.client("s3").create_bucket(
            Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        destination: dict[str, Any] = {
            "BucketARN": f"arn:aws:s3:::{self.bucket}", "RoleARN": ROLE, "ErrorOutputPrefix": errors}
        if prefix is not None:
            destination["Prefix"] = prefix
        if hints is not None:
            destination["BufferingHints"] = hints
        if partitioned:
            destination["DynamicPartitioningConfiguration"] = {"Enabled": True}
        if mode is not None:
            destination["ProcessingConfiguration"] = self._processing(mode, processor or {}, timeout)
        if columns is not None:
            destination["DataFormatConversionConfiguration"] = self._conversion(columns)
        request: dict[str, Any] = {
            "DeliveryStreamName": self.name, "ExtendedS3DestinationConfiguration": destination}
        if source:
            request["DeliveryStreamType"] = "KinesisStreamAsSource"
            request["KinesisStreamSourceConfiguration"] = {
                "KinesisStreamARN": self._make_source(shards), "RoleARN": ROLE}
        self.destination = destination
        self.arn = cloud.client("firehose").create_delivery_stream(**request)["DeliveryStreamARN"]

    def put(self, records: Sequence[bytes]) -> None:
        """Puts records, to the source where there is one."""
        for start in range(0, len(records), 500):
            part = records[start:start + 500]
            if self.source:
                answer = self.cloud.client("kinesis").put_records(StreamName=self.source, Records=[
                    {"Data": data, "PartitionKey": f"key-{start + number}"} for number, data in enumerate(part)])
                assert answer["FailedRecordCount"] == 0
            else:
                answer = self.cloud.client("firehose").put_record_batch(
                    DeliveryStreamName=self.name, Records=[{"Data": data} for data in part])
                assert answer["FailedPutCount"] == 0

    def put_json(self, *documents: Any) -> None:
        """Puts documents as JSON."""
        self.put([json.dumps(document).encode() for document in documents])

    def counts(self) -> dict[str, int]:
        """The counts of this delivery stream."""
        return self.cloud.counts().get(self.name, {})

    def settled(self, records: int, seconds: float = 20.0) -> dict[str, int]:
        """The counts once so many records have come to an end."""
        def find() -> dict[str, int] | None:
            counts = self.counts()
            return counts if counts.get("received") == records and counts["in_flight"] == 0 else None

        return until(f"{records} records of {self.name} settled, now {self.counts()}", find, seconds)

    def objects(self, prefix: str = "") -> dict[str, bytes]:
        """The objects in the bucket."""
        return self.cloud.objects(self.bucket, prefix)

    def error_documents(self, kind: str) -> list[dict[str, Any]]:
        """The documents under the error prefix of a kind."""
        return [
            json.loads(line)
            for body in self.objects(f"errors/{kind}/").values() for line in body.decode().splitlines()]

    def _make_source(self, shards: int) -> str:
        kinesis = self.cloud.client("kinesis")
        self.source = unique("source")
        kinesis.create_stream(StreamName=self.source, ShardCount=shards)
        return str(kinesis.describe_stream_summary(
            StreamName=self.source)["StreamDescriptionSummary"]["StreamARN"])

    def _processing(self, mode: str, processor: dict[str, str], timeout: int) -> dict[str, Any]:
        self.function = unique("transform")
        arn = self.cloud.client("lambda").create_function(
            FunctionName=self.function, Runtime="provided.al2023", Handler="bootstrap", Role=ROLE,
            Timeout=timeout, Code={"ZipFile": bootstrap_zip()},
            Environment={"Variables": {"MODE": mode, "TRACE": str(self.cloud.trace)}})["FunctionArn"]
        self.function_arn = arn
        parameters = {"LambdaArn": arn, **processor}
        return {"Enabled": True, "Processors": [{"Type": "Lambda", "Parameters": [
            {"ParameterName": name, "ParameterValue": value} for name, value in parameters.items()]}]}

    def _conversion(self, columns: Sequence[tuple[str, str]]) -> dict[str, Any]:
        glue = self.cloud.client("glue")
        self.database, self.table = unique("db").replace("-", "_"), "events"
        glue.create_database(DatabaseInput={"Name": self.database})
        glue.create_table(DatabaseName=self.database, TableInput={
            "Name": self.table, "StorageDescriptor": {
                "Columns": [{"Name": name, "Type": kind} for name, kind in columns],
                "Location": f"s3://{self.bucket}/data/"}})
        return {
            "Enabled": True,
            "SchemaConfiguration": {"DatabaseName": self.database, "TableName": self.table,
                                    "RoleARN": ROLE, "Region": REGION},
            "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
            "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {"Compression": "SNAPPY"}}},
        }
