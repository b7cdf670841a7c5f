"""The shows of TVmaze: most series of Watchmode, under the same IMDb ids, and what fills a day besides."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from upstreams.data import words
from upstreams.data.channel import CHANNELS
from upstreams.data.title import FIRST_ID, Title

_FIRST_SHOW = 90_001
_FIRST_FILLER = 95_001

# Of no channel's kinds: the show of the examples is on when a channel's fixed points say so, and at no other time.
_FIXED = "fixed"

# Watchmode's genres in the words of TVmaze; what TVmaze has no word for is left out.
_GENRES = {
    "Action": "Action", "Action & Adventure": "Adventure", "Adventure": "Adventure", "Anime": "Anime",
    "Comedy": "Comedy", "Crime": "Crime", "Drama": "Drama", "Family": "Family", "Fantasy": "Fantasy",
    "Food": "Food", "History": "History", "Horror": "Horror", "Music": "Music", "Mystery": "Mystery",
    "Nature": "Nature", "Romance": "Romance", "Sci-Fi & Fantasy": "Science-Fiction", "Sports": "Sports",
    "Supernatural": "Supernatural", "Travel": "Travel", "War & Politics": "War",
}

# (name, kind of channel, TVmaze's type, genres, minutes)
_FILLERS: tuple[tuple[str, str, str, tuple[str, ...], tuple[int, ...]], ...] = (
    ("Breakfast Today", "general", "News", (), (180,)),
    ("News at One", "bulletin", "News", (), (30,)),
    ("News at Six", "bulletin", "News", (), (30,)),
    ("News at Ten", "bulletin", "News", (), (30,)),
    ("Weather & Tides", "general", "News", (), (5, 10)),
    ("Antiques on the Quay", "general", "Reality", (), (45, 60)),
    ("Bargain Barns", "general", "Reality", (), (30, 45)),
    ("The Quarter-Final", "general", "Game Show", (), (45, 60)),
    ("Fifteen Questions", "general", "Game Show", (), (30,)),
    ("Brook Street", "general", "Scripted", ("Drama",), (30,)),
    ("Allotment Wars", "general", "Reality", ("Nature",), (60,)),
    ("The Late Sofa", "general", "Talk Show", ("Comedy",), (45, 60)),
    ("Parliament Tonight", "general", "News", (), (45,)),
    ("Rolling News", "news", "News", (), (30, 60)),
    ("World Report", "news", "News", (), (30,)),
    ("Business Briefing", "news", "News", (), (15, 30)),
    ("The Papers", "news", "News", (), (15, 30)),
    ("Talking Heads", "news", "Talk Show", (), (30, 60)),
    ("Weather for the Week", "news", "News", (), (5, 10)),
    ("Puddle & Pip", "children", "Animation", ("Children", "Family"), (5, 10, 15)),
    ("Captain Biscuit", "children", "Animation", ("Children", "Comedy"), (10, 15)),
    ("The Moss Family", "children", "Animation", ("Children",), (10, 15, 20)),
    ("Build It Big", "children", "Game Show", ("Children",), (25, 30)),
    ("Story Corner", "children", "Variety", ("Children",), (5, 10)),
    ("Zero Gravity Gang", "children", "Animation", ("Children", "Science-Fiction"), (15, 25)),
    ("Panel of Doubt", "comedy", "Panel Show", ("Comedy",), (30, 40, 60)),
    ("Three Flats Up", "comedy", "Scripted", ("Comedy",), (30, 40)),
    ("The Village Hall", "comedy", "Scripted", ("Comedy",), (30, 40)),
    ("Stand & Deliver", "comedy", "Variety", ("Comedy",), (60,)),
    ("Motorway Mischief", "comedy", "Reality", ("Comedy",), (30, 60)),
    ("Canals of Britain", "documentary", "Documentary", ("History", "Travel"), (60,)),
    ("Engines of War", "documentary", "Documentary", ("History", "War"), (60,)),
    ("Salvage Kings", "documentary", "Reality", (), (30, 60)),
    ("Deep Coast", "documentary", "Documentary", ("Nature",), (60,)),
    ("Lost Stations", "documentary", "Documentary", ("History",), (30, 60)),
    ("Night Shift: A&E", "documentary", "Documentary", ("Medical",), (60,)),
    ("The Sourdough Test", "lifestyle", "Reality", ("Food",), (30, 60)),
    ("A Place by the Water", "lifestyle", "Reality", ("Travel",), (60,)),
    ("Make Do & Mend It", "lifestyle", "Reality", ("DIY",), (30, 60)),
    ("Hems & Threads", "lifestyle", "Reality", (), (60,)),
    ("Inspector Tarn", "drama", "Scripted", ("Crime", "Drama"), (70, 95, 120)),
    ("The Surgery", "drama", "Scripted", ("Drama", "Medical"), (55, 60)),
    ("Coast Road", "drama", "Scripted", ("Crime", "Drama"), (60, 65)),
    ("Sergeant & Son", "drama", "Scripted", ("Comedy", "Crime"), (60,)),
    ("The Afternoon Film", "film", "Variety", (), (95, 110, 125)),
    ("The Big Film", "film", "Variety", (), (100, 120, 140, 165)),
    ("Short & Sharp", "film", "Variety", (), (15, 20)),
    ("In Conversation With", "arts", "Talk Show", (), (30, 60)),
    ("The Concert Hour", "arts", "Variety", ("Music",), (60, 90)),
    ("Galleries at Night", "arts", "Documentary", (), (30, 60)),
    ("Opera from the Pier", "arts", "Variety", ("Music",), (150, 180)),
    ("County Cricket", "sport", "Sports", ("Sports",), (120, 240)),
    ("League Night", "sport", "Sports", ("Sports",), (120, 150)),
    ("Darts from the Dome", "sport", "Sports", ("Sports",), (180, 210)),
    ("Sports Desk", "sport", "News", ("Sports",), (15, 30, 60)),
    ("Off Air until Six", "closedown", "Variety", (), (300,)),
)


@dataclass(frozen=True)
class Show:
    """A show: what `/shows/{id}` gives, and what a schedule needs of it."""

    body: dict[str, Any]
    kind: str
    minutes: tuple[int, ...]

    @property
    def id(self) -> int:
        """Its id at TVmaze."""
        return int(self.body["id"])


def shows(titles: dict[int, Title], today: date) -> dict[int, Show]:
    """All shows by id."""
    chance = random.Random("shows")
    networks: dict[str, Any] = {kind: channel.network() for channel in reversed(CHANNELS) for kind in channel.kinds}
    # TVmaze does not know all that Watchmode knows, but it knows the title of the examples.
    known = [
        title for title in titles.values()
        if title.is_series and title.details["imdb_id"] and (title.details["id"] == FIRST_ID or chance.random() < 0.88)]
    made = [_of_title(chance, title, today) for title in known]
    made += [_filler(chance, number, *row) for number, row in enumerate(_FILLERS)]
    networks[_FIXED] = CHANNELS[0].network()
    for show in made:
        show.body["network"] = networks.get(show.kind)
    return {show.id: show for show in made}


def _of_title(chance: random.Random, title: Title, today: date) -> Show:
    details = title.details
    number = _FIRST_SHOW + details["id"] - FIRST_ID
    genres = sorted({_GENRES[name] for name in details["genre_names"] if name in _GENRES})
    minutes = details["runtime_minutes"]
    # A slot holds the advertisements as well.
    slot = (60,) if minutes is None else ((minutes + 14) // 15 * 15,)
    scripted = {"Documentary": "Documentary", "Reality": "Reality", "Game Show": "Game Show", "Talk": "Talk Show"}
    form = next((scripted[name] for name in details["genre_names"] if name in scripted), "Scripted")
    rating = 7.9 if details["id"] == FIRST_ID else chance.choice((None, round(chance.uniform(4, 9), 1)))
    running = details["end_year"] is None
    body = _body(number, details["title"], form, genres, slot[0], rating, words.plot(chance))
    body.update({
        "status": "Running" if running else "Ended", "premiered": details["release_date"],
        "ended": None if running else f"{details['end_year']}-{chance.randint(1, 12):02}-28",
        "language": {"cy": "Welsh", "fr": "French", "da": "Danish", "ja": "Japanese", "gd": "Gaelic"}.get(
            details["original_language"], "English"),
        "externals": {
            "tvrage": None, "thetvdb": chance.choice((None, 440_000 + details["id"] - FIRST_ID + 1)),
            "imdb": details["imdb_id"]},
    })
    kind = chance.choice(("series", "series", "drama", "comedy", "documentary"))
    return Show(body, _FIXED if details["id"] == FIRST_ID else kind, slot)


def _filler(chance: random.Random, place: int, name: str, kind: str, type_name: str, genres: tuple[str, ...],
            minutes: tuple[int, ...]) -> Show:
    rating = chance.choice((None, None, round(chance.uniform(4, 8), 1)))
    body = _body(_FIRST_FILLER + place, name, type_name, list(genres), minutes[0], rating, words.plot(chance))
    return Show(body, kind, minutes)


def _body(number: int, name: str, kind: str, genres: list[str], minutes: int, rating: float | None,
          plot: str) -> dict[str, Any]:
    image = {"medium": f"/images/{number}_medium.svg", "original": f"/images/{number}_original.svg"}
    return {
        "id": number, "url": f"https://www.tvmaze.com/shows/{number}/{words.slug(name)}", "name": name, "type": kind,
        "language": "English", "genres": genres, "status": "Running", "runtime": minutes, "averageRuntime": minutes,
        "premiered": "2019-09-02", "ended": None, "officialSite": None, "schedule": {"time": "", "days": []},
        "rating": {"average": rating}, "weight": number % 100, "network": None, "webChannel": None,
        "dvdCountry": None, "externals": {"tvrage": None, "thetvdb": None, "imdb": None},
        "image": image if number % 6 else None,
        "summary": f"<p><b>{escape(name)}</b>: {escape(plot)}</p>" if number % 11 else None,
        "updated": 1_767_000_000 + number,
    }
