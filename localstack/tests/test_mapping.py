"""Event source mappings of Kinesis and DynamoDB streams, on a cloud with real functions."""

from __future__ import annotations

import contextlib
import json
import tempfile
import time
import unittest
from collections import defaultdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .cloud import Cloud, unique, until
from .mapping import Consumer, put, queue, received, stream, table


class Mappings(unittest.TestCase):
    cloud: Cloud
    folder: Path

    @classmethod
    def setUpClass(cls) -> None:
        # A window of 100 s and an age of 100 s are 1 s here, and the first pause is 10 ms.
        cls.cloud = Cloud(time_scale=0.01)
        cls.addClassCleanup(cls.cloud.discard)
        folder = tempfile.TemporaryDirectory(prefix="headend-test-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)

    def setUp(self) -> None:
        self.name, self.arn = stream(self.cloud)

    def consumer(self, arn: str | None = None, **wanted: Any) -> Consumer:
        consumer = Consumer(self.cloud, self.folder, arn or self.arn, **wanted)
        self.addCleanup(self.remove, consumer)
        return consumer

    def remove(self, consumer: Consumer) -> None:
        aws = self.cloud.client("lambda")
        with contextlib.suppress(aws.exceptions.ResourceNotFoundException):
            aws.delete_event_source_mapping(UUID=consumer.uuid)

    def put(self, *documents: dict[str, Any], key: str | None = None) -> list[str]:
        return put(self.cloud, self.name, documents, key)

    def test_batches_hold_what_lambda_sends(self) -> None:
        self.put(*({"n": number} for number in range(5)))
        consumer = self.consumer(BatchSize=2)
        self.assertEqual(consumer.settled(5), [[0, 1], [2, 3], [4]])
        first = consumer.lines()[0]["first"]
        self.assertEqual(first["eventSource"], "aws:kinesis")
        self.assertEqual(first["eventSourceARN"], self.arn)
        self.assertEqual(first["eventID"], f"shardId-000000000000:{first['kinesis']['sequenceNumber']}")
        self.assertEqual(first["kinesis"]["partitionKey"], "0")
        self.assertEqual(first["invokeIdentityArn"], "arn:aws:iam::000000000000:role/test")

    def test_a_batch_is_a_hundred_unless_the_mapping_says_otherwise(self) -> None:
        self.put(*({"n": number} for number in range(120)))
        self.assertEqual([len(call) for call in self.consumer().settled(120)], [100, 20])

    def test_everything_from_the_lowest_failure_comes_again(self) -> None:
        self.put(*({"n": number, "fails": {2: 1, 4: 1}.get(number, 0)} for number in range(6)))
        consumer = self.consumer()
        self.assertEqual(consumer.settled(6), [[0, 1, 2, 3, 4, 5], [2, 3, 4, 5]])
        self.assertEqual(self.described(consumer)["LastProcessingResult"], "OK")

    def test_answers_that_are_not_understood_fail_the_batch_and_empty_ones_do_not(self) -> None:
        for mode, calls in (
            ("null", 1), ("{}", 1), ('"fine"', 1), ('{"batchItemFailures": null}', 1),
            ('{"batchItemFailures": [{"itemIdentifier": ""}]}', 3),
            ('{"batchItemFailures": [{"itemIdentifier": null}]}', 3),
            ('{"batchItemFailures": [{"itemIdentifer": "1"}]}', 3),
        ):
            with self.subTest(mode):
                name, arn = stream(self.cloud)
                put(self.cloud, name, [{"n": 1}, {"n": 2}])
                consumer = self.consumer(arn, mode=mode, MaximumRetryAttempts=2)
                self.assertEqual(consumer.settled(2), [[1, 2]] * calls)

    def test_without_report_an_answer_is_a_success(self) -> None:
        self.put({"n": 1, "fails": -1})
        self.assertEqual(self.consumer(FunctionResponseTypes=[]).settled(1), [[1]])

    def test_halves_isolate_a_bad_record_which_is_told_to_a_queue(self) -> None:
        url, destination = queue(self.cloud)
        self.put(*({"n": number, "fails": -1 if number == 2 else 0} for number in range(4)))
        consumer = self.consumer(
            mode="raise", BisectBatchOnFunctionError=True, MaximumRetryAttempts=1,
            DestinationConfig={"OnFailure": {"Destination": destination}})
        self.assertEqual(consumer.settled(4), [[0, 1, 2, 3], [0, 1], [2, 3], [2], [2], [3]])
        told = received(self.cloud, url)
        sequence = consumer.lines()[3]["first"]["kinesis"]["sequenceNumber"]
        moments = [told.pop("timestamp"), *(
            told["KinesisBatchInfo"].pop(name)
            for name in ("approximateArrivalOfFirstRecord", "approximateArrivalOfLastRecord"))]
        for moment in moments:
            self.assertRegex(moment, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertRegex(told["requestContext"].pop("requestId"), r"^[0-9a-f-]{36}$")
        self.assertEqual(told, {
            "requestContext": {
                "functionArn": f"arn:aws:lambda:eu-west-2:000000000000:function:{consumer.function}",
                "condition": "RetryAttemptsExhausted", "approximateInvokeCount": 4},
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "version": "1.0",
            "KinesisBatchInfo": {
                "shardId": "shardId-000000000000", "startSequenceNumber": sequence, "endSequenceNumber": sequence,
                "batchSize": 1, "streamArn": self.arn}})

    def test_a_topic_is_told_and_a_bucket_gets_the_records_besides(self) -> None:
        url, queue_arn = queue(self.cloud)
        sns, s3, bucket = self.cloud.client("sns"), self.cloud.client("s3"), unique("failed")
        topic = sns.create_topic(Name=unique("failed"))["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn, Attributes={"RawMessageDelivery": "true"})
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
        self.put({"n": 1, "fails": -1}, {"n": 2})
        consumers = [
            self.consumer(MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": destination}})
            for destination in (topic, f"arn:aws:s3:::{bucket}")]
        self.assertEqual(received(self.cloud, url)["KinesisBatchInfo"]["batchSize"], 2)
        ((key, body),) = until("the object", lambda: self.cloud.objects(bucket)).items()
        self.assertRegex(
            key, rf"^aws/lambda/{consumers[1].uuid}/shardId-000000000000/\d{{4}}/\d\d/\d\d/"
            r"\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{36}$")
        document = json.loads(body)
        self.assertNotIn("functionError", document["responseContext"])
        self.assertEqual([record["kinesis"]["partitionKey"] for record in document["payload"]["Records"]], ["1", "2"])

    def test_what_is_too_old_is_not_sent(self) -> None:
        url, destination = queue(self.cloud)
        consumer = self.consumer(
            Enabled=False, MaximumRecordAgeInSeconds=100, DestinationConfig={"OnFailure": {"Destination": destination}})
        self.assertIsNone(consumer.told()["age"])
        self.put({"n": 1})
        until("a record that is too old", lambda: (consumer.told()["age"] or 0) > 100)
        self.cloud.client("lambda").update_event_source_mapping(UUID=consumer.uuid, Enabled=True)
        self.assertEqual(consumer.settled(1), [])
        self.put({"n": 2})
        self.assertEqual(consumer.settled(2), [[2]])
        self.assertIsNone(consumer.told()["age"])
        told = received(self.cloud, url)
        self.assertEqual(told["requestContext"]["condition"], "RecordAgeExceeded")
        self.assertEqual(told["requestContext"]["approximateInvokeCount"], 0)
        self.assertNotIn("responseContext", told)

    def test_a_record_that_gets_too_old_ends_its_retries(self) -> None:
        self.put({"n": 1, "fails": -1}, {"n": 2})
        calls = self.consumer(MaximumRecordAgeInSeconds=100).settled(2)
        self.assertEqual(calls[0], [1, 2])
        self.assertGreater(len(calls), 2)

    def test_a_window_gathers_a_batch_and_a_full_one_does_not_wait(self) -> None:
        consumer = self.consumer(MaximumBatchingWindowInSeconds=100, BatchSize=4)
        for number in range(3):
            self.put({"n": number})
            time.sleep(0.1)
        self.assertEqual(consumer.calls(), [])
        self.assertEqual(consumer.settled(3), [[0, 1, 2]])
        start = time.time()
        self.put(*({"n": number} for number in range(4)))
        self.assertEqual(consumer.settled(7)[1:], [[0, 1, 2, 3]])
        self.assertLess(consumer.lines()[1]["at"] - start, 0.9)

    def test_a_failing_shard_blocks_itself_alone(self) -> None:
        name, arn = stream(self.cloud, shards=2)
        shards = put(self.cloud, name, [{"n": number} for number in range(20)])
        bad = shards[0]
        shards += put(self.cloud, name, [
            {"n": number, "fails": -1 if shards[number] == bad else 0} for number in range(20)])
        consumer = self.consumer(arn, BatchSize=5)
        good = sum(shard != bad for shard in shards)
        self.assertTrue(0 < good < 40)

        def other_is_done() -> bool:
            told = consumer.shards()
            return any(name != bad and shard["delivered"] == good for name, shard in told.items())

        until("the other shard", other_is_done)
        blocked = until("retries", lambda: consumer.shards()[bad] if consumer.shards()[bad]["attempts"] > 2 else None)
        self.assertGreater(blocked["backlog"], 0)
        self.assertIn(blocked["state"], ("invoking", "pausing"))

    def test_shards_are_served_side_by_side(self) -> None:
        name, arn = stream(self.cloud, shards=3)
        documents = [{"n": number, "seconds": 0.3} for number in range(12)]
        put(self.cloud, name, documents)
        consumer = self.consumer(arn, BatchSize=1)
        consumer.settled(12)
        self.assertGreaterEqual(self.most_at_once(consumer), 3)

    def test_parallel_batches_of_a_shard_keep_the_order_of_each_key(self) -> None:
        for number in range(24):
            self.put({"n": number, "seconds": 0.05}, key=f"key-{number % 6}")
        consumer = self.consumer(ParallelizationFactor=4, BatchSize=2)
        calls = consumer.settled(24)
        self.assertGreaterEqual(self.most_at_once(consumer), 2)
        by_key: dict[int, list[int]] = defaultdict(list)
        for call in calls:
            for number in call:
                by_key[number % 6].append(number)
        self.assertEqual({key: sorted(numbers) for key, numbers in by_key.items()}, by_key)
        self.assertEqual(len(consumer.shards()), 4)

    def test_a_shard_is_divided_anew_while_it_is_read(self) -> None:
        consumer = self.consumer(BatchSize=2)
        for number in range(40):
            self.put({"n": number, "seconds": 0.02}, key=f"key-{number % 6}")
            if number in (10, 25):
                self.cloud.client("lambda").update_event_source_mapping(
                    UUID=consumer.uuid, ParallelizationFactor=3 if number == 10 else 1)
                time.sleep(0.1)

        def seen() -> list[int]:
            return [number for call in consumer.calls() for number in call]

        until("every record", lambda: set(seen()) == set(range(40)))
        for key in range(6):
            # Some come twice, but none for the first time after one that follows it.
            firsts = list(dict.fromkeys(number for number in seen() if number % 6 == key))
            self.assertEqual(firsts, sorted(firsts))

    def test_where_a_mapping_begins(self) -> None:
        for position, expected in (("TRIM_HORIZON", [1, 2, 3]), ("AT_TIMESTAMP", [2, 3]), ("LATEST", [3])):
            with self.subTest(position):
                name, arn = stream(self.cloud)
                put(self.cloud, name, [{"n": 1}])
                time.sleep(0.05)
                moment = datetime.now(timezone.utc)
                time.sleep(0.05)
                put(self.cloud, name, [{"n": 2}])
                consumer = self.consumer(arn, StartingPosition=position, **(
                    {"StartingPositionTimestamp": moment} if position == "AT_TIMESTAMP" else {}))
                put(self.cloud, name, [{"n": 3}])
                calls = consumer.settled(len(expected))
                self.assertEqual([number for call in calls for number in call], expected)

    def test_filters_drop_records_before_batches_are_made(self) -> None:
        self.put(*({"n": number, "kind": "odd" if number % 2 else "even"} for number in range(8)))
        consumer = self.consumer(BatchSize=2, FilterCriteria={
            "Filters": [{"Pattern": json.dumps({"data": {"kind": ["odd"]}})}]})
        self.assertEqual(consumer.settled(4), [[1, 3], [5, 7]])

    def test_a_mapping_is_paused_continued_and_removed(self) -> None:
        aws = self.cloud.client("lambda")
        consumer = self.consumer()
        self.put({"n": 1})
        consumer.settled(1)
        aws.update_event_source_mapping(UUID=consumer.uuid, Enabled=False)
        self.put({"n": 2})
        time.sleep(0.3)
        self.assertEqual(consumer.calls(), [[1]])
        aws.update_event_source_mapping(UUID=consumer.uuid, Enabled=True)
        self.assertEqual(consumer.settled(2), [[1], [2]])
        self.remove(consumer)
        self.put({"n": 3})
        time.sleep(0.3)
        self.assertEqual((consumer.calls(), consumer.shards()), ([[1], [2]], {}))

    def test_a_process_that_dies_or_takes_too_long_has_failed(self) -> None:
        for document in ({"n": 2, "kills": 2}, {"n": 2, "seconds": 2.5}):
            with self.subTest(document):
                name, arn = stream(self.cloud)
                put(self.cloud, name, [{"n": 1}, document, {"n": 3}])
                consumer = self.consumer(arn, timeout=2, MaximumRetryAttempts=2)
                self.assertEqual(consumer.settled(3), [[1, 2, 3]] * 3)
                discarded = consumer.shards()["shardId-000000000000"]["discarded"]
                self.assertEqual(discarded, 0 if "kills" in document else 3)
                self.assertEqual(
                    self.described(consumer)["LastProcessingResult"],
                    "PROBLEM: Function call failed" if discarded else "OK")

    def test_a_throttled_function_is_tried_until_it_runs(self) -> None:
        aws = self.cloud.client("lambda")
        consumer = self.consumer(MaximumRetryAttempts=0)
        aws.put_function_concurrency(FunctionName=consumer.function, ReservedConcurrentExecutions=0)
        self.put({"n": 1})
        until("some tries", lambda: consumer.shards()["shardId-000000000000"]["attempts"] > 2)
        aws.delete_function_concurrency(FunctionName=consumer.function)
        self.assertEqual(consumer.settled(1), [[1]])
        self.assertEqual(consumer.shards()["shardId-000000000000"]["discarded"], 0)

    def test_shards_that_come_later_wait_for_those_before_them(self) -> None:
        kinesis = self.cloud.client("kinesis")
        self.put({"n": 1, "fails": 3}, key="a")
        consumer = self.consumer()
        kinesis.update_shard_count(StreamName=self.name, TargetShardCount=2, ScalingType="UNIFORM_SCALING")
        put(self.cloud, self.name, [{"n": 2}], key="a")
        consumer.settled(2)
        self.assertEqual([call for call in consumer.calls() if call == [2]], [[2]])
        self.assertEqual(consumer.calls()[-1], [2])

    def test_a_table_is_read_in_the_same_way(self) -> None:
        name, arn = table(self.cloud)
        url, destination = queue(self.cloud)
        consumer = self.consumer(
            arn, BisectBatchOnFunctionError=True, MaximumRetryAttempts=1,
            DestinationConfig={"OnFailure": {"Destination": destination}})
        dynamo = self.cloud.client("dynamodb")
        for number in range(4):
            dynamo.put_item(TableName=name, Item={
                "n": {"N": str(number)}, "fails": {"N": "-1" if number == 1 else "0"}})
        consumer.settled(4)
        self.assertIn([1], consumer.calls())
        self.assertEqual(consumer.calls()[-1][-1], 3)
        told = received(self.cloud, url)["DDBStreamBatchInfo"]
        self.assertEqual((told["batchSize"], told["streamArn"]), (1, arn))
        first = consumer.lines()[0]["first"]
        self.assertEqual((first["eventName"], first["dynamodb"]["StreamViewType"]), ("INSERT", "NEW_AND_OLD_IMAGES"))

    def test_a_template_may_make_one(self) -> None:
        self.put(*({"n": number, "fails": -1 if number == 1 else 0} for number in range(3)))
        idle = self.consumer(StartingPosition="LATEST")
        formation, name = self.cloud.client("cloudformation"), unique("stack")
        formation.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": {"Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping", "Properties": {
                "EventSourceArn": self.arn, "FunctionName": idle.function, "StartingPosition": "TRIM_HORIZON",
                "MaximumRetryAttempts": 0, "BisectBatchOnFunctionError": True,
                "FunctionResponseTypes": ["ReportBatchItemFailures"]}}}}))
        self.assertEqual(idle.called(4), [[0, 1, 2], [1, 2], [1], [2]])
        formation.delete_stack(StackName=name)
        formation.get_waiter("stack_delete_complete").wait(
            StackName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 100})
        self.put({"n": 4})
        idle.settled(1)
        self.assertEqual(idle.calls()[4:], [[4]])

    def described(self, consumer: Consumer) -> dict[str, Any]:
        return dict(self.cloud.client("lambda").get_event_source_mapping(UUID=consumer.uuid))

    def most_at_once(self, consumer: Consumer) -> int:
        """How many calls ran at the same time."""
        moments = [(line["at"], 1) for line in consumer.lines()] + [(line["at"], -1) for line in consumer.lines("end")]
        running = most = 0
        for _, change in sorted(moments):
            running += change
            most = max(most, running)
        return most


class Stopping(unittest.TestCase):
    def test_a_batch_that_runs_ends_before_the_cloud_does_and_no_other_begins(self) -> None:
        cloud = Cloud(time_scale=0.01)
        self.addCleanup(cloud.discard)
        with tempfile.TemporaryDirectory(prefix="headend-test-") as folder:
            name, arn = stream(cloud)
            put(cloud, name, [{"n": number, "seconds": 0.5} for number in range(4)])
            consumer = Consumer(cloud, Path(folder), arn, BatchSize=1)
            consumer.called(1)
            self.assertEqual(cloud.stop(), 0)
            self.assertEqual(len(consumer.lines("begin")), len(consumer.lines("end")))
            self.assertLess(len(consumer.calls()), 4)

    def test_a_batch_that_does_not_end_does_not_keep_the_cloud(self) -> None:
        cloud = Cloud(time_scale=0.01)
        self.addCleanup(cloud.discard)
        with tempfile.TemporaryDirectory(prefix="headend-test-") as folder:
            name, arn = stream(cloud)
            put(cloud, name, [{"n": 1, "seconds": 100}])
            consumer = Consumer(cloud, Path(folder), arn, timeout=120)
            consumer.called(1)
            start = time.monotonic()
            self.assertEqual(cloud.stop(), 0)
            self.assertLess(time.monotonic() - start, 30)
