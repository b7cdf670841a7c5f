"""A request as a service sees it, and its reply."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.message import Message
from html import escape
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

from upstreams.data import World
from upstreams.settings import Settings

# The parameter of Watchmode that holds the key.
KEY_PARAMETER = "apiKey"

_PICTURES = ("/posters/", "/backdrops/", "/images/")
_LINKS = ("/shows/", "/episodes/")


@dataclass(frozen=True)
class Request:
    """What was asked; the key stands apart, so that nothing that logs the rest can log it."""

    method: str
    # Without the slash at its end: both spellings are the same.
    path: str
    query: Mapping[str, str]
    # Scheme, host and port as the caller wrote them.
    origin: str
    key: str | None
    # How the key came: "header", "bearer" or "url".
    key_in: str | None

    @property
    def target(self) -> str:
        """Path and query without the key, in the order of their names."""
        return self.path + ("?" + urlencode(sorted(self.query.items())) if self.query else "")

    def with_query(self, name: str, value: str) -> Request:
        """The same request with another value of a parameter."""
        return replace(self, query={**self.query, name: value})


@dataclass(frozen=True)
class Reply:
    """An answer: `body` is JSON, or text of another type."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=utf-8"

    def content(self) -> bytes:
        """The body as it is sent."""
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


class Api(Protocol):
    """One of the two services, apart from its socket."""

    name: str
    world: World

    @property
    def settings(self) -> Settings:
        """What can be set of it."""

    def answer(self, request: Request) -> Reply:
        """What the service says when nothing is wrong with it."""

    def error(self, status: int, message: str) -> Reply:
        """A refusal in the service's own form."""


def read(method: str, raw_target: str, headers: Message) -> Request:
    """A request from its first line and headers."""
    parts = urlsplit(raw_target)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    in_url = query.pop(KEY_PARAMETER, None)
    scheme, _, token = (headers.get("Authorization") or "").partition(" ")
    key, key_in = next(
        ((key, place) for key, place in (
            (headers.get("X-API-Key"), "header"),
            (token.strip() if scheme.lower() == "bearer" else None, "bearer"), (in_url, "url")) if key),
        (None, None))
    return Request(
        method, parts.path.rstrip("/") or "/", query, f"http://{headers.get('Host') or '127.0.0.1'}", key, key_in)


def at_origin(body: Any, origin: str, pictures: str | None) -> Any:
    """The body with its links at an origin, and its pictures there or at another; the data holds paths alone."""
    if isinstance(body, list):
        return [at_origin(item, origin, pictures) for item in body]
    if isinstance(body, dict):
        return {name: at_origin(value, origin, pictures) for name, value in body.items()}
    if isinstance(body, str) and body.startswith(_PICTURES):
        return (pictures or origin) + body
    return origin + body if isinstance(body, str) and body.startswith(_LINKS) else body


def picture(path: str) -> Reply | None:
    """A picture, so that pages have something to show without reaching for a network; None for other paths."""
    if not path.startswith(_PICTURES):
        return None
    label = path.rpartition("/")[2].partition("_")[0]
    hue = sum(label.encode()) * 37 % 360
    return Reply(200, (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 342 513" role="img">'
        f'<rect width="342" height="513" fill="hsl({hue} 45% 30%)"/>'
        f'<circle cx="171" cy="200" r="90" fill="hsl({(hue + 60) % 360} 50% 55%)"/>'
        '<text x="171" y="430" fill="#fff" font-family="sans-serif" font-size="28" text-anchor="middle">'
        f'{escape(label)}</text>'
        '</svg>'), {"Cache-Control": "public, max-age=86400"}, "image/svg+xml")
