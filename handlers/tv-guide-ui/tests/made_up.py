"""Answers of an API that is not there: a small guide of invented programmes, and how to give it."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

from deployment import Deployment
from playwright.sync_api import Page, Route

CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag, Retry-After"}

Handler = Callable[[dict[str, str], Any], tuple[int, Any]]


def instant(text: str) -> datetime:
    """2026-01-09T21:00:00Z."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def on_wire(at: datetime) -> str:
    return at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def programme(id: str, channel: str, start: str, minutes: int, **more: Any) -> dict[str, Any]:
    """A programme as the API gives it."""
    begin = instant(start)
    return {
        "program_id": id,
        "title": f"Programme {id}",
        "channel": f"Channel {channel}",
        "channel_id": channel,
        "start_time": on_wire(begin),
        "end_time": on_wire(begin + timedelta(minutes=minutes)),
        "show_id": f"show-{id}",
        "genres": ["Drama"],
        **more,
    }


def row(channel: str, start: str, minutes: int, count: int) -> list[dict[str, Any]]:
    """Programmes that follow each other."""
    begin = instant(start)
    return [
        programme(f"{channel}-{index}", channel, on_wire(begin + timedelta(minutes=minutes * index)), minutes)
        for index in range(count)
    ]


class Api:
    """Answers the requests of a page in the API's place, and remembers them."""

    def __init__(self, programmes: Iterable[dict[str, Any]] = (), channels: Iterable[str] = "abc") -> None:
        self.programmes = list(programmes)
        self.channels = list(channels)
        self.requests: list[tuple[str, str, Any]] = []
        self.handlers: dict[tuple[str, str], Handler] = {
            ("GET", "/channels"): lambda *_: (
                200,
                [{"id": id, "name": f"Channel {id}", "order": order} for order, id in enumerate(self.channels)],
            ),
            ("GET", "/guide"): self.guide,
            ("GET", "/sources"): lambda *_: (200, [{"id": 203, "name": "Netflix"}, {"id": 409, "name": "BBC iPlayer"}]),
            ("GET", "/genres"): lambda *_: (200, [{"id": 4, "name": "Comedy"}, {"id": 7, "name": "Drama"}]),
            ("GET", "/favourites"): lambda *_: (200, {"favourites": []}),
            ("GET", "/preferences"): lambda *_: (200, {"sources": ["203"], "genres": []}),
        }

    def on(self, method: str, path: str, handler: Handler) -> None:
        """Answers a path in another way: with a status, and a body or the name of a fault."""
        self.handlers[method, path] = handler

    def serve(self, page: Page, deployment: Deployment) -> None:
        """From now on answers the page's requests."""
        origin = deployment.config["api"].rstrip("/")
        page.route(f"{origin}/**", lambda route: self.answer(route, origin))

    def guide(self, query: dict[str, str], _: Any) -> tuple[int, Any]:
        found: dict[str, dict[str, Any]] = {}
        for one in self.programmes:
            if one["end_time"] > query["from"] and one["start_time"] < query["to"]:
                own = {"id": one["channel_id"], "name": one["channel"], "programmes": []}
                found.setdefault(one["channel_id"], own)["programmes"].append(one)
        return 200, {"from": query["from"], "to": query["to"], "channels": list(found.values()), "next": None}

    def answer(self, route: Route, origin: str) -> None:
        request = route.request
        address = urllib.parse.urlsplit(request.url.removeprefix(origin))
        body = json.loads(request.post_data) if request.post_data else None
        self.requests.append((request.method, address.path, body))
        handler = self.handlers.get((request.method, address.path), missing)
        status, answer = handler(dict(urllib.parse.parse_qsl(address.query)), body)
        if isinstance(answer, str):
            return route.abort(answer)
        kind = "application/json" if status < 400 else "application/problem+json"
        headers = {**CORS, "ETag": '"1"', "Content-Type": kind}
        return route.fulfill(status=status, headers=headers, body="" if answer is None else json.dumps(answer))


class Cognito:
    """Answers the calls of a page in Cognito's place; `on` says what to which call."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.answers: dict[str, tuple[int, Any]] = {
            "InitiateAuth": (200, {"AuthenticationResult": TOKENS, "ChallengeParameters": {}}),
            "RespondToAuthChallenge": (200, {"AuthenticationResult": TOKENS, "ChallengeParameters": {}}),
            "RevokeToken": (200, {}),
        }

    def serve(self, page: Page, deployment: Deployment) -> None:
        """From now on answers the page's calls."""
        page.route(f"{deployment.config['cognito'].rstrip('/')}/**", self.answer)

    def refuse(self, call: str, exception: str) -> None:
        """From now on answers a call with an exception of Cognito's."""
        self.answers[call] = 400, {"__type": exception, "message": "no"}

    def answer(self, route: Route) -> None:
        target = route.request.headers.get("x-amz-target")
        if target is None:
            # In the local cloud the API has the same origin.
            return route.fallback()
        call = target.rsplit(".", 1)[1]
        self.calls.append((call, json.loads(route.request.post_data)))
        status, body = self.answers[call]
        headers = {**CORS, "Content-Type": "application/x-amz-json-1.1"}
        return route.fulfill(status=status, headers=headers, body=json.dumps(body))


TOKENS = {"AccessToken": "token", "RefreshToken": "renewal", "IdToken": "id", "ExpiresIn": 3600, "TokenType": "Bearer"}


def missing(*_: Any) -> tuple[int, Any]:
    return 404, {"title": "not found", "status": 404, "detail": "there is nothing here"}


def sign_in(page: Page, deployment: Deployment) -> None:
    """Makes the page one of a signed-in user, as if from before."""
    state = {
        "clientId": deployment.config["client_id"],
        "user": "reader@example.com",
        "access": "token",
        "refresh": "renewal",
        "expires": 4_102_444_800_000,
    }
    page.add_init_script(f"sessionStorage.setItem('headend.session', JSON.stringify({json.dumps(state)}))")
