"""The paths for tests, which no real service has: faults, settings, requests, edits."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from upstreams import edit
from upstreams.exchange import Reply, Request, at_origin

if TYPE_CHECKING:
    from upstreams.service import Service


def answer(service: Service, request: Request, content: bytes) -> Reply:
    """Runs a request of a test."""
    try:
        return _route(service, request, json.loads(content) if content else None)
    except (ValueError, KeyError, TypeError, re.error) as error:
        return Reply(400, {"message": str(error.args[0]) if error.args else repr(error)})


def _route(service: Service, request: Request, body: Any) -> Reply:
    place = (request.method, request.path)
    if place == ("GET", "/_requests"):
        return Reply(200, service.journal.entries())
    if place == ("DELETE", "/_requests"):
        service.journal.clear()
    elif place == ("POST", "/_faults"):
        service.rules.replace(body)
    elif place == ("DELETE", "/_faults"):
        service.rules.replace([])
    elif place == ("POST", "/_settings"):
        service.api.settings.change(body)
    elif place == ("POST", "/_data"):
        return Reply(200, at_origin(edit.apply(service.api.world, body), request.origin, service.api.world.pictures))
    elif place not in (("GET", "/_faults"), ("GET", "/_settings")):
        return Reply(404, {"message": f"no such resource: {request.method} {request.path}"})
    return Reply(200, service.api.settings.shown() if request.path == "/_settings" else service.rules.shown())
