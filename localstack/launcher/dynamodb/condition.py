"""The key condition of a Query, read once for all items of the partition.

The first item goes through the emulator's own evaluation, which also refuses what DynamoDB refuses.
For the others a condition of the usual form, over keys that are text, is a comparison.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

Item = dict[str, Any]
Test = Callable[[Item], bool]

_SLOT = "KeyConditionExpression"

_NAME, _VALUE = r"(#?\w+)", r"(:\w+)"
_FORM = re.compile(
    rf"\s*{_NAME}\s*=\s*{_VALUE}(?:\s+AND\s+(?:"
    rf"{_NAME}\s+BETWEEN\s+{_VALUE}\s+AND\s+{_VALUE}|"
    rf"begins_with\s*\(\s*{_NAME}\s*,\s*{_VALUE}\s*\)|"
    rf"{_NAME}\s*(=|<=|>=|<|>)\s*{_VALUE}))?\s*", re.IGNORECASE)

# Code points of Python compare as the UTF-8 bytes do by which DynamoDB orders text.
_COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "=": lambda text, bound: text == bound, "<": lambda text, bound: text < bound,
    "<=": lambda text, bound: text <= bound, ">": lambda text, bound: text > bound,
    ">=": lambda text, bound: text >= bound,
}


class _Last(threading.local):
    """The condition that this thread evaluated last: a Query asks with the same objects for each item."""

    expression: str | None = None
    values: Any = None
    names: Any = None
    test: Test | None = None


_LAST = _Last()


def install() -> None:
    """Puts the evaluation around the emulator's."""
    from ministack.services import dynamodb

    evaluate = dynamodb._evaluate_condition

    def replacement(expression: str, item: Item, values: Any, names: Any, slot: str = "ConditionExpression") -> Any:
        if slot != _SLOT:
            return evaluate(expression, item, values, names, slot=slot)
        if _LAST.test is not None and _LAST.values is values and _LAST.names is names \
                and _LAST.expression == expression:
            return _LAST.test(item)
        result = evaluate(expression, item, values, names, slot=slot)
        _LAST.expression, _LAST.values, _LAST.names = expression, values, names
        _LAST.test = compiled(expression, values, names)
        return result

    dynamodb._evaluate_condition = replacement


def compiled(expression: str, values: dict[str, Any], names: dict[str, str]) -> Test | None:
    """The condition as a test of an item, or None when it is not of the usual form."""
    match = _FORM.fullmatch(expression)
    bounds = {name: value.get("S") if isinstance(value, dict) else None for name, value in values.items()}
    if match is None or any(bounds.get(name) is None for name in match.groups() if name and name.startswith(":")):
        return None
    hash_name, hash_value, between, low, high, prefixed, prefix, compared, comparison, bound = match.groups()
    partition = bounds[hash_value]
    hash_key = names.get(hash_name, hash_name)
    sort_name = between or prefixed or compared
    if sort_name is None:
        return lambda item: _text(item, hash_key) == partition
    sort_key = names.get(sort_name, sort_name)
    holds = _range(bounds, low, high, prefix, comparison, bound)

    def test(item: Item) -> bool:
        text = _text(item, sort_key)
        return text is not None and _text(item, hash_key) == partition and holds(text)

    return test


def _range(bounds: dict[str, Any], low: str | None, high: str | None, prefix: str | None, comparison: str | None,
           bound: str | None) -> Callable[[str], bool]:
    if low and high:
        least, most = bounds[low], bounds[high]
        return lambda text: least <= text <= most
    if prefix:
        beginning = bounds[prefix]
        return lambda text: text.startswith(beginning)
    compare, limit = _COMPARISONS[comparison or "="], bounds[bound or ""]
    return lambda text: compare(text, limit)


def _text(item: Item, name: str) -> str | None:
    value = item.get(name)
    return value.get("S") if isinstance(value, dict) else None
