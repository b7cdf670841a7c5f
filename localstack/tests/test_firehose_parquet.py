"""Format conversion, read back by another implementation of Parquet."""

from __future__ import annotations

import datetime
import decimal
import io
import json
import unittest
from typing import Any

import pyarrow
import pyarrow.parquet

from .cloud import Cloud, Delivery

HOLD = {"SizeInMBs": 64, "IntervalInSeconds": 900}


def setUpModule() -> None:
    global CLOUD
    CLOUD = Cloud(time_scale=0.1)


def tearDownModule() -> None:
    CLOUD.discard()


def read(delivery: Delivery, prefix: str = "") -> pyarrow.parquet.ParquetFile:
    """The one Parquet object of a delivery stream."""
    ((key, body),) = delivery.objects(prefix).items()
    assert key.endswith(".parquet"), key
    return pyarrow.parquet.ParquetFile(io.BytesIO(body))


class Columns(unittest.TestCase):
    def rows(self, columns: Any, *documents: Any) -> list[dict[str, Any]]:
        delivery = Delivery(CLOUD, columns=columns, hints=HOLD)
        delivery.put_json(*documents)
        CLOUD.flush()
        self.assertEqual(delivery.counts()["delivered"], len(documents), delivery.error_documents(
            "format-conversion-failed"))
        return read(delivery).read().to_pylist()

    def test_the_file_has_the_columns_and_types_of_the_table(self) -> None:
        delivery = Delivery(CLOUD, hints=HOLD, columns=(
            ("text", "string"), ("big", "bigint"), ("small", "int"), ("real", "double"), ("single", "float"),
            ("flag", "boolean"), ("moment", "timestamp"), ("day", "date"), ("list", "array<string>"),
            ("pair", "struct<Left:int,right:array<double>>"), ("index", "map<string,bigint>"),
            ("money", "decimal(10,2)"), ("tiny", "tinyint"), ("short", "smallint"), ("code", "varchar(3)")))
        delivery.put_json({"unknown": 1, "text": "one"})
        CLOUD.flush()
        file = read(delivery)
        self.assertEqual({
            field.name: str(field.type).replace(" ('index')", "") for field in file.schema_arrow}, {
            "text": "string", "big": "int64", "small": "int32", "real": "double", "single": "float", "flag": "bool",
            "moment": "timestamp[us]", "day": "date32[day]", "list": "list<element: string>",
            "pair": "struct<left: int32, right: list<element: double>>", "index": "map<string, int64>",
            "money": "decimal128(10, 2)", "tiny": "int8", "short": "int16", "code": "string"})
        self.assertEqual(
            [field.name for field in file.schema_arrow][:4], ["text", "big", "small", "real"])
        self.assertTrue(all(field.nullable for field in file.schema_arrow))
        self.assertEqual(file.metadata.row_group(0).column(0).compression, "SNAPPY")

    def test_values_come_through(self) -> None:
        document = {
            "text": "ü\u0000\n\"x", "big": -9223372036854775808, "real": 1712511721.022075, "flag": False,
            "list": ["a", None], "pair": {"Left": 1, "right": [0.5]}, "index": {"k": 9007199254740993},
            "money": 12.345, "day": "2026-11-20"}
        (row,) = self.rows((
            ("text", "string"), ("big", "bigint"), ("real", "double"), ("flag", "boolean"), ("list", "array<string>"),
            ("pair", "struct<left:int,right:array<double>>"), ("index", "map<string,bigint>"),
            ("money", "decimal(10,2)"), ("day", "date")), document)
        self.assertEqual(row, {
            "text": "ü\u0000\n\"x", "big": -9223372036854775808, "real": 1712511721.022075, "flag": False,
            "list": ["a", None], "pair": {"left": 1, "right": [0.5]}, "index": [("k", 9007199254740993)],
            "money": decimal.Decimal("12.35"), "day": datetime.date(2026, 11, 20)})

    def test_a_missing_and_a_null_value_are_null(self) -> None:
        rows = self.rows((("a", "bigint"), ("b", "string")), {"a": None}, {"b": None}, {})
        self.assertEqual(rows, [{"a": None, "b": None}] * 3)

    def test_names_are_matched_without_case(self) -> None:
        self.assertEqual(self.rows((("eventname", "string"),), {"EventName": "x"}), [{"eventname": "x"}])

    def test_anything_fits_a_string(self) -> None:
        rows = self.rows((("a", "string"),), *(
            {"a": value} for value in (5, 1.5, True, [1, "x"], {"k": None}, "\ud800")))
        self.assertEqual([row["a"] for row in rows], ["5", "1.5", "true", '[1,"x"]', '{"k":null}', "?"])

    def test_times_in_each_form_that_firehose_takes(self) -> None:
        rows = self.rows((("t", "timestamp"),), *({"t": value} for value in (
            "2024-04-07T17:42:01Z", "2024-04-07T17:42:01.022075Z", "2024-04-07 17:42:01", "2024-04-07 17:42:01.5",
            1712511721, 1712511721022, 1712511721.5)))
        second = datetime.datetime(2024, 4, 7, 17, 42, 1)
        self.assertEqual([row["t"] for row in rows], [
            second, second.replace(microsecond=22075), second, second.replace(microsecond=500000), second,
            second.replace(microsecond=22000), second.replace(microsecond=500000)])

    def test_times_that_firehose_refuses(self) -> None:
        delivery = Delivery(CLOUD, columns=(("t", "timestamp"),), hints=HOLD)
        delivery.put_json(*({"t": value} for value in (
            "2024-04-07T17:42:01+00:00", "2024-04-07", "2024-13-07T17:42:01Z", "now", True, 1e300)))
        CLOUD.flush()
        self.assertEqual(delivery.counts()["failed"], 6)


class Files(unittest.TestCase):
    def test_partition_keys_are_in_the_path_and_not_in_the_file(self) -> None:
        delivery = Delivery(
            CLOUD, mode="", source=True, columns=(("n", "bigint"),), hints=HOLD, partitioned=True,
            prefix="data/year=!{partitionKeyFromLambda:year}/hour=!{partitionKeyFromLambda:hour}/")
        delivery.put_json(*(
            {"n": number, "keys": {"year": "2026", "hour": f"{number % 2:02d}"}} for number in range(10)))
        CLOUD.flush()
        keys = sorted(delivery.objects())
        self.assertEqual(
            [key.rsplit("/", 1)[0] for key in keys], ["data/year=2026/hour=00", "data/year=2026/hour=01"])
        file = read(delivery, "data/year=2026/hour=01/")
        self.assertEqual(file.read().to_pydict(), {"n": [1, 3, 5, 7, 9]})

    def test_records_need_no_newline_between_them(self) -> None:
        delivery = Delivery(CLOUD, columns=(("n", "bigint"),), hints=HOLD)
        delivery.put([b'{"n":1}', b'{"n":2}\n', b'{"n":3}{"n":4}', b'\n {"n":5}\t{"n":6} '])
        CLOUD.flush()
        self.assertEqual(read(delivery).read().to_pydict(), {"n": [1, 2, 3, 4, 5, 6]})
        self.assertEqual(delivery.counts()["delivered"], 4)

    def test_a_changed_table_holds_at_the_next_flush(self) -> None:
        delivery = Delivery(CLOUD, columns=(("n", "bigint"),), hints=HOLD)
        delivery.put_json({"n": 1, "m": "x"})
        CLOUD.client("glue").update_table(DatabaseName=delivery.database, TableInput={
            "Name": "events", "StorageDescriptor": {"Columns": [
                {"Name": "m", "Type": "string"}, {"Name": "n", "Type": "double"}]}})
        CLOUD.flush()
        self.assertEqual(read(delivery).read().to_pydict(), {"m": ["x"], "n": [1.0]})

    def test_ten_thousand_events_of_many_shapes_are_all_there(self) -> None:
        delivery = Delivery(
            CLOUD, mode="", source=True, shards=4, columns=(("id", "bigint"), ("payload", "string")), hints=HOLD,
            partitioned=True, prefix="data/day=!{partitionKeyFromLambda:day}/")
        shapes = [{"deep": [[[{"x": 1}]]]}, {"text": "ünï\u2028"}, {"big": 10 ** 30}, {}, {"list": list(range(20))}]
        events = [
            {"id": number, "payload": {**shapes[number % 5], "pad": "p" * 200}, "keys": {"day": str(number % 7)}}
            for number in range(10_000)]
        delivery.put([json.dumps(event).encode() for event in events])
        CLOUD.flush()
        self.assertEqual(delivery.counts()["delivered"], 10_000)
        found: dict[int, str] = {}
        for key, body in delivery.objects("data/").items():
            for row in pyarrow.parquet.read_table(io.BytesIO(body)).to_pylist():
                self.assertNotIn(row["id"], found)
                self.assertIn(f"/day={row['id'] % 7}/", key)
                found[row["id"]] = row["payload"]
        self.assertEqual(found, {
            event["id"]: json.dumps(event["payload"], ensure_ascii=False, separators=(",", ":")) for event in events})
