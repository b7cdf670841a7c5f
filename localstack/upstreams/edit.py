"""Edits to the data: `POST /_data` with a list, answered with a list of what each edit left.

    {"edit": "move_programme", "id": 3, "start": "2026-01-09T21:15:00Z", "runtime": 60}
    {"edit": "move_programme", "id": 3, "later": 15}                  by minutes; negative is earlier
    {"edit": "cancel_programme", "id": 3}
    {"edit": "add_programme", "network": 12, "show": 90001, "start": "2026-01-09T21:00:00Z", "runtime": 60,
     "name": "Christmas Special"}
    {"edit": "rename_source", "id": 418, "name": "5"}
    {"edit": "change_title", "id": 3100001, "set": {"title": "Harbor Lights", "user_rating": null}}
    {"edit": "remove_title", "id": 3100001}
    {"edit": "reset"}                                                 undoes all edits

They are made one after the other; when one is refused, those before it hold.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from upstreams.data import World
from upstreams.data.channel import BY_ID
from upstreams.data.schedule import instant


def apply(world: World, wanted: Any) -> list[Any]:
    """Makes the edits."""
    if not isinstance(wanted, list):
        raise ValueError("edits are a list")
    return [_one(world, dict(item)) for item in wanted]


def _one(world: World, item: dict[str, Any]) -> Any:
    name = item.pop("edit", None)
    if name not in _EDITS:
        raise ValueError(f"there is no edit {name}: use one of {', '.join(sorted(_EDITS))}")
    with world.lock:
        return _EDITS[name](world, **item)


def _move(world: World, id: int, start: str | None = None, later: int | None = None,
          runtime: int | None = None) -> Any:
    programme = _found(world.schedule.find(id), "programme", id)
    if (start is None) == (later is None):
        raise ValueError("a move takes either start or later")
    moment = instant(start) if start is not None else programme.start + timedelta(minutes=later or 0)
    return world.schedule.episode(world.schedule.move(id, moment, runtime))


def _cancel(world: World, id: int) -> Any:
    world.schedule.cancel(id)
    return {"id": id}


def _add(world: World, network: int, show: int, start: str, runtime: int, name: str = "Special") -> Any:
    _found(BY_ID.get(network), "network", network)
    _found(world.shows.get(show), "show", show)
    return world.schedule.episode(world.schedule.add(network, show, instant(start), runtime, name))


def _rename(world: World, id: int, name: str) -> Any:
    source = _found(world.sources.get(id), "source", id)
    source["name"] = name
    for title in world.titles.values():
        for offer in title.offers:
            if offer["source_id"] == id:
                offer["name"] = name
    return source


def _change_title(world: World, id: int, set: dict[str, Any]) -> Any:
    details = _found(world.titles.get(id), "title", id).details
    unknown = set.keys() - details.keys() | set.keys() & {"id"}
    if unknown:
        raise ValueError(f"these members of a title cannot be set: {', '.join(sorted(unknown))}")
    details.update(set)
    return details


def _remove_title(world: World, id: int) -> Any:
    _found(world.titles.pop(id, None), "title", id)
    return {"id": id}


def _reset(world: World) -> Any:
    world.reset()
    return {}


def _found(thing: Any, what: str, number: Any) -> Any:
    if thing is None:
        raise KeyError(f"there is no {what} {number}")
    return thing


_EDITS: dict[str, Callable[..., Any]] = {
    "add_programme": _add, "cancel_programme": _cancel, "change_title": _change_title, "move_programme": _move,
    "remove_title": _remove_title, "rename_source": _rename, "reset": _reset,
}
