"""A limit of calls in a sliding window."""

from __future__ import annotations

import threading
import time
from collections import deque


class Limit:
    """Counts calls; `scale` multiplies the window, as it does every other time of the local cloud."""

    def __init__(self, scale: float) -> None:
        self._scale = scale
        self._lock = threading.Lock()
        self._calls: deque[float] = deque()

    def left(self, calls: int, seconds: float) -> int:
        """Takes a call and says how many are left after it; -1 when it was one too many."""
        now = time.monotonic()
        with self._lock:
            while self._calls and self._calls[0] <= now - seconds * self._scale:
                self._calls.popleft()
            if len(self._calls) >= calls:
                return -1
            self._calls.append(now)
            return calls - len(self._calls)
