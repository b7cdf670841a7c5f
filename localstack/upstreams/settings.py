"""What of a service can be set while it runs: `POST /_settings` with any of these names."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any


@dataclass
class Settings:
    """The rate limit: so many calls in so many seconds; with 0 calls there is none."""

    calls: int
    seconds: float

    def change(self, wanted: Any) -> None:
        """Takes new values, all of them or none."""
        if not isinstance(wanted, dict):
            raise ValueError("settings are an object")
        known = {item.name: type(getattr(self, item.name)) for item in fields(self)}
        for name, value in wanted.items():
            if name not in known:
                raise ValueError(f"there is no setting {name}: use one of {', '.join(sorted(known))}")
            if not isinstance(value, (int, float) if known[name] is float else known[name]):
                raise ValueError(f"{name} takes {known[name].__name__}")
        for name, value in wanted.items():
            setattr(self, name, value)

    def shown(self) -> dict[str, Any]:
        """The values, without secrets."""
        return {item.name: getattr(self, item.name) for item in fields(self) if item.name != "keys"}


@dataclass
class TvmazeSettings(Settings):
    """TVmaze promises at least twenty calls in ten seconds and says nothing of more."""

    calls: int = 20
    seconds: float = 10.0


@dataclass
class WatchmodeSettings(Settings):
    """Watchmode does not tell its rate; these are figures of ours."""

    calls: int = 600
    seconds: float = 60.0
    # The keys that are taken; more than one while a key is being replaced.
    keys: list[str] = field(default_factory=list)
    # Credits of a month on the free plan, and how many are gone.
    quota: int = 1000
    quota_used: int = 0
    # Whether the plan covers `/changes` and `/title-release-dates`.
    paid: bool = False
