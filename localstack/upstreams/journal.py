"""What an origin was asked, for tests: `GET /_requests`."""

from __future__ import annotations

import threading
import time
from typing import Any

from upstreams.exchange import Request


class Journal:
    """Every request since the start or the last `DELETE /_requests`.

    Of a key only its place is kept: `"header"`, `"bearer"`, `"url"` or null.
    `status` is null where the connection ended without an answer, and `fault` names the rule's fault.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[dict[str, Any]] = []

    def open(self, request: Request) -> dict[str, Any]:
        """Notes a request; the caller fills in how it ended."""
        entry = {
            "at": time.time(), "method": request.method, "path": request.path, "query": dict(request.query),
            "key": request.key_in, "status": None, "fault": None}
        with self._lock:
            self._entries.append(entry)
        return entry

    def entries(self) -> list[dict[str, Any]]:
        """A copy of everything noted."""
        with self._lock:
            return [dict(entry) for entry in self._entries]

    def clear(self) -> None:
        """Forgets everything."""
        with self._lock:
            self._entries.clear()
