"""TVmaze: the schedule of a day, shows, and the way from an IMDb id to a show."""

from __future__ import annotations

import random
from datetime import date, datetime, timezone
from typing import Any

from upstreams.data import World
from upstreams.exchange import Reply, Request, at_origin
from upstreams.settings import TvmazeSettings

_WEB_CHANNELS: tuple[dict[str, Any], ...] = ({"id": 1, "name": "Netflix", "country": None}, {
    "id": 402, "name": "BBC iPlayer",
    "country": {"name": "United Kingdom", "code": "GB", "timezone": "Europe/London"}})
# TVmaze's ids of episodes that are streamed, apart from those of the schedule.
_WEB_EPISODES = 1_900_000_000


class Tvmaze:
    """The service, apart from its socket."""

    name = "tvmaze"

    def __init__(self, world: World, settings: TvmazeSettings) -> None:
        self.world = world
        self.settings = settings

    def answer(self, request: Request) -> Reply:
        """The answer to a request; a bad parameter is a ValueError."""
        if request.method not in ("GET", "HEAD"):
            return self.error(405, "Method Not Allowed.")
        with self.world.lock:
            body = self._found(request)
        if body is None:
            # This one answer has no body of an error on the real service either.
            return Reply(404, None) if request.path == "/lookup/shows" else self.error(404, "Page not found.")
        if isinstance(body, Reply):
            return body
        return Reply(200, at_origin(body, request.origin, self.world.pictures), {"Cache-Control": "public, max-age=3600"})

    def error(self, status: int, message: str) -> Reply:
        """A refusal in the form of TVmaze."""
        name = {400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 429: "Too Many Requests"}
        return Reply(status, {"name": name.get(status, "Error"), "message": message, "code": 0, "status": status})

    def _found(self, request: Request) -> Any:
        if request.path == "/schedule":
            return self._schedule(request)
        if request.path == "/schedule/web":
            return self._web(request)
        if request.path == "/lookup/shows":
            return self._lookup(request)
        if request.path == "/search/shows":
            return self._search(request)
        parts = request.path.split("/")
        if len(parts) == 3 and parts[1] == "shows" and parts[2].isascii() and parts[2].isdigit():
            show = self.world.shows.get(int(parts[2]))
            return None if show is None else {**show.body, "_links": {"self": {"href": f"/shows/{show.id}"}}}
        return None

    def _schedule(self, request: Request) -> Any:
        # The country is US where none is given, and nothing is on there; nor is it for UK, which is no code.
        if request.query.get("country", "US") != "GB":
            return []
        schedule = self.world.schedule
        return [schedule.episode(programme) for programme in schedule.day(self._day(request))]

    def _web(self, request: Request) -> Any:
        day, country = self._day(request), request.query.get("country")
        chance = random.Random(f"web {day}")
        shows = [show for show in self.world.shows.values() if show.body["externals"]["imdb"]]
        episodes = []
        for place, show in enumerate(chance.sample(shows, 12)):
            channel = chance.choice(_WEB_CHANNELS)
            code = (channel["country"] or {}).get("code")
            if country is not None and (code or "") != country:
                continue
            number = _WEB_EPISODES + (day - date(2020, 1, 1)).days * 100 + place
            noon = datetime(day.year, day.month, day.day, 12, tzinfo=timezone.utc)
            episodes.append({
                "id": number, "url": f"https://www.tvmaze.com/episodes/{number}/x", "name": f"Episode {place + 1}",
                "season": 1, "number": place + 1, "type": "regular", "airdate": day.isoformat(), "airtime": "",
                "airstamp": noon.isoformat(), "runtime": show.body["runtime"], "rating": {"average": None},
                "image": None, "summary": None,
                "_embedded": {"show": {**show.body, "network": None, "webChannel": channel}},
                "_links": {"self": {"href": f"/episodes/{number}"}, "show": {"href": f"/shows/{show.id}"}}})
        return episodes

    def _lookup(self, request: Request) -> Any:
        externals = ("imdb", "thetvdb", "tvrage")
        name = next((name for name in externals if name in request.query), None)
        if name is None:
            raise ValueError("Missing required parameters.")
        wanted = request.query[name]
        for show in self.world.shows.values():
            if wanted and str(show.body["externals"][name]) == wanted:
                return Reply(301, "", {"Location": f"{request.origin}/shows/{show.id}"}, "text/html")
        return None

    def _search(self, request: Request) -> Any:
        wanted = (request.query.get("q") or "").casefold()
        found = [show for show in self.world.shows.values() if wanted and wanted in show.body["name"].casefold()]
        return [{"score": round(1 - place / 10, 2), "show": show.body} for place, show in enumerate(found[:10])]

    def _day(self, request: Request) -> date:
        text = request.query.get("date")
        return date.fromisoformat(text) if text else datetime.now(timezone.utc).date()
