"""Records that the Kinesis Producer Library has packed into one, taken apart as Firehose does.

A magic number, a protocol buffer with a table of partition keys and the records, and the MD5 of that.
What only looks like it is left as it is, as consumers of AWS leave it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

_MAGIC = b"\xf3\x89\x9a\xc2"
_CHECKSUM_BYTES = 16

# Field numbers: of the message, and of a record in it.
_KEY_TABLE, _RECORDS = 1, 3
_KEY_INDEX, _DATA = 1, 3

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5


class _Malformed(Exception):
    """The bytes are no such message."""


def unpack(data: bytes) -> list[tuple[str, bytes]] | None:
    """Partition key and data of each record in it, in their order; None for one that is not packed."""
    message, checksum = data[len(_MAGIC):-_CHECKSUM_BYTES], data[-_CHECKSUM_BYTES:]
    if not data.startswith(_MAGIC) or hashlib.md5(message).digest() != checksum:
        return None
    keys: list[str] = []
    records: list[bytes] = []
    try:
        for number, value in _fields(message):
            if number == _KEY_TABLE and isinstance(value, bytes):
                keys.append(value.decode())
            elif number == _RECORDS and isinstance(value, bytes):
                records.append(value)
        return [_record(record, keys) for record in records] or None
    except (_Malformed, UnicodeDecodeError):
        return None


def _record(message: bytes, keys: list[str]) -> tuple[str, bytes]:
    fields = dict(_fields(message))
    index, data = fields.get(_KEY_INDEX), fields.get(_DATA)
    if not isinstance(index, int) or not isinstance(data, bytes) or index >= len(keys):
        raise _Malformed
    return keys[index], data


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message: numbers and lengths of bytes; fixed widths are given as bytes."""
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        kind = tag & 7
        if kind == _VARINT:
            value, place = _varint(message, place)
            yield tag >> 3, value
            continue
        if kind == _LENGTH:
            length, place = _varint(message, place)
        elif kind in (_FIXED64, _FIXED32):
            length = 8 if kind == _FIXED64 else 4
        else:
            raise _Malformed
        if place + length > len(message):
            raise _Malformed
        yield tag >> 3, message[place:place + length]
        place += length


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 64, 7):
        if place >= len(message):
            break
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise _Malformed
