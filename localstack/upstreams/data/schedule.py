"""What is on: a full day for each channel, the same for the same day and channel.

A day is a local one: it has 23 hours when the clocks go forward and 25 when they go back,
and then two programmes may have the same airtime and different airstamps.
The last programme of a day runs over midnight, and the first of the next begins when it ends.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from html import escape
from typing import Any

from upstreams.data import london, words
from upstreams.data.channel import BY_ID, CHANNELS, Channel
from upstreams.data.show import Show

_EPOCH = date(2020, 1, 1)
# Room for this many programmes in a channel's day, in the ids of episodes.
_SLOTS = 400
_ADDED_FROM = 2_000_000_000
_OFF_AIR = "Off Air until Six"


@dataclass(frozen=True)
class Programme:
    """One programme on one channel."""

    id: int
    channel: int
    show: int
    start: datetime
    minutes: int
    name: str
    season: int
    number: int | None
    type: str
    summary: str | None
    # Absent in some answers, where a reader must take the show's own.
    tells_runtime: bool = True

    @property
    def day(self) -> date:
        """The local day that lists it."""
        return london.local(self.start).date()


class Schedule:
    """The programmes of any day, with the edits made to them."""

    def __init__(self, shows: Mapping[int, Show]) -> None:
        self._shows = shows
        self._by_name = {show.body["name"]: show for show in shows.values()}
        self._pools = {
            channel.id: [show for show in shows.values() if show.kind in channel.kinds] for channel in CHANNELS}
        self._changed: dict[int, Programme | None] = {}

    def day(self, day: date) -> list[Programme]:
        """What is listed for a local day, in the order of its start."""
        found = [programme for programme in self._made(day) if programme.id not in self._changed]
        found += [programme for programme in self._changed.values() if programme and programme.day == day]
        return sorted(found, key=lambda programme: (programme.start, programme.channel, programme.id))

    def find(self, number: int) -> Programme | None:
        """A programme that is not cancelled, by its id."""
        if number in self._changed:
            return self._changed[number]
        day = _EPOCH + timedelta(days=number // _SLOTS // 1000) if 0 <= number < _ADDED_FROM else _EPOCH
        return next((programme for programme in self._made(day) if programme.id == number), None)

    def move(self, number: int, start: datetime, minutes: int | None) -> Programme:
        """Gives a programme another start, and another length if one is given."""
        programme = self._require(number)
        self._changed[number] = moved = replace(
            programme, start=start, minutes=programme.minutes if minutes is None else minutes)
        return moved

    def cancel(self, number: int) -> None:
        """Takes a programme out."""
        self._require(number)
        self._changed[number] = None

    def add(self, channel: int, show: int, start: datetime, minutes: int, name: str) -> Programme:
        """Puts a programme in, beside whatever is on then."""
        number = _ADDED_FROM + sum(1 for number in self._changed if number >= _ADDED_FROM)
        self._changed[number] = added = Programme(
            number, channel, show, start, minutes, name, start.year, None, "significant_special", None)
        return added

    def episode(self, programme: Programme, with_show: bool = True) -> dict[str, Any]:
        """As TVmaze gives it."""
        local = london.local(programme.start)
        slug = words.slug(programme.name) or "episode"
        body: dict[str, Any] = {
            "id": programme.id, "url": f"https://www.tvmaze.com/episodes/{programme.id}/{slug}",
            "name": programme.name, "season": programme.season, "number": programme.number, "type": programme.type,
            "airdate": local.date().isoformat(), "airtime": f"{local:%H:%M}",
            "airstamp": programme.start.isoformat(timespec="seconds"),
            "runtime": programme.minutes if programme.tells_runtime else None,
            "rating": {"average": None if programme.id % 7 else 6.5}, "image": None, "summary": programme.summary,
        }
        show = self._shows[programme.show]
        if with_show:
            body["show"] = {**show.body, "network": BY_ID[programme.channel].network()}
        body["_links"] = {
            "self": {"href": f"/episodes/{programme.id}"},
            "show": {"href": f"/shows/{show.id}", "name": show.body["name"]}}
        return body

    def _require(self, number: int) -> Programme:
        programme = self.find(number)
        if programme is None:
            raise KeyError(f"there is no programme {number}")
        return programme

    def _made(self, day: date) -> Iterable[Programme]:
        for place, channel in enumerate(CHANNELS):
            yield from self._channel_day(day, place, channel)

    def _channel_day(self, day: date, place: int, channel: Channel) -> Iterable[Programme]:
        midnight = london.midnight(day)
        length = int((london.midnight(day + timedelta(days=1)) - midnight).total_seconds()) // 60
        chance = random.Random(f"{day} {channel.id}")
        now, end = _overrun(day - timedelta(days=1), channel), length + _overrun(day, channel)
        number = ((day - _EPOCH).days * 1000 + place) * _SLOTS
        for show, minutes in self._filled(chance, channel, now, end, length - 24 * 60):
            start = midnight + timedelta(minutes=now)
            yield self._programme(chance, number, channel, show, start, minutes)
            now, number = now + minutes, number + 1

    def _filled(self, chance: random.Random, channel: Channel, now: int, end: int,
                shift: int) -> Iterable[tuple[Show, int]]:
        """Shows and their lengths, without a gap; `shift` is how much the clock change moves the day."""
        before: Show | None = None
        if any(name == _OFF_AIR for _, name, _ in channel.fixed):
            yield self._by_name[_OFF_AIR], 6 * 60 + shift - now
            now = 6 * 60 + shift
        for minute, name, minutes in (*channel.fixed, (end - shift, "", 0)):
            until = minute + shift
            while now < until:
                before = chance.choice([show for show in self._pools[channel.id] if show is not before])
                length = chance.choice(before.minutes)
                if until - now - length < 15 or now + length >= 24 * 60 + shift:
                    # What would leave a sliver takes it in, and nothing begins after midnight.
                    length = until - now
                yield before, length
                now += length
            if name:
                minutes = end - now if name == _OFF_AIR else minutes
                yield self._by_name[name], minutes
                now += minutes

    def _programme(self, chance: random.Random, number: int, channel: Channel, show: Show, start: datetime,
                   minutes: int) -> Programme:
        episode = chance.randint(1, 24)
        special = chance.random() < 0.03
        film = show.kind == "film"
        name = next(words.titles(chance)) if special else f"Episode {episode}"
        if film:
            name = f"{words.person(chance)} and the {chance.choice(('Harbour', 'Moor', 'Verdict', 'Last Train'))}"
        return Programme(
            number, channel.id, show.id, start, minutes, name, start.year if show.kind != "series" else
            chance.randint(1, 6), None if special or film else episode,
            chance.choice(("significant_special", "insignificant_special")) if special else "regular",
            None if chance.random() < 0.2 else f"<p>{escape(words.plot(chance))}</p>",
            tells_runtime=chance.random() > 0.01)


def _overrun(day: date, channel: Channel) -> int:
    """How many minutes the last programme of a channel's day runs into the next."""
    return random.Random(f"overrun {day} {channel.id}").choice((0, 0, 5, 15, 20, 35, 50))


def instant(text: str) -> datetime:
    """An instant as edits write it: ISO 8601 with an offset or a Z."""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no offset: end it with Z")
    return moment.astimezone(timezone.utc)
