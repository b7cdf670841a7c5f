"""Statements of Athena for the tests of one cloud."""

from __future__ import annotations

from typing import Any

from .cloud import REGION, Cloud, unique, until


class Athena:
    """A place for results and a default database."""

    def __init__(self, cloud: Cloud, database: str) -> None:
        self._client = cloud.client("athena")
        self._database = database
        self._results = unique("results")
        cloud.client("s3").create_bucket(
            Bucket=self._results, CreateBucketConfiguration={"LocationConstraint": REGION})

    def run(self, sql: str) -> tuple[str, list[list[str | None]]]:
        """The reason of a failure, or nothing, and all rows, with the header that a SELECT has."""
        name = self._client.start_query_execution(
            QueryString=sql, QueryExecutionContext={"Database": self._database},
            ResultConfiguration={"OutputLocation": f"s3://{self._results}/"})["QueryExecutionId"]

        def ended() -> dict[str, Any] | None:
            execution = self._client.get_query_execution(QueryExecutionId=name)["QueryExecution"]
            return execution["Status"] if execution["Status"]["State"] in ("SUCCEEDED", "FAILED") else None

        status = until(f"the end of {sql}", ended)
        if status["State"] == "FAILED":
            return str(status["StateChangeReason"]), []
        rows = self._client.get_query_results(QueryExecutionId=name)["ResultSet"]["Rows"]
        return "", [[datum.get("VarCharValue") for datum in row["Data"]] for row in rows]
