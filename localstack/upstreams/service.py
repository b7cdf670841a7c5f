"""One origin: a socket, its threads, and the way of a request to its answer."""

from __future__ import annotations

import logging
import socket
import struct
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from upstreams import control, exchange, fault
from upstreams.exchange import Api, Reply, Request
from upstreams.fault import Rule, Rules
from upstreams.journal import Journal
from upstreams.limit import Limit

LOGGER = logging.getLogger("headend.upstreams")

_DEFAULT_SECONDS = {"timeout": 300.0, "slow": 2.0, "drip": 2.0}


class Service:
    """A service that answers on a port of 127.0.0.1 until it is stopped."""

    def __init__(self, api: Api, port: int, time_scale: float) -> None:
        self.api = api
        self.rules = Rules()
        self.journal = Journal()
        self.limit = Limit(time_scale)
        self.stopping = threading.Event()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.service = self
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02},
            name=f"headend-{api.name}", daemon=True).start()

    def stop(self) -> None:
        """Ends it; connections that are held back are closed."""
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def reply(self, request: Request, rule: Rule | None) -> Reply:
        """The answer, spoilt by the rule where that is a matter of its content."""
        if rule is None:
            return self._plain(request)
        kind = rule.fault
        if kind in ("status", "retry_after"):
            status = 429 if kind == "retry_after" else rule.status
            wait = 1 if kind == "retry_after" and rule.retry_after is None else rule.retry_after
            reply = self.api.error(status, "This answer was asked for by a test.")
            return reply if wait is None else replace(reply, headers={**reply.headers, "Retry-After": str(wait)})
        if kind == "html":
            return Reply(200, "<!doctype html><title>Back soon</title><p>We are being serviced.</p>", {}, "text/html")
        if kind == "duplicate_page":
            return self._duplicate(request)
        if kind in ("empty_page", "shrunken_page"):
            reply = self._plain(request)
            return replace(reply, body=fault.shrink(reply.body, rule)) if reply.status == 200 else reply
        if kind == "bad_json":
            content = self._plain(request).content().decode()
            return Reply(200, content[:int(len(content) * rule.fraction)])
        return self._plain(request)

    def _plain(self, request: Request) -> Reply:
        settings = self.api.settings
        left = self.limit.left(settings.calls, settings.seconds) if settings.calls else 0
        if left < 0:
            reply = self.api.error(429, "Rate limit exceeded.")
        else:
            try:
                reply = self.api.answer(request)
            except ValueError as error:
                reply = self.api.error(400, str(error))
        if settings.calls and self.api.name == "watchmode":
            limits = {"X-RateLimit-Limit": str(settings.calls), "X-RateLimit-Remaining": str(max(0, left))}
            reply = replace(reply, headers={**reply.headers, **limits})
        return reply

    def _duplicate(self, request: Request) -> Reply:
        reply = self._plain(request)
        page = int(request.query.get("page") or 1)
        if reply.status != 200 or not isinstance(reply.body, dict) or "page" not in reply.body or page < 2:
            return replace(reply, body=fault.twice(reply.body)) if reply.status == 200 else reply
        before = self._plain(request.with_query("page", str(page - 1)))
        return replace(before, body={**before.body, "page": page}) if before.status == 200 else before


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    service: Service

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that gives up is what half of the faults are for.
        LOGGER.debug("a connection ended early", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body leave together; apart, the second would wait for the receiver's delayed acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def _handle(self) -> None:
        service = self.server.service
        length = int(self.headers.get("Content-Length") or 0)
        content = self.rfile.read(length) if length else b""
        request = exchange.read(self.command, self.path, self.headers)
        aside = control.answer(service, request, content) if request.path.startswith("/_") else \
            exchange.picture(request.path)
        if aside is not None:
            self._send(aside)
            return
        entry = service.journal.open(request)
        rule = service.rules.pick(request.target)
        entry["fault"] = rule.fault if rule else None
        if rule and self._ends(rule):
            return
        if rule and rule.fault == "slow":
            service.stopping.wait(_seconds(rule))
        reply = service.reply(request, rule)
        entry["status"] = reply.status
        self._send(reply, rule)

    do_GET = do_POST = do_DELETE = do_PUT = do_HEAD = _handle

    def _ends(self, rule: Rule) -> bool:
        """Whether the rule ended the connection without an answer."""
        if rule.fault == "timeout":
            self.server.service.stopping.wait(_seconds(rule))
        elif rule.fault == "reset":
            # Closing with a linger of nothing is a reset.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        else:
            return False
        self.close_connection = True
        return True

    def _send(self, reply: Reply, rule: Rule | None = None) -> None:
        content = reply.content()
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if rule and rule.fault == "cut":
            self.wfile.write(content[:int(len(content) * rule.fraction)])
            self.close_connection = True
        elif rule and rule.fault == "drip":
            part = len(content) // 10 + 1
            for start in range(0, len(content), part):
                self.wfile.write(content[start:start + part])
                self.wfile.flush()
                self.server.service.stopping.wait(_seconds(rule) / 10)
        else:
            self.wfile.write(content)

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionError, ValueError):
            # The client went away, or the connection was reset above.
            self.close_connection = True

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):
            LOGGER.debug("the connection was closed before its end")

    def log_message(self, format: str, *arguments: Any) -> None:
        # The first line of a request may hold a key, and the journal says more.
        return


def _seconds(rule: Rule) -> float:
    return _DEFAULT_SECONDS[rule.fault] if rule.seconds is None else rule.seconds
