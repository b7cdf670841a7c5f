"""One delivery stream at work: two buffers in a row, and a thread that empties them.

    put -> processor buffer -> transform call -> one buffer per partition -> outbox -> S3

Every record is in exactly one of these places at any time, and moves under the lock.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

from launcher.firehose import error_document, partitioning, transform
from launcher.firehose.counts import Counts
from launcher.firehose.delivery import Delivery, Partition, S3Object, write
from launcher.firehose.destination import Destination
from launcher.firehose.record import Record
from launcher.firehose.transform import Transformed

LOGGER = logging.getLogger("headend.firehose")

# The default quota of AWS.
ACTIVE_PARTITIONS = 500

# AWS retries a refused write for as long as the data is kept; so do we, until the stop.
_WRITE_RETRY_SECONDS = 0.5

PartitionId = tuple[tuple[str, str], ...]


class Pipeline:
    """The buffers of one delivery stream."""

    def __init__(self, stream: dict[str, Any], account: str, region: str, time_scale: float) -> None:
        self.stream = stream
        self._account = account
        self._region = region
        self._time_scale = time_scale
        self._condition = threading.Condition()
        self._waiting: deque[Record] = deque()
        self._waiting_bytes = 0
        self._waiting_since = 0.0
        self._partitions: dict[PartitionId, Partition] = {}
        self._outbox: deque[S3Object] = deque()
        self._write_after = 0.0
        self._counts = Counts()
        self._flushing = False
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=f"headend-firehose-{stream['name']}", daemon=True)
        self._thread.start()

    def put(self, records: Sequence[Record]) -> None:
        """Takes records in and returns at once."""
        with self._condition:
            if not self._waiting:
                self._waiting_since = time.monotonic()
            self._waiting.extend(records)
            self._waiting_bytes += sum(len(record.data) for record in records)
            self._counts.arrived(len(records))
            self._condition.notify_all()

    def counts(self) -> dict[str, int]:
        """The numbers of this moment."""
        with self._condition:
            return self._counts.as_json()

    def drain(self, deadline: float) -> int:
        """Ends all buffering until nothing is in flight; returns what is left at the deadline."""
        with self._condition:
            self._flushing = True
            self._condition.notify_all()
            while self._counts.in_flight and not self._closed and time.monotonic() < deadline:
                self._condition.wait(min(1.0, max(0.01, deadline - time.monotonic())))
            self._flushing = False
            return 0 if self._closed else self._counts.in_flight

    def close(self) -> None:
        """Ends the thread; what is still buffered goes, as when AWS deletes a delivery stream."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()

    def exists(self) -> bool:
        """Whether the delivery stream has not been deleted; asked within its account and region."""
        from ministack.services import firehose

        return firehose._streams.get(self.stream["name"]) is self.stream

    def _run(self) -> None:
        from ministack.core.responses import request_scope

        with request_scope(self._account, self._region):
            while not self._closed:
                try:
                    if self.exists():
                        self._step()
                    else:
                        self.close()
                except Exception:
                    LOGGER.exception("delivery of %s failed; it goes on in a moment", self.stream["name"])
                    time.sleep(_WRITE_RETRY_SECONDS)

    def _step(self) -> None:
        """Does what is due, or waits until something is."""
        destination = self._destination()
        batch = self._take_batch(destination)
        if batch:
            try:
                self._transform(destination, batch)
            except Exception:
                self._take_back(batch)
                raise
        for partition_id in self._due_partitions(destination):
            self._deliver(destination, partition_id)
        self._write_outbox()
        with self._condition:
            pause = self._pause(destination)
            if pause > 0 and not self._closed:
                self._condition.wait(pause)

    def _destination(self) -> Destination:
        # Read anew at each step: an update may have replaced it.
        for destination in self.stream["destinations"]:
            if destination["type"] in ("ExtendedS3", "S3"):
                return Destination(destination["config"])
        raise LookupError(f"delivery stream {self.stream['name']} has no S3 destination")

    def _take_batch(self, destination: Destination) -> list[Record]:
        with self._condition:
            if self._batch_due_in(destination) > 0:
                return []
            processor = destination.processor
            if processor is None:
                batch = list(self._waiting)
            else:
                batch = transform.next_batch(self._waiting, processor.size_bytes)
            for record in batch:
                self._waiting.popleft()
                self._waiting_bytes -= len(record.data)
            self._waiting_since = time.monotonic()
            return batch

    def _take_back(self, batch: list[Record]) -> None:
        with self._condition:
            self._waiting.extendleft(reversed(batch))
            self._waiting_bytes += sum(len(record.data) for record in batch)

    def _batch_due_in(self, destination: Destination) -> float:
        """Seconds until the processor buffer is to be emptied; infinite when it is empty."""
        if not self._waiting:
            return float("inf")
        processor = destination.processor
        if processor is None or self._flushing or self._waiting_bytes >= processor.size_bytes:
            return 0.0
        age = time.monotonic() - self._waiting_since
        return processor.interval_seconds * self._time_scale - age

    def _transform(self, destination: Destination, batch: list[Record]) -> None:
        processor = destination.processor
        delivery = self._delivery(destination)
        if processor is None:
            outcome = transform.Outcome([Transformed(record, record.data, {}) for record in batch])
        else:
            outcome = transform.run(processor, self.stream["arn"], self._source_arn(), self._region, batch)
        placed, unplaced = partitioning.place(destination, outcome.transformed)
        failed = delivery.failures(error_document.PROCESSING_FAILED, outcome.failures + unplaced)
        with self._condition:
            self._counts.batches += 1 if processor else 0
            self._counts.drop(outcome.dropped)
            self._outbox.extend(failed)
            overflow = [
                partitioning.over_limit(item, ACTIVE_PARTITIONS)
                for keys, item in placed if not self._buffer(keys, item)
            ]
            self._outbox.extend(delivery.failures(error_document.PARTITION_LIMIT, overflow))
            self._condition.notify_all()

    def _buffer(self, keys: dict[str, str], item: Transformed) -> bool:
        """Puts a record into its partition; false when it would open one too many."""
        partition_id = tuple(sorted(keys.items()))
        partition = self._partitions.get(partition_id)
        if partition is None:
            if keys and len(self._partitions) >= ACTIVE_PARTITIONS:
                return False
            partition = self._partitions[partition_id] = Partition(keys, time.monotonic())
        partition.add(item)
        return True

    def _due_partitions(self, destination: Destination) -> list[PartitionId]:
        with self._condition:
            return [
                partition_id for partition_id, partition in self._partitions.items()
                if self._partition_due_in(destination, partition) <= 0
            ]

    def _partition_due_in(self, destination: Destination, partition: Partition) -> float:
        if partition.size >= destination.size_bytes or (self._flushing and not self._waiting):
            return 0.0
        return destination.interval_seconds * self._time_scale - (time.monotonic() - partition.opened)

    def _deliver(self, destination: Destination, partition_id: PartitionId) -> None:
        # Only this thread adds to partitions, so what is read here stays as it is.
        objects = self._delivery(destination).partition(self._partitions[partition_id])
        with self._condition:
            del self._partitions[partition_id]
            self._outbox.extend(objects)

    def _write_outbox(self) -> None:
        if time.monotonic() < self._write_after:
            return
        while self._outbox and not self._closed:
            item = self._outbox[0]
            if not write(item):
                self._write_after = time.monotonic() + _WRITE_RETRY_SECONDS
                return
            with self._condition:
                self._outbox.popleft()
                self._counts.written(item.records, item.failed)
                self._condition.notify_all()

    def _pause(self, destination: Destination) -> float:
        pause = self._batch_due_in(destination)
        for partition in self._partitions.values():
            pause = min(pause, self._partition_due_in(destination, partition))
        if self._outbox:
            pause = min(pause, self._write_after - time.monotonic())
        return min(pause, 5.0)

    def _delivery(self, destination: Destination) -> Delivery:
        return Delivery(
            self.stream["name"], int(self.stream.get("version", 1)), self._account, self._region, destination)

    def _source_arn(self) -> str | None:
        return (self.stream.get("kinesis_source") or {}).get("KinesisStreamARN") or None
