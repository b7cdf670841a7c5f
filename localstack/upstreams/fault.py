"""Rules that spoil answers: `POST /_faults` with a list takes the place of all earlier rules.

    {"fault": "status", "match": "/list-titles", "position": 3, "status": 503}

- `match`: a regular expression, searched in the path and query (parameters by name, never the key);
  without it the rule is for every request.
- `position`: which of the matching requests, counted from 1: a number or `[first, last]`, where null
  for the last means without end; without it all.
- `times`: how often the rule may act at most.
- `fault`, and what it takes:

    status         answers `status` (503) in the service's form of an error; `retry_after` adds the header
    retry_after    the same with 429 and a `Retry-After` of `retry_after` (1)
    timeout        never answers; the connection is closed after `seconds` (300)
    slow           answers after `seconds` (2)
    drip           sends the body in ten parts over `seconds` (2)
    reset          resets the connection
    cut            announces the whole body, sends `fraction` (0.5) of it and closes
    bad_json       answers 200 with `fraction` (0.5) of the body, and announces no more
    html           answers 200 with a page for people
    empty_page     answers without rows; the totals stay
    shrunken_page  answers with `fraction` (0.5) of the rows; with `"totals": true` the totals shrink, too
    duplicate_page answers with the rows of the page before; where there are no pages, with each row twice

The first rule that fits a request acts on it, and only that one; each rule counts for itself.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, fields
from typing import Any

_KINDS = {
    "status", "retry_after", "timeout", "slow", "drip", "reset", "cut", "bad_json", "html", "empty_page",
    "shrunken_page", "duplicate_page"}


@dataclass
class Rule:
    """One rule; `seen` and `acted` count for its position and its limit."""

    fault: str
    match: str = ""
    position: int | list[int | None] | None = None
    times: int | None = None
    status: int = 503
    retry_after: int | str | None = None
    seconds: float | None = None
    fraction: float = 0.5
    totals: bool = False
    seen: int = 0
    acted: int = 0

    def takes(self, target: str) -> bool:
        """Whether the rule acts on this request; counts it."""
        if not re.search(self.match, target):
            return False
        self.seen += 1
        first, last = self._range()
        if self.seen < first or (last is not None and self.seen > last):
            return False
        if self.times is not None and self.acted >= self.times:
            return False
        self.acted += 1
        return True

    def _range(self) -> tuple[int, int | None]:
        if self.position is None:
            return 1, None
        if isinstance(self.position, int):
            return self.position, self.position
        first, last = self.position
        return first or 1, last


class Rules:
    """The rules of an origin, in the order in which they are asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []

    def replace(self, wanted: Any) -> None:
        """Takes new rules, all of them or none."""
        if not isinstance(wanted, list):
            raise ValueError("faults are a list of rules")
        rules = [_read(item) for item in wanted]
        with self._lock:
            self._rules = rules

    def shown(self) -> list[dict[str, Any]]:
        """The rules with their counts."""
        with self._lock:
            return [vars(rule) for rule in self._rules]

    def pick(self, target: str) -> Rule | None:
        """The rule that acts on a request."""
        with self._lock:
            # Each rule sees each request, so that a position does not depend on the rules before it.
            fitting = [rule for rule in self._rules if rule.takes(target)]
            for rule in fitting[1:]:
                rule.acted -= 1
            return fitting[0] if fitting else None


def _read(item: Any) -> Rule:
    known = {item.name for item in fields(Rule)} - {"seen", "acted"}
    if not isinstance(item, dict) or not item.keys() <= known:
        raise ValueError(f"a rule is an object of {', '.join(sorted(known))}: {item}")
    if item.get("fault") not in _KINDS:
        raise ValueError(f"there is no fault {item.get('fault')}: use one of {', '.join(sorted(_KINDS))}")
    re.compile(item.get("match", ""))
    position = item.get("position")
    if isinstance(position, list) and len(position) != 2:
        raise ValueError(f"a position is a number or [first, last]: {position}")
    return Rule(**item)


def shrink(body: Any, rule: Rule) -> Any:
    """The body with fewer rows."""
    fraction = 0.0 if rule.fault == "empty_page" else rule.fraction
    if isinstance(body, list):
        return body[:int(len(body) * fraction)]
    rows, name = _rows(body)
    if name is None:
        return body
    kept = rows[:int(len(rows) * fraction)]
    spoilt = {**body, name: kept}
    if rule.totals and "total_results" in body:
        spoilt.update(total_results=len(kept), total_pages=1)
    return spoilt


def twice(body: Any) -> Any:
    """The body with each row twice."""
    if isinstance(body, list):
        return [row for row in body for _ in range(2)]
    rows, name = _rows(body)
    return body if name is None else {**body, name: [row for row in rows for _ in range(2)]}


def _rows(body: Any) -> tuple[list[Any], str | None]:
    if isinstance(body, dict):
        for name, value in body.items():
            if isinstance(value, list):
                return value, name
    return [], None
