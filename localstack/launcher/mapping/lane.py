"""The thread that reads a shard, or a part of one, and calls the function."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from launcher.mapping import discard, settings, source
from launcher.mapping.batch import Attempt, Batch, Given
from launcher.mapping.settings import Settings
from launcher.mapping.source import Position, Record, Source

LOGGER = logging.getLogger("headend.mapping")

# The synchronous payload limit of Lambda.
_REQUEST_LIMIT = 6_291_456
_ENVELOPE_ROOM = 2_048

# The pause before a retry doubles from the first to the last of these, times the time scale.
_FIRST_PAUSE_SECONDS = 1.0
_LAST_PAUSE_SECONDS = 60.0

# How long to sleep when nobody wakes the thread: settings may have changed.
_IDLE_SECONDS = 1.0


@dataclass
class Counts:
    """What a lane has done; `position` is the last sequence number that is done with."""

    state: str = "waiting"
    position: str | None = None
    invocations: int = 0
    # Tries of what is being sent now, the running one included.
    attempts: int = 0
    delivered: int = 0
    discarded: int = 0


class Lane:
    """Reads from a position on, until it is closed; it never goes past a batch that is not settled.

    It begins when `start` gives a position: before, what comes first in the order is not done yet.
    """

    def __init__(self, mapping: dict[str, Any], origin: Source, shard: str, number: int, lanes: int,
                 start: Callable[[], Position | None], time_scale: float,
                 run: Callable[[Callable[[], None]], None]) -> None:
        self._mapping, self._source, self._shard = mapping, origin, shard
        self._number, self._lanes = number, lanes
        self._start = start
        self._position = Position(0)
        self._has_begun = False
        self._scale = time_scale
        self._counts = Counts()
        self._wake = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(
            target=run, args=(self._work,), name=f"headend-mapping-{shard}-{number}", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Says that there may be records."""
        self._wake.set()

    def close(self) -> None:
        """Asks the thread to end after the invocation that runs."""
        self._closed.set()
        self._wake.set()

    def join(self, seconds: float) -> bool:
        """Waits for the thread; whether it has ended."""
        self._thread.join(max(0.0, seconds))
        return not self._thread.is_alive()

    @property
    def position(self) -> Position | None:
        """How far the shard is done with; None before it has begun."""
        return self._position if self._has_begun else None

    def counts(self) -> dict[str, Any]:
        """The counts, and how many records wait behind the position."""
        if self._lanes == 1:
            waiting = self._source.left(self._shard, self._position)
        else:
            waiting = sum(1 for _, record in self._source.read(self._shard, self._position) if self._is_mine(record))
        return {**asdict(self._counts), "backlog": waiting}

    def age(self) -> float | None:
        """The age of the last record in seconds of AWS, as a mapping's limit of it is; None when all is done with."""
        newest = self._source.newest(self._shard)
        return None if newest is None or self.is_drained() else (time.time() - newest) / self._scale

    def is_drained(self) -> bool:
        """Whether everything in the shard is done with."""
        return self._has_begun and self._source.left(self._shard, self._position) == 0

    def _work(self) -> None:
        while not self._closed.is_set():
            self._wake.clear()
            try:
                if self._step():
                    continue
            except Exception:
                LOGGER.exception("a mapping of %s failed at %s", self._mapping["EventSourceArn"], self._shard)
            self._wake.wait(_IDLE_SECONDS)

    def _step(self) -> bool:
        """Reads and settles one batch; whether there was one."""
        wanted = settings.read(self._mapping)
        if not wanted.enabled or not self._begin():
            return False
        records, end = self._collect(wanted)
        if self._closed.is_set():
            return False
        if records and not self._settle(Batch(records), end):
            return False
        moved = end != self._position
        self._move(end)
        return moved

    def _begin(self) -> bool:
        """Whether the lane has a position to read from."""
        if not self._has_begun:
            start = self._start()
            if start is None:
                return False
            self._move(start)
            self._has_begun = True
        return True

    def _collect(self, wanted: Settings) -> tuple[list[Record], Position]:
        """The records of the next batch, after its window has passed or it is full, and the position after it."""
        first_seen: float | None = None
        while True:
            self._wake.clear()
            records, end, full = self._scan(wanted)
            if not records:
                return records, end
            now = time.monotonic()
            first_seen = now if first_seen is None else first_seen
            left = first_seen + wanted.window_seconds * self._scale - now
            if full or left <= 0 or self._closed.is_set():
                return records, end
            self._counts.state = "collecting"
            self._wake.wait(left)

    def _scan(self, wanted: Settings) -> tuple[list[Record], Position, bool]:
        """The records that are there: as many as a batch takes, and whether it is full."""
        from ministack.services import lambda_svc

        records: list[Record] = []
        end, size = self._position, _ENVELOPE_ROOM
        for after, record in self._source.read(self._shard, self._position):
            if self._is_mine(record) and lambda_svc._apply_filter_criteria([record.entry], self._mapping):
                size += len(json.dumps(record.entry))
                if records and size > _REQUEST_LIMIT:
                    return records, end, True
                records.append(record)
            end = after
            if len(records) >= wanted.batch_size:
                return records, end, True
        return records, end, False

    def _is_mine(self, record: Record) -> bool:
        return self._lanes == 1 or source.lane_of(record, self._lanes) == self._number

    def _settle(self, batch: Batch, end: Position) -> bool:
        """Sends a batch until all of it is done or given up; false when the lane was closed or paused first."""
        while not batch.done:
            wanted = settings.read(self._mapping)
            if self._closed.is_set() or not wanted.enabled:
                self._counts.state = "waiting"
                return False
            if wanted.age_seconds is not None:
                limit = wanted.age_seconds * self._scale
                given = batch.expire(lambda record: time.time() - record.arrival > limit)
                if given:
                    self._give_up(given, wanted)
                    self._note(batch, end)
                    continue
            part = batch.next
            attempt = self._invoke(part.records)
            done, given = batch.settle(attempt, wanted)
            self._counts.delivered += len(done)
            if given:
                self._give_up(given, wanted)
            self._note(batch, end)
            if not batch.done and not done and not given:
                again = batch.next
                # Halves are tried at once.
                tries = again.failures if attempt.reached else 1
                if tries:
                    self._pause(tries)
        self._counts.attempts = 0
        self._counts.state = "waiting"
        return True

    def _invoke(self, records: tuple[Record, ...]) -> Attempt:
        from ministack.services import lambda_svc

        self._counts.state = "invoking"
        self._counts.attempts += 1
        function, _ = lambda_svc._get_func_record_for_qualifier(
            self._mapping["FunctionName"], self._mapping.get("Qualifier"))
        if function is None:
            return self._failed("PROBLEM: Function not found", Attempt(reached=False))
        result = lambda_svc._execute_function(function, {"Records": [record.entry for record in records]})
        if result.get("throttle"):
            return self._failed("PROBLEM: Function call was throttled", Attempt(reached=False))
        self._counts.invocations += 1
        if result.get("error"):
            LOGGER.warning("%s failed: %s", self._mapping["FunctionName"], json.dumps(result.get("body"))[:500])
            return self._failed(
                "PROBLEM: Function call failed", Attempt(error=str(result.get("function_error") or "Unhandled")))
        self._mapping["LastProcessingResult"] = "OK"
        return Attempt(answer=result.get("body"))

    def _failed(self, result: str, attempt: Attempt) -> Attempt:
        self._mapping["LastProcessingResult"] = result
        return attempt

    def _note(self, batch: Batch, end: Position) -> None:
        """Moves the checkpoint to before what is left of a batch."""
        if batch.done:
            self._move(end)
            return
        first = batch.next.records[0]
        before = self._position
        for after, record in self._source.read(self._shard, self._position):
            if record.sequence == first.sequence:
                break
            before = after
        if before != self._position:
            self._counts.attempts = 0
            self._move(before)

    def _move(self, position: Position) -> None:
        self._position = position
        self._counts.position = position.last

    def _give_up(self, given: Given, wanted: Settings) -> None:
        records = given.part.records
        self._counts.discarded += len(records)
        LOGGER.warning("%d records of %s are given up: %s", len(records), self._shard, given.condition)
        if wanted.destination:
            body = discard.document(
                self._mapping, self._source.batch_member, self._shard, records, given.condition,
                given.part.invocations, given.part.error)
            discard.send(wanted.destination, self._mapping, self._shard, body, records)

    def _pause(self, tries: int) -> None:
        self._counts.state = "pausing"
        seconds = min(_LAST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** min(tries - 1, 10))
        self._closed.wait(seconds * self._scale)
