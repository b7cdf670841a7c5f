"""The settings of a mapping, read anew for every batch, since they may be updated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Lambda's own; the emulator has 10 for every source.
DEFAULT_BATCH_SIZE = 100

_ENDLESS = -1


@dataclass(frozen=True)
class Settings:
    """What a mapping says; seconds are those of AWS, before the time scale."""

    enabled: bool
    batch_size: int
    window_seconds: int
    # None is without end.
    retries: int | None
    age_seconds: int | None
    bisect: bool
    reports_failures: bool
    parallel: int
    destination: str | None


def read(mapping: dict[str, Any]) -> Settings:
    """The settings of a mapping as the emulator keeps it: numbers may be text where a template had them so."""
    destination = ((mapping.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
    return Settings(
        enabled=_flag(mapping.get("Enabled", True)),
        batch_size=_number(mapping, "BatchSize", DEFAULT_BATCH_SIZE),
        window_seconds=_number(mapping, "MaximumBatchingWindowInSeconds", 0),
        retries=_limit(mapping, "MaximumRetryAttempts"),
        age_seconds=_limit(mapping, "MaximumRecordAgeInSeconds"),
        bisect=_flag(mapping.get("BisectBatchOnFunctionError", False)),
        reports_failures="ReportBatchItemFailures" in (mapping.get("FunctionResponseTypes") or []),
        parallel=_number(mapping, "ParallelizationFactor", 1),
        destination=destination or None,
    )


def _number(mapping: dict[str, Any], name: str, default: int) -> int:
    value = mapping.get(name)
    return default if value is None else int(value)


def _limit(mapping: dict[str, Any], name: str) -> int | None:
    value = _number(mapping, name, _ENDLESS)
    return None if value == _ENDLESS else value


def _flag(value: Any) -> bool:
    return value.lower() == "true" if isinstance(value, str) else bool(value)
