"""Sequence numbers of a stream are such as Kinesis gives."""

from __future__ import annotations

import re
import unittest

from .cloud import Cloud
from .mapping import put, stream

# The pattern of the API reference, and the length of today's numbers.
PLAIN = re.compile(r"[1-9][0-9]{55}")


class Numbers(unittest.TestCase):
    def test_they_are_plain_numbers_in_order_and_are_found_again(self) -> None:
        cloud = Cloud()
        self.addCleanup(cloud.discard)
        kinesis = cloud.client("kinesis")
        name, _ = stream(cloud)
        put(cloud, name, [{"n": number} for number in range(20)])
        shard = kinesis.list_shards(StreamName=name)["Shards"][0]

        def read(kind: str, **start: str) -> list[str]:
            iterator = kinesis.get_shard_iterator(
                StreamName=name, ShardId=shard["ShardId"], ShardIteratorType=kind, **start)["ShardIterator"]
            return [record["SequenceNumber"] for record in kinesis.get_records(ShardIterator=iterator)["Records"]]

        numbers = read("TRIM_HORIZON")
        first = shard["SequenceNumberRange"]["StartingSequenceNumber"]
        for number in [first, *numbers]:
            self.assertRegex(number, PLAIN)
        self.assertEqual(sorted({first, *numbers}, key=int), [first, *numbers])
        self.assertEqual(read("AT_SEQUENCE_NUMBER", StartingSequenceNumber=numbers[7]), numbers[7:])
        self.assertEqual(read("AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=numbers[7]), numbers[8:])
