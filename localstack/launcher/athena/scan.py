"""What a statement reads: partitions that its conditions leave, and the columns it names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from launcher.athena import functions
from launcher.athena.catalog import DataFile, Table
from launcher.athena.dialect import Statement
from launcher.firehose.column_type import literal, parse, quoted


def pruned(connection: Any, statement: Statement, table: Table, files: list[DataFile]) -> list[DataFile]:
    """The files in partitions that the statement's conditions do not exclude."""
    conditions = _partition_conditions(statement, table)
    if not files or conditions is None:
        return files
    partitions = sorted({file.partition for file in files}, key=repr)
    columns = ", ".join(
        f"CAST(c{place} AS {parse(kind).duckdb}) AS {quoted(name)}" for place, (name, kind) in enumerate(table.keys))
    rows = ", ".join(
        "(" + ", ".join([str(number)] + ["NULL" if value is None else literal(value) for value in values]) + ")"
        for number, values in enumerate(partitions))
    names = ", ".join(["number"] + [f"c{place}" for place in range(len(table.keys))])
    kept = connection.execute(
        f"SELECT number FROM (SELECT number, {columns} FROM (VALUES {rows}) AS v({names})) "
        f"AS {quoted(table.name.table)} WHERE {conditions}").fetchall()
    wanted = {partitions[number] for (number,) in kept}
    return [file for file in files if file.partition in wanted]


def _partition_conditions(statement: Statement, table: Table) -> str | None:
    """The part of the WHERE clause that speaks of partition keys alone, in DuckDB's words.

    Only for a table that the statement reads once and in a plain FROM: anything else reads all.
    """
    uses = [
        node for node in statement.tree.find_all(exp.Table)
        if (node.db, node.name) == (table.name.database, table.name.table)]
    if len(uses) != 1 or not table.keys:
        return None
    select = uses[0].find_ancestor(exp.Select)
    where = select.args.get("where") if select else None
    if where is None or select.args.get("joins"):
        return None
    keys = {name for name, _ in table.keys}
    parts = list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]
    usable = [
        part for part in parts
        if part.find(exp.Column) and not part.find(exp.Query)
        and all(column.name.lower() in keys for column in part.find_all(exp.Column))]
    if not usable:
        return None
    plain = [_unqualified(part).transform(functions.rewrite).sql(dialect="duckdb") for part in usable]
    return " AND ".join(f"({part})" for part in plain)


def _unqualified(part: exp.Expression) -> exp.Expression:
    part = part.copy()
    for column in part.find_all(exp.Column):
        column.set("table", None)
    return part


def wants_path(statement: Statement) -> bool:
    """Whether the hidden column "$path" is named."""
    return any(column.name == "$path" for column in statement.tree.find_all(exp.Column))


def bytes_read(connection: Any, statement: Statement, table: Table, paths: Sequence[str]) -> int:
    """The compressed size of the columns that are named, in the files that are read."""
    import duckdb

    if not paths:
        return 0
    wanted = _named_columns(statement, table)
    files = "[" + ", ".join(literal(path) for path in paths) + "]"
    try:
        sizes = connection.execute(
            "SELECT split_part(path_in_schema, ', ', 1), sum(total_compressed_size) "
            f"FROM parquet_metadata({files}) GROUP BY 1").fetchall()
    except duckdb.Error:
        # Not Parquet: such files are read whole.
        import os

        return sum(os.path.getsize(path) for path in paths)
    return int(sum(size for name, size in sizes if name.lower() in wanted))


def _named_columns(statement: Statement, table: Table) -> set[str]:
    columns = {name for name, _ in table.columns}
    stars = [star for star in statement.tree.find_all(exp.Star) if not isinstance(star.parent, exp.Count)]
    if stars:
        return columns
    return columns & {column.name.lower() for column in statement.tree.find_all(exp.Column)}
