"""CloudFront on a port of its own, since its domain names lead to AWS and not here.

The emulator serves a distribution from its origins, with the default root object, custom error
responses, response headers and the bucket policy as CloudFront sees them, but only under a Host that
no browser can be sent to. On this port the Host `<label>.cloudfront.net` names a distribution, and any
other stands for the sole one. Nothing else answers here but the pictures of the fake upstreams: a
page takes pictures from its own origin or over HTTPS, and the fakes speak no HTTPS.
A browser on AWS comes over HTTPS; here every viewer is taken to do so.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from launcher.admin import Asgi
from upstreams.exchange import picture

# No object of a site has this prefix.
PICTURES = "/_pictures"

_PLAIN = {"Content-Type": "text/plain; charset=utf-8"}

# What a cache behavior allows that does not say; the emulator takes silence for everything.
_DEFAULT_METHODS = ("GET", "HEAD")


def install() -> None:
    """Puts the replacement in."""
    from ministack.services import cloudfront

    check = cloudfront._check_allowed_methods
    cloudfront._check_allowed_methods = lambda behavior, method: check(
        {**behavior, "allowed_methods": behavior.get("allowed_methods") or _DEFAULT_METHODS}, method)


def around(app: Asgi, port: int) -> Asgi:
    """The emulator's application, with viewers' requests instead of all else on this port."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["server"][1] != port:
            await app(scope, receive, send)
            return
        status, headers, body = await _answer(scope, await _body(receive))
        pairs = [
            (name.lower().encode("latin-1"), item.encode("latin-1")) for name, value in headers.items()
            for item in (value if isinstance(value, list) else [value])]
        if "content-length" not in {name.lower() for name in headers} and status not in (204, 304):
            pairs.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    return application


async def _body(receive: Any) -> bytes:
    body = b""
    while True:
        message: dict[str, Any] = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


async def _answer(scope: Any, body: bytes) -> tuple[int, dict[str, Any], bytes]:
    from ministack.core import iam_evaluator
    from ministack.services import cloudfront

    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    shown = picture(scope["path"].removeprefix(PICTURES)) if scope["path"].startswith(PICTURES) else None
    if shown is not None:
        return shown.status, {**shown.headers, "Content-Type": shown.content_type}, shown.content()
    distribution, failure = _distribution(headers.get("host", ""))
    if distribution is None:
        return 404, dict(_PLAIN), failure.encode()
    headers.update({"host": distribution["DomainName"], "x-forwarded-proto": "https"})
    # CloudFront reaches a bucket by TLS, whatever brought the viewer here: a policy may insist on it.
    iam_evaluator.pin_request_origin(scope["client"][0], True)
    query = scope["query_string"].decode("latin-1")
    status, answered, content = await cloudfront.handle_viewer_request(
        distribution, scope["method"], scope["path"], scope["raw_path"].decode("ascii"), query, headers, body,
        parse_qs(query, keep_blank_values=True))
    return status, answered, content if isinstance(content, bytes) else str(content).encode()


def _distribution(host: str) -> tuple[Any, str]:
    """The distribution that a Host stands for, or why there is none."""
    from ministack.services import cloudfront

    by_domain = {str(item["DomainName"]).lower(): item for item in cloudfront._distributions.values()}
    if found := by_domain.get(host.lower()):
        return found, ""
    if len(by_domain) == 1:
        return next(iter(by_domain.values())), ""
    if not by_domain:
        return None, "There is no distribution in this cloud yet: deploy a stack that has one.\n"
    return None, f"Name one of these distributions in the header Host: {', '.join(sorted(by_domain))}\n"
