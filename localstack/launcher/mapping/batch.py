"""What becomes of a batch: tries, retries, halves, and what is given up. No threads and no clock here."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from launcher.mapping import answer, discard
from launcher.mapping.settings import Settings
from launcher.mapping.source import Record

# Where the records before a batch end and nothing of it was done.
_NONE: tuple[Record, ...] = ()


@dataclass(frozen=True)
class Attempt:
    """What one invocation gave: an answer, an error of the function, or no invocation at all."""

    answer: object = None
    error: str | None = None
    # The function was not reached: throttled, missing. That counts as no try.
    reached: bool = True


@dataclass(frozen=True)
class Part:
    """Records that are sent together, and what was tried with them."""

    records: tuple[Record, ...]
    # Tries that count against the limit: splitting is none.
    failures: int = 0
    # Invocations that its first record was part of.
    invocations: int = 0
    error: str | None = None


@dataclass(frozen=True)
class Given:
    """Records that are given up, and why."""

    part: Part
    condition: str


class Batch:
    """A batch on its way: parts in their order, of which the first is tried until it is done or given up."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._parts = deque([Part(tuple(records))])

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return not self._parts

    @property
    def next(self) -> Part:
        """What is tried next."""
        return self._parts[0]

    @property
    def left(self) -> int:
        """How many records are not done yet."""
        return sum(len(part.records) for part in self._parts)

    def expire(self, is_too_old: Callable[[Record], bool]) -> Given | None:
        """Takes out the records at the front that are too old to be sent."""
        part = self._parts[0]
        old = next((place for place, record in enumerate(part.records) if not is_too_old(record)), len(part.records))
        if not old:
            return None
        self._parts.popleft()
        if old < len(part.records):
            # The first of the others has been in as many invocations.
            self._parts.appendleft(replace(part, records=part.records[old:]))
        return Given(replace(part, records=part.records[:old]), discard.TOO_OLD)

    def settle(self, attempt: Attempt, settings: Settings) -> tuple[tuple[Record, ...], Given | None]:
        """Takes what an invocation gave; returns the records that are done, and those that are given up."""
        part = self._parts.popleft()
        if not attempt.reached:
            self._parts.appendleft(part)
            return _NONE, None
        part = replace(part, invocations=part.invocations + 1, error=attempt.error)
        place = _first_failed(attempt, part, settings)
        if place is None:
            return part.records, None
        rest = replace(part, records=part.records[place:])
        if place:
            # Another record stands in front: its tries begin with this one. Bisecting counts none of them.
            rest = replace(rest, failures=0 if settings.bisect else 1, invocations=1)
        elif settings.bisect and len(part.records) > 1:
            middle = len(part.records) // 2
            self._parts.appendleft(replace(rest, records=part.records[middle:]))
            self._parts.appendleft(replace(rest, records=part.records[:middle]))
            return _NONE, None
        else:
            rest = replace(rest, failures=part.failures + 1)
        if settings.retries is not None and rest.failures > settings.retries:
            return part.records[:place], Given(rest, discard.RETRIES_EXHAUSTED)
        self._parts.appendleft(rest)
        return part.records[:place], None


def _first_failed(attempt: Attempt, part: Part, settings: Settings) -> int | None:
    if attempt.error is not None:
        return 0
    return answer.first_failed(attempt.answer, part.records) if settings.reports_failures else None
