"""How Athena names types and prints values."""

from __future__ import annotations

import datetime
import decimal
import math
from typing import Any

_NAMES = {
    "BIGINT": "bigint", "BIT": "varchar", "BLOB": "varbinary", "BOOLEAN": "boolean", "DATE": "date",
    "DECIMAL": "decimal", "DOUBLE": "double", "FLOAT": "float", "HUGEINT": "bigint", "INTEGER": "integer",
    "INTERVAL": "interval day to second", "JSON": "json", "MAP": "map", "SMALLINT": "smallint",
    "STRUCT": "row", "TIME": "time", "TIMESTAMP": "timestamp", "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "TIMESTAMP_MS": "timestamp", "TIMESTAMP_NS": "timestamp", "TIMESTAMP_S": "timestamp", "TINYINT": "tinyint",
    "UBIGINT": "bigint", "UINTEGER": "bigint", "USMALLINT": "integer", "UTINYINT": "smallint", "UUID": "uuid",
    "VARCHAR": "varchar", '"NULL"': "unknown",
}


def type_name(duckdb: str) -> str:
    """Athena's name of a DuckDB type."""
    if duckdb.endswith("]"):
        return "array"
    return _NAMES.get(duckdb.upper().split("(")[0].strip(), "varchar")


def text(value: Any) -> str | None:
    """A value of a result as Athena's text; None stays None."""
    return None if value is None else _text(value)


def _text(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return java_double(value)
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        moment = value.replace(tzinfo=None).isoformat(sep=" ", timespec="milliseconds")
        return moment if value.tzinfo is None else f"{moment} UTC"
    if isinstance(value, datetime.timedelta):
        return _interval(value)
    if isinstance(value, (bytes, bytearray)):
        return " ".join(f"{byte:02x}" for byte in value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_text(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)}={_text(item)}" for key, item in value.items()) + "}"
    return str(value)


def java_double(value: float) -> str:
    """A double as Java prints it: plain between 0.001 and ten million, else with an exponent."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        plain = format(decimal.Decimal(repr(value)), "f")
        return plain if "." in plain else plain + ".0"
    sign, digits, exponent = decimal.Decimal(repr(value)).normalize().as_tuple()
    fraction = "".join(str(digit) for digit in digits[1:]) or "0"
    return f"{'-' if sign else ''}{digits[0]}.{fraction}E{int(exponent) + len(digits) - 1}"


def _interval(value: datetime.timedelta) -> str:
    sign = "-" if value < datetime.timedelta(0) else ""
    value = abs(value)
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{sign}{value.days} {hours:02d}:{minutes:02d}:{seconds:02d}.{value.microseconds // 1000:03d}"
