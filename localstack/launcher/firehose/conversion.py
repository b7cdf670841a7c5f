"""Record format conversion: JSON documents into one Parquet file with the Glue table's columns."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from launcher.firehose.column_type import ColumnType, Mismatch, literal, parse, quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_EMPTY = ("DataFormatConversion.MalformedData", "The record was empty or contained only whitespace.")
_PRIMITIVE = (
    "DataFormatConversion.MalformedData",
    "The input JSON contained a primitive at the top level. The top level must be an object or array.")
_MALFORMED = ("DataFormatConversion.ParseError", "Encountered malformed JSON.")
_MISMATCH = ("DataFormatConversion.MalformedData", "Data does not match the schema.")
_NO_TABLE = (
    "DataFormatConversion.EntityNotFound",
    "The specified table/database could not be found. Please ensure that the table/database exists and that the "
    "values provided in the schema configuration are correct, especially with regards to casing.")
_UNSUPPORTED = ("DataFormatConversion.UnsupportedSchema", "The schema has a column type that cannot be converted.")

_LOCAL = threading.local()

_CODECS = {"GZIP": "gzip", "SNAPPY": "snappy", "UNCOMPRESSED": "uncompressed"}


class ConversionFailure(Exception):
    """A record cannot be converted; carries the code and message of AWS."""

    def __init__(self, error: tuple[str, str], detail: str = "") -> None:
        super().__init__(f"{error[1]} {detail}".strip())
        self.code = error[0]


@dataclass(frozen=True)
class Converter:
    """The conversion of one delivery stream, with the columns that its table has now."""

    columns: Sequence[tuple[str, ColumnType]]
    codec: str
    case_insensitive: bool
    dots_to_underscores: bool
    mappings: dict[str, str]

    def rows(self, data: bytes) -> list[bytes]:
        """The rows of one record: a JSON object, or several with or without space between."""
        return [self._row(document) for document in _documents(data)]

    def _row(self, document: dict[str, Any]) -> bytes:
        found = {self._source(name): value for name, value in document.items()}
        row: dict[str, Any] = {}
        for name, kind in self.columns:
            key = self.mappings.get(name, name)
            value = found.get(key.lower() if self.case_insensitive else key)
            if value is not None:
                try:
                    row[name] = kind.convert(value)
                except Mismatch as error:
                    raise ConversionFailure(_MISMATCH, str(error)) from error
        # A lone surrogate has no UTF-8 form; it becomes a question mark, as in Java.
        return json.dumps(row, ensure_ascii=False).encode("utf-8", "replace")

    def _source(self, name: str) -> str:
        if self.dots_to_underscores:
            name = name.replace(".", "_")
        return name.lower() if self.case_insensitive else name

    def parquet(self, rows: Sequence[bytes]) -> bytes:
        """One Parquet file with all rows; every column is optional."""
        from duckdb import Error

        types = ", ".join(f"{literal(name)}: {literal(kind.duckdb)}" for name, kind in self.columns)
        names = ", ".join(quoted(name) for name, _ in self.columns)
        with tempfile.TemporaryDirectory(prefix="headend-parquet-") as folder:
            source, target = os.path.join(folder, "rows.json"), os.path.join(folder, "rows.parquet")
            with open(source, "wb") as file:
                file.write(b"\n".join(rows))
            try:
                _connection().execute(
                    f"COPY (SELECT {names} FROM read_json({literal(source)}, format = 'newline_delimited', "
                    f"columns = {{{types}}}, maximum_object_size = 67108864)) "
                    f"TO {literal(target)} (FORMAT PARQUET, COMPRESSION {self.codec})")
            except Error as error:
                raise ConversionFailure(_MISMATCH) from error
            with open(target, "rb") as file:
                return file.read()


def converter(conversion: dict[str, Any]) -> Converter:
    """The converter for a DataFormatConversionConfiguration; fails when the table cannot be used."""
    from ministack.services import glue

    serializer = (conversion.get("OutputFormatConfiguration") or {}).get("Serializer") or {}
    schema = conversion.get("SchemaConfiguration") or {}
    table = glue._tables.get(f"{schema.get('DatabaseName', '')}/{schema.get('TableName', '')}") or {}
    columns = (table.get("StorageDescriptor") or {}).get("Columns") or []
    if not columns:
        raise ConversionFailure(_NO_TABLE)
    if "ParquetSerDe" not in serializer:
        raise ConversionFailure(_UNSUPPORTED)
    try:
        parsed = [(column["Name"].lower(), parse(column.get("Type", "string"))) for column in columns]
    except ValueError as error:
        raise ConversionFailure(_UNSUPPORTED, str(error)) from error
    deserializer = (conversion.get("InputFormatConfiguration") or {}).get("Deserializer") or {}
    open_x = deserializer.get("OpenXJsonSerDe") or {}
    compression = (serializer["ParquetSerDe"] or {}).get("Compression") or "SNAPPY"
    return Converter(
        columns=parsed,
        codec=_CODECS.get(compression, "snappy"),
        case_insensitive=str(open_x.get("CaseInsensitive", True)).lower() == "true",
        dots_to_underscores=str(open_x.get("ConvertDotsInJsonKeysToUnderscores", False)).lower() == "true",
        mappings=dict(open_x.get("ColumnToJsonKeyMappings") or {}),
    )


def catalog_table(conversion: dict[str, Any], account: str, region: str) -> dict[str, Any]:
    """The `dataCatalogTable` of an error document."""
    schema = conversion.get("SchemaConfiguration") or {}
    return {
        "catalogId": schema.get("CatalogId") or account,
        "databaseName": schema.get("DatabaseName"),
        "tableName": schema.get("TableName"),
        "region": schema.get("Region") or region,
        "versionId": schema.get("VersionId") or "LATEST",
    }


def _connection() -> DuckDBPyConnection:
    """The DuckDB of this thread, made once, because opening one takes longer than a small file."""
    import duckdb

    if not hasattr(_LOCAL, "connection"):
        # One thread keeps the order of the records, which is the order of the shard.
        _LOCAL.connection = duckdb.connect(config={"threads": 1})
    connection: DuckDBPyConnection = _LOCAL.connection
    return connection


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def _documents(data: bytes) -> list[dict[str, Any]]:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConversionFailure(_MALFORMED) from error
    documents: list[dict[str, Any]] = []
    position = _skip_space(text, 0)
    if position == len(text):
        raise ConversionFailure(_EMPTY)
    while position < len(text):
        try:
            document, position = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            raise ConversionFailure(_MALFORMED) from error
        if isinstance(document, list):
            raise ConversionFailure(_MISMATCH)
        if not isinstance(document, dict):
            raise ConversionFailure(_PRIMITIVE)
        documents.append(document)
        position = _skip_space(text, position)
    return documents


def _skip_space(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position
