#!/usr/bin/env python3
"""A transform function for the tests, run by the emulator as the `bootstrap` of `provided.al2023`.

What it does with a record is said by the record: a JSON object with `do` and the
arguments of that deed. What it does with a whole call is said by the variable MODE.
Every request is appended to the file that TRACE names.
"""

import base64
import json
import os
import subprocess
import sys
import time
import urllib.request

RUNTIME = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"


def result(record):
    """The answer for one record."""
    answer = {"recordId": record["recordId"], "result": "Ok", "data": record["data"]}
    try:
        document = json.loads(base64.b64decode(record["data"]))
    except ValueError:
        return answer
    deed = document.get("do") if isinstance(document, dict) else None
    if deed == "drop":
        answer["result"] = "Dropped"
    elif deed == "fail":
        answer["result"] = "ProcessingFailed"
    elif deed == "unknown result":
        answer["result"] = "Fine"
    elif deed == "no data":
        del answer["data"]
    elif deed == "bad data":
        answer["data"] = "%%%"
    elif deed == "forget":
        return None
    elif deed == "other id":
        answer["recordId"] = "never-sent"
    elif deed == "replace":
        answer["data"] = base64.b64encode(document["with"].encode()).decode()
    if isinstance(document, dict) and "keys" in document:
        answer["metadata"] = {"partitionKeys": document["keys"]}
    return answer


def respond(event):
    """The answer for one request."""
    mode = os.environ.get("MODE", "")
    if mode == "offspring":
        # A process that nobody but the launcher can end.
        subprocess.Popen(["sleep", "600"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    if mode == "crash":
        os._exit(3)
    if mode == "raise":
        raise RuntimeError("as told")
    if mode == "hang":
        time.sleep(60)
    if mode == "slow":
        time.sleep(1)
    if mode == "large":
        return {"records": [
            {"recordId": record["recordId"], "result": "Ok", "data": "A" * 7_000_000} for record in event["records"]]}
    if mode == "no records":
        return {"fine": True}
    answers = [answer for answer in map(result, event["records"]) if answer is not None]
    if mode == "twice":
        answers += answers[:1]
    return {"records": answers}


def main():
    while True:
        with urllib.request.urlopen(f"{RUNTIME}/next") as invocation:
            request_id = invocation.headers["Lambda-Runtime-Aws-Request-Id"]
            event = json.loads(invocation.read())
        with open(os.environ["TRACE"], "a") as trace:
            trace.write(json.dumps({"endpoint": os.environ.get("AWS_ENDPOINT_URL"), "event": event}) + "\n")
        try:
            kind, body = "response", respond(event)
        except RuntimeError as error:
            kind, body = "error", {"errorMessage": str(error), "errorType": "RuntimeError"}
        urllib.request.urlopen(urllib.request.Request(
            f"{RUNTIME}/{request_id}/{kind}", data=json.dumps(body).encode(), method="POST"))


sys.exit(main())
