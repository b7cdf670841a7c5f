"""The channels of the fake schedule, and what each shows when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Channel:
    """A channel; TVmaze calls it a network."""

    id: int
    name: str
    # Kinds of shows that fill its day.
    kinds: tuple[str, ...]
    # Fixed points of its day: minutes after local midnight, the show's name, its length.
    fixed: tuple[tuple[int, str, int], ...] = ()

    def network(self) -> dict[str, Any]:
        """As it stands in a show."""
        return {
            "id": self.id, "name": self.name, "officialSite": None,
            "country": {"name": "United Kingdom", "code": "GB", "timezone": "Europe/London"}}


_BULLETINS = (
    (6 * 60, "Breakfast Today", 180), (13 * 60, "News at One", 30), (18 * 60, "News at Six", 30),
    (22 * 60, "News at Ten", 30))
# Until six in the morning, and from seven in the evening over midnight.
_OFF_AIR = ((19 * 60, "Off Air until Six", 300),)

# The id of BBC One is TVmaze's own; the others are invented.
CHANNELS = (
    Channel(12, "BBC One", ("general", "series", "drama"), (
        *_BULLETINS[:3], (21 * 60, "Harbour Lights", 60), _BULLETINS[3])),
    Channel(801, "BBC Two", ("general", "documentary", "series")),
    Channel(802, "ITV1", ("general", "series", "drama"), _BULLETINS),
    Channel(803, "Channel 4", ("general", "comedy", "series", "lifestyle"), ((19 * 60, "News at Six", 30),)),
    Channel(804, "5", ("general", "documentary", "drama"), ((17 * 60, "News at Six", 30),)),
    Channel(805, "BBC Three", ("comedy", "series")),
    Channel(806, "BBC Four", ("arts", "documentary")),
    Channel(807, "ITV2", ("comedy", "general", "series")),
    Channel(808, "ITV3", ("drama",)),
    Channel(809, "ITV4", ("sport", "documentary", "drama")),
    Channel(810, "ITV Quiz", ("general",)),
    Channel(811, "E4", ("comedy", "series")),
    Channel(812, "More4", ("lifestyle", "documentary")),
    Channel(813, "Film4", ("film",)),
    Channel(814, "4seven", ("series", "documentary")),
    Channel(815, "5USA", ("drama", "series")),
    Channel(816, "5STAR", ("comedy", "lifestyle")),
    Channel(817, "5Action", ("film", "documentary")),
    Channel(818, "U&Dave", ("comedy",)),
    Channel(819, "U&Yesterday", ("documentary",)),
    Channel(820, "U&Drama", ("drama",)),
    Channel(821, "U&W", ("lifestyle", "drama")),
    Channel(822, "Quest", ("documentary", "sport")),
    Channel(823, "DMAX", ("documentary",)),
    Channel(824, "Sky Mix", ("series", "comedy")),
    Channel(825, "Sky Arts", ("arts",)),
    Channel(826, "Sky News", ("news",)),
    Channel(827, "BBC News", ("news",)),
    Channel(828, "Sky Atlantic", ("series", "drama")),
    Channel(829, "CBBC", ("children",), _OFF_AIR),
    Channel(830, "CBeebies", ("children",), _OFF_AIR),
    Channel(831, "S4C", ("general", "series", "children")),
    Channel(832, "BBC Alba", ("general", "documentary")),
    Channel(833, "Talking Pictures", ("film", "drama")),
)

BY_ID = {channel.id: channel for channel in CHANNELS}
