"""Objects below a location, and the partition that a path spells."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from urllib.parse import quote, unquote, urlparse

# What Hive writes in a path for a partition value that is null.
NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"


def split(location: str) -> tuple[str, str]:
    """Bucket and prefix of a location; the prefix ends with a slash unless it is the whole bucket."""
    parsed = urlparse(location)
    prefix = parsed.path.lstrip("/")
    return parsed.netloc, prefix if not prefix or prefix.endswith("/") else prefix + "/"


def objects(locations: Iterable[str]) -> Iterator[list[tuple[str, str]]]:
    """For each location bucket and key of every object below it, without those that Hive hides."""
    from ministack.services import s3

    keys: dict[str, list[str]] = {}
    for location in locations:
        bucket, prefix = split(location)
        if bucket not in keys:
            stored = s3._buckets.get(bucket)
            # A query lists many partitions of one bucket, so its keys are put in order once.
            keys[bucket] = sorted(stored["objects"]) if stored else []
        yield [(bucket, key) for key in _below(keys[bucket], prefix) if _is_visible(key[len(prefix):])]


def folder(names: Iterable[str], values: Iterable[str | None]) -> str:
    """The folders that spell a partition, with a slash at their end."""
    return "".join(
        f"{name}={NULL_PARTITION if value is None else quote(value, safe='')}/"
        for name, value in zip(names, values, strict=True))


def folder_values(path: str) -> dict[str, str | None]:
    """The values that the folders `name=value` of a path spell."""
    values: dict[str, str | None] = {}
    for part in path.split("/")[:-1]:
        name, equals, value = part.partition("=")
        if equals:
            values[unquote(name).lower()] = None if value == NULL_PARTITION else unquote(value)
    return values


def _below(keys: list[str], prefix: str) -> Iterator[str]:
    for place in range(bisect_left(keys, prefix), len(keys)):
        if not keys[place].startswith(prefix):
            return
        yield keys[place]


def _is_visible(path: str) -> bool:
    return bool(path) and not path.endswith("/") and not any(part.startswith(("_", ".")) for part in path.split("/"))
