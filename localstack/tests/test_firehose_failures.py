"""Every way in which a record can end under the error prefix."""

from __future__ import annotations

import base64
import json
import time
import unittest
from typing import Any

from .cloud import Cloud, Delivery

HOLD = {"SizeInMBs": 64, "IntervalInSeconds": 900}
FUNCTION_ERROR = (
    "Lambda.FunctionError", "The Lambda function was successfully invoked but it returned an error result.")
NOT_PARSED = (
    "Lambda.JsonProcessingException",
    "There was an error parsing returned records from the Lambda function. Ensure that the returned records "
    "follow the status model required by Amazon Data Firehose.")
MISSING = (
    "Lambda.MissingRecordId",
    "One or more record Ids were not returned. Ensure that the Lambda function returns all received record Ids.")


def setUpModule() -> None:
    global CLOUD
    CLOUD = Cloud(time_scale=0.1)


def tearDownModule() -> None:
    CLOUD.discard()


def raw(document: dict[str, Any]) -> Any:
    return json.loads(base64.b64decode(document["rawData"]))


class TransformFailures(unittest.TestCase):
    def outcome(self, delivery: Delivery, *documents: Any) -> list[dict[str, Any]]:
        delivery.put_json(*documents)
        CLOUD.flush()
        counts = delivery.counts()
        self.assertEqual(counts["in_flight"], 0)
        self.assertEqual(counts["received"], len(documents))
        found = delivery.error_documents("processing-failed")
        self.assertEqual(len(found), counts["failed"])
        return found

    def check_all_failed(self, delivery: Delivery, error: tuple[str, str], attempts: int, *documents: Any) -> None:
        found = self.outcome(delivery, *documents)
        self.assertEqual([raw(item) for item in found], list(documents))
        self.assertEqual({(item["errorCode"], item["errorMessage"]) for item in found}, {error})
        self.assertEqual({item["attemptsMade"] for item in found}, {attempts})
        self.assertEqual(delivery.counts()["failed"], len(documents))

    def test_a_processing_failed_record_leaves_this_document(self) -> None:
        delivery = Delivery(CLOUD, mode="", hints=HOLD)
        before = int(time.time() * 1000)
        (document,) = self.outcome(delivery, {"n": 1}, {"do": "fail", "n": 2}, {"do": "drop"})
        after = int(time.time() * 1000)
        self.assertLessEqual(before, document["arrivalTimestamp"])
        self.assertLessEqual(document["arrivalTimestamp"], document["attemptEndingTimestamp"])
        self.assertLessEqual(document["attemptEndingTimestamp"], after)
        self.assertEqual(list(document), [
            "rawData", "errorCode", "errorMessage", "attemptsMade", "arrivalTimestamp", "attemptEndingTimestamp",
            "lambdaARN"])
        self.assertEqual(base64.b64decode(document["rawData"]), b'{"do": "fail", "n": 2}')
        self.assertEqual(document["errorCode"], "Lambda.ProcessingFailedStatus")
        self.assertEqual(document["errorMessage"], "ProcessingFailed status set for record")
        self.assertEqual(document["attemptsMade"], 1)
        self.assertEqual(document["lambdaARN"], delivery.function_arn)
        counts = delivery.counts()
        self.assertEqual((counts["delivered"], counts["dropped"], counts["failed"]), (1, 1, 1))

    def test_error_documents_are_lines_of_one_object(self) -> None:
        delivery = Delivery(CLOUD, mode="", hints=HOLD)
        self.outcome(delivery, {"do": "fail", "n": 1}, {"do": "fail", "n": 2})
        (body,) = delivery.objects("errors/processing-failed/").values()
        self.assertEqual(body.count(b"\n"), 2)
        self.assertTrue(body.endswith(b"\n"))

    def test_the_error_prefix_takes_timestamps(self) -> None:
        delivery = Delivery(
            CLOUD, mode="", hints=HOLD, errors="errors/!{firehose:error-output-type}/at=!{timestamp:yyyy-MM}/")
        self.outcome(delivery, {"do": "fail"})
        (key,) = delivery.objects("errors/")
        self.assertRegex(key, rf"^errors/processing-failed/at=\d{{4}}-\d\d/{delivery.name}-1-")

    def test_a_record_that_does_not_come_back_fails_alone(self) -> None:
        delivery = Delivery(CLOUD, mode="", hints=HOLD)
        found = self.outcome(delivery, {"n": 1}, {"do": "forget"}, {"do": "other id"})
        self.assertEqual([raw(item)["do"] for item in found], ["forget", "other id"])
        self.assertEqual({(item["errorCode"], item["errorMessage"]) for item in found}, {MISSING})
        self.assertEqual(delivery.counts()["delivered"], 1)

    def test_a_record_that_comes_back_twice_fails_alone(self) -> None:
        delivery = Delivery(CLOUD, mode="twice", hints=HOLD)
        (document,) = self.outcome(delivery, {"n": 1}, {"n": 2})
        self.assertEqual(raw(document), {"n": 1})
        self.assertEqual(document["errorCode"], "Lambda.DuplicatedRecordId")

    def test_an_answer_without_data_fails_the_record(self) -> None:
        delivery = Delivery(CLOUD, mode="", hints=HOLD)
        (document,) = self.outcome(delivery, {"n": 1}, {"do": "no data"})
        self.assertEqual(document["errorCode"], "Lambda.InvalidReturnFormat")
        self.assertIn("The data field cannot be null", document["errorMessage"])

    def test_an_answer_without_records_misses_them_all(self) -> None:
        self.check_all_failed(Delivery(CLOUD, mode="no records", hints=HOLD), MISSING, 1, {"n": 1}, {"n": 2})

    def test_an_unknown_result_fails_the_batch(self) -> None:
        self.check_all_failed(Delivery(CLOUD, mode="", hints=HOLD), NOT_PARSED, 1, {"n": 1}, {"do": "unknown result"})

    def test_data_that_is_not_base64_fails_the_batch(self) -> None:
        self.check_all_failed(Delivery(CLOUD, mode="", hints=HOLD), NOT_PARSED, 1, {"n": 1}, {"do": "bad data"})

    def test_a_partition_key_that_is_not_a_string_fails_the_batch(self) -> None:
        delivery = Delivery(
            CLOUD, mode="", hints=HOLD, prefix="data/!{partitionKeyFromLambda:day}/", partitioned=True)
        self.check_all_failed(delivery, NOT_PARSED, 1, {"keys": {"day": "1"}}, {"keys": {"day": 1}})

    def test_a_missing_or_empty_partition_key_fails_the_record(self) -> None:
        delivery = Delivery(
            CLOUD, mode="", hints=HOLD, prefix="data/!{partitionKeyFromLambda:day}/", partitioned=True)
        found = self.outcome(delivery, {"keys": {"day": "1"}}, {"n": 1}, {"keys": {"day": ""}})
        self.assertEqual([raw(item) for item in found], [{"n": 1}, {"keys": {"day": ""}}])
        self.assertEqual(
            {(item["errorCode"], item["errorMessage"]) for item in found},
            {("DynamicPartitioning.MetadataExtractionFailed", "partitionKeys values must not be null or empty")})

    def test_a_failing_function_is_called_four_times(self) -> None:
        delivery = Delivery(CLOUD, mode="raise", hints=HOLD)
        self.check_all_failed(delivery, FUNCTION_ERROR, 4, {"n": 1}, {"n": 2})
        requests = CLOUD.requests(delivery.name)
        self.assertEqual(len({request["invocationId"] for request in requests}), 4)
        self.assertEqual(
            len({tuple(record["recordId"] for record in request["records"]) for request in requests}), 1)

    def test_the_number_of_retries_can_be_set(self) -> None:
        delivery = Delivery(CLOUD, mode="raise", hints=HOLD, processor={"NumberOfRetries": "1"})
        self.check_all_failed(delivery, FUNCTION_ERROR, 2, {"n": 1})

    def test_a_crash_fails_the_batch(self) -> None:
        delivery = Delivery(CLOUD, mode="crash", hints=HOLD, processor={"NumberOfRetries": "1"})
        self.check_all_failed(delivery, FUNCTION_ERROR, 2, {"n": 1})

    def test_a_timeout_fails_the_batch(self) -> None:
        delivery = Delivery(CLOUD, mode="hang", hints=HOLD, processor={"NumberOfRetries": "0"}, timeout=1)
        self.check_all_failed(delivery, FUNCTION_ERROR, 1, {"n": 1})

    def test_an_answer_above_six_megabytes_fails_the_batch(self) -> None:
        delivery = Delivery(CLOUD, mode="large", hints=HOLD, processor={"NumberOfRetries": "0"})
        self.check_all_failed(delivery, FUNCTION_ERROR, 1, {"n": 1})

    def test_a_throttled_function_fails_the_batch(self) -> None:
        delivery = Delivery(CLOUD, mode="", hints=HOLD)
        CLOUD.client("lambda").put_function_concurrency(
            FunctionName=delivery.function, ReservedConcurrentExecutions=0)
        self.check_all_failed(delivery, (
            "Lambda.InvokeLimitExceeded",
            "The Lambda concurrent execution limit is exceeded. Increase the concurrent execution limit."),
            4, {"n": 1})

    def test_a_deleted_function_fails_the_batch(self) -> None:
        delivery = Delivery(CLOUD, mode="", hints=HOLD)
        CLOUD.client("lambda").delete_function(FunctionName=delivery.function)
        self.check_all_failed(delivery, (
            "Lambda.ResourceNotFound",
            "The specified Lambda function does not exist. Use a different function that does exist."), 4, {"n": 1})


class ConversionFailures(unittest.TestCase):
    COLUMNS = (("n", "bigint"), ("flag", "boolean"))

    def test_bad_records_fail_alone_with_this_document(self) -> None:
        delivery = Delivery(CLOUD, source=True, columns=self.COLUMNS, hints=HOLD, prefix="data/")
        records = [
            b'{"n": 1}', b'{"n": "oops"}', b"not json", b"[1]", b"5", b"  ", b'{"n": 1} {"n": true}', b'{"n": NaN}',
            b'{"n": 2}\xff', b'{"flag": 1}', b'{"n": 9223372036854775808}', b'{"n": 2}{"n": 3}']
        delivery.put(records)
        CLOUD.flush()
        documents = {base64.b64decode(item["rawData"]): item for item in
                     delivery.error_documents("format-conversion-failed")}
        malformed, mismatch = "DataFormatConversion.ParseError", "DataFormatConversion.MalformedData"
        self.assertEqual({data: item["lastErrorCode"] for data, item in documents.items()}, {
            b'{"n": "oops"}': mismatch, b"not json": malformed, b"[1]": mismatch, b"5": mismatch, b"  ": mismatch,
            b'{"n": 1} {"n": true}': mismatch, b'{"n": NaN}': malformed, b'{"n": 2}\xff': malformed,
            b'{"flag": 1}': mismatch, b'{"n": 9223372036854775808}': mismatch})
        self.assertEqual(delivery.counts()["delivered"], 2)
        document = documents[b'{"n": "oops"}']
        self.assertEqual(list(document), [
            "attemptsMade", "arrivalTimestamp", "lastErrorCode", "lastErrorMessage", "attemptEndingTimestamp",
            "rawData", "sequenceNumber", "subSequenceNumber", "dataCatalogTable"])
        self.assertEqual(document["lastErrorMessage"], 'Data does not match the schema. For input string: "oops"')
        self.assertEqual(document["dataCatalogTable"], {
            "catalogId": "000000000000", "databaseName": delivery.database, "tableName": "events",
            "region": "eu-west-2", "versionId": "LATEST"})

    def test_the_kept_data_is_what_the_function_returned(self) -> None:
        delivery = Delivery(CLOUD, mode="", columns=self.COLUMNS, hints=HOLD)
        delivery.put_json({"do": "replace", "with": "gone"})
        CLOUD.flush()
        (document,) = delivery.error_documents("format-conversion-failed")
        self.assertEqual(base64.b64decode(document["rawData"]), b"gone")
        self.assertNotIn("sequenceNumber", document)

    def test_a_missing_table_fails_every_record(self) -> None:
        delivery = Delivery(CLOUD, columns=self.COLUMNS, hints=HOLD)
        CLOUD.client("glue").delete_table(DatabaseName=delivery.database, Name="events")
        delivery.put_json({"n": 1}, {"n": 2})
        CLOUD.flush()
        documents = delivery.error_documents("format-conversion-failed")
        self.assertEqual([item["lastErrorCode"] for item in documents], ["DataFormatConversion.EntityNotFound"] * 2)
