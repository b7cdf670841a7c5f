"""Athena's SQL on the local cloud: statements, tables, listings, results."""

from __future__ import annotations

import csv
import io
import json
import unittest
from typing import Any

from .cloud import REGION, Cloud, Delivery, unique, until

HOLD = {"SizeInMBs": 64, "IntervalInSeconds": 900}
PARQUET = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"}}
PREFIX = "".join(f"{key}=!{{partitionKeyFromLambda:{key}}}/" for key in ("year", "month", "day", "hour"))

# A statement of Trino, the text that Athena prints for its first row, and the types of the columns.
TRANSLATIONS: tuple[tuple[str, list[str | None], list[str]], ...] = (
    ("1/2, 7/2.0, 7 % 3, 1e3", ["0", "3.5", "1", "1000.0"], ["integer", "double", "integer", "double"]),
    ("10000000000 * 2, true, CAST(NULL AS varchar)", ["20000000000", "true", None],
     ["bigint", "boolean", "varchar"]),
    ("1712511721.022e0, 0.0001e0, 1e7, 12345.5e0", ["1.712511721022E9", "1.0E-4", "1.0E7", "12345.5"], ["double"] * 4),
    ("TIMESTAMP '2026-11-20 10:00:00', DATE '2026-11-20'", ["2026-11-20 10:00:00.000", "2026-11-20"],
     ["timestamp", "date"]),
    ("TIMESTAMP '2026-11-20 10:00:00.25' + INTERVAL '1' DAY", ["2026-11-21 10:00:00.250"], ["timestamp"]),
    ("DATE '2026-11-20' + INTERVAL '1' DAY, date_add('day', -1, DATE '2026-11-20')", ["2026-11-21", "2026-11-19"],
     ["date", "date"]),
    ("date_add('hour', 2, TIMESTAMP '2026-11-20 23:00:00')", ["2026-11-21 01:00:00.000"], ["timestamp"]),
    ("format_datetime(TIMESTAMP '2026-01-02 03:04:05.678', 'yyyy-MM-dd''T''HH:mm:ss.SSS')",
     ["2026-01-02T03:04:05.678"], ["varchar"]),
    ("format_datetime(TIMESTAMP '2026-01-02 15:04:05', 'd MMM yy, h:mm a EEE')", ["2 Jan 26, 3:04 PM Fri"],
     ["varchar"]),
    ("parse_datetime('2026-11-20 10:00', 'yyyy-MM-dd HH:mm')", ["2026-11-20 10:00:00.000 UTC"],
     ["timestamp with time zone"]),
    ("date_format(TIMESTAMP '2026-01-02 15:04:05', '%Y-%m-%d %H:%i:%s'), "
     "date_format(TIMESTAMP '2026-01-02 15:04:05', '%W %e %M')", ["2026-01-02 15:04:05", "Friday 2 January"],
     ["varchar"] * 2),
    ("date_parse('2026-11-20 10', '%Y-%m-%d %H')", ["2026-11-20 10:00:00.000"], ["timestamp"]),
    ("date_trunc('hour', TIMESTAMP '2026-11-20 10:12:13'), date_diff('day', DATE '2026-11-01', DATE '2026-11-20')",
     ["2026-11-20 10:00:00.000", "19"], ["timestamp", "bigint"]),
    ("from_iso8601_timestamp('2026-11-20T10:00:00+02:00')", ["2026-11-20 08:00:00.000 UTC"],
     ["timestamp with time zone"]),
    ("CAST(from_iso8601_timestamp('2026-11-20T10:00:00Z') AS timestamp), from_iso8601_date('2026-11-20')",
     ["2026-11-20 10:00:00.000", "2026-11-20"], ["timestamp", "date"]),
    ("from_unixtime(1712511721), to_unixtime(TIMESTAMP '2024-04-07 17:42:01')",
     ["2024-04-07 17:42:01.000 UTC", "1.712511721E9"], ["timestamp with time zone", "double"]),
    ("to_iso8601(TIMESTAMP '2026-11-20 10:00:00'), to_iso8601(DATE '2026-11-20')",
     ["2026-11-20T10:00:00.000", "2026-11-20"], ["varchar"] * 2),
    ("year(DATE '2026-11-20'), hour(TIMESTAMP '2026-11-20 10:00:00'), day_of_week(DATE '2026-11-20'), "
     "extract(month FROM DATE '2026-11-20')", ["2026", "10", "5", "11"], ["bigint"] * 4),
    ("last_day_of_month(DATE '2026-02-03'), at_timezone(from_unixtime(0), 'UTC')",
     ["2026-02-28", "1970-01-01 00:00:00.000 UTC"], ["date", "timestamp with time zone"]),
    ("""json_extract_scalar('{"a":{"b":["x"]},"n":5}', '$.a.b[0]'), json_extract_scalar('{"n":5}', '$.n')""",
     ["x", "5"], ["varchar"] * 2),
    ("""json_extract_scalar('{"a b":"x"}', '$["a b"]'), json_extract_scalar('{"a":{}}', '$.a')""", ["x", None],
     ["varchar"] * 2),
    ("json_extract_scalar('not json', '$.a'), json_extract_scalar('{}', '$.a')", [None, None], ["varchar"] * 2),
    ("""json_extract('{"a":{"b":1}}', '$.a'), json_format(json_parse('{"a": 1}'))""", ['{"b":1}', '{"a":1}'],
     ["json", "varchar"]),
    ("""json_array_length('[1,2]'), json_size('{"a":[1,2]}', '$.a'), json_array_get('[1,2]', 1)""", ["2", "2", "2"],
     ["bigint", "bigint", "json"]),
    ("""CAST(json_extract('{"a":{"b":1}}', '$.a') AS map(varchar, bigint))""", ["{b=1}"], ["map"]),
    ("CAST(ROW(1, 'x') AS ROW(a bigint, b varchar)), ARRAY[1, NULL], MAP(ARRAY['k'], ARRAY['v'])",
     ["{a=1, b=x}", "[1, null]", "{k=v}"], ["row", "array", "map"]),
    ("element_at(ARRAY[1, 2], 2), element_at(ARRAY[1], 9), cardinality(ARRAY[1, 2]), contains(ARRAY[1], 1)",
     ["2", None, "2", "true"], ["integer", "integer", "bigint", "boolean"]),
    ("transform(ARRAY[1, 2], x -> x * 2), filter(ARRAY[1, 2], x -> x > 1), any_match(ARRAY[1], x -> x = 1), "
     "all_match(ARRAY[1, 2], x -> x = 1), none_match(ARRAY[1], x -> x = 2)",
     ["[2, 4]", "[2]", "true", "false", "true"], ["array", "array", "boolean", "boolean", "boolean"]),
    ("sequence(1, 3), array_join(ARRAY['a', 'b'], ','), array_distinct(ARRAY[1, 1]), flatten(ARRAY[ARRAY[1]])",
     ["[1, 2, 3]", "a,b", "[1]", "[1]"], ["array", "varchar", "array", "array"]),
    ("split_part('a:b:c', ':', 2), split('a:b', ':'), regexp_extract('ab12', '([a-z]+)(\\d+)', 2), "
     "regexp_like('ab', 'b$'), regexp_replace('a1b2', '\\d', 'x')", ["b", "[a, b]", "12", "true", "axbx"],
     ["varchar", "array", "varchar", "boolean", "varchar"]),
    ("lpad('5', 2, '0'), strpos('abc', 'b'), substr('abc', 2), concat('a', 'b', 'c'), codepoint('a')",
     ["05", "2", "bc", "abc", "97"], ["varchar", "bigint", "varchar", "varchar", "integer"]),
    ("format('%s-%05d', 'a', 42), url_extract_host('https://u@h.example:8/p?q=1'), "
     "url_extract_path('https://h/p/x?q')", ["a-00042", "h.example", "/p/x"], ["varchar"] * 3),
    ("TRY_CAST('x' AS bigint), try(CAST('x' AS integer)), CAST('5' AS double), CAST(1 AS varchar)",
     [None, None, "5.0", "1"], ["bigint", "integer", "double", "varchar"]),
    ("coalesce(NULL, 1), nullif(1, 1), if(true, 'a', 'b'), greatest(1, 2)", ["1", None, "a", "2"],
     ["integer", "integer", "varchar", "integer"]),
    ("to_hex(md5(to_utf8('a'))), to_utf8('ab')", ["0CC175B9C0F1B6A831C399E269772661", "61 62"],
     ["varchar", "varbinary"]),
    ("approx_distinct(x), count_if(x > 1), sum(x), avg(x) FROM (VALUES 1, 2, 2) AS t(x)", ["2", "2", "5",
     "1.6666666666666667"], ["bigint", "bigint", "bigint", "double"]),
    ("max_by(x, y), min_by(x, y), arbitrary(z), every(z = 1), bool_or(z = 2) FROM (VALUES (1, 2, 1), (3, 1, 1)) "
     "AS t(x, y, z)", ["1", "3", "1", "true", "false"], ["integer", "integer", "integer", "boolean", "boolean"]),
    ("map_agg(k, v), array_agg(v ORDER BY v DESC), histogram(k) FROM (VALUES ('a', 1), ('b', 2)) AS t(k, v)",
     ["{a=1, b=2}", "[2, 1]", "{a=1, b=1}"], ["map", "array", "map"]),
    ("approx_percentile(x, 0.5) FROM (VALUES 1, 2, 3) AS t(x)", ["2"], ["integer"]),
    ("listagg(x, ',') WITHIN GROUP (ORDER BY x) FROM (VALUES 'b', 'a') AS t(x)", ["a,b"], ["varchar"]),
    ("t.x, u.n, o FROM (VALUES 1) AS t(x) CROSS JOIN UNNEST(ARRAY['a']) WITH ORDINALITY AS u(n, o)",
     ["1", "a", "1"], ["integer", "varchar", "bigint"]),
    ("k, v FROM (VALUES 1) AS t(x) CROSS JOIN UNNEST(MAP(ARRAY['a'], ARRAY[7])) AS u(k, v)", ["a", "7"],
     ["varchar", "integer"]),
    ("x, row_number() OVER (ORDER BY x), lag(x) OVER (ORDER BY x) FROM (VALUES 1) AS t(x)", ["1", "1", None],
     ["integer", "bigint", "integer"]),
    ("x FROM (VALUES 1, 2, 3) AS t(x) ORDER BY x OFFSET 1 LIMIT 1", ["2"], ["integer"]),
)

# Statements that end as FAILED, with the beginning of Athena's reason.
FAILURES = (
    ("selec 1", "SYNTAX_ERROR: line 1:"),
    ("SELECT (1", "SYNTAX_ERROR: line 1:"),
    ("SELECT 1; SELECT 2", "SYNTAX_ERROR: Only one sql statement is allowed"),
    ("SELECT 1 FROM nowhere", "TABLE_NOT_FOUND: line 1:1: Table 'awsdatacatalog.{database}.nowhere' does not exist"),
    ("SELECT 1 FROM other.catalog.t", "CATALOG_NOT_FOUND: Catalog 'other' does not exist"),
    ("SELECT nothing FROM (VALUES 1) AS t(x)", "COLUMN_NOT_FOUND: line 1:1: Column 'nothing' cannot be resolved"),
    ("SELECT no_such_function(1)", "FUNCTION_NOT_FOUND: line 1:1: Function 'no_such_function' not registered"),
    ("SELECT CAST('x' AS bigint)", "INVALID_CAST_ARGUMENT: "),
    ("SHOW CREATE TABLE t", "NOT_SUPPORTED: the local cloud does not run SHOW CREATE"),
    ("DELETE FROM t", "NOT_SUPPORTED: the local cloud does not run DELETE statements"),
    ("SHOW TABLES IN nowhere", "SCHEMA_NOT_FOUND: Schema nowhere does not exist"),
)


def setUpModule() -> None:
    global CLOUD, RESULTS
    CLOUD = Cloud(time_scale=0.1)
    RESULTS = unique("results")
    CLOUD.client("s3").create_bucket(Bucket=RESULTS, CreateBucketConfiguration={"LocationConstraint": REGION})


def tearDownModule() -> None:
    CLOUD.discard()


class Query:
    """A statement that has ended."""

    def __init__(self, sql: str, database: str = "default", workgroup: str = "primary", location: str = "") -> None:
        self._athena = CLOUD.client("athena")
        self.id = self._athena.start_query_execution(
            QueryString=sql, QueryExecutionContext={"Database": database}, WorkGroup=workgroup,
            ResultConfiguration={"OutputLocation": location or f"s3://{RESULTS}/queries/"})["QueryExecutionId"]
        self.execution: dict[str, Any] = until(f"the end of {sql}", self._ended)
        self.state = self.execution["Status"]["State"]
        self.reason = self.execution["Status"].get("StateChangeReason", "")

    def _ended(self) -> dict[str, Any] | None:
        execution = self._athena.get_query_execution(QueryExecutionId=self.id)["QueryExecution"]
        return execution if execution["Status"]["State"] in ("SUCCEEDED", "FAILED") else None

    def result(self) -> dict[str, Any]:
        """The first page."""
        assert self.state == "SUCCEEDED", self.reason
        return dict(self._athena.get_query_results(QueryExecutionId=self.id)["ResultSet"])

    def types(self) -> list[str]:
        """The types of the columns."""
        return [column["Type"] for column in self.result()["ResultSetMetadata"]["ColumnInfo"]]

    def lines(self) -> list[list[str | None]]:
        """All rows, with the header that a SELECT has."""
        assert self.state == "SUCCEEDED", self.reason
        pages = self._athena.get_paginator("get_query_results").paginate(QueryExecutionId=self.id)
        return [
            [datum.get("VarCharValue") for datum in row["Data"]] for page in pages for row in page["ResultSet"]["Rows"]]

    @property
    def scanned(self) -> int:
        """DataScannedInBytes."""
        return int(self.execution["Statistics"]["DataScannedInBytes"])


class Translation(unittest.TestCase):
    def test_statements_of_trino_give_what_athena_prints(self) -> None:
        for expression, row, types in TRANSLATIONS:
            with self.subTest(expression):
                query = Query(f"SELECT {expression}")
                self.assertEqual((query.state, query.reason), ("SUCCEEDED", ""))
                self.assertEqual(query.lines()[1], row)
                self.assertEqual(query.types(), types)

    def test_columns_without_a_name_are_numbered(self) -> None:
        lines = Query("SELECT 1, x, count(*), x AS y, upper(x) FROM (VALUES 'a') AS t(x) GROUP BY x").lines()
        self.assertEqual(lines[0], ["_col0", "x", "_col2", "y", "_col4"])

    def test_statements_that_fail_give_athenas_reason(self) -> None:
        for sql, reason in FAILURES:
            with self.subTest(sql):
                query = Query(sql, "somewhere")
                self.assertEqual(query.state, "FAILED")
                self.assertTrue(query.reason.startswith(reason.format(database="somewhere")), query.reason)


class Results(unittest.TestCase):
    def test_a_large_result_is_paged_and_kept_as_csv(self) -> None:
        query = Query("SELECT a * 1000 + b AS n, NULL AS nothing FROM UNNEST(sequence(0, 99)) AS t(a) "
                      "CROSS JOIN UNNEST(sequence(1, 1000)) AS u(b) ORDER BY 1")
        lines = query.lines()
        self.assertEqual(len(lines), 100_001)
        self.assertEqual((lines[0], lines[1], lines[-1]), (["n", "nothing"], ["1", None], ["100000", None]))
        self.assertEqual(
            query.execution["ResultConfiguration"]["OutputLocation"], f"s3://{RESULTS}/queries/{query.id}.csv")
        body = CLOUD.objects(RESULTS, f"queries/{query.id}.csv")[f"queries/{query.id}.csv"].decode()
        self.assertTrue(body.startswith('"n","nothing"\n"1",\n"2",\n'))
        rows = list(csv.reader(io.StringIO(body)))
        self.assertEqual((len(rows), rows[-1]), (100_001, ["100000", ""]))

    def test_a_workgroup_may_insist_on_its_place(self) -> None:
        athena, name = CLOUD.client("athena"), unique("group")
        athena.create_work_group(Name=name, Configuration={
            "EnforceWorkGroupConfiguration": True,
            "ResultConfiguration": {"OutputLocation": f"s3://{RESULTS}/own"}})
        query = Query("SELECT 1", workgroup=name)
        self.assertEqual(
            query.execution["ResultConfiguration"]["OutputLocation"], f"s3://{RESULTS}/own/{query.id}.csv")
        self.assertEqual(CLOUD.objects(RESULTS, "own/")[f"own/{query.id}.csv"], b'"_col0"\n"1"\n')

    def test_a_missing_result_bucket_fails_the_query(self) -> None:
        query = Query("SELECT 1", location="s3://no-such-bucket-anywhere/")
        self.assertEqual(
            (query.state, query.reason), ("FAILED", "Unable to verify/create output bucket no-such-bucket-anywhere"))


class Tables(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.delivery = Delivery(
            CLOUD, mode="", source=True, hints=HOLD, partitioned=True, prefix=f"data/{PREFIX}",
            columns=(("id", "bigint"), ("name", "string"), ("at", "timestamp"), ("extra", "map<string,int>")))
        cls.describe(partitioned=True)

    @classmethod
    def describe(cls, partitioned: bool, added: Any = (), parameters: dict[str, str] | None = None) -> None:
        """Sets the table's columns, partition keys and parameters."""
        columns = [("id", "bigint"), ("name", "string"), ("at", "timestamp"), ("extra", "map<string,int>"), *added]
        CLOUD.client("glue").update_table(DatabaseName=cls.delivery.database, TableInput={
            "Name": "events", "TableType": "EXTERNAL_TABLE", "Parameters": parameters or {},
            "StorageDescriptor": {
                **PARQUET, "Location": f"s3://{cls.delivery.bucket}/data/",
                "Columns": [{"Name": name, "Type": kind, "Comment": f"the {name}"} for name, kind in columns]},
            "PartitionKeys": [
                {"Name": name, "Type": "string"} for name in ("year", "month", "day", "hour")] if partitioned else []})

    def query(self, sql: str) -> Query:
        return Query(sql, self.delivery.database)

    def rows(self, sql: str) -> list[list[str | None]]:
        return self.query(sql).lines()[1:]

    def fill(self) -> None:
        if not self.delivery.counts():
            self.delivery.put_json(*(
                {"id": number, "name": f"name {number}", "at": "2026-01-02T03:04:05Z", "extra": {"k": number},
                 "keys": {"year": "2026", "month": "01", "day": "02", "hour": f"{number % 3:02d}"}}
                for number in range(300)))
            CLOUD.flush()
            self.assertEqual(len(self.query("MSCK REPAIR TABLE events").lines()), 4)

    def test_01_an_empty_table_has_columns_and_no_rows(self) -> None:
        query = self.query("SELECT * FROM events")
        self.assertEqual(query.lines(), [["id", "name", "at", "extra", "year", "month", "day", "hour"]])
        self.assertEqual(query.types(), ["bigint", "varchar", "timestamp", "map"] + ["varchar"] * 4)
        self.assertEqual(self.rows("SELECT count(*) FROM events"), [["0"]])

    def test_02_new_objects_of_a_known_partition_are_seen_at_once(self) -> None:
        self.fill()
        self.assertEqual(self.rows("SELECT count(*) FROM events"), [["300"]])
        (key,) = self.delivery.objects("data/year=2026/month=01/day=02/hour=01/")
        copy = key.replace("/hour=01/", "/hour=01/copy-of-")
        s3, bucket = CLOUD.client("s3"), self.delivery.bucket
        s3.copy_object(Bucket=bucket, Key=copy, CopySource={"Bucket": bucket, "Key": key})
        self.assertEqual(self.rows("SELECT count(*) FROM events"), [["400"]])
        s3.delete_object(Bucket=bucket, Key=copy)

    def test_values_and_partitions_read_as_the_table_says(self) -> None:
        self.fill()
        query = self.query("SELECT * FROM events WHERE id = 7")
        self.assertEqual(query.lines()[1:], [
            ["7", "name 7", "2026-01-02 03:04:05.000", "{k=7}", "2026", "01", "02", "01"]])
        self.assertEqual(query.types(), ["bigint", "varchar", "timestamp", "map"] + ["varchar"] * 4)
        self.assertEqual(
            self.rows("SELECT hour, count(*) FROM events WHERE year = '2026' AND month = '01' GROUP BY 1 ORDER BY 1"),
            [["00", "100"], ["01", "100"], ["02", "100"]])
        self.assertEqual(self.rows("SELECT count(*) FROM events WHERE month = '1'"), [["0"]])

    def test_a_table_can_be_named_in_full(self) -> None:
        self.fill()
        database = self.delivery.database
        for name in (f"{database}.events", f'"{database}"."events"', f"awsdatacatalog.{database}.events", "EVENTS"):
            with self.subTest(name):
                self.assertEqual(self.rows(f"SELECT max(id) FROM {name}"), [["299"]])
        self.assertEqual(
            self.rows(f"SELECT {database}.events.id FROM {database}.events WHERE events.id = 3"), [["3"]])

    def test_a_common_table_hides_one_of_the_catalogue(self) -> None:
        self.fill()
        self.assertEqual(self.rows("WITH events AS (SELECT 1 AS id) SELECT count(*) FROM events"), [["1"]])
        self.assertEqual(
            self.rows("WITH few AS (SELECT id FROM events WHERE hour = '02' AND id < 10) "
                      "SELECT count(*), sum(a.id) FROM few a JOIN events b ON a.id = b.id"), [["3", "15"]])

    def test_the_path_of_a_row_is_its_object(self) -> None:
        self.fill()
        ((path,),) = self.rows('SELECT DISTINCT "$path" FROM events WHERE hour = \'01\'')
        (key,) = self.delivery.objects("data/year=2026/month=01/day=02/hour=01/")
        self.assertEqual(path, f"s3://{self.delivery.bucket}/{key}")

    def test_scanned_bytes_follow_columns_and_partitions(self) -> None:
        self.fill()
        whole = sum(len(body) for body in self.delivery.objects("data/").values())
        everything = self.query("SELECT * FROM events").scanned
        self.assertLess(0, everything)
        self.assertLess(everything, whole)
        one_column = self.query("SELECT sum(id) FROM events").scanned
        self.assertLess(one_column, everything)
        one_partition = self.query("SELECT sum(id) FROM events WHERE hour = '01' AND year >= '2026'").scanned
        self.assertAlmostEqual(one_partition, one_column / 3, delta=one_column / 10)
        self.assertEqual(self.query("SELECT count(*) FROM events").scanned, 0)
        self.assertEqual(self.query("SELECT id FROM events WHERE hour = '09'").scanned, 0)
        self.assertGreaterEqual(
            self.query("SELECT * FROM events").execution["Statistics"]["EngineExecutionTimeInMillis"], 1)

    def test_a_column_that_no_file_has_is_null(self) -> None:
        self.fill()
        self.describe(partitioned=True, added=(("later", "double"),))
        try:
            query = self.query("SELECT id, later FROM events WHERE id = 1")
            self.assertEqual((query.lines()[1:], query.types()), ([["1", None]], ["bigint", "double"]))
        finally:
            self.describe(partitioned=True)

    def test_a_projected_table_asks_for_no_registered_partition(self) -> None:
        self.fill()
        glue, database = CLOUD.client("glue"), self.delivery.database
        values = ["2026", "01", "02", "00"]
        glue.delete_partition(DatabaseName=database, TableName="events", PartitionValues=values)
        try:
            self.assertEqual(self.rows("SELECT count(*) FROM events"), [["200"]])
            self.describe(partitioned=True, parameters={"projection.enabled": "true"})
            self.assertEqual(self.rows("SELECT count(*) FROM events"), [["300"]])
        finally:
            self.describe(partitioned=True)
            self.query("MSCK REPAIR TABLE events")

    def test_a_location_template_gives_the_partition(self) -> None:
        self.fill()
        self.describe(partitioned=True, parameters={
            "projection.enabled": "true",
            "storage.location.template": f"s3://{self.delivery.bucket}/data/year=${{year}}/month=${{month}}/day=${{day}}/"
                                         "hour=${hour}/"})
        try:
            self.assertEqual(self.rows("SELECT count(*) FROM events WHERE hour = '02'"), [["100"]])
        finally:
            self.describe(partitioned=True)

    def test_the_catalogue_can_be_listed(self) -> None:
        database = self.delivery.database
        self.assertIn([database], self.query("SHOW DATABASES").lines())
        self.assertEqual(self.query(f"SHOW SCHEMAS LIKE '{database[:5]}*'").lines(), [[database]])
        self.assertEqual(self.query("SHOW TABLES").lines(), [["events"]])
        self.assertEqual(self.query(f"SHOW TABLES IN {database} 'ev*'").lines(), [["events"]])
        self.assertEqual(self.query("SHOW TABLES 'x*'").lines(), [])
        self.assertEqual(
            self.query(f"SHOW COLUMNS IN {database}.events").lines(),
            [[name] for name in ("id", "name", "at", "extra", "year", "month", "day", "hour")])
        described = self.query("DESCRIBE events").lines()
        self.assertEqual(described[0], ["id", "bigint", "the id"])
        self.assertEqual(described[8:11], [
            ["", "", ""], ["# Partition Information", "", ""], ["# col_name", "data_type", "comment"]])
        self.assertEqual(described[-1], ["hour", "string", ""])
        self.fill()
        self.assertEqual(self.query("SHOW PARTITIONS events").lines(), [
            [f"year=2026/month=01/day=02/hour={hour:02d}"] for hour in range(3)])
        self.assertEqual(self.query("DESCRIBE nowhere").state, "FAILED")

    def test_tables_can_be_made_and_dropped_by_statement(self) -> None:
        made = self.query(
            "CREATE EXTERNAL TABLE made (n bigint) STORED AS PARQUET "
            f"LOCATION 's3://{self.delivery.bucket}/made/'")
        self.assertEqual((made.state, made.lines()), ("SUCCEEDED", []))
        self.assertEqual(self.query("SELECT * FROM made").lines(), [["n"]])
        self.assertEqual(self.query("DROP TABLE made").state, "SUCCEEDED")
        self.assertEqual(self.query("SELECT * FROM made").state, "FAILED")

    def test_json_tables_are_read_too(self) -> None:
        bucket = self.delivery.bucket
        CLOUD.client("s3").put_object(Bucket=bucket, Key="lines/a.json", Body=json.dumps({"n": 1, "s": "x"}).encode())
        CLOUD.client("glue").create_table(DatabaseName=self.delivery.database, TableInput={
            "Name": "lines", "StorageDescriptor": {
                "Location": f"s3://{bucket}/lines/",
                "Columns": [{"Name": "n", "Type": "bigint"}, {"Name": "s", "Type": "string"}],
                "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"}}})
        try:
            self.assertEqual(self.rows("SELECT n, s FROM lines"), [["1", "x"]])
        finally:
            CLOUD.client("glue").delete_table(DatabaseName=self.delivery.database, Name="lines")
