"""Sources and genres of Watchmode for the region GB.

The ids of genres, and of the first twenty sources, are those of Watchmode; the others are
invented. As in its real data a shop has the type `purchase`, which its documentation does
not list, and a genre that TMDB lacks has the TMDB id 0.
"""

from __future__ import annotations

from typing import Any

# (id, name, type, other regions)
_SOURCES = (
    (203, "Netflix", "sub", ("US",)), (26, "Prime Video", "sub", ("US",)), (372, "Disney+", "sub", ("US",)),
    (349, "AppleTV", "purchase", ("US",)), (371, "AppleTV+", "sub", ("US",)), (409, "BBC iPlayer", "free", ()),
    (413, "ITVX", "free", ()), (407, "All 4", "free", ()), (418, "My5", "free", ()), (406, "Now TV", "sub", ()),
    (408, "Sky Go", "sub", ()), (411, "Sky Store", "purchase", ()), (444, "Paramount+", "sub", ("US",)),
    (445, "Discovery+", "sub", ("US",)), (416, "UKTV Play", "free", ()), (181, "MUBI", "sub", ("US",)),
    (410, "BFI Player", "sub", ()), (391, "Pluto TV", "free", ("US",)), (376, "Britbox", "sub", ("US",)),
    (80, "Crunchyroll Premium", "sub", ("US",)),
    (9001, "STV Player", "free", ()), (9002, "S4C Clic", "free", ()), (9003, "Rakuten TV", "purchase", ()),
    (9004, "Curzon Home Cinema", "purchase", ()), (9005, "Google Play Movies", "purchase", ("US",)),
    (9006, "YouTube Movies", "purchase", ("US",)), (9007, "Amazon Video", "purchase", ("US",)),
    (9008, "Microsoft Store", "purchase", ("US",)), (9009, "Chili", "purchase", ()),
    (9010, "Virgin Media Store", "purchase", ()), (9011, "BT TV Store", "purchase", ()),
    (9012, "Talk Talk Films", "purchase", ()), (9013, "Shudder", "sub", ("US",)), (9014, "hayu", "sub", ()),
    (9015, "Arrow Player", "sub", ("US",)), (9016, "Acorn TV", "sub", ("US",)), (9017, "Sundance Now", "sub", ("US",)),
    (9018, "StudioCanal Presents", "sub", ()), (9019, "History Vault", "sub", ("US",)),
    (9020, "Curiosity Stream", "sub", ("US",)), (9021, "Full Moon", "sub", ("US",)),
    (9022, "Docsville", "sub", ()), (9023, "True Story", "sub", ()), (9024, "Dekkoo", "sub", ("US",)),
    (9025, "HiDive", "sub", ("US",)), (9026, "MGM+", "sub", ("US",)), (9027, "ITVX Premium", "sub", ()),
    (9028, "Channel 4+", "sub", ()), (9029, "Klassiki", "sub", ()), (9030, "Sky Kids", "sub", ()),
)

_GENRES = (
    (1, "Action", 28), (2, "Adventure", 12), (3, "Animation", 16), (4, "Comedy", 35), (5, "Crime", 80),
    (6, "Documentary", 99), (7, "Drama", 18), (8, "Family", 10751), (9, "Fantasy", 14), (10, "History", 36),
    (11, "Horror", 27), (12, "Music", 10402), (13, "Mystery", 9648), (14, "Romance", 10749),
    (15, "Science Fiction", 878), (17, "Thriller", 53), (18, "War", 10752), (19, "Western", 37), (21, "Kids", 10762),
    (22, "News", 10763), (23, "Reality", 10764), (25, "Soap", 10766), (26, "Talk", 10767), (28, "Game Show", 0),
    (29, "Sports", 0), (30, "Adult", 0), (31, "Biography", 0), (32, "Musical", 0), (33, "Anime", 0), (34, "Food", 0),
    (35, "Travel", 0), (36, "Nature", 0), (37, "Supernatural", 0), (38, "TV Movie", 10770),
    (39, "Action & Adventure", 10759), (40, "Sci-Fi & Fantasy", 10765), (41, "War & Politics", 10768),
)

GENRE_NAMES = {number: name for number, name, _ in _GENRES}


def sources() -> list[dict[str, Any]]:
    """Every source, as `/sources` gives it."""
    return [_source(*row) for row in _SOURCES]


def genres() -> list[dict[str, Any]]:
    """Every genre, as `/genres` gives it."""
    return [{"id": number, "name": name, "tmdb_id": tmdb} for number, name, tmdb in _GENRES]


def regions() -> list[dict[str, Any]]:
    """The regions that the plan covers."""
    return [
        {"country": code, "name": name, "data_tier": 1, "plan_enabled": True,
         "flag": f"https://cdn.watchmode.com/misc_images/icons/{code.lower()}Flag2.png"}
        for code, name in (("GB", "Great Britain"), ("US", "USA"))]


def _source(number: int, name: str, kind: str, abroad: tuple[str, ...]) -> dict[str, Any]:
    slug = "".join(letter for letter in name.lower() if letter.isalnum())
    # Sources without an app have no scheme; in the real data so have many that do.
    has_app = kind != "purchase" and number % 3 != 0
    return {
        "id": number, "name": name, "type": kind,
        "logo_100px": f"https://cdn.watchmode.com/provider_logos/{slug}_100px.png",
        "ios_appstore_url": f"http://itunes.apple.com/app/{slug}/id{number:09}" if has_app else None,
        "android_playstore_url":
            f"https://play.google.com/store/apps/details?id=com.{slug}.android" if has_app else None,
        "android_scheme": slug if has_app else None, "ios_scheme": slug if has_app else None,
        "regions": [*abroad, "GB"],
    }
