"""Dynamic partitioning: the keys of each record."""

from __future__ import annotations

import time
from collections.abc import Sequence

from launcher.firehose.destination import Destination
from launcher.firehose.transform import Failure, Transformed

_NO_KEYS = ("DynamicPartitioning.MetadataExtractionFailed", "partitionKeys values must not be null or empty")
_TOO_MANY = "DynamicPartitioning.ActivePartitionLimitExceeded"

Placed = list[tuple[dict[str, str], Transformed]]


def place(destination: Destination, items: Sequence[Transformed]) -> tuple[Placed, list[Failure]]:
    """Gives each record the values that the prefix needs; records that lack one fail."""
    if not destination.partitioned:
        return [({}, item) for item in items], []
    placed: Placed = []
    failures: list[Failure] = []
    for item in items:
        try:
            placed.append((_values(destination, item), item))
        except _NoValue as error:
            failures.append(_failure(item, _NO_KEYS[0], str(error)))
    return placed, failures


def over_limit(item: Transformed, limit: int) -> Failure:
    """A record whose partition would be one more than a delivery stream may have open."""
    return _failure(item, _TOO_MANY, f"the number of active partitions has reached the limit of {limit}")


class _NoValue(Exception):
    """A partition key has no value."""


def _values(destination: Destination, item: Transformed) -> dict[str, str]:
    values: dict[str, str] = {}
    for key in destination.lambda_keys:
        if not item.keys.get(key):
            raise _NoValue(_NO_KEYS[1])
        values[f"partitionKeyFromLambda:{key}"] = item.keys[key]
    if destination.query_keys:
        found = _query(destination, item)
        for key in destination.query_keys:
            if not found.get(key):
                raise _NoValue(_NO_KEYS[1])
            values[f"partitionKeyFromQuery:{key}"] = found[key]
    return values


def _query(destination: Destination, item: Transformed) -> dict[str, str]:
    from ministack.services import firehose

    try:
        return dict(firehose._metadata_extraction_keys(destination.config, item.data) or {})
    except firehose._DeliveryError as error:
        raise _NoValue(str(error)) from error


def _failure(item: Transformed, code: str, message: str) -> Failure:
    return Failure(item.record, code, message, 1, int(time.time() * 1000))
