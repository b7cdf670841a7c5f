"""Expressions in S3 prefixes."""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_EXPRESSION = re.compile(r"!\{([^:}]*):([^}]*)\}")
_DEFAULT_TIME = "yyyy/MM/dd/HH/"


def object_key(template: str, stream: str, version: int, arrival_ms: int, zone: str, extension: str,
               values: Mapping[str, str]) -> str:
    """The key of a new object: evaluated prefix, then the name that Firehose gives.

    `values` holds what an expression stands for, by "namespace:name". The time is the
    arrival of the oldest record in the object.
    """
    moment = _moment(arrival_ms, zone)
    name = f"{stream}-{version}-{_java_time('yyyy-MM-dd-HH-mm-ss', moment)}-{uuid.uuid4()}"
    return evaluate(template, moment, values) + name + extension


def evaluate(template: str, moment: datetime.datetime, values: Mapping[str, str]) -> str:
    """The prefix with its expressions replaced.

    A prefix without any expression gets the date and hour appended, as on AWS.
    """
    if not _EXPRESSION.search(template):
        return template + _java_time(_DEFAULT_TIME, moment)

    def expand(match: re.Match[str]) -> str:
        namespace, name = match.group(1), match.group(2)
        if namespace == "timestamp":
            return _java_time(name, moment)
        if (namespace, name) == ("firehose", "random-string"):
            return uuid.uuid4().hex[:11]
        return values[f"{namespace}:{name}"]

    return _EXPRESSION.sub(expand, template)


def _moment(arrival_ms: int, zone: str) -> datetime.datetime:
    try:
        tz: datetime.tzinfo = ZoneInfo(zone) if zone and zone != "UTC" else datetime.timezone.utc
    except (ZoneInfoNotFoundError, ValueError):
        tz = datetime.timezone.utc
    return datetime.datetime.fromtimestamp(arrival_ms / 1000, tz)


def _java_time(pattern: str, moment: datetime.datetime) -> str:
    from ministack.services import firehose

    return str(firehose._java_time(pattern, moment.timetuple()))
