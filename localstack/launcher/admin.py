"""What is in flight, over HTTP, beside the emulator's own paths.

    GET  /_headend/firehose         counts of every delivery stream, as JSON
    POST /_headend/firehose/flush   ends all buffering now and answers with the counts
    GET  /_headend/mappings         every event source mapping of a stream: age, and by shard position, attempts, state

Callers poll these instead of sleeping. They are not part of AWS: nothing in our
systems reads them, only the tools and tests around the local cloud do.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from launcher import firehose, mapping

_PREFIX = "/_headend/"
_FLUSH_SECONDS = 60.0

Asgi = Callable[[Any, Any, Any], Awaitable[None]]


def around(app: Asgi) -> Asgi:
    """The emulator's application with these paths in front."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"].startswith(_PREFIX):
            status, body = await _answer(scope["method"], scope["path"])
            text = json.dumps(body).encode()
            await send({"type": "http.response.start", "status": status,
                        "headers": [(b"content-type", b"application/json"),
                                    (b"content-length", str(len(text)).encode())]})
            await send({"type": "http.response.body", "body": text})
        else:
            await app(scope, receive, send)

    return application


async def _answer(method: str, path: str) -> tuple[int, Any]:
    if path == "/_headend/firehose" and method == "GET":
        return 200, firehose.counts()
    if path == "/_headend/firehose/flush" and method == "POST":
        left = await asyncio.to_thread(firehose.drain, _FLUSH_SECONDS)
        return (200 if left == 0 else 504), firehose.counts()
    if path == "/_headend/mappings" and method == "GET":
        return 200, await asyncio.to_thread(mapping.counts)
    return 404, {"message": f"no such resource: {method} {path}"}
