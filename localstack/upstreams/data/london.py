"""The clock of Great Britain by its present rule: an hour ahead of UTC from 01:00 UTC of the last
Sunday in March to 01:00 UTC of the last Sunday in October.

Written out because Python's own table of zones is not on every machine.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone


def local(moment: datetime) -> datetime:
    """The time on the wall; it says its offset."""
    return moment.astimezone(timezone(_offset(moment)))


def midnight(day: date) -> datetime:
    """The instant in UTC at which a local day begins."""
    # The clocks change after midnight, so the offset at 00:00 UTC is the one that the day begins with.
    start = datetime.combine(day, time(), timezone.utc)
    return start - _offset(start - timedelta(hours=1))


def _offset(moment: datetime) -> timedelta:
    year = moment.astimezone(timezone.utc).year
    summer = _change(year, 3) <= moment < _change(year, 10)
    return timedelta(hours=1 if summer else 0)


def _change(year: int, month: int) -> datetime:
    # Both months have 31 days.
    last = date(year, month, 31)
    sunday = last - timedelta(days=(last.weekday() + 1) % 7)
    return datetime.combine(sunday, time(1), timezone.utc)
