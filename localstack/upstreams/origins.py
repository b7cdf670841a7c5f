"""Both services, each on a port of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from upstreams.data import World
from upstreams.service import Service
from upstreams.settings import TvmazeSettings, WatchmodeSettings
from upstreams.tvmaze import Tvmaze
from upstreams.watchmode import Watchmode


@dataclass(frozen=True)
class Origins:
    """The running services."""

    watchmode: Service
    tvmaze: Service

    def addresses(self) -> dict[str, str]:
        """The base URL of each, as a client is told it."""
        return {"watchmode": f"{self.watchmode.origin}/v1", "tvmaze": self.tvmaze.origin}

    def stop(self) -> None:
        """Ends both, with whatever they still hold back."""
        self.watchmode.stop()
        self.tvmaze.stop()


def start(today: date, key: str, watchmode_port: int = 0, tvmaze_port: int = 0, time_scale: float = 1.0,
          pictures: str | None = None) -> Origins:
    """Starts both on 127.0.0.1; port 0 takes a free one.

    `key` is the one that Watchmode takes, `time_scale` multiplies the windows of the rate limits, and
    `pictures` is where posters are said to be, unless it is the services themselves.
    """
    world = World(today, pictures)
    watchmode = Service(Watchmode(world, WatchmodeSettings(keys=[key])), watchmode_port, time_scale)
    try:
        tvmaze = Service(Tvmaze(world, TvmazeSettings()), tvmaze_port, time_scale)
    except OSError:
        watchmode.stop()
        raise
    return Origins(watchmode, tvmaze)
