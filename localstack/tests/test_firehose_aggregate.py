"""Records that the Kinesis Producer Library packed: what the transform function gets of them."""

from __future__ import annotations

import base64
import hashlib
import unittest
from collections.abc import Sequence

from launcher.firehose.aggregate import unpack

from .cloud import Cloud, Delivery

MAGIC = b"\xf3\x89\x9a\xc2"


def field(number: int, value: bytes) -> bytes:
    """A field of a protocol buffer whose value has a length below 2 MiB."""
    length, size = len(value), b""
    while length >= 0x80:
        size += bytes([length & 0x7F | 0x80])
        length >>= 7
    return bytes([number << 3 | 2]) + size + bytes([length]) + value


def index(number: int, value: int) -> bytes:
    """A field with a number below 128."""
    return bytes([number << 3, value])


def sealed(message: bytes) -> bytes:
    """A message between the magic number and its checksum."""
    return MAGIC + message + hashlib.md5(message).digest()


def packed(keys: Sequence[str], records: Sequence[tuple[int, bytes]]) -> bytes:
    """Records, each with the place of its key, as the library writes them."""
    table = b"".join(field(1, key.encode()) for key in keys)
    return sealed(table + b"".join(field(3, index(1, key) + field(3, data)) for key, data in records))


class Unpacking(unittest.TestCase):
    def test_records_come_out_in_their_order_with_their_keys(self) -> None:
        records = [(0, b"one"), (1, b""), (0, b"x" * 30_000)]
        self.assertEqual(
            unpack(packed(["a", "clé"], records)), [("a", b"one"), ("clé", b""), ("a", b"x" * 30_000)])

    def test_fields_that_are_not_known_are_passed_over(self) -> None:
        record = index(1, 0) + index(2, 5) + field(3, b"one") + field(4, field(1, b"tag"))
        later = field(2, b"hash") + index(9, 1) + b"\x69" + bytes(8) + b"\x6d" + bytes(4)
        self.assertEqual(unpack(sealed(field(1, b"a") + later + field(3, record))), [("a", b"one")])

    def test_what_only_looks_like_one_is_left_as_it_is(self) -> None:
        good = packed(["a"], [(0, b"one"), (0, b"two")])
        for what in (
            b"", b"{}", MAGIC, MAGIC + b"x" * 40, good[:-1], good + b"x", b"x" + good,
            good[:10] + bytes([good[10] ^ 1]) + good[11:],
            packed(["a"], [(1, b"no such key")]), packed(["a"], []), sealed(b""),
            sealed(field(1, b"a") + field(3, index(1, 0))), sealed(field(1, b"\xff") + field(3, b"")),
            sealed(b"\x0b"), sealed(b"\x0a\x7f"), sealed(b"\x08" + b"\xff" * 11),
        ):
            self.assertIsNone(unpack(what), what)


class Delivering(unittest.TestCase):
    def setUp(self) -> None:
        self.cloud = Cloud(time_scale=0.002)
        self.addCleanup(self.cloud.discard)

    def test_the_transform_gets_each_record_with_its_place(self) -> None:
        delivery = Delivery(self.cloud, mode="", source=True)
        damaged = packed(["a"], [(0, b"lost")])[:-1]
        delivery.put([packed(["a", "b"], [(0, b"one"), (1, b"two")]), b"alone", damaged])
        delivery.settled(4)
        entries = [entry for request in self.cloud.requests(delivery.name) for entry in request["records"]]
        self.assertEqual(
            [base64.b64decode(entry["data"]) for entry in entries], [b"one", b"two", b"alone", damaged])
        self.assertEqual(len({entry["recordId"] for entry in entries}), 4)
        places = [entry["kinesisRecordMetadata"] for entry in entries]
        self.assertEqual([place["subsequenceNumber"] for place in places], [0, 1, 0, 0])
        self.assertEqual([place["partitionKey"] for place in places], ["a", "b", "key-1", "key-2"])
        self.assertEqual(places[0]["sequenceNumber"], places[1]["sequenceNumber"])
        self.assertEqual(b"".join(delivery.objects().values()), b"onetwoalone" + damaged)

    def test_what_is_put_directly_is_not_taken_apart(self) -> None:
        delivery = Delivery(self.cloud, mode="")
        whole = packed(["a"], [(0, b"one"), (0, b"two")])
        delivery.put([whole])
        delivery.settled(1)
        self.assertEqual(list(delivery.objects().values()), [whole])
