"""The result of a query as an object in S3, in the place and form that Athena gives it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlparse

from launcher.athena.failure import QueryFailure


def settle_location(execution: dict[str, Any]) -> None:
    """Corrects where the result will be: the workgroup may insist on its own place,
    and a place without a slash at its end gets one before the query's name."""
    from ministack.services import athena

    workgroup = athena._workgroups.get(execution.get("WorkGroup")) or {}
    configuration = workgroup.get("Configuration") or {}
    name = f"{execution['QueryExecutionId']}.csv"
    location = execution["ResultConfiguration"]["OutputLocation"][:-len(name)]
    own = (configuration.get("ResultConfiguration") or {}).get("OutputLocation")
    # AWS takes a missing setting as true.
    if own and str(configuration.get("EnforceWorkGroupConfiguration", True)).lower() == "true":
        location = own
    execution["ResultConfiguration"]["OutputLocation"] = location.rstrip("/") + "/" + name


def save(execution: dict[str, Any]) -> None:
    """Writes the rows as CSV and the columns as its metadata."""
    result = execution["_results"]
    place = urlparse(execution["ResultConfiguration"]["OutputLocation"])
    lines = [_line(result["columns"])] if execution["StatementType"] == "DML" else []
    body = "".join([*lines, *(_line(row) for row in result["rows"])]).encode()
    metadata = _line(result["columns"]) + _line(execution["_column_types"])
    _put(place.netloc, place.path.lstrip("/"), body)
    _put(place.netloc, place.path.lstrip("/") + ".metadata", metadata.encode())


def _line(values: Iterable[str | None]) -> str:
    # Athena puts every value between quotes and leaves the place of a null empty.
    quoted: Sequence[str] = ["" if value is None else '"' + value.replace('"', '""') + '"' for value in values]
    return ",".join(quoted) + "\n"


def _put(bucket: str, key: str, body: bytes) -> None:
    from ministack.services import s3

    headers = {"content-type": "application/octet-stream", "content-length": str(len(body))}
    if s3._put_object(bucket, key, body, headers)[0] >= 300:
        raise QueryFailure(f"Unable to verify/create output bucket {bucket}")
