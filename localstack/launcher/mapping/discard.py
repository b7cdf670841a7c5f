"""What is sent to the destination of a mapping when it gives records up."""

from __future__ import annotations

import json
import logging
import os
import threading
import uuid
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from launcher.mapping.source import Record

LOGGER = logging.getLogger("headend.mapping")

RETRIES_EXHAUSTED = "RetryAttemptsExhausted"
TOO_OLD = "RecordAgeExceeded"

_CLIENTS: dict[str, Any] = {}
_LOCK = threading.Lock()


def document(mapping: dict[str, Any], member: str, shard: str, records: Sequence[Record], condition: str,
             invocations: int, function_error: str | None) -> dict[str, Any]:
    """The document of a discarded batch: where to find its records, and not what is in them."""
    context = {
        "requestId": str(uuid.uuid4()), "functionArn": mapping["FunctionArn"], "condition": condition,
        "approximateInvokeCount": invocations}
    response: dict[str, Any] = {}
    if invocations:
        response = {"responseContext": {"statusCode": 200, "executedVersion": mapping.get("Qualifier") or "$LATEST"}}
        if function_error:
            response["responseContext"]["functionError"] = function_error
    return {
        "requestContext": context, **response, "version": "1.0", "timestamp": _iso(datetime.now(timezone.utc)),
        member: {
            "shardId": shard, "startSequenceNumber": records[0].sequence, "endSequenceNumber": records[-1].sequence,
            "approximateArrivalOfFirstRecord": _iso(_moment(records[0].arrival)),
            "approximateArrivalOfLastRecord": _iso(_moment(records[-1].arrival)), "batchSize": len(records),
            "streamArn": mapping["EventSourceArn"]}}


def send(destination: str, mapping: dict[str, Any], shard: str, body: dict[str, Any],
         records: Sequence[Record]) -> None:
    """Hands the document to the destination; one that cannot take it loses it, as on AWS."""
    service, name = destination.split(":", 5)[2], destination.split(":", 5)[5]
    try:
        if service == "sqs":
            client = _client("sqs")
            client.send_message(
                QueueUrl=client.get_queue_url(QueueName=name)["QueueUrl"], MessageBody=json.dumps(body))
        elif service == "sns":
            _client("sns").publish(TopicArn=destination, Message=json.dumps(body))
        elif service == "s3":
            now = datetime.now(timezone.utc)
            key = f"aws/lambda/{mapping['UUID']}/{shard}/{now:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"
            whole = {**body, "payload": {"Records": [record.entry for record in records]}}
            _client("s3").put_object(Bucket=name, Key=key, Body=json.dumps(whole).encode())
        else:
            LOGGER.error("the on-failure destination %s is of no kind that Lambda takes", destination)
    except Exception:
        LOGGER.exception("%d discarded records could not be told to %s", len(records), destination)


def _client(service: str) -> Any:
    """A client of this very cloud, so that nothing private of the other services is needed."""
    from botocore.config import Config
    from botocore.session import get_session

    with _LOCK:
        if service not in _CLIENTS:
            _CLIENTS[service] = get_session().create_client(
                service, region_name=os.environ["AWS_REGION"], endpoint_url=os.environ["AWS_ENDPOINT_URL"],
                config=Config(s3={"addressing_style": "path"}))
        return _CLIENTS[service]


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
