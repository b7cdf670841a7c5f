"""A client of the fake upstreams for their tests: it follows no redirect and raises for no status."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from datetime import date
from email.message import Message
from typing import Any
from urllib.parse import urlsplit

import upstreams

KEY = "a-key-that-no-log-may-hold"
TODAY = date(2026, 1, 9)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Message
    content: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.content)


def ask(url: str, method: str = "GET", body: Any = None, timeout: float = 10, **headers: str) -> Answer:
    """One request on a connection of its own; `X_API_Key` stands for the header `X-API-Key`."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    try:
        connection.request(
            method, parts.path + (f"?{parts.query}" if parts.query else ""),
            None if body is None else json.dumps(body),
            {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


class Upstreams:
    """Both services, for one test."""

    def __init__(self, today: date = TODAY, time_scale: float = 1.0) -> None:
        self.origins = upstreams.start(today, KEY, time_scale=time_scale)
        self.base = self.origins.addresses()
        self.tvmaze = self.base["tvmaze"]
        self.watchmode_origin = self.base["watchmode"].removesuffix("/v1")
        self.settings("tvmaze", calls=0)

    def watchmode(self, path: str) -> Answer:
        """A request to Watchmode with the key in its header."""
        return ask(self.base["watchmode"] + path, X_API_Key=KEY)

    def rows(self, path: str) -> Any:
        """The body of such a request, which succeeds."""
        answer = self.watchmode(path)
        assert answer.status == 200, answer
        return answer.json

    def schedule(self, day: str = "2026-01-09") -> list[dict[str, Any]]:
        """TVmaze's schedule of a day in Great Britain."""
        return list(ask(f"{self.tvmaze}/schedule?country=GB&date={day}").json)

    def settings(self, name: str, **wanted: Any) -> Any:
        """Changes the settings of one of the two."""
        return self._control(name, "_settings", wanted)

    def faults(self, name: str, *rules: dict[str, Any]) -> Any:
        """Sets the faults of one of the two."""
        return self._control(name, "_faults", list(rules))

    def edit(self, *edits: dict[str, Any]) -> Any:
        """Edits the data."""
        return self._control("tvmaze", "_data", list(edits))

    def _control(self, name: str, path: str, body: Any) -> Any:
        origin = self.tvmaze if name == "tvmaze" else self.watchmode_origin
        answer = ask(f"{origin}/{path}", "POST", body)
        assert answer.status == 200, answer
        return answer.json
