"""Partitions of a table: nothing is read that the catalogue does not have, and what puts it there."""

from __future__ import annotations

import json
import time
import unittest
from typing import Any

from .athena import Athena
from .cloud import REGION, ROLE, Cloud, unique, until

JSON = {"SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"}}


class Partitions(unittest.TestCase):
    cloud: Cloud

    @classmethod
    def setUpClass(cls) -> None:
        cls.cloud = Cloud(time_scale=0.005)
        cls.addClassCleanup(cls.cloud.discard)

    def setUp(self) -> None:
        self.glue, self.s3 = self.cloud.client("glue"), self.cloud.client("s3")
        self.database, self.bucket = unique("db").replace("-", "_"), unique("bucket")
        self.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.glue.create_database(DatabaseInput={"Name": self.database})
        self.glue.create_table(DatabaseName=self.database, TableInput={
            "Name": "events", "PartitionKeys": [{"Name": name, "Type": "string"} for name in ("year", "month")],
            "StorageDescriptor": {**JSON, "Location": f"s3://{self.bucket}/raw/",
                                  "Columns": [{"Name": "n", "Type": "bigint"}]}})
        self.athena = Athena(self.cloud, self.database)

    def put(self, key: str, *numbers: int) -> None:
        self.s3.put_object(
            Bucket=self.bucket, Key=key, Body="".join(json.dumps({"n": number}) + "\n" for number in numbers).encode())

    def numbers(self, where: str = "") -> list[str | None]:
        failure, lines = self.athena.run(f"SELECT n FROM events {where} ORDER BY n")
        self.assertEqual(failure, "")
        return [line[0] for line in lines[1:]]

    def lines(self, sql: str) -> list[str | None]:
        failure, lines = self.athena.run(sql)
        self.assertEqual(failure, "")
        return [line[0] for line in lines]

    def refused(self, sql: str, words: str) -> None:
        failure, _ = self.athena.run(sql)
        self.assertIn(words, failure)

    def crawler(self, schedule: bool = False, **more: Any) -> str:
        name = unique("crawler")
        self.glue.create_crawler(
            Name=name, Role=ROLE, **{"Targets": {"CatalogTargets": [
                {"DatabaseName": self.database, "Tables": ["events"]}]}, **more},
            **({"Schedule": "cron(10 0 * * ? *)"} if schedule else {}))
        return name

    def test_without_a_registered_partition_there_are_no_rows(self) -> None:
        self.put("raw/year=2026/month=01/a.json", 1)
        self.assertEqual(self.numbers(), [])
        self.assertEqual(self.lines("SHOW PARTITIONS events"), [])

    def test_repairing_registers_what_the_folders_spell(self) -> None:
        for key in ("raw/year=2026/month=01/a.json", "raw/year=2026/month=02/deep/b.json", "raw/year=2026/c.json",
                    "raw/month=01/year=2026/d.json", "raw/year=2026/month=03/_hidden", "raw/other/month=01/e.json",
                    "rawer/year=2026/month=04/f.json", "raw/year=20%2F26/month=05/g.json"):
            self.put(key, 1)
        names = ["year=20%2F26/month=05", "year=2026/month=01", "year=2026/month=02"]
        self.assertEqual(self.lines("MSCK REPAIR TABLE events;"), [
            "Partitions not in metastore:\t" + "\t".join(f"events:{name}" for name in names),
            *(f"Repair: Added partition to metastore events:{name}" for name in names)])
        self.assertEqual(self.lines("SHOW PARTITIONS events"), names)
        self.assertEqual(self.numbers("WHERE month = '02'"), ["1"])
        self.assertEqual(self.lines("msck repair table events"), [])

    def test_a_repair_passes_over_keys_with_capitals(self) -> None:
        self.put("raw/Year=2026/month=01/a.json", 1)
        self.assertEqual(self.lines("MSCK REPAIR TABLE events"), [])
        self.assertEqual(self.numbers(), [])
        self.lines("ALTER TABLE events ADD PARTITION (year='2026', month='01') "
                   f"LOCATION 's3://{self.bucket}/raw/Year=2026/month=01/'")
        self.assertEqual(self.numbers(), ["1"])

    def test_partitions_are_added_at_their_place_or_another(self) -> None:
        self.put("raw/year=2026/month=01/a.json", 1)
        self.put("elsewhere/b.json", 2)
        self.put("quoted/it's (b).json", 3)
        self.lines("ALTER TABLE events ADD PARTITION (year = '2026', month = '01') "
                   f"PARTITION (month='02', year=2026) LOCATION 's3://{self.bucket}/elsewhere' "
                   f"PARTITION (year='it''s (it)', `month`='x') LOCATION 's3://{self.bucket}/quoted/'")
        self.assertEqual(self.numbers(), ["1", "2", "3"])
        self.assertEqual(self.numbers("WHERE year = 'it''s (it)'"), ["3"])
        partition = self.glue.get_partition(
            DatabaseName=self.database, TableName="events", PartitionValues=["2026", "01"])["Partition"]
        self.assertEqual(partition["StorageDescriptor"]["Location"], f"s3://{self.bucket}/raw/year=2026/month=01/")
        again = "ALTER TABLE events ADD {}PARTITION (year='2026', month='01') PARTITION (year='2027', month='01')"
        self.refused(again.format(""), "AlreadyExistsException")
        self.assertEqual(len(self.lines("SHOW PARTITIONS events")), 3)
        self.lines(again.format("IF NOT EXISTS "))
        self.assertEqual(len(self.lines("SHOW PARTITIONS events")), 4)

    def test_partitions_are_dropped_and_their_objects_stay(self) -> None:
        for month in ("01", "02", "03"):
            self.put(f"raw/year=2026/month={month}/a.json", int(month))
        self.lines("MSCK REPAIR TABLE events")
        self.lines("ALTER TABLE events DROP PARTITION (year='2026', month='01'), PARTITION (year='2026', month='02')")
        self.assertEqual(self.numbers(), ["3"])
        self.assertEqual(len(self.cloud.objects(self.bucket)), 3)
        self.refused("ALTER TABLE events DROP PARTITION (year='2026', month='01')", "Partition not found")
        self.lines("ALTER TABLE events DROP IF EXISTS PARTITION (year='2026', month='01')")
        self.lines("ALTER TABLE events DROP PARTITION (year='2026')")
        self.assertEqual(self.numbers(), [])

    def test_a_moved_partition_is_read_where_it_is(self) -> None:
        self.put("raw/year=2026/month=01/a.json", 1)
        self.put("curated/7/all.json", 10)
        self.lines("MSCK REPAIR TABLE events")
        self.lines("ALTER TABLE events PARTITION (year='2026', month='01') "
                   f"SET LOCATION 's3://{self.bucket}/curated/7/'")
        self.assertEqual(self.numbers(), ["10"])
        self.glue.update_partition(
            DatabaseName=self.database, TableName="events", PartitionValueList=["2026", "01"], PartitionInput={
                "Values": ["2026", "01"], "StorageDescriptor": {
                    **JSON, "Location": f"s3://{self.bucket}/raw/year=2026/month=01/",
                    "Columns": [{"Name": "n", "Type": "bigint"}]}})
        self.assertEqual(self.numbers(), ["1"])
        self.lines("ALTER TABLE events PARTITION (year='2026', month='01') "
                   "RENAME TO PARTITION (year='1999', month='12')")
        self.assertEqual(self.lines("SHOW PARTITIONS events"), ["year=1999/month=12"])
        self.assertEqual(self.numbers("WHERE year = '1999'"), ["1"])

    def test_partitions_are_updated_and_deleted_by_call(self) -> None:
        own = {"DatabaseName": self.database, "TableName": "events"}
        for month in ("01", "02"):
            self.lines(f"ALTER TABLE events ADD PARTITION (year='2026', month='{month}')")
        with self.assertRaises(self.glue.exceptions.EntityNotFoundException):
            self.glue.update_partition(
                **own, PartitionValueList=["2026", "03"], PartitionInput={"Values": ["2026", "03"]})
        with self.assertRaises(self.glue.exceptions.AlreadyExistsException):
            self.glue.update_partition(
                **own, PartitionValueList=["2026", "01"], PartitionInput={"Values": ["2026", "02"]})
        errors = self.glue.batch_delete_partition(
            **own, PartitionsToDelete=[{"Values": ["2026", "01"]}, {"Values": ["1999", "01"]}])["Errors"]
        self.assertEqual([error["PartitionValues"] for error in errors], [["1999", "01"]])
        self.assertEqual(self.lines("SHOW PARTITIONS events"), ["year=2026/month=02"])

    def test_wrong_statements_are_refused(self) -> None:
        self.glue.create_table(DatabaseName=self.database, TableInput={
            "Name": "plain", "StorageDescriptor": {**JSON, "Location": f"s3://{self.bucket}/plain/", "Columns": []}})
        for sql, words in (
            ("MSCK REPAIR TABLE nowhere", "does not exist"), ("MSCK REPAIR TABLE plain", "is not a partitioned table"),
            ("SHOW PARTITIONS plain", "is not a partitioned table"),
            ("ALTER TABLE events ADD PARTITION (year='2026')", "doesn't contain all (2) partition columns"),
            ("ALTER TABLE events ADD PARTITION (year='2026', month='01') LOCATION 'http://x'", "is not in S3"),
            ("ALTER TABLE events ADD PARTITION (day='2026', month='01')", "Non-Partition column appears: day"),
            ("ALTER TABLE events ADD PARTITION (year='2026', month='01') AT 's3://x'", "mismatched input near 'AT"),
            ("ALTER TABLE events PARTITION (year='2026', month='01') SET LOCATION 's3://x/'", "Partition not found"),
            ("ALTER TABLE events ADD COLUMNS (m int)", "NOT_SUPPORTED"),
        ):
            with self.subTest(sql):
                self.refused(sql, words)

    def test_a_crawler_that_is_started_registers_partitions(self) -> None:
        self.put("raw/year=2026/month=01/a.json", 1)
        for targets in ({}, {"Targets": {"S3Targets": [{"Path": f"s3://{self.bucket}/raw"}]},
                             "DatabaseName": self.database}):
            with self.subTest(targets):
                name = self.crawler(**targets)
                self.glue.start_crawler(Name=name)
                self.assertEqual(self.glue.get_crawler(Name=name)["Crawler"]["State"], "RUNNING")
                with self.assertRaises(self.glue.exceptions.CrawlerRunningException):
                    self.glue.start_crawler(Name=name)
                until("the end", lambda: self.glue.get_crawler(Name=name)["Crawler"]["State"] == "READY")
                self.assertEqual(
                    self.glue.get_crawler(Name=name)["Crawler"]["LastCrawl"]["Status"], "SUCCEEDED")
                self.assertEqual(self.numbers(), ["1"])
                self.lines("ALTER TABLE events DROP PARTITION (year='2026')")

    def test_a_crawler_with_a_schedule_follows_new_objects(self) -> None:
        name = self.crawler(schedule=True)
        for number in range(3):
            self.put(f"raw/year=2026/month=0{number}/a.json", number)
            until("the row", lambda: str(number) in self.numbers())
        crawler = self.glue.get_crawler(Name=name)["Crawler"]
        self.assertEqual((crawler["State"], crawler["LastCrawl"]["Status"]), ("READY", "SUCCEEDED"))

    def test_without_a_schedule_or_a_start_a_crawler_does_nothing(self) -> None:
        self.crawler()
        self.put("raw/year=2026/month=01/a.json", 1)
        time.sleep(1.2)
        self.assertEqual(self.numbers(), [])

    def test_a_crawler_leaves_moved_partitions_and_removes_empty_ones_when_told(self) -> None:
        self.put("raw/year=2026/month=01/a.json", 1)
        self.put("raw/year=2026/month=02/b.json", 2)
        self.put("curated/all.json", 10)
        self.lines("MSCK REPAIR TABLE events")
        self.lines("ALTER TABLE events PARTITION (year='2026', month='01') "
                   f"SET LOCATION 's3://{self.bucket}/curated/'")
        self.s3.delete_object(Bucket=self.bucket, Key="raw/year=2026/month=02/b.json")
        for behaviour, months in (("LOG", 2), ("DELETE_FROM_DATABASE", 1)):
            name = self.crawler(SchemaChangePolicy={"DeleteBehavior": behaviour, "UpdateBehavior": "LOG"})
            self.glue.start_crawler(Name=name)
            self.assertEqual(len(self.lines("SHOW PARTITIONS events")), months)
            self.assertEqual(self.numbers(), ["10"])
