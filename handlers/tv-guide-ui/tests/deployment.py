"""What is tested: a site that was deployed, or the folder itself without an API behind it."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import threading
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "site"

#: Where the folder's API and Cognito would be: nothing listens there, tests answer in their place.
NOWHERE = {"api": "http://api.test", "cognito": "http://cognito.test", "client_id": "client", "region": "eu-west-2"}

#: The policy that the page is written for, as its distribution sends it.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; manifest-src 'self'; "
    "img-src 'self' data: https:; connect-src 'self' {api} {cognito}; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Deployment:
    """A site, what its config.json says, and who can sign in there."""

    site: str
    config: dict[str, str]
    user: str
    password: str

    def read(self, path: str, token: str | None = None) -> Any:
        """What the API answers."""
        return self.send("GET", path, token=token)[1]

    def send(self, method: str, path: str, body: Any = None, token: str | None = None) -> tuple[int, Any]:
        """The status and body of an answer of the API."""
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.config["api"].rstrip("/") + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path} answers {error.code}: {error.read().decode()}") from None

    def token(self) -> str:
        """A token of the user's, got without a browser."""
        body = {
            "AuthFlow": "USER_PASSWORD_AUTH",
            "ClientId": self.config["client_id"],
            "AuthParameters": {"USERNAME": self.user, "PASSWORD": self.password},
        }
        request = urllib.request.Request(
            self.config["cognito"],
            json.dumps(body).encode(),
            {
                "Content-Type": "application/x-amz-json-1.1",
                "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
            },
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["AuthenticationResult"]["AccessToken"]


def deployed() -> Deployment | None:
    """The deployment that the environment names; nothing if it names none."""
    site = os.environ.get("HEADEND_SITE")
    if not site:
        return None
    missing = [name for name in ("HEADEND_USER", "HEADEND_PASSWORD") if not os.environ.get(name)]
    if missing:
        raise SystemExit(f"set {' and '.join(missing)} besides HEADEND_SITE: who signs in there")
    site = site.rstrip("/") + "/"
    with urllib.request.urlopen(urllib.parse.urljoin(site, "config.json"), timeout=30) as answer:
        config = json.load(answer)
    return Deployment(site, config, os.environ["HEADEND_USER"], os.environ["HEADEND_PASSWORD"])


def folder() -> Deployment:
    """The folder, served on loopback with the distribution's policy until the process ends."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return Deployment(f"http://127.0.0.1:{server.server_port}/", NOWHERE, "", "")


class Files(http.server.BaseHTTPRequestHandler):
    """The files of the folder, and a config.json."""

    def do_GET(self) -> None:
        name = urllib.parse.urlsplit(self.path).path.lstrip("/") or "index.html"
        if name == "config.json":
            return self.answer("application/json", json.dumps(NOWHERE).encode())
        file = (FOLDER / name).resolve()
        if FOLDER not in file.parents or not file.is_file():
            return self.send_error(404)
        return self.answer(TYPES[file.suffix], file.read_bytes())

    def answer(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Content-Security-Policy", POLICY.format(**NOWHERE))
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            # The page was closed meanwhile.
            self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """A served file is nothing to tell of."""
