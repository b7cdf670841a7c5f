"""Compares what is in the bucket with what was sent, as multisets; DuckDB reads, nothing of ours does.

Usage: read_back.py FOLDER: rows.jsonl and refused.jsonl are what must be there, bucket/ is what is.
"""

import json
import pathlib
import sys

import duckdb

folder = pathlib.Path(sys.argv[1])
database = duckdb.connect()
# It would stand in the answer.
database.execute("SET enable_progress_bar = false")

ROW = "event_uuid, event_name, created_at, payload"
# The folder of a row must be its own hour, UTC; what stands elsewhere has none of the rows sent.
database.execute(f"""
    CREATE VIEW found_rows AS
    SELECT {ROW} FROM read_parquet('{folder}/bucket/raw/events/**/*.parquet', hive_partitioning = true,
                                   hive_types_autocast = false)
    WHERE strftime(make_timestamp(CAST(floor(created_at) AS BIGINT) * 1000000), '%Y %m %d %H')
          = concat_ws(' ', year, month, day, hour);
    CREATE VIEW sent_rows AS
    SELECT {ROW} FROM read_json('{folder}/rows.jsonl', format = 'newline_delimited', columns = {{
        event_uuid: 'VARCHAR', event_name: 'VARCHAR', created_at: 'DOUBLE', payload: 'VARCHAR'}});
    CREATE VIEW sent_refused AS
    SELECT data FROM read_json('{folder}/refused.jsonl', format = 'newline_delimited', columns = {{data: 'VARCHAR'}});
""")
kept = sorted(str(path) for path in (folder / "bucket/quarantine/events").rglob("*.ndjson"))
database.execute("CREATE VIEW found_refused AS " + (
    f"SELECT data FROM read_json({kept}, format = 'newline_delimited', columns = {{data: 'VARCHAR'}})"
    if kept else "SELECT data FROM sent_refused WHERE false"))


def compared(kind: str) -> dict[str, object]:
    """How many are there, and how many are lacking or beyond what was sent, with a few of each."""
    def count(query: str) -> int:
        return database.execute(f"SELECT count(*) FROM ({query})").fetchone()[0]

    lacking = f"(FROM sent_{kind} EXCEPT ALL FROM found_{kind})"
    beyond = f"(FROM found_{kind} EXCEPT ALL FROM sent_{kind})"
    samples = database.execute(f"FROM {lacking} LIMIT 3").fetchall() + database.execute(
        f"FROM {beyond} LIMIT 3").fetchall()
    return {"found": count(f"FROM found_{kind}"), "lacking": count(f"FROM {lacking}"),
            "beyond": count(f"FROM {beyond}"), "samples": [str(sample) for sample in samples]}


print(json.dumps({"rows": compared("rows"), "refused": compared("refused")}))
