"""The titles of Watchmode: films and series, each with sources and genres of its own.

As in the real data much is absent: about one title in six has no rating, some have no
IMDb id, no plot, no poster, or can no longer be seen anywhere in the region.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from upstreams.data import reference, words

COUNT = 420
FIRST_ID = 3_100_001

# Of so many titles the release lies within a month of the day that the data is made for.
_RECENT = 70

_PAID_ONLY = "Deeplinks available for paid plans only."

_KINDS = (
    ("movie", 45), ("tv_series", 38), ("tv_miniseries", 8), ("tv_special", 4), ("tv_movie", 3), ("short_film", 2))
_FILM_GENRES = (1, 2, 3, 4, 5, 7, 7, 8, 9, 10, 11, 13, 14, 15, 17, 17, 18, 19, 31, 32)
_SERIES_GENRES = (3, 4, 4, 5, 5, 6, 7, 7, 7, 12, 13, 21, 22, 23, 25, 26, 28, 29, 33, 34, 35, 36, 37, 39, 40, 41)
# Nobody in the guide's region lists these.
_UNUSED_GENRES = {30}


@dataclass
class Title:
    """A title: what `/title/{id}/details` gives, what `sources` adds to it, and where it first was."""

    details: dict[str, Any]
    offers: list[dict[str, Any]]
    regions: list[str] = field(default_factory=lambda: ["GB"])

    @property
    def source_ids(self) -> set[int]:
        """The sources that have it."""
        return {offer["source_id"] for offer in self.offers}

    def item(self) -> dict[str, Any]:
        """What `/list-titles` gives."""
        names = ("id", "title", "year", "imdb_id", "tmdb_id", "tmdb_type", "type")
        return {name: self.details[name] for name in names}

    @property
    def is_series(self) -> bool:
        """Whether TVmaze could know it."""
        return self.details["type"] in ("tv_series", "tv_miniseries")


def titles(today: date) -> dict[int, Title]:
    """All titles by id."""
    chance = random.Random(f"titles of {today:%Y-%m}")
    names = words.titles(random.Random("names of titles"))
    sources = reference.sources()
    made = [_harbour_lights(), *(_title(chance, number, next(names), today, sources) for number in range(1, COUNT))]
    _cover_genres(chance, made)
    return {title.details["id"]: title for title in made}


def _title(chance: random.Random, number: int, name: str, today: date, sources: list[dict[str, Any]]) -> Title:
    kind = chance.choices([kind for kind, _ in _KINDS], [weight for _, weight in _KINDS])[0]
    is_film = kind in ("movie", "short_film", "tv_movie")
    if number <= _RECENT:
        released = today + timedelta(days=chance.randint(-35, 30))
    else:
        released = date(chance.randint(1962, today.year - 1), 1, 1) + timedelta(days=chance.randrange(365))
    genres = sorted(set(chance.sample(_FILM_GENRES if is_film else _SERIES_GENRES, chance.randint(1, 3))))
    # By its place in the row, so that every source has some; the popular ones stand in front and get more.
    chosen = {number % len(sources), *(min(int(chance.expovariate(0.15)), 49) for _ in range(chance.randint(0, 3)))}
    offered = [] if chance.random() < 0.03 else [sources[place] for place in sorted(chosen)]
    details = {
        "id": FIRST_ID + number, "title": name, "original_title": name,
        "plot_overview": _maybe(chance, 0.92, words.plot(chance)), "type": kind,
        "runtime_minutes": chance.randint(7, 25) if kind == "short_film" else
        chance.randint(78, 162) if is_film else chance.choice((25, 30, 45, 50, 60, None)),
        "year": released.year, "end_year": _end_year(chance, kind, released, today),
        "release_date": released.isoformat(),
        "imdb_id": _maybe(chance, 0.94, f"tt99{number + 1:05}"), "tmdb_id": _maybe(chance, 0.97, 990_001 + number),
        "tmdb_type": "movie" if is_film else "tv", "genres": genres,
        "genre_names": [reference.GENRE_NAMES[genre] for genre in genres],
        "user_rating": _maybe(chance, 0.83, round(chance.uniform(3.4, 9.2), 1)),
        "critic_score": _maybe(chance, 0.5, chance.randint(22, 98)),
        "us_rating": _maybe(chance, 0.4, chance.choice(("PG", "PG-13", "R", "TV-14", "TV-MA"))),
        "poster": _maybe(chance, 0.88, f"/posters/{FIRST_ID + number}_w342.svg"),
        "backdrop": _maybe(chance, 0.6, f"/backdrops/{FIRST_ID + number}_w780.svg"),
        "original_language": chance.choices(("en", "cy", "gd", "fr", "da", "ja"), (80, 4, 2, 6, 4, 4))[0],
        "networks": None if is_film else [chance.choice((8, 12, 21, 34, 55))], "network_names": None,
        "relevance_percentile": round(chance.uniform(1, 99.9), 1), "english_title": None,
    }
    if chance.random() < 0.02:
        details["year"] = details["release_date"] = None
    return Title(details, [_offer(chance, source, name, is_film) for source in offered])


def _harbour_lights() -> Title:
    """The title of the documentation's examples; tests and demonstrations count on it."""
    name = "Harbour Lights"
    details = {
        "id": FIRST_ID, "title": name, "original_title": name,
        "plot_overview": "A harbour master and a detective with the same enemy share one small boat.",
        "type": "tv_series", "runtime_minutes": 50, "year": 2025, "end_year": None, "release_date": "2025-03-02",
        "imdb_id": "tt9900001", "tmdb_id": 990_001, "tmdb_type": "tv", "genres": [5, 7],
        "genre_names": ["Crime", "Drama"], "user_rating": 7.6, "critic_score": None, "us_rating": None,
        "poster": f"/posters/{FIRST_ID}_w342.svg", "backdrop": None, "original_language": "en", "networks": [8],
        "network_names": ["BBC One"], "relevance_percentile": 91.2, "english_title": None,
    }
    by_id = {source["id"]: source for source in reference.sources()}
    chance = random.Random(name)
    return Title(details, [_offer(chance, by_id[number], name, False) for number in (409, 376)])


def _offer(chance: random.Random, source: dict[str, Any], name: str, is_film: bool) -> dict[str, Any]:
    kind = chance.choice(("rent", "buy")) if source["type"] == "purchase" else source["type"]
    return {
        "source_id": source["id"], "name": source["name"], "type": kind, "region": "GB",
        "ios_url": _PAID_ONLY, "android_url": _PAID_ONLY,
        "web_url": f"https://www.example.com/{words.slug(source['name'])}/{words.slug(name)}",
        "format": chance.choice(("SD", "HD", "HD", "4K")),
        "price": chance.choice((2.49, 3.49, 4.99, 9.99)) if kind in ("rent", "buy") else None,
        "seasons": None if is_film else chance.randint(1, 6), "episodes": None if is_film else chance.randint(4, 48),
    }


def _cover_genres(chance: random.Random, made: list[Title]) -> None:
    """Gives every genre a few titles."""
    for genre in reference.GENRE_NAMES.keys() - _UNUSED_GENRES:
        having = [title for title in made if genre in title.details["genres"]]
        for title in chance.sample(made[1:], max(0, 3 - len(having))):
            details = title.details
            details["genres"] = sorted({*details["genres"], genre})
            details["genre_names"] = [reference.GENRE_NAMES[number] for number in details["genres"]]


def _end_year(chance: random.Random, kind: str, released: date, today: date) -> int | None:
    ended = released.year + chance.randint(1, 9)
    return ended if kind == "tv_series" and ended < today.year and chance.random() < 0.6 else None


def _maybe(chance: random.Random, likely: float, value: Any) -> Any:
    return value if chance.random() < likely else None
