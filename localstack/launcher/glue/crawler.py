"""Crawlers, which register the partitions that S3 has.

Started by hand, a crawler takes what AWS takes to start one, a minute, times the time scale.
With a schedule it runs soon after new objects, whatever the schedule says: a daily crawler would
have to be waited for, and one that is missing still shows.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

from launcher.glue.partition import Partitions

LOGGER = logging.getLogger("headend.glue")

# What a crawler of an account takes at least.
_RUN_SECONDS = 60.0
# How often buckets are looked at for new objects.
_LOOK_SECONDS = 0.5


def install(time_scale: float) -> None:
    """Puts the replacement in and begins to look for new objects."""
    from ministack.services import glue

    start = glue._start_crawler

    def replacement(data: dict[str, Any]) -> Any:
        # The emulator ends the run after so many seconds, and the partitions are there before.
        response = start(data)
        if response[0] == 200:
            run(glue._crawlers[data["Name"]])
        return response

    glue.CRAWLER_RUN_SECONDS = _RUN_SECONDS * time_scale
    glue._start_crawler = replacement
    threading.Thread(target=_watch, name="headend-crawlers", daemon=True).start()


def run(crawler: dict[str, Any]) -> int:
    """Brings the tables of a crawler in line with S3; returns how many partitions changed."""
    from ministack.services import glue

    changed = 0
    for database, table in _tables(crawler):
        partitions = Partitions(database, table)
        added = partitions.repair()
        changed += len(added)
        if (crawler.get("SchemaChangePolicy") or {}).get("DeleteBehavior") == "DELETE_FROM_DATABASE":
            changed += _remove_empty(partitions)
        if added:
            LOGGER.info("crawler %s registered %d partitions of %s", crawler["Name"], len(added), table)
    if changed and crawler["State"] == "READY":
        now = int(time.time())
        crawler["LastCrawl"] = {
            "Status": "SUCCEEDED", "LogGroup": "/aws-glue/crawlers", "LogStream": crawler["Name"],
            "MessagePrefix": "", "StartTime": now, "EndTime": now}
    return changed


def _tables(crawler: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The tables that a crawler looks after: those it names, and those at the places it names."""
    from ministack.services import glue

    targets = crawler.get("Targets") or {}
    for target in targets.get("CatalogTargets") or []:
        for table in target.get("Tables") or []:
            yield target["DatabaseName"], table
    places = {str(target.get("Path") or "").rstrip("/") for target in targets.get("S3Targets") or []}
    for key, data in list(glue._tables.items()):
        place = str((data.get("StorageDescriptor") or {}).get("Location") or "").rstrip("/")
        database, _, table = key.partition("/")
        if place in places and database == crawler.get("DatabaseName"):
            yield database, table


def _remove_empty(partitions: Partitions) -> int:
    from launcher.glue import location

    registered = partitions.registered()
    empty = [
        values for values, found in zip(registered, location.objects(registered.values()), strict=True) if not found]
    for values in empty:
        partitions.remove(values)
    return len(empty)


def _watch() -> None:
    from ministack.core.responses import request_scope
    from ministack.services import glue

    seen: dict[Any, Any] = {}
    while True:
        time.sleep(_LOOK_SECONDS)
        for (account, region, name), crawler in list(glue._crawlers.all_items()):
            if not (crawler.get("Schedule") or {}).get("ScheduleExpression"):
                continue
            try:
                with request_scope(account, region):
                    state = _state(crawler)
                    if seen.get((account, region, name)) != state:
                        run(crawler)
                        seen[account, region, name] = state
            except Exception:
                LOGGER.exception("the crawler %s failed", name)


def _state(crawler: dict[str, Any]) -> Any:
    """What changes when a bucket gets or loses objects, or when the crawler or its tables are made anew."""
    from ministack.services import s3

    from launcher.glue import location

    found: list[Any] = [crawler.get("CreationTime")]
    for database, table in _tables(crawler):
        partitions = Partitions(database, table)
        bucket = s3._buckets.get(location.split(partitions.place)[0])
        stored = bucket["objects"] if bucket else {}
        # New keys stand at the end.
        found.append((database, table, partitions.place, len(stored), next(reversed(stored), None)))
    return found
