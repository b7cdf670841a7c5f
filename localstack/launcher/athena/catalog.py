"""Tables of the Glue catalogue as views of a DuckDB session."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from launcher.athena.dialect import TableName
from launcher.athena.failure import QueryFailure
from launcher.firehose.column_type import literal, parse, quoted
from launcher.glue.location import folder, folder_values, objects
from launcher.glue.partition import Partitions

@dataclass(frozen=True)
class DataFile:
    """An object of a table, with the values of its partition in the order of the keys."""

    bucket: str
    key: str
    partition: tuple[str | None, ...]


class Table:
    """A table as the catalogue describes it at this moment."""

    def __init__(self, name: TableName) -> None:
        from ministack.services import glue

        data = glue._tables.get(f"{name.database}/{name.table}")
        if data is None:
            raise QueryFailure(
                f"TABLE_NOT_FOUND: line 1:1: Table 'awsdatacatalog.{name.database}.{name.table}' does not exist")
        self.name = name
        self.data: dict[str, Any] = data
        storage = data.get("StorageDescriptor") or {}
        self.columns = _columns(storage.get("Columns"))
        self.keys = _columns(data.get("PartitionKeys"))
        self._location = storage.get("Location") or ""
        self._parameters: Mapping[str, str] = data.get("Parameters") or {}

    def files(self) -> list[DataFile]:
        """The objects that Athena would read, listed now.

        Of a table with partitions these are the ones at the registered partitions' locations, wherever
        those are, unless the table says how to compute its partitions.
        """
        if not self.keys:
            return [DataFile(bucket, key, ()) for bucket, key in self._below_location()]
        if self._projected:
            return self._by_path()
        registered = Partitions(self.name.database, self.name.table).registered()
        return [
            DataFile(bucket, key, values)
            for values, found in zip(registered, objects(registered.values()), strict=True) for bucket, key in found]

    @property
    def is_parquet(self) -> bool:
        """Whether its objects are Parquet."""
        from ministack.services import athena

        return bool(athena._data_format(self.data) == "parquet")

    def parameter(self, name: str, default: str = "") -> str:
        """One of the table's parameters."""
        return str(self._parameters.get(name, default))

    @property
    def _projected(self) -> bool:
        return self.parameter("projection.enabled").lower() == "true"

    def _below_location(self) -> list[tuple[str, str]]:
        return next(objects([self._location]))

    def _by_path(self) -> list[DataFile]:
        """Objects below the location whose path has a folder `key=value` for every partition key,
        or the form of the table's location template."""
        template = self._parameters.get("storage.location.template")
        pattern = _template_pattern(template) if template and self._projected else None
        found = []
        for bucket, key in self._below_location():
            values = _template_values(pattern, f"s3://{bucket}/{key}") if pattern else folder_values(key)
            if all(name in values for name, _ in self.keys):
                found.append(DataFile(bucket, key, tuple(values[name] for name, _ in self.keys)))
        return found

    def local_path(self, root: str, number: int, file: DataFile) -> str:
        """Where a copy of a file stands, so that DuckDB finds the partition in its path."""
        folders = folder([name for name, _ in self.keys], file.partition)
        return os.path.join(root, self.name.database, self.name.table, folders, f"{number}{_extension(file.key)}")


def _columns(described: Any) -> list[tuple[str, str]]:
    return [(str(column["Name"]).lower(), str(column.get("Type") or "string")) for column in described or []]


def _template_pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\$\{([^}]+)\}", template.rstrip("/"))
    return re.compile("".join(
        re.escape(part) if place % 2 == 0 else f"(?P<{part}>[^/]*)" for place, part in enumerate(parts)) + "/")


def _template_values(pattern: re.Pattern[str], address: str) -> dict[str, str | None]:
    match = pattern.match(address)
    return {name.lower(): unquote(value) for name, value in match.groupdict().items()} if match else {}


def _extension(key: str) -> str:
    return os.path.splitext(key)[1]


def copy(table: Table, files: list[DataFile], root: str) -> dict[str, DataFile]:
    """Copies the objects out of S3; returns them by their local path."""
    from ministack.services import s3

    copied: dict[str, DataFile] = {}
    for number, file in enumerate(files):
        data = s3._get_object_data(file.bucket, file.key)
        if data:
            path = table.local_path(root, number, file)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as target:
                target.write(data)
            copied[path] = file
    return copied


def create_view(connection: Any, table: Table, copied: Mapping[str, DataFile], with_path: bool) -> None:
    """Makes the view "database"."table", with the columns and types of the catalogue."""
    name = f"{quoted(table.name.database)}.{quoted(table.name.table)}"
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(table.name.database)}")
    connection.execute(f"CREATE VIEW {name} AS {_select(connection, table, copied, with_path)}")


def _select(connection: Any, table: Table, copied: Mapping[str, DataFile], with_path: bool) -> str:
    typed = [(name, parse(kind).duckdb) for name, kind in table.columns + table.keys]
    hidden = ['CAST(NULL AS VARCHAR) AS "$path"'] if with_path else []
    if not copied:
        nulls = [f"CAST(NULL AS {kind}) AS {quoted(name)}" for name, kind in typed] + hidden
        return f"SELECT {', '.join(nulls)} WHERE false"
    relation = _relation(table, list(copied))
    present = {row[0].lower() for row in connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()}
    columns = [
        f"CAST({quoted(name) if name in present else 'NULL'} AS {kind}) AS {quoted(name)}" for name, kind in typed]
    if with_path:
        addresses = ", ".join(
            f"({literal(path)}, {literal(f's3://{file.bucket}/{file.key}')})" for path, file in copied.items())
        connection.execute("CREATE TABLE IF NOT EXISTS headend_addresses (file VARCHAR, address VARCHAR)")
        connection.execute(f"INSERT INTO headend_addresses VALUES {addresses}")
        columns.append('(SELECT address FROM headend_addresses WHERE file = filename) AS "$path"')
    return f"SELECT {', '.join(columns)} FROM {relation}"


def _relation(table: Table, paths: list[str]) -> str:
    from ministack.services import athena

    if not table.is_parquet:
        return str(athena._table_relation(table.data, paths))
    files = "[" + ", ".join(literal(path) for path in paths) + "]"
    # Partition values are text until the view casts them: 01 must not become 1.
    hive = "hive_partitioning = false"
    if table.keys:
        types = ", ".join(f"{literal(name)}: VARCHAR" for name, _ in table.keys)
        hive = f"hive_partitioning = true, hive_types = {{{types}}}"
    return f"read_parquet({files}, union_by_name = true, filename = true, {hive})"
