"""Names and sentences for what does not exist."""

from __future__ import annotations

import random
from collections.abc import Iterator

_PLACES = (
    "Ashgrove", "Bramley Cross", "Calder Vale", "Dunmoor", "Eastwick Sands", "Fallowfield Lane", "Glenharrow",
    "Hexby", "Inverlair", "Kettering Hall", "Llanfach", "Marlow Reach", "Nether Wick", "Otterburn Quay",
    "Penhallow", "Quorn Street", "Ravenscar Bay", "Saltmarsh", "Tidewater Row", "Upper Thorne", "Wexcombe",
    "Yarrow Hill", "St Brannoc", "Castle Dray",
)
_ADJECTIVES = (
    "Quiet", "Broken", "Silver", "Northern", "Hidden", "Last", "Borrowed", "Winter", "Crooked", "Gilded", "Second",
    "Burning", "Unwritten", "Midnight", "Paper", "Wild", "Distant", "Hollow", "Electric", "Scarlet",
)
_NOUNS = (
    "Harbour", "Orchard", "Witness", "Lanterns", "Ledger", "Tide", "Bakers", "Signal", "Kingfisher", "Inheritance",
    "Allotment", "Lighthouse", "Choir", "Tenants", "Railway", "Verdict", "Garden", "Clockmaker", "Crossing",
    "Postmistress", "Ferry", "Archive", "Vicarage", "Moor", "Regatta",
)
_FIRST = ("Ada", "Bertie", "Cerys", "Dougal", "Edith", "Freya", "Gwen", "Hamish", "Imran", "Jessamy", "Kit", "Lowri")
_LAST = ("Pembury", "Okafor", "Tregenza", "McAllan", "Blythe", "Rahman", "Fenwick", "Llewellyn", "Hargreave", "Sood")
# Letters that fold: readers must find these by their plain spelling, too.
_SPECIAL = (
    "Café Noir", "Ceòl na Mara", "Tŷ'r Graig", "L'Été à Margate", "Ñandú & Friends", "100 Days of Rain",
    "¡Vamos, Brighton!", "The \"Good\" Neighbours", "Æthelred's Kitchen", "3½ Wishes", "naïve",
    "…And Then There Was Tea",
)
_DEEDS = (
    "uncovers a secret that the whole town has kept for thirty years", "inherits a failing bakery and a feud",
    "has one week to save the village hall", "is asked to solve the case that ended a career",
    "finds a letter that was never meant to arrive", "takes the night shift and meets the city's other half",
    "returns home for a funeral and stays for the trial", "learns that the sea gives back what it takes",
    "must choose between the family farm and a place in the orchestra", "opens the archive to the public at last",
)
_WHO = (
    "A retired detective", "A young vet", "A widowed teacher", "The new postmistress", "A ferry captain",
    "A disgraced barrister", "A pair of rival gardeners", "An apprentice clockmaker", "The night editor",
)


def titles(chance: random.Random) -> Iterator[str]:
    """Names without end, each of them once."""
    given: set[str] = set()
    for name in _SPECIAL:
        given.add(name)
        yield name
    while True:
        name = _title(chance)
        number = 2
        while name in given:
            name, number = f"{name.rstrip('0123456789 ')} {number}", number + 1
        given.add(name)
        yield name


def _title(chance: random.Random) -> str:
    place, adjective, noun = chance.choice(_PLACES), chance.choice(_ADJECTIVES), chance.choice(_NOUNS)
    person = f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"
    return chance.choice((
        f"The {adjective} {noun}", f"{adjective} {noun}", f"{place}", f"The {noun} of {place}",
        f"{person}", f"{person}'s {noun}", f"{noun} & {chance.choice(_NOUNS)}", f"Return to {place}",
        f"{place}: {adjective} {noun}"))


def person(chance: random.Random) -> str:
    """The name of somebody."""
    return f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"


def plot(chance: random.Random) -> str:
    """What happens, in one or two sentences."""
    first = f"{chance.choice(_WHO)} in {chance.choice(_PLACES)} {chance.choice(_DEEDS)}."
    if chance.random() < 0.5:
        return first
    return f"{first} Then {chance.choice(_WHO).lower()} arrives & nothing stays as it was."


def slug(name: str) -> str:
    """The name as a part of a URL."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in name)
    return "-".join(plain.lower().split())
