"""`/list-titles`: which titles, in which order, on which page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from upstreams.data.title import Title

MOST = 250

_Test = Callable[[Title], bool]


def listed(titles: Mapping[int, Title], query: Mapping[str, str]) -> dict[str, Any]:
    """The answer; a parameter that cannot be read is a ValueError."""
    tests = [test(value) for name, test in _TESTS.items() if (value := query.get(name))]
    unknown = query.keys() - _TESTS.keys() - {"sort_by", "page", "limit"}
    if unknown:
        raise ValueError(f"Unknown parameter: {sorted(unknown)[0]}.")
    found = _sorted([title for title in titles.values() if all(test(title) for test in tests)], query.get("sort_by"))
    return paged([title.item() for title in found], query)


def paged(rows: list[Any], query: Mapping[str, str]) -> dict[str, Any]:
    """One page of the rows, with the totals."""
    limit = number(query, "limit", MOST, 1, MOST)
    page = number(query, "page", 1, 1, 1_000_000)
    return {
        "titles": rows[(page - 1) * limit:page * limit], "page": page, "total_results": len(rows),
        "total_pages": max(1, -(-len(rows) // limit))}


def number(query: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    """A whole number among the parameters."""
    text = query.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise ValueError(f"{name} must be between {least} and {most}.")
    return int(text)


def _numbers(value: str) -> set[int]:
    try:
        return {int(part) for part in value.split(",")}
    except ValueError as error:
        raise ValueError(f"{value} is not a list of ids.") from error


def _float(value: str) -> float:
    try:
        return float(value)
    except ValueError as error:
        raise ValueError(f"{value} is not a number.") from error


def _day(value: str) -> str:
    if len(value) not in (8, 14) or not value.isdigit():
        raise ValueError(f"{value} is not a date: write YYYYMMDD.")
    return f"{value[:4]}-{value[4:6]}-{value[6:8]}"


def _one_of(read: Callable[[Title], set[Any]], convert: Callable[[str], set[Any]]) -> Callable[[str], _Test]:
    def make(value: str) -> _Test:
        wanted = convert(value)
        return lambda title: bool(read(title) & wanted)

    return make


def _compared(name: str, convert: Callable[[str], Any], holds: Callable[[Any, Any], bool]) -> Callable[[str], _Test]:
    def make(value: str) -> _Test:
        limit = convert(value)
        # What is absent is neither above nor below.
        return lambda title: title.details[name] is not None and holds(title.details[name], limit)

    return make


def _words(value: str) -> set[str]:
    return set(value.split(","))


_TESTS: dict[str, Callable[[str], _Test]] = {
    "types": _one_of(lambda title: {title.details["type"]}, _words),
    "regions": _one_of(lambda title: {offer["region"] for offer in title.offers}, _words),
    "source_types": _one_of(lambda title: {offer["type"] for offer in title.offers}, _words),
    "source_ids": _one_of(lambda title: title.source_ids, _numbers),
    "genres": _one_of(lambda title: set(title.details["genres"]), _numbers),
    "network_ids": _one_of(lambda title: set(title.details["networks"] or ()), _numbers),
    "languages": _one_of(lambda title: {title.details["original_language"]}, _words),
    "release_date_start": _compared("release_date", _day, lambda value, limit: value >= limit),
    "release_date_end": _compared("release_date", _day, lambda value, limit: value <= limit),
    "user_rating_low": _compared("user_rating", _float, lambda value, limit: value >= limit),
    "user_rating_high": _compared("user_rating", _float, lambda value, limit: value <= limit),
    "critic_score_low": _compared("critic_score", _float, lambda value, limit: value >= limit),
    "critic_score_high": _compared("critic_score", _float, lambda value, limit: value <= limit),
    # The fake has no cast, so nobody is in anything.
    "person_id": lambda value: lambda title: False,
}

_ORDERS: dict[str, tuple[Callable[[dict[str, Any]], Any], bool]] = {
    "relevance": (lambda details: details["relevance_percentile"], True),
    "popularity": (lambda details: details["relevance_percentile"], True),
    "release_date": (lambda details: details["release_date"] or "", True),
    "title": (lambda details: details["title"].casefold(), False),
}


def _sorted(titles: list[Title], wanted: str | None) -> list[Title]:
    name, _, direction = (wanted or "relevance_desc").rpartition("_")
    if direction not in ("asc", "desc"):
        name, direction = wanted or "relevance", ""
    if name not in _ORDERS:
        raise ValueError(f"sort_by cannot be {wanted}.")
    key, falls = _ORDERS[name]
    # Equal titles keep the order of their ids, so that pages do not overlap.
    return sorted(titles, key=lambda title: key(title.details), reverse=falls if not direction else direction == "desc")
