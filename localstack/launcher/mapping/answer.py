"""What a function's answer means for its batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from launcher.mapping.source import Record


def first_failed(answer: Any, batch: Sequence[Record]) -> int | None:
    """The place of the first record that failed, or None when all of them succeeded.

    Everything from there on is tried again, whatever else the answer names. As AWS has it, an answer
    without failures is a success whatever it is, and one that names a failure in a way that is not
    understood fails the whole batch.
    """
    failures = answer.get("batchItemFailures") if isinstance(answer, dict) else None
    if failures is None or failures == []:
        return None
    if not isinstance(failures, list):
        return 0
    places = {record.sequence: place for place, record in enumerate(batch)}
    named = [item.get("itemIdentifier") if isinstance(item, dict) else None for item in failures]
    return min(places.get(name, 0) if isinstance(name, str) else 0 for name in named)
