"""Column types of the Glue catalogue: how a JSON value becomes one, and its name in DuckDB."""

from __future__ import annotations

import datetime
import decimal
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Json = Any


class Mismatch(ValueError):
    """A value does not fit its column."""


@dataclass(frozen=True)
class ColumnType:
    """A type: its DuckDB name and the function that turns a JSON value into what DuckDB reads."""

    duckdb: str
    convert: Callable[[Json], Json]


def parse(hive: str) -> ColumnType:
    """Reads a Hive type name such as `array<struct<a:int,b:decimal(10,2)>>`."""
    text = hive.strip()
    name, inner = _split_name(text)
    if name == "array":
        return _array(parse(inner))
    if name == "map":
        key, value = _arguments(inner)
        return _map(parse(key), parse(value))
    if name == "struct":
        return _struct([_field(part) for part in _arguments(inner)])
    if name == "decimal":
        precision, scale = ([int(part) for part in inner.split(",")] + [0])[:2] if inner else (10, 0)
        return ColumnType(f"DECIMAL({precision},{scale})", _decimal(precision, scale))
    if name in _SCALARS:
        return _SCALARS[name]
    raise ValueError(f"column type {hive} is not supported")


def _split_name(text: str) -> tuple[str, str]:
    match = re.fullmatch(r"\s*(\w+)\s*(?:[<(](.*)[>)])?\s*", text, re.DOTALL)
    if match is None:
        raise ValueError(f"column type {text} is not supported")
    return match.group(1).lower(), match.group(2) or ""


def _arguments(inner: str) -> list[str]:
    """Splits at the commas that stand outside brackets."""
    parts, depth, start = [], 0, 0
    for position, character in enumerate(inner):
        if character in "<(":
            depth += 1
        elif character in ">)":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(inner[start:position])
            start = position + 1
    return parts + [inner[start:]]


def _field(text: str) -> tuple[str, ColumnType]:
    name, _, kind = text.partition(":")
    return name.strip().lower(), parse(kind)


def _optional(kind: ColumnType, value: Json) -> Json:
    return None if value is None else kind.convert(value)


def _array(element: ColumnType) -> ColumnType:
    def convert(value: Json) -> Json:
        if not isinstance(value, list):
            raise Mismatch("Data is not JSONArray")
        return [_optional(element, item) for item in value]

    return ColumnType(f"{element.duckdb}[]", convert)


def _map(key: ColumnType, element: ColumnType) -> ColumnType:
    def convert(value: Json) -> Json:
        if not isinstance(value, dict):
            raise Mismatch("Data is not JSONObject")
        return {str(key.convert(name)): _optional(element, item) for name, item in value.items()}

    return ColumnType(f"MAP({key.duckdb}, {element.duckdb})", convert)


def _struct(fields: list[tuple[str, ColumnType]]) -> ColumnType:
    def convert(value: Json) -> Json:
        if not isinstance(value, dict):
            raise Mismatch("Data is not JSONObject")
        found = {name.lower(): item for name, item in value.items()}
        return {name: _optional(kind, found.get(name)) for name, kind in fields}

    members = ", ".join(f"{quoted(name)} {kind.duckdb}" for name, kind in fields)
    return ColumnType(f"STRUCT({members})", convert)


def quoted(identifier: str) -> str:
    """An identifier between double quotes."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A string between single quotes."""
    return "'" + text.replace("'", "''") + "'"


def _string(value: Json) -> Json:
    # The SerDe keeps the text of whatever stands in the place of a string.
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _integer(bits: int) -> Callable[[Json], Json]:
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1

    def convert(value: Json) -> Json:
        if isinstance(value, bool) or not isinstance(value, (int, str)):
            raise Mismatch(f'For input string: "{_string(value)}"')
        try:
            number = int(value)
        except ValueError as error:
            raise Mismatch(f'For input string: "{value}"') from error
        if not low <= number <= high:
            raise Mismatch(f'For input string: "{value}"')
        return number

    return convert


def _double(value: Json) -> Json:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise Mismatch(f'For input string: "{_string(value)}"')
    try:
        return repr(float(value))
    except (ValueError, OverflowError) as error:
        raise Mismatch(f'For input string: "{str(value)[:100]}"') from error


def _boolean(value: Json) -> Json:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise Mismatch(f'For input string: "{_string(value)}"')


def _decimal(precision: int, scale: int) -> Callable[[Json], Json]:
    def convert(value: Json) -> Json:
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise Mismatch(f'For input string: "{_string(value)}"')
        try:
            number = decimal.Decimal(str(value))
            # Hive rounds half up.
            rounded = number.quantize(
                decimal.Decimal(1).scaleb(-scale), decimal.ROUND_HALF_UP, decimal.Context(prec=precision + 1))
        except decimal.InvalidOperation as error:
            raise Mismatch(f'For input string: "{str(value)[:100]}"') from error
        if not rounded.is_finite() or len(rounded.as_tuple().digits) > precision:
            raise Mismatch(f'For input string: "{str(value)[:100]}"')
        return str(rounded)

    return convert


# The formats that the OpenX SerDe of Firehose takes; an offset other than Z is refused, as on AWS.
_TIMESTAMP = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:T(\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?Z"
                        r"| (\d{1,2}):(\d{2}):(\d{2})(\.\d{1,9})?)")
_EPOCH_MILLIS_FROM = 100_000_000_000
_EPOCH = datetime.datetime(1970, 1, 1)


def _timestamp(value: Json) -> Json:
    try:
        if isinstance(value, str):
            return _timestamp_text(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            seconds: int | float = value / 1000 if abs(value) >= _EPOCH_MILLIS_FROM else value
            return str(_EPOCH + datetime.timedelta(seconds=seconds))
    except (ValueError, OverflowError) as error:
        raise Mismatch(f'For input string: "{value}"') from error
    raise Mismatch(f'For input string: "{_string(value)}"')


def _timestamp_text(value: str) -> str:
    match = _TIMESTAMP.fullmatch(value)
    if match is None:
        raise ValueError(value)
    parts = match.groups()
    clock = parts[3:7] if parts[3] is not None else parts[7:11]
    micros = int(((clock[3] or ".0")[1:] + "000000")[:6])
    moment = datetime.datetime(int(parts[0]), int(parts[1]), int(parts[2]),
                               int(clock[0] or 0), int(clock[1] or 0), int(clock[2] or 0), micros)
    return str(moment)


def _date(value: Json) -> Json:
    try:
        if isinstance(value, str):
            return str(datetime.date.fromisoformat(value))
    except ValueError as error:
        raise Mismatch(f'For input string: "{value}"') from error
    raise Mismatch(f'For input string: "{_string(value)}"')


_SCALARS: dict[str, ColumnType] = {
    "bigint": ColumnType("BIGINT", _integer(64)),
    "binary": ColumnType("BLOB", _string),
    "boolean": ColumnType("BOOLEAN", _boolean),
    "char": ColumnType("VARCHAR", _string),
    "date": ColumnType("DATE", _date),
    "double": ColumnType("DOUBLE", _double),
    "float": ColumnType("FLOAT", _double),
    "int": ColumnType("INTEGER", _integer(32)),
    "integer": ColumnType("INTEGER", _integer(32)),
    "smallint": ColumnType("SMALLINT", _integer(16)),
    "string": ColumnType("VARCHAR", _string),
    "timestamp": ColumnType("TIMESTAMP", _timestamp),
    "tinyint": ColumnType("TINYINT", _integer(8)),
    "varchar": ColumnType("VARCHAR", _string),
}
