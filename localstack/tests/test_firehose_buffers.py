"""Buffers, batches, objects and counts of delivery streams."""

from __future__ import annotations

import base64
import json
import threading
import time
import unittest

from .cloud import REGION, Cloud, Delivery, until

PARTITIONED = {"prefix": "data/day=!{partitionKeyFromLambda:day}/", "partitioned": True}
NEVER = {"BufferIntervalInSeconds": "900"}
HOLD = {"SizeInMBs": 64, "IntervalInSeconds": 900}


def setUpModule() -> None:
    global CLOUD
    # 900 s become 90: longer than any test waits; 60 s become 6.
    CLOUD = Cloud(time_scale=0.1)


def tearDownModule() -> None:
    CLOUD.discard()


class ProcessorBuffer(unittest.TestCase):
    def test_one_call_carries_every_record_of_a_batch(self) -> None:
        delivery = Delivery(CLOUD, mode="", source=True, processor=NEVER, hints=HOLD)
        delivery.put_json(*({"n": number} for number in range(700)))
        CLOUD.flush()
        requests = CLOUD.requests(delivery.name)
        self.assertEqual([len(request["records"]) for request in requests], [700])
        self.assertEqual(delivery.counts()["batches"], 1)

    def test_size_ends_buffering_before_the_interval_does(self) -> None:
        delivery = Delivery(CLOUD, mode="", processor={**NEVER, "BufferSizeInMBs": "0.2"}, hints=HOLD)
        delivery.put([b"x" * 1024] * 250)
        requests = until("a call by size", lambda: CLOUD.requests(delivery.name))
        # The call takes what fits the buffer; the rest goes on waiting.
        self.assertEqual([len(request["records"]) for request in requests], [204])
        self.assertEqual(delivery.counts()["in_flight"], 250)

    def test_interval_ends_buffering_before_the_size_is_reached(self) -> None:
        delivery = Delivery(CLOUD, mode="", processor={"BufferIntervalInSeconds": "5"}, hints=HOLD)
        started = time.monotonic()
        delivery.put_json({"n": 1})
        until("a call by time", lambda: CLOUD.requests(delivery.name))
        self.assertGreaterEqual(time.monotonic() - started, 0.5)

    def test_a_request_stays_below_the_limit_of_lambda(self) -> None:
        delivery = Delivery(CLOUD, mode="", source=True, processor={**NEVER, "BufferSizeInMBs": "3"}, hints=HOLD)
        delivery.put([b"{}"] * 20_000)
        CLOUD.flush()
        requests = CLOUD.requests(delivery.name)
        sizes = [len(json.dumps(request)) for request in requests]
        self.assertGreater(len(sizes), 1)
        self.assertLessEqual(max(sizes), 6_291_456)
        self.assertGreater(max(sizes), 6_200_000)
        self.assertEqual(sum(len(request["records"]) for request in requests), 20_000)

    def test_records_of_one_megabyte_pass(self) -> None:
        delivery = Delivery(CLOUD, mode="", source=True, processor=NEVER, hints=HOLD)
        for _ in range(5):
            delivery.put([b"x" * 1_048_576])
        CLOUD.flush()
        self.assertEqual(b"".join(delivery.objects().values()), b"x" * 5 * 1_048_576)


class Request(unittest.TestCase):
    def test_a_kinesis_record_tells_where_it_stood(self) -> None:
        delivery = Delivery(CLOUD, mode="", source=True, shards=3, processor=NEVER, hints=HOLD)
        delivery.put_json(*({"n": number} for number in range(60)))
        kinesis = CLOUD.client("kinesis")
        kinesis.put_record(StreamName=delivery.source, Data=b'{"n":60}', PartitionKey="alone")
        CLOUD.flush()
        stored = {}
        for shard in kinesis.list_shards(StreamName=delivery.source)["Shards"]:
            iterator = kinesis.get_shard_iterator(
                StreamName=delivery.source, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
            for record in kinesis.get_records(ShardIterator=iterator["ShardIterator"])["Records"]:
                stored[record["SequenceNumber"]] = (
                    shard["ShardId"], record["PartitionKey"], record["Data"],
                    round(record["ApproximateArrivalTimestamp"].timestamp() * 1000))
        (request,) = CLOUD.requests(delivery.name)
        self.assertEqual(request["deliveryStreamArn"], delivery.arn)
        self.assertEqual(request["sourceKinesisStreamArn"].rsplit("/", 1)[1], delivery.source)
        self.assertEqual(request["region"], REGION)
        self.assertEqual(len({record["recordId"] for record in request["records"]}), 61)
        told = {}
        for record in request["records"]:
            metadata = record["kinesisRecordMetadata"]
            self.assertEqual(metadata["subsequenceNumber"], 0)
            self.assertEqual(metadata["approximateArrivalTimestamp"], record["approximateArrivalTimestamp"])
            told[metadata["sequenceNumber"]] = (
                metadata["shardId"], metadata["partitionKey"], base64.b64decode(record["data"]))
            self.assertAlmostEqual(
                record["approximateArrivalTimestamp"], stored[metadata["sequenceNumber"]][3], delta=1)
        self.assertEqual(told, {number: entry[:3] for number, entry in stored.items()})
        self.assertEqual(len({entry[0] for entry in told.values()}), 3)

    def test_a_direct_record_tells_no_source(self) -> None:
        delivery = Delivery(CLOUD, mode="", processor=NEVER, hints=HOLD)
        CLOUD.client("firehose").put_record(DeliveryStreamName=delivery.name, Record={"Data": b"one"})
        delivery.put([b"two", b"three"])
        CLOUD.flush()
        (request,) = CLOUD.requests(delivery.name)
        self.assertNotIn("sourceKinesisStreamArn", request)
        self.assertEqual(
            [set(record) for record in request["records"]],
            [{"recordId", "approximateArrivalTimestamp", "data"}] * 3)

    def test_the_function_reaches_the_local_cloud(self) -> None:
        delivery = Delivery(CLOUD, mode="", processor=NEVER, hints=HOLD)
        delivery.put_json({})
        CLOUD.flush()
        lines = [json.loads(line) for line in CLOUD.trace.read_text().splitlines()]
        self.assertEqual({line["endpoint"] for line in lines}, {CLOUD.endpoint})


class PartitionBuffer(unittest.TestCase):
    def test_a_flush_writes_one_object_per_partition(self) -> None:
        delivery = Delivery(CLOUD, mode="", source=True, processor=NEVER, hints=HOLD, **PARTITIONED)
        delivery.put_json(*({"n": number, "keys": {"day": f"{number % 4:02d}"}} for number in range(100)))
        CLOUD.flush()
        keys = sorted(delivery.objects())
        self.assertEqual([key.rsplit("/", 1)[0] for key in keys], [f"data/day={day:02d}" for day in range(4)])
        self.assertRegex(
            keys[0], rf"^data/day=00/{delivery.name}-1-\d{{4}}(-\d\d){{5}}-[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}"
                     r"-[0-9a-f]{12}$")

    def test_a_partition_gathers_records_of_several_calls(self) -> None:
        delivery = Delivery(
            CLOUD, mode="", processor={"BufferIntervalInSeconds": "1"}, hints=HOLD, **PARTITIONED)
        for calls in (1, 2, 3):
            delivery.put_json({"n": calls, "keys": {"day": "01"}})
            until("the call", lambda calls=calls: delivery.counts()["batches"] == calls)
        self.assertEqual(delivery.objects(), {})
        CLOUD.flush()
        (body,) = delivery.objects().values()
        self.assertEqual(body.count(b'"keys"'), 3)

    def test_interval_delivers_a_partition(self) -> None:
        delivery = Delivery(CLOUD, hints={"SizeInMBs": 64, "IntervalInSeconds": 5})
        started = time.monotonic()
        delivery.put([b"one"])
        delivery.settled(1)
        self.assertGreaterEqual(time.monotonic() - started, 0.5)

    def test_size_delivers_a_partition(self) -> None:
        delivery = Delivery(CLOUD, hints={"SizeInMBs": 1, "IntervalInSeconds": 900})
        delivery.put([b"x" * 300_000] * 3)
        self.assertEqual(delivery.counts()["delivered"], 0)
        delivery.put([b"x" * 300_000])
        delivery.settled(4)

    def test_more_than_500_open_partitions_overflow(self) -> None:
        delivery = Delivery(CLOUD, mode="", source=True, processor=NEVER, hints=HOLD, **PARTITIONED)
        delivery.put_json(*({"n": number, "keys": {"day": str(number)}} for number in range(503)))
        delivery.put_json({"n": 503, "keys": {"day": "0"}})
        CLOUD.flush()
        self.assertEqual(len(delivery.objects("data/")), 500)
        documents = delivery.error_documents("activePartitionExceeded")
        self.assertEqual(
            [(json.loads(base64.b64decode(item["rawData"]))["n"], item["errorCode"]) for item in documents],
            [(number, "DynamicPartitioning.ActivePartitionLimitExceeded") for number in (500, 501, 502)])
        counts = delivery.counts()
        self.assertEqual((counts["delivered"], counts["failed"]), (501, 3))

    def test_jq_keys_are_taken_from_each_record(self) -> None:
        delivery = Delivery(CLOUD, hints=HOLD, prefix="data/kind=!{partitionKeyFromQuery:kind}/", partitioned=True)
        self._update(delivery, ProcessingConfiguration={"Enabled": True, "Processors": [
            {"Type": "MetadataExtraction", "Parameters": [
                {"ParameterName": "MetadataExtractionQuery", "ParameterValue": "{kind: .kind}"},
                {"ParameterName": "JsonParsingEngine", "ParameterValue": "JQ-1.6"}]},
            {"Type": "AppendDelimiterToRecord", "Parameters": []}]})
        delivery.put_json({"kind": "a"}, {"kind": "b"}, {"kind": "a"}, {"other": 1})
        CLOUD.flush()
        found = {key.rsplit("/", 1)[0]: body for key, body in delivery.objects("data/").items()}
        self.assertEqual(found, {
            "data/kind=a": b'{"kind": "a"}\n{"kind": "a"}\n', "data/kind=b": b'{"kind": "b"}\n'})
        (document,) = delivery.error_documents("processing-failed")
        self.assertEqual(document["errorCode"], "DynamicPartitioning.MetadataExtractionFailed")

    def test_a_plain_prefix_gets_the_hour_of_arrival(self) -> None:
        delivery = Delivery(CLOUD, hints=HOLD, prefix="plain/")
        delivery.put([b"one", b"two"])
        CLOUD.flush()
        ((key, body),) = delivery.objects().items()
        self.assertRegex(key, rf"^plain/\d{{4}}/\d\d/\d\d/\d\d/{delivery.name}-1-")
        self.assertEqual(body, b"onetwo")

    def _update(self, delivery: Delivery, **changes: object) -> None:
        firehose = CLOUD.client("firehose")
        described = firehose.describe_delivery_stream(
            DeliveryStreamName=delivery.name)["DeliveryStreamDescription"]
        firehose.update_destination(
            DeliveryStreamName=delivery.name, CurrentDeliveryStreamVersionId=described["VersionId"],
            DestinationId=described["Destinations"][0]["DestinationId"],
            ExtendedS3DestinationUpdate=changes)

    def test_a_changed_destination_holds_for_what_is_buffered(self) -> None:
        delivery = Delivery(CLOUD, hints=HOLD, prefix="before/")
        delivery.put([b"one"])
        self._update(delivery, Prefix="after/")
        delivery.put([b"two"])
        CLOUD.flush()
        ((key, body),) = delivery.objects().items()
        self.assertTrue(key.startswith("after/"))
        self.assertIn(f"/{delivery.name}-2-", key)
        self.assertEqual(body, b"onetwo")


class Accounting(unittest.TestCase):
    def test_counts_add_up_under_concurrent_puts(self) -> None:
        delivery = Delivery(
            CLOUD, mode="", source=True, shards=2, processor={"BufferIntervalInSeconds": "1"},
            hints={"SizeInMBs": 64, "IntervalInSeconds": 5}, **PARTITIONED)
        deeds = [{}, {"do": "drop"}, {"do": "fail"}, {"do": "forget"}]

        def put(worker: int) -> None:
            for round_number in range(5):
                delivery.put_json(*(
                    {"id": f"{worker}-{round_number}-{number}", "keys": {"day": str(number % 3)},
                     **deeds[number % len(deeds)]}
                    for number in range(100)))

        workers = [threading.Thread(target=put, args=(worker,)) for worker in range(6)]
        for worker in workers:
            worker.start()
        while any(worker.is_alive() for worker in workers):
            counts = delivery.counts()
            if counts:
                self.assertEqual(counts["received"], sum(
                    counts[name] for name in ("delivered", "failed", "dropped", "in_flight")))
        counts = delivery.settled(3000)
        self.assertEqual(
            {name: counts[name] for name in ("delivered", "failed", "dropped")},
            {"delivered": 750, "failed": 1500, "dropped": 750})
        body = b"".join(delivery.objects("data/").values())
        written = [json.loads(part + b"}")["id"] for part in body.split(b"}}")[:-1] for part in [part + b"}"]]
        self.assertEqual(len(written), 750)
        self.assertEqual(len(set(written)), 750)

    def test_a_slow_function_holds_up_neither_the_put_nor_the_gateway(self) -> None:
        delivery = Delivery(CLOUD, mode="slow", source=True, processor={"BufferIntervalInSeconds": "0"}, hints=HOLD)
        delivery.put_json({"n": 1})
        until("the call", lambda: CLOUD.requests(delivery.name))
        started = time.monotonic()
        delivery.put_json({"n": 2})
        CLOUD.client("s3").list_buckets()
        self.assertLess(time.monotonic() - started, 0.9)
        CLOUD.flush()
        self.assertEqual(delivery.counts()["delivered"], 2)

    def test_a_deleted_stream_drops_its_buffers(self) -> None:
        delivery = Delivery(CLOUD, hints=HOLD)
        delivery.put([b"one"])
        CLOUD.client("firehose").delete_delivery_stream(DeliveryStreamName=delivery.name)
        self.assertNotIn(delivery.name, CLOUD.flush())
        self.assertEqual(delivery.objects(), {})

    def test_a_stream_made_again_under_its_name_starts_empty(self) -> None:
        delivery = Delivery(CLOUD, hints=HOLD)
        firehose = CLOUD.client("firehose")
        delivery.put([b"one"])
        firehose.delete_delivery_stream(DeliveryStreamName=delivery.name)
        firehose.create_delivery_stream(
            DeliveryStreamName=delivery.name, ExtendedS3DestinationConfiguration=delivery.destination)
        delivery.put([b"two"])
        CLOUD.flush()
        self.assertEqual(list(delivery.objects().values()), [b"two"])
        self.assertEqual(delivery.counts()["received"], 1)

    def test_a_refused_object_is_written_when_the_bucket_is_there(self) -> None:
        delivery = Delivery(CLOUD, hints={"SizeInMBs": 64, "IntervalInSeconds": 1})
        s3 = CLOUD.client("s3")
        s3.delete_bucket(Bucket=delivery.bucket)
        delivery.put([b"one"])
        log = CLOUD.state / "ministack.log"
        until("the refusal", lambda: f"S3 refused s3://{delivery.bucket}/" in log.read_text())
        self.assertEqual(delivery.counts()["in_flight"], 1)
        s3.create_bucket(Bucket=delivery.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        delivery.settled(1)
        self.assertEqual(list(delivery.objects().values()), [b"one"])
