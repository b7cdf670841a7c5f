"""One measurement of a peer in one process: `peers.py encode duckdb events.jsonl folder`.

    peers.py encode <tool> <events.jsonl> <folder>      events to hourly Parquet, Zstandard level 1
    peers.py compact <tool> <folder> <folder>           raw objects of hours to one file for each
    peers.py search - <folder> -                        not measured: finds rows in files as readers do
    peers.py transform <tool> <requests.jsonl> <file>   Firehose requests, one a line, to responses

Prints one line of JSON. Responses are written only to be compared, and not to a file named `-`.
The clock counts the processor's time of the whole process, and starts
when the tool is loaded; every tool has one thread.
"""

import base64
import datetime
import json
import os
import resource
import sys

UTC = datetime.timezone.utc


def main():
    task, tool, source, target = sys.argv[1:]
    if task == "search":
        return search(source)
    work = {"encode": ENCODE, "compact": COMPACT, "transform": TRANSFORM}[task][tool](source, target)
    start = cpu()
    rows = work()
    took = cpu() - start
    print(json.dumps({"tool": tool, "rows": rows, "cpu": took, "rss_mib": peak()}))


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak():
    """The most memory that this process had, in MiB; what `getrusage` says counts the parent's too."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024


# Events to Parquet. Each is prepared with the file's path and gives back what is measured.

COLUMNS = {
    "event_uuid": "VARCHAR",
    "event_name": "VARCHAR",
    "created_at": "BIGINT",
    "user_id": "BIGINT",
    "session_id": "VARCHAR",
    "platform": "VARCHAR",
    "app_version": "VARCHAR",
    "locale": "VARCHAR",
    "country": "VARCHAR",
    "payload": "STRUCT(item_id BIGINT, score DOUBLE, duration_ms BIGINT, source VARCHAR, note VARCHAR)",
}


def duckdb(source, target):
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar=false; SET threads=1; SET preserve_insertion_order=false; SET TimeZone='UTC'")
    moment = "make_timestamp(created_at * 1000000)"
    query = f"""
        COPY (
            SELECT *, split_part(event_name, ':', 1) AS event_type, split_part(event_name, ':', 2) AS event_subtype,
                make_timestamp_ms(created_at * 1000) AS created_datetime,
                year({moment}) AS year, month({moment}) AS month, day({moment}) AS day, hour({moment}) AS hour
            FROM read_json('{source}', format='newline_delimited', columns={COLUMNS})
        ) TO '{target}' (FORMAT parquet, PARTITION_BY (year, month, day, hour), COMPRESSION zstd, COMPRESSION_LEVEL 1)
    """
    return lambda: connection.execute(query).fetchone()[0]


def polars(source, target):
    os.environ["POLARS_MAX_THREADS"] = "1"
    import polars as pl

    payload = {
        "item_id": pl.Int64,
        "score": pl.Float64,
        "duration_ms": pl.Int64,
        "source": pl.String,
        "note": pl.String,
    }
    kinds = {"VARCHAR": pl.String, "BIGINT": pl.Int64}
    schema = {name: kinds.get(kind, pl.Struct(payload)) for name, kind in COLUMNS.items()}

    def work():
        events = pl.read_ndjson(source, schema=schema)
        parts = pl.col("event_name").str.split_exact(":", 1).struct
        created = pl.from_epoch("created_at", time_unit="s")
        keys = [created.dt.year(), created.dt.month(), created.dt.day(), created.dt.hour()]
        names = ["year", "month", "day", "hour"]
        events = events.with_columns(
            parts[0].alias("event_type"),
            parts[1].alias("event_subtype"),
            created.cast(pl.Datetime("ms")).alias("created_datetime"),
            *[key.alias(name) for key, name in zip(keys, names)],
        )
        partitions = pl.PartitionBy(target, key=names, include_key=False)
        events.lazy().sink_parquet(partitions, compression="zstd", compression_level=1, mkdir=True)
        return len(events)

    return work


def arrow_schema():
    import pyarrow as pa

    payload = pa.struct(
        [
            ("item_id", pa.int64()),
            ("score", pa.float64()),
            ("duration_ms", pa.int64()),
            ("source", pa.string()),
            ("note", pa.string()),
        ]
    )
    kinds = {"VARCHAR": pa.string(), "BIGINT": pa.int64()}
    return pa.schema([(name, kinds.get(kind, payload)) for name, kind in COLUMNS.items()])


def pyarrow(source, target):
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.dataset as ds
    import pyarrow.json

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    read = pa.json.ReadOptions(use_threads=False, block_size=8 << 20)
    parse = pa.json.ParseOptions(explicit_schema=arrow_schema())

    def work():
        events = pa.json.read_json(source, read_options=read, parse_options=parse)
        parts = pc.split_pattern(events["event_name"], ":", max_splits=1)
        events = events.append_column("event_type", pc.list_element(parts, 0))
        events = events.append_column("event_subtype", pc.list_element(parts, 1))
        created = pc.multiply(events["created_at"], 1000).cast(pa.timestamp("ms"))
        events = events.append_column("created_datetime", created)
        keys = {"year": pc.year, "month": pc.month, "day": pc.day, "hour": pc.hour}
        for name, key in keys.items():
            events = events.append_column(name, key(created).cast(pa.int32()))
        form = ds.ParquetFileFormat()
        ds.write_dataset(
            events,
            target,
            format=form,
            file_options=form.make_write_options(compression="zstd", compression_level=1),
            partitioning=ds.partitioning(pa.schema([(name, pa.int32()) for name in keys]), flavor="hive"),
            use_threads=False,
            max_open_files=1024,
        )
        return len(events)

    return work


def python(loads):
    """The usual Python function: a dictionary for each event, a table for each hour of a batch."""

    def prepare(source, target):
        import pyarrow as pa
        import pyarrow.parquet as pq

        pa.set_cpu_count(1)
        pa.set_io_thread_count(1)
        schema = arrow_schema()
        schema = schema.append(pa.field("event_type", pa.string())).append(pa.field("event_subtype", pa.string()))
        schema = schema.append(pa.field("created_datetime", pa.timestamp("ms")))

        def work():
            writers, hours, rows = {}, {}, 0

            def flush():
                for hour, events in hours.items():
                    if hour not in writers:
                        start = datetime.datetime.fromtimestamp(hour * 3600, UTC)
                        folder = f"{target}/{start:year=%Y/month=%m/day=%d/hour=%H}"
                        os.makedirs(folder, exist_ok=True)
                        writers[hour] = pq.ParquetWriter(
                            f"{folder}/0.parquet", schema, compression="zstd", compression_level=1
                        )
                    writers[hour].write_table(pa.Table.from_pylist(events, schema))
                hours.clear()

            with open(source, "rb") as events:
                for line in events:
                    event = loads(line)
                    name = event["event_name"].split(":", 1)
                    event["event_type"] = name[0]
                    event["event_subtype"] = name[1] if len(name) > 1 else None
                    created = event["created_at"]
                    event["created_datetime"] = datetime.datetime.fromtimestamp(created, UTC).replace(tzinfo=None)
                    hours.setdefault(created // 3600, []).append(event)
                    rows += 1
                    if rows % 10_000 == 0:
                        flush()
            flush()
            for writer in writers.values():
                writer.close()
            return rows

        return work

    return prepare


def orjson_loads(text):
    import orjson

    return orjson.loads(text)


ENCODE = {
    "duckdb": duckdb,
    "polars": polars,
    "pyarrow": pyarrow,
    "python json": python(json.loads),
    "python orjson": python(orjson_loads),
}


# Raw objects to compacted files.


def duckdb_compact(source, target):
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar=false; SET threads=1")
    rows = connection.execute(f"SELECT sum(num_rows) FROM parquet_file_metadata('{source}/*/*.parquet')").fetchone()[0]

    def work():
        for hour in sorted(os.listdir(source)):
            os.makedirs(f"{target}/{hour}")
            connection.execute(
                f"""
                COPY (
                    SELECT * EXCLUDE copy
                    FROM (
                        SELECT *, row_number() OVER (
                            PARTITION BY event_uuid ORDER BY ingested_at, event_name, created_at, payload
                        ) AS copy
                        FROM read_parquet('{source}/{hour}/*.parquet')
                    )
                    WHERE copy = 1
                    ORDER BY event_name, created_at, event_uuid
                ) TO '{target}/{hour}/0.parquet'
                (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 131072)
                """
            )
        return int(rows)

    return work


COMPACT = {"duckdb": duckdb_compact}


def search(folder):
    """Finds rows in compacted files by their bounds, page indexes and filters, as two readers do."""
    import glob

    import duckdb
    import pyarrow.parquet as pq

    files = sorted(glob.glob(f"{folder}/*/*.parquet"))
    connection = duckdb.connect()
    query = lambda text: connection.execute(text).fetchall()
    for file in files:
        table = pq.read_table(file)
        connection.register("pyarrows", table)
        rows = query(f"SELECT count(*), sum(hash(COLUMNS(*)::VARCHAR)) FROM read_parquet('{file}')")
        assert rows == query("SELECT count(*), sum(hash(COLUMNS(*)::VARCHAR)) FROM pyarrows"), "the readers see different rows"
        metadata = pq.ParquetFile(file).metadata
        for number in range(metadata.num_row_groups):
            group = metadata.row_group(number)
            assert [column.column_index for column in group.sorting_columns] == [1, 4]
            for column in map(group.column, range(group.num_columns)):
                assert column.has_offset_index, f"{column.path_in_schema} has no page index"
                is_bounded = column.path_in_schema not in ("event_uuid", "payload")
                assert column.has_column_index == is_bounded and column.is_stats_set == is_bounded
        # Every 997th row is found by its uuid, in its row group; who is not there is not looked for.
        uuids = table["event_uuid"].to_pylist()[::997]
        for uuid in uuids[:5]:
            assert len(pq.read_table(file, filters=[("event_uuid", "=", uuid)])) == 1
            probe = f"SELECT bool_and(bloom_filter_excludes) FROM parquet_bloom_probe('{file}', 'event_uuid', '{uuid}')"
            assert query(probe) == [(False,)], f"the filter has not {uuid}"
        stranger = "ffffffff-ffff-4fff-bfff-{:012x}"
        probes = [
            query(f"SELECT bloom_filter_excludes FROM parquet_bloom_probe('{file}', 'event_uuid', '{stranger.format(n)}')")
            for n in range(20)
        ]
        excluded = [excludes for rows in probes for (excludes,) in rows]
        assert sum(excluded) >= 0.9 * len(excluded), "the filter says of strangers that they may be there"
        names = table["event_name"].to_pylist()
        for name in sorted(set(names))[::25]:
            found = query(f"SELECT count(*) FROM read_parquet('{file}') WHERE event_name = '{name}'")[0][0]
            by_pages = len(pq.read_table(file, filters=[("event_name", "=", name)]))
            assert found == by_pages == names.count(name), f"{name} is not found"


# Firehose requests to responses: what lake-transform does, as one writes it in Python.


def handler(loads, dumps):
    def prepare(source, target):
        with open(source, "rb") as requests:
            requests = requests.read().splitlines()

        def work():
            rows, keep = 0, target != "-"
            with open(target if keep else os.devnull, "wb") as responses:
                for request in requests:
                    records = [transform(record, loads, dumps) for record in loads(request)["records"]]
                    rows += len(records)
                    response = dumps({"records": records})
                    if keep:
                        responses.write(response + b"\n")
            return rows

        return work

    return prepare


def transform(record, loads, dumps):
    try:
        event = loads(base64.b64decode(record["data"], validate=True))
        uuid, name, created_at = event.pop("event_uuid"), event.pop("event_name"), event.pop("created_at")
        if not (isinstance(uuid, str) and isinstance(name, str) and uuid and name):
            raise ValueError("event_uuid and event_name are texts")
        arrival = record["approximateArrivalTimestamp"]
        if not 0 <= created_at <= arrival / 1000 + 86_400:
            raise ValueError("created_at is a moment in Unix seconds")
        created = datetime.datetime.fromtimestamp(int(created_at), UTC)
    except (ValueError, TypeError, KeyError, AttributeError):
        return {"recordId": record["recordId"], "result": "ProcessingFailed", "data": "", "metadata": {}}
    parts = name.split(":")
    ingested = datetime.datetime.fromtimestamp(arrival // 1000, UTC)
    line = {
        "event_uuid": uuid,
        "event_name": name,
        "event_type": parts[0],
        "event_subtype": parts[1] if len(parts) > 1 and parts[1] else None,
        "created_at": created_at,
        "created_datetime": f"{created:%Y-%m-%dT%H:%M:%SZ}",
        "ingested_at": f"{ingested:%Y-%m-%dT%H:%M:%S}.{arrival % 1000:03}Z",
        "payload": dumps(event).decode(),
    }
    keys = {"year": f"{created:%Y}", "month": f"{created:%m}", "day": f"{created:%d}", "hour": f"{created:%H}"}
    return {
        "recordId": record["recordId"],
        "result": "Ok",
        "data": base64.b64encode(dumps(line) + b"\n").decode(),
        "metadata": {"partitionKeys": keys},
    }


def json_dumps(value):
    return json.dumps(value, separators=(",", ":")).encode()


def orjson_dumps(value):
    import orjson

    return orjson.dumps(value)


TRANSFORM = {
    "python json": handler(json.loads, json_dumps),
    "python orjson": handler(orjson_loads, orjson_dumps),
}

if __name__ == "__main__":
    main()
