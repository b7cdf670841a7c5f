"""One statement, from its text to Athena's rows."""

from __future__ import annotations

import asyncio
import contextvars
import re
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from typing import Any

from launcher.athena import catalog, dialect, functions, insert, listing, result, scan, value
from launcher.athena.failure import QueryFailure

# Set while a statement runs, read when its statistics are written.
_SCANNED: contextvars.ContextVar[int] = contextvars.ContextVar("headend_scanned_bytes", default=0)


def install() -> None:
    """Puts the replacements in."""
    from ministack.services import athena

    athena._run_duckdb = _run
    athena._execute_query = _around(athena._execute_query)
    athena._save_query_results = _save


def _around(execute: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """The emulator's execution, with the place of the result settled and true statistics."""

    async def replacement(query_id: str, *arguments: Any, **named: Any) -> None:
        from ministack.services import athena

        execution = athena._executions.get(query_id)
        result.settle_location(execution)
        _SCANNED.set(0)
        await execute(query_id, *arguments, **named)
        # The emulator puts the length of the printed rows here.
        execution["Statistics"]["DataScannedInBytes"] = _SCANNED.get()

    return replacement


async def _save(query_id: str) -> None:
    from ministack.services import athena

    result.save(athena._executions.get(query_id))


async def _run(sql: str, database: str, catalog_name: Any = None) -> dict[str, Any]:
    """Takes the place of the emulator's function of the same arguments."""
    answer, scanned = await asyncio.to_thread(_answer, sql, database or "default")
    _SCANNED.set(scanned)
    return answer


def _answer(sql: str, database: str) -> tuple[dict[str, Any], int]:
    listed = listing.answer(sql, database)
    if listed is not None:
        names, rows = listed
        return {"columns": names, "column_types": ["string"] * len(names), "rows": [list(row) for row in rows]}, 0
    insertion = insert.read(sql, database)
    statement = insertion.query if insertion else dialect.read(sql, database)
    root = tempfile.mkdtemp(prefix="headend-athena-")
    try:
        return _execute(statement, insertion, root)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _execute(statement: dialect.Statement, insertion: insert.Insertion | None,
             root: str) -> tuple[dict[str, Any], int]:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        # In Trino the quotient of two integers is an integer.
        connection.execute("SET integer_division = true")
        for macro in functions.MACROS:
            connection.execute(f"CREATE MACRO {macro}")
        scanned = 0
        for name in sorted(statement.tables, key=str):
            table = catalog.Table(name)
            files = scan.pruned(connection, statement, table, table.files())
            copied = catalog.copy(table, files, root)
            catalog.create_view(connection, table, copied, scan.wants_path(statement))
            scanned += scan.bytes_read(connection, statement, table, list(copied))
        if insertion:
            insert.run(connection, insertion, root)
            return {"columns": ["rows"], "column_types": ["bigint"], "rows": []}, scanned
        return _rows(connection, statement), scanned


def _rows(connection: Any, statement: dialect.Statement) -> dict[str, Any]:
    import duckdb

    try:
        run = connection.execute(statement.duckdb)
        rows = run.fetchall()
    except duckdb.Error as error:
        raise _failure(error) from error
    described = run.description or []
    names = statement.column_names or [column[0] for column in described]
    return {
        "columns": names,
        "column_types": [value.type_name(str(column[1])) for column in described],
        "rows": [[value.text(item) for item in row] for row in rows],
    }


def _failure(error: Exception) -> QueryFailure:
    """DuckDB's complaint under the name that Athena gives to its kind."""
    text = str(error).splitlines()[0]
    if match := re.search(r'Referenced column "([^"]+)" not found', text):
        return QueryFailure(f"COLUMN_NOT_FOUND: line 1:1: Column '{match.group(1)}' cannot be resolved")
    if match := re.search(r"Function with name (\S+) does not exist", text):
        return QueryFailure(f"FUNCTION_NOT_FOUND: line 1:1: Function '{match.group(1)}' not registered")
    kind = {
        "Binder": "TYPE_MISMATCH", "Conversion": "INVALID_CAST_ARGUMENT", "Out of Range": "NUMERIC_VALUE_OUT_OF_RANGE",
        "Parser": "SYNTAX_ERROR",
    }.get(text.split(" Error:")[0], "GENERIC_USER_ERROR")
    return QueryFailure(f"{kind}: {text.split(' Error: ', 1)[-1]}")
