#!/usr/bin/env python3
"""A function for the tests of stream mappings, run by the emulator as the `bootstrap` of `provided.al2023`.

A record is a JSON object, or the item of a table, with a number `n`. How often it fails is its `fails`
(-1: always), how often it ends the process its `kills`, how long it takes its `seconds`. MODE says how a failure is told: `report` names the
records in the answer, `raise` fails the call, anything else is JSON that is answered as it stands.
Every call is appended to the file that TRACE names, when it begins and when it ends.
"""

import base64
import json
import os
import sys
import time
import urllib.request

RUNTIME = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
TRACE = os.environ["TRACE"]
MODE = os.environ.get("MODE", "report")


def document(record):
    """What a record says, and its sequence number."""
    if "kinesis" in record:
        return json.loads(base64.b64decode(record["kinesis"]["data"])), record["kinesis"]["sequenceNumber"]
    change = record["dynamodb"]
    item = change.get("NewImage") or change["Keys"]
    values = {name: next(iter(value.values())) for name, value in item.items()}
    return {**values, "n": int(values["n"]), "fails": int(values.get("fails", 0))}, change["SequenceNumber"]


def note(**line):
    """Appends to the trace in one write, so that calls side by side do not mix."""
    descriptor = os.open(TRACE, os.O_WRONLY | os.O_APPEND)
    os.write(descriptor, (json.dumps(line) + "\n").encode())
    os.close(descriptor)


def calls_with(number):
    """How many calls have had a record, this one included."""
    with open(TRACE) as trace:
        return sum(number in line["begin"] for line in map(json.loads, trace) if "begin" in line)


def respond(event):
    """The answer for one batch."""
    records = [document(record) for record in event["Records"]]
    numbers = [said["n"] for said, _ in records]
    note(begin=numbers, at=time.time(), id=event["Records"][0]["eventID"], first=event["Records"][0])
    if any(said.get("kills") and calls_with(said["n"]) <= said["kills"] for said, _ in records):
        os._exit(9)
    time.sleep(sum(said.get("seconds", 0) for said, _ in records))
    failed = [
        sequence for said, sequence in records
        if said.get("fails") and (said["fails"] < 0 or calls_with(said["n"]) <= said["fails"])]
    note(end=numbers, at=time.time())
    if MODE == "raise" and failed:
        raise RuntimeError("as told")
    if MODE in ("report", "raise"):
        # The order of failures must not matter.
        return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in reversed(failed)]}
    return json.loads(MODE)


def main():
    while True:
        with urllib.request.urlopen(f"{RUNTIME}/next") as invocation:
            request_id = invocation.headers["Lambda-Runtime-Aws-Request-Id"]
            event = json.loads(invocation.read())
        try:
            kind, body = "response", respond(event)
        except RuntimeError as error:
            kind, body = "error", {"errorMessage": str(error), "errorType": "RuntimeError"}
        urllib.request.urlopen(urllib.request.Request(
            f"{RUNTIME}/{request_id}/{kind}", data=json.dumps(body).encode(), method="POST"))


sys.exit(main())
