"""Watchmode: `/v1/...`, with a key, a quota and a plan."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from upstreams import listing
from upstreams.data import World, reference
from upstreams.data.title import Title
from upstreams.exchange import Reply, Request, at_origin
from upstreams.settings import WatchmodeSettings

_BASE = "/v1"
_PAID = (
    "/title-release-dates", "/changes/new_titles", "/changes/new_people", "/changes/titles_sources_changed",
    "/changes/titles_details_changed", "/changes/titles_episodes_changed")
_MOST_RELEASES = 500


class Watchmode:
    """The service, apart from its socket."""

    name = "watchmode"

    def __init__(self, world: World, settings: WatchmodeSettings) -> None:
        self.world = world
        self.settings = settings
        self._quota_lock = threading.Lock()
        self._routes: dict[str, Callable[[Request], Any]] = {
            "/regions": lambda request: reference.regions(), "/sources": self._sources, "/genres": self._genres,
            "/list-titles": self._list, "/releases": self._releases, "/search": self._search,
            "/autocomplete-search": self._complete, "/changes/new_titles": self._new_titles,
        }

    def answer(self, request: Request) -> Reply:
        """The answer to a request; a bad parameter is a ValueError."""
        if not request.path.startswith(_BASE + "/"):
            return self._not_found()
        path = request.path.removeprefix(_BASE)
        if request.method != "GET":
            return self.error(405, "Method not allowed.")
        if request.key is None or request.key not in self.settings.keys:
            return self.error(401, "Invalid API key: You must be granted a valid key.")
        if path == "/status":
            return self._metered(0, lambda: {"quota": self.settings.quota, "quotaUsed": self.settings.quota_used})
        if path in _PAID and not self.settings.paid:
            return self.error(401, "This endpoint is only available on paid plans.")
        with self.world.lock:
            if path in self._routes:
                return self._metered(1, lambda: at_origin(self._routes[path](request), request.origin, self.world.pictures))
            return self._title(request, path)

    def error(self, status: int, message: str) -> Reply:
        """A refusal in the form of Watchmode."""
        return Reply(status, {"success": False, "statusCode": status, "statusMessage": message}, self._quota_headers())

    def _metered(self, credits: int, make: Callable[[], Any]) -> Reply:
        with self._quota_lock:
            if credits and self.settings.quota_used + credits > self.settings.quota:
                return self.error(402, "Over plan quota on this API Key.")
            body = make()
            self.settings.quota_used += credits
            return Reply(200, body, self._quota_headers())

    def _quota_headers(self) -> dict[str, str]:
        return {
            "X-Account-Quota": str(self.settings.quota), "X-Account-Quota-Used": str(self.settings.quota_used)}

    def _not_found(self) -> Reply:
        return self.error(404, "The resource you requested could not be found.")

    def _sources(self, request: Request) -> Any:
        regions, types = _words(request, "regions"), _words(request, "types")
        return [
            source for source in self.world.sources.values()
            if (not regions or regions & set(source["regions"])) and (not types or source["type"] in types)]

    def _genres(self, request: Request) -> Any:
        return list(self.world.genres.values())

    def _list(self, request: Request) -> Any:
        return listing.listed(self.world.titles, request.query)

    def _title(self, request: Request, path: str) -> Reply:
        parts = path.split("/")
        if len(parts) != 4 or parts[1] != "title" or parts[3] not in ("details", "sources"):
            return self._not_found()
        title = self._find(parts[2])
        if title is None:
            return self._not_found()
        regions = _words(request, "regions")
        offers = [offer for offer in title.offers if not regions or offer["region"] in regions]
        if parts[3] == "sources":
            return self._metered(1, lambda: offers)
        appended = _words(request, "append_to_response")
        if appended - {"sources"}:
            raise ValueError("This fake appends sources and nothing else.")
        body = {**title.details, **({"sources": offers} if appended else {})}
        # An id of another service costs twice, and each part that is appended costs as much as a request.
        credits = (1 if parts[2].isdigit() else 2) + len(appended)
        return self._metered(credits, lambda: at_origin(body, request.origin, self.world.pictures))

    def _find(self, number: str) -> Title | None:
        """A title by Watchmode's id, or by that of IMDb or TMDB (`tt9900001`, `movie-990001`, `tv-990001`)."""
        if number.isascii() and number.isdigit():
            return self.world.titles.get(int(number))
        kind, _, tmdb = number.partition("-")
        wanted = ("imdb_id", number) if number.startswith("tt") else ("tmdb_id", int(tmdb) if tmdb.isdigit() else None)
        return next((
            title for title in self.world.titles.values()
            if wanted[1] is not None and title.details[wanted[0]] == wanted[1]
            and (wanted[0] == "imdb_id" or title.details["tmdb_type"] == kind)), None)

    def _releases(self, request: Request) -> Any:
        today = self.world.today
        start = _compact(request.query.get("start_date")) or (today - timedelta(days=30)).isoformat()
        end = _compact(request.query.get("end_date")) or (today + timedelta(days=30)).isoformat()
        limit = listing.number(request.query, "limit", _MOST_RELEASES, 1, _MOST_RELEASES)
        found = [
            title for title in self.world.titles.values()
            if title.offers and start <= (title.details["release_date"] or "") <= end]
        found.sort(key=lambda title: title.details["release_date"])
        return {"releases": [_release(title) for title in found[:limit]]}

    def _search(self, request: Request) -> Any:
        field, value = request.query.get("search_field"), request.query.get("search_value")
        names = {"name": "title", "imdb_id": "imdb_id", "tmdb_movie_id": "tmdb_id", "tmdb_tv_id": "tmdb_id"}
        if not value or field not in (*names, "tmdb_person_id"):
            raise ValueError("search_field and search_value are required.")
        types = _words(request, "types")
        found = [
            title for title in self.world.titles.values()
            if field in names and _matches(title, field, names[field], value)
            and (not types or title.details["tmdb_type"] in types)]
        return {"title_results": [_search_result(title) for title in found], "people_results": []}

    def _complete(self, request: Request) -> Any:
        value = request.query.get("search_value")
        if not value:
            raise ValueError("search_value is required.")
        kinds = {"2": ("movie", "tv"), "3": ("movie",), "4": ("tv",), "5": ()}.get(
            request.query.get("search_type") or "1", ("movie", "tv"))
        found = [
            title for title in self.world.titles.values()
            if value.casefold() in title.details["title"].casefold() and title.details["tmdb_type"] in kinds]
        return {"results": [
            {**_search_result(title), "resultType": None, "result_type": "title", "image_url": title.details["poster"],
             "relevance": round(title.details["relevance_percentile"] * 3.5, 1)} for title in found[:20]]}

    def _new_titles(self, request: Request) -> Any:
        start = _compact(request.query.get("start_date")) or (self.world.today - timedelta(days=1)).isoformat()
        end = _compact(request.query.get("end_date")) or self.world.today.isoformat()
        types = _words(request, "types")
        return listing.paged([
            number for number, title in self.world.titles.items()
            if start <= (title.details["release_date"] or "") <= end
            and (not types or title.details["type"] in types)], request.query)


def _words(request: Request, name: str) -> set[str]:
    return {word for word in (request.query.get(name) or "").split(",") if word}


def _compact(text: str | None) -> str | None:
    if not text:
        return None
    if len(text) not in (8, 14) or not text.isdigit():
        raise ValueError(f"{text} is not a date: write YYYYMMDD.")
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}"


def _matches(title: Title, field: str, name: str, value: str) -> bool:
    if field == "name":
        return value.casefold() in title.details["title"].casefold()
    kind = {"tmdb_movie_id": "movie", "tmdb_tv_id": "tv"}.get(field)
    return str(title.details[name]) == value and kind in (None, title.details["tmdb_type"])


def _search_result(title: Title) -> dict[str, Any]:
    details = title.details
    return {
        "resultType": "title", "id": details["id"], "name": details["title"], "type": details["type"],
        "year": details["year"], "imdb_id": details["imdb_id"], "tmdb_id": details["tmdb_id"],
        "tmdb_type": details["tmdb_type"]}


def _release(title: Title) -> dict[str, Any]:
    details, offer = title.details, title.offers[0]
    return {
        "id": details["id"], "title": details["title"], "type": details["type"], "tmdb_id": details["tmdb_id"],
        "tmdb_type": details["tmdb_type"], "imdb_id": details["imdb_id"], "season_number": offer["seasons"],
        "poster_url": details["poster"], "source_release_date": details["release_date"],
        "source_id": offer["source_id"], "source_name": offer["name"], "is_original": details["id"] % 2}
