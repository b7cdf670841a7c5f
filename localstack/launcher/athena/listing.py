"""SHOW, DESCRIBE and what is said about partitions, answered from the Glue catalogue."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from typing import Any

from launcher.athena import partition
from launcher.athena.catalog import Table
from launcher.athena.dialect import TableName
from launcher.athena.failure import QueryFailure

_NAME = r"[`\"]?([\w$-]+)[`\"]?"
_QUALIFIED = rf"(?:{_NAME}\s*\.\s*)?{_NAME}"
_LIKE = r"(?:\s+(?:LIKE\s+)?'([^']*)')?"
_SHOW_DATABASES = re.compile(rf"SHOW\s+(?:DATABASES|SCHEMAS){_LIKE}", re.IGNORECASE)
_SHOW_TABLES = re.compile(rf"SHOW\s+TABLES(?:\s+(?:IN|FROM)\s+{_NAME})?{_LIKE}", re.IGNORECASE)
_SHOW_COLUMNS = re.compile(
    rf"SHOW\s+COLUMNS\s+(?:IN|FROM)\s+{_QUALIFIED}(?:\s+(?:IN|FROM)\s+{_NAME})?", re.IGNORECASE)
_DESCRIBE = re.compile(rf"DESC(?:RIBE)?\s+(?:FORMATTED\s+|EXTENDED\s+)?{_QUALIFIED}", re.IGNORECASE)

Rows = Sequence[Sequence[str]]
Listing = tuple[list[str], Rows]


def answer(sql: str, database: str) -> Listing | None:
    """Column names and rows, or None when the statement is of another kind."""
    text = sql.strip().rstrip(";").strip()
    if match := _SHOW_DATABASES.fullmatch(text):
        return ["database_name"], _matching(_databases(), match.group(1))
    if match := _SHOW_TABLES.fullmatch(text):
        return ["tab_name"], _matching(_tables(match.group(1) or database), match.group(2))
    if match := _SHOW_COLUMNS.fullmatch(text):
        table = Table(_name(match.group(1) or match.group(3), match.group(2), database))
        return ["field"], [[name] for name, _ in table.columns + table.keys]
    lines = partition.answer(text, database)
    if lines is not None:
        return ["partition"], [[line] for line in lines]
    if match := _DESCRIBE.fullmatch(text):
        return _description(Table(_name(match.group(1), match.group(2), database)))
    if re.match(r"(SHOW|DESCRIBE|DESC)\b", text, re.IGNORECASE):
        raise QueryFailure(f"NOT_SUPPORTED: the local cloud does not run {' '.join(text.split()[:2]).upper()}")
    return None


def _description(table: Table) -> Listing:
    rows = [[name, kind, _comment(table.data, name)] for name, kind in table.columns + table.keys]
    if table.keys:
        rows += [["", "", ""], ["# Partition Information", "", ""], ["# col_name", "data_type", "comment"]]
        rows += [[name, kind, ""] for name, kind in table.keys]
    return ["col_name", "data_type", "comment"], rows


def _comment(data: dict[str, Any], name: str) -> str:
    columns = ((data.get("StorageDescriptor") or {}).get("Columns") or []) + (data.get("PartitionKeys") or [])
    return next((str(column.get("Comment") or "") for column in columns if column["Name"].lower() == name), "")


def _name(database: str | None, table: str, default: str) -> TableName:
    return TableName((database or default).lower(), table.lower())


def _databases() -> list[str]:
    from ministack.services import glue

    return sorted(glue._databases)


def _tables(database: str) -> list[str]:
    from ministack.services import glue

    if database.lower() not in glue._databases:
        raise QueryFailure(f"SCHEMA_NOT_FOUND: Schema {database} does not exist")
    return sorted(key.split("/", 1)[1] for key in glue._tables if key.split("/", 1)[0] == database.lower())


def _matching(names: list[str], pattern: str | None) -> list[list[str]]:
    # Hive's pattern: a star for any text, a bar between alternatives.
    wanted = (pattern or "*").lower().split("|")
    return [[name] for name in names if any(fnmatch.fnmatchcase(name.lower(), part) for part in wanted)]
