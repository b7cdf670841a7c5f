"""AWS::Athena::NamedQuery, on the emulator's own named queries."""

from __future__ import annotations

import json
from typing import Any

_REQUIRED = ("Database", "QueryString")
_MEMBERS = ("Name", "Description", "Database", "QueryString", "WorkGroup")


def register(handlers: dict[str, Any]) -> None:
    """Adds the type."""
    handlers["AWS::Athena::NamedQuery"] = {"create": _create, "update": _update, "delete": _delete}


def _create(logical_id: str, properties: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
    from ministack.services import athena

    for name in _REQUIRED:
        if not properties.get(name):
            raise ValueError(f"Property validation failure: [The property {{/{name}}} is required]")
    members = {name: properties[name] for name in _MEMBERS if name in properties}
    members.setdefault("Name", f"{stack_name}-{logical_id}")
    _, _, body = athena._create_named_query(members)
    query_id = str(json.loads(body)["NamedQueryId"])
    return query_id, {"NamedQueryId": query_id}


def _update(physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
    # Every property needs replacement on AWS, so an update is a create under a new id.
    created = _create(physical_id, new, stack_name)
    _delete(physical_id, old)
    return created


def _delete(physical_id: str, properties: dict[str, Any]) -> None:
    from ministack.services import athena

    athena._delete_named_query({"NamedQueryId": physical_id})
