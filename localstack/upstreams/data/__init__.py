"""What both services tell of: one world, made for a date, that edits change.

Reading order: `reference`, `title` and `words`, `show`, `channel`, `schedule` and `london`.
"""

from __future__ import annotations

import threading
from datetime import date

from upstreams.data import reference, show, title
from upstreams.data.schedule import Schedule


class World:
    """All data; whoever reads or edits it holds the lock."""

    def __init__(self, today: date, pictures: str | None = None) -> None:
        self.today = today
        # Where pictures are; None for the origin that is asked.
        self.pictures = pictures
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Undoes every edit."""
        with self.lock:
            self.sources = {source["id"]: source for source in reference.sources()}
            self.genres = {genre["id"]: genre for genre in reference.genres()}
            self.titles = title.titles(self.today)
            self.shows = show.shows(self.titles, self.today)
            self.schedule = Schedule(self.shows)
