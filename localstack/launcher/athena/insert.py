"""INSERT INTO: the rows of a query become Parquet objects, one for each partition that they touch.

The objects go where the catalogue says that the partition is; a partition that it lacks is registered
below the table's location, after its object is there.
"""

from __future__ import annotations

import os
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from sqlglot import exp

from launcher.athena import dialect
from launcher.athena.catalog import Table
from launcher.athena.dialect import Statement, TableName
from launcher.athena.failure import QueryFailure
from launcher.firehose.column_type import literal, parse, quoted
from launcher.glue.location import split
from launcher.glue.partition import Partitions, Values

# The most partitions that one statement may write.
_OPEN_PARTITIONS = 100

_ROWS = "headend_inserted"
_CODECS = {"GZIP": "gzip", "SNAPPY": "snappy", "ZSTD": "zstd", "NONE": "uncompressed", "UNCOMPRESSED": "uncompressed"}


@dataclass(frozen=True)
class Insertion:
    """Rows on their way into a table."""

    target: TableName
    # The columns in the order of the query's; empty for the table's own order.
    columns: tuple[str, ...]
    query: Statement


def read(sql: str, database: str) -> Insertion | None:
    """The statement, or None when it is of another kind."""
    tree = dialect.parse_one(sql)
    if not isinstance(tree, exp.Insert) or tree.args.get("overwrite"):
        return None
    query = tree.expression
    if isinstance(query, exp.Values):
        query.set("alias", exp.TableAlias(this=exp.to_identifier("given_rows")))
        query = exp.select("*").from_(query)
    if not isinstance(query, exp.Query):
        return None
    named = tree.this
    columns = tuple(str(column.name).lower() for column in named.expressions) if isinstance(named, exp.Schema) else ()
    place = named.this if isinstance(named, exp.Schema) else named
    target = TableName((place.db or database).lower(), place.name.lower())
    return Insertion(target, columns, dialect.statement(query, database))


def run(connection: Any, insertion: Insertion, root: str) -> int:
    """Writes the rows of a query whose tables are views of the connection; returns how many."""
    import duckdb

    table = Table(insertion.target)
    if not table.is_parquet:
        raise QueryFailure("NOT_SUPPORTED: the local cloud inserts into tables of Parquet alone")
    try:
        connection.execute(f"CREATE TABLE {_ROWS} AS {_typed(connection, table, insertion)}")
    except duckdb.Error as error:
        raise QueryFailure(f"TYPE_MISMATCH: {str(error).splitlines()[0]}") from error
    partitions = _partitions(connection, table)
    if len(partitions) > _OPEN_PARTITIONS:
        raise QueryFailure(
            f"HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of {_OPEN_PARTITIONS} open writers for partitions/buckets.")
    catalogue = Partitions(insertion.target.database, insertion.target.table)
    known = catalogue.registered()
    for number, values in enumerate(partitions):
        place = known.get(values) or catalogue.default_place(values)
        _write(place, _parquet(connection, table, values, os.path.join(root, f"inserted-{number}.parquet")))
        if table.keys and values not in known:
            catalogue.add(values)
    return int(connection.execute(f"SELECT count(*) FROM {_ROWS}").fetchone()[0])


def _typed(connection: Any, table: Table, insertion: Insertion) -> str:
    """The query with the table's columns and types; those that are not named are null."""
    kinds = dict(table.columns + table.keys)
    wanted = insertion.columns or tuple(kinds)
    query = insertion.query.duckdb
    given = len(connection.execute(f"DESCRIBE {query}").fetchall())
    if given != len(wanted) or not set(wanted) <= kinds.keys():
        raise QueryFailure(
            f"TYPE_MISMATCH: Insert query has mismatched column types: Table: [{', '.join(wanted)}], "
            f"Query: {given} columns")
    aliases = ", ".join(quoted(name) for name in wanted)
    columns = ", ".join(
        f"CAST({quoted(name) if name in wanted else 'NULL'} AS {parse(kind).duckdb}) AS {quoted(name)}"
        for name, kind in kinds.items())
    return f"SELECT {columns} FROM ({query}) AS given({aliases})"


def _partitions(connection: Any, table: Table) -> list[Values]:
    if not table.keys:
        return [()] if connection.execute(f"SELECT 1 FROM {_ROWS} LIMIT 1").fetchone() else []
    names = ", ".join(f"CAST({quoted(name)} AS VARCHAR)" for name, _ in table.keys)
    return [tuple(row) for row in connection.execute(f"SELECT DISTINCT {names} FROM {_ROWS} ORDER BY ALL").fetchall()]


def _parquet(connection: Any, table: Table, values: Values, path: str) -> bytes:
    columns = ", ".join(quoted(name) for name, _ in table.columns)
    own = " AND ".join(
        f"CAST({quoted(name)} AS VARCHAR) IS NOT DISTINCT FROM {'NULL' if value is None else literal(value)}"
        for (name, _), value in zip(table.keys, values, strict=True)) or "true"
    codec = _CODECS.get(table.parameter("parquet.compression", "GZIP").upper(), "gzip")
    connection.execute(
        f"COPY (SELECT {columns} FROM {_ROWS} WHERE {own}) TO {literal(path)} (FORMAT parquet, COMPRESSION {codec})")
    with open(path, "rb") as file:
        return file.read()


def _write(place: str, body: bytes) -> None:
    from ministack.services import s3

    bucket, prefix = split(place)
    key = f"{prefix}{datetime.now(timezone.utc):%Y%m%d_%H%M%S}_00000_{secrets.token_hex(3)}_{uuid.uuid4()}"
    headers = {"content-type": "application/octet-stream", "content-length": str(len(body))}
    if s3._put_object(bucket, key, body, headers)[0] >= 300:
        raise QueryFailure(f"HIVE_WRITER_OPEN_ERROR: Error creating an object in the bucket {bucket}")
