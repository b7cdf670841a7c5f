"""INSERT INTO: rows of a query as objects of the partitions that they belong to."""

from __future__ import annotations

import io
import unittest

import pyarrow.parquet

from .athena import Athena
from .cloud import REGION, Cloud, unique

PARQUET = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"}}


class Inserting(unittest.TestCase):
    cloud: Cloud

    @classmethod
    def setUpClass(cls) -> None:
        cls.cloud = Cloud()
        cls.addClassCleanup(cls.cloud.discard)

    def setUp(self) -> None:
        self.glue, self.s3 = self.cloud.client("glue"), self.cloud.client("s3")
        self.database, self.bucket = unique("db").replace("-", "_"), unique("bucket")
        self.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.glue.create_database(DatabaseInput={"Name": self.database})
        for name, keys in (("events", ("year", "month")), ("plain", ())):
            self.glue.create_table(DatabaseName=self.database, TableInput={
                "Name": name, "PartitionKeys": [{"Name": key, "Type": "string"} for key in keys],
                "Parameters": {"parquet.compression": "ZSTD"} if keys else {},
                "StorageDescriptor": {**PARQUET, "Location": f"s3://{self.bucket}/{name}", "Columns": [
                    {"Name": "n", "Type": "bigint"}, {"Name": "at", "Type": "timestamp"}]}})
        self.athena = Athena(self.cloud, self.database)

    def insert(self, sql: str) -> None:
        self.assertEqual(self.athena.run(sql), ("", [["rows"]]))

    def rows(self, sql: str) -> list[list[str | None]]:
        failure, lines = self.athena.run(sql)
        self.assertEqual(failure, "")
        return lines[1:]

    def test_each_partition_gets_an_object_and_is_registered(self) -> None:
        self.insert(
            "INSERT INTO events SELECT n, TIMESTAMP '2026-01-02 03:04:05.678', '2026', IF(n < 3, '01', '02') "
            "FROM UNNEST(sequence(1, 5)) AS t(n)")
        self.assertEqual(
            self.rows("SELECT month, count(*), sum(n), max(at) FROM events GROUP BY 1 ORDER BY 1"),
            [["01", "2", "3", "2026-01-02 03:04:05.678"], ["02", "3", "12", "2026-01-02 03:04:05.678"]])
        objects = self.cloud.objects(self.bucket, "events/")
        self.assertEqual(sorted(key.rpartition("/")[0] for key in objects), [
            "events/year=2026/month=01", "events/year=2026/month=02"])
        file = pyarrow.parquet.ParquetFile(io.BytesIO(next(iter(objects.values()))))
        self.assertEqual(file.schema_arrow.names, ["n", "at"])
        self.assertEqual(file.metadata.row_group(0).column(0).compression, "ZSTD")

    def test_rows_are_added_to_a_partition_where_it_is(self) -> None:
        self.athena.run("ALTER TABLE events ADD PARTITION (year='2026', month='01') "
                        f"LOCATION 's3://{self.bucket}/curated/7'")
        for number in (1, 2):
            self.insert(f"INSERT INTO events (month, year, n) VALUES ('01', '2026', {number})")
        self.assertEqual(self.rows("SELECT n, at FROM events ORDER BY n"), [["1", None], ["2", None]])
        self.assertEqual(len(self.cloud.objects(self.bucket, "curated/7/")), 2)
        self.assertEqual(self.cloud.objects(self.bucket, "events/"), {})

    def test_a_table_is_read_and_written_by_one_statement(self) -> None:
        self.insert("INSERT INTO plain SELECT n, NULL FROM UNNEST(sequence(1, 3)) AS t(n)")
        self.insert("INSERT INTO plain WITH few AS (SELECT n FROM plain WHERE n > 1) SELECT n * 10, NULL FROM few")
        self.insert(f"INSERT INTO {self.database}.events SELECT n, at, CAST(n AS varchar), NULL FROM plain WHERE n > 9")
        self.assertEqual(self.rows("SELECT n FROM plain ORDER BY n"), [["1"], ["2"], ["3"], ["20"], ["30"]])
        self.assertEqual(
            self.rows("SELECT n, year, month FROM events ORDER BY n"), [["20", "20", None], ["30", "30", None]])
        self.insert("INSERT INTO plain SELECT n, at FROM plain WHERE n > 99")
        self.assertEqual(len(self.cloud.objects(self.bucket, "plain/")), 2)

    def test_what_does_not_fit_changes_nothing(self) -> None:
        many = "SELECT n, NULL, CAST(n AS varchar), '01' FROM UNNEST(sequence(1, {})) AS t(n)"
        for sql, words in (
            ("INSERT INTO events SELECT 1, NULL, '2026'", "mismatched column types"),
            ("INSERT INTO events (n, day) SELECT 1, '2026'", "mismatched column types"),
            ("INSERT INTO events SELECT 'x', NULL, '2026', '01'", "TYPE_MISMATCH"),
            ("INSERT INTO nowhere SELECT 1", "does not exist"),
            ("INSERT INTO events SELECT nothing, NULL, '2026', '01' FROM plain", "nothing"),
            ("INSERT INTO events " + many.format(101), "HIVE_TOO_MANY_OPEN_PARTITIONS"),
        ):
            with self.subTest(sql):
                failure, _ = self.athena.run(sql)
                self.assertIn(words, failure)
        self.assertEqual(self.cloud.objects(self.bucket), {})
        self.insert("INSERT INTO events " + many.format(100))
        self.assertEqual(self.rows("SELECT count(*) FROM events"), [["100"]])
