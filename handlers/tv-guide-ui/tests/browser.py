"""A test in a real Chromium: every page that it opens must be quiet, and ask nobody else for anything."""

from __future__ import annotations

import atexit
import re
import shutil
import unittest
import urllib.parse
from pathlib import Path
from typing import Any

import deployment
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

DESKTOP = {"width": 1440, "height": 900}
TABLET = {"width": 820, "height": 1180}
PHONE = {"width": 360, "height": 740}

#: No host but the machine itself has an address, so that no test can depend on another.
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]

#: Where pictures of pages are kept whose test failed.
PICTURES = Path(__file__).resolve().parents[3] / "target" / "tv-guide-ui"

#: How long an expectation is waited for, in milliseconds.
PATIENCE = 15_000
expect.set_options(timeout=PATIENCE)

_browser: Browser | None = None


def chromium() -> str | None:
    """The Chromium of this machine."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def browser() -> Browser:
    """The one browser of this run; each test has a context of its own in it."""
    global _browser
    if _browser is None:
        driver = sync_playwright().start()
        # As root, Chromium starts only without its sandbox; it sees nothing but this site.
        _browser = driver.chromium.launch(executable_path=chromium(), args=FLAGS, chromium_sandbox=False)
        atexit.register(driver.stop)
        atexit.register(_browser.close)
    return _browser


class BrowserTest(unittest.TestCase):
    """Opens pages of the site; what is on the console of one, or goes elsewhere, fails the test."""

    #: What is tested; `run.py` sets it.
    under_test: deployment.Deployment

    def setUp(self) -> None:
        self.noise: list[str] = []
        self.tolerated: list[re.Pattern[str]] = []
        self.addCleanup(self.assert_quiet)

    def open(self, address: str = "", *, ready: str | None = None, **context: Any) -> Page:
        """A page of the site in a context of its own, once `ready` (a selector) is visible there."""
        page = self.blank(**context)
        page.goto(self.under_test.site + address)
        if ready:
            page.wait_for_selector(ready)
        return page

    def blank(self, viewport: dict[str, int] = DESKTOP, **context: Any) -> Page:
        """A page that is still empty, in a time zone that is not the guide's."""
        context = browser().new_context(viewport=viewport, locale="en-GB", timezone_id="America/New_York", **context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.noise.append(f"uncaught: {error}"))
        page.on("request", self.watch)
        self.addCleanup(self.close, page)
        return page

    def close(self, page: Page) -> None:
        """Closes a page; of a failed test it keeps a picture."""
        if page.is_closed():
            return
        if not self._outcome.success:
            PICTURES.mkdir(parents=True, exist_ok=True)
            picture = PICTURES / f"{self.id()}.png"
            page.screenshot(path=picture)
            print(f"\n  see {picture}")
        page.context.close()

    def tolerate(self, pattern: str) -> None:
        """Lets the console say this: a test that makes requests fail sees them fail."""
        self.tolerated.append(re.compile(pattern))

    def hear(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        # Pictures come from hosts that do not exist here; the page draws its own instead.
        address = message.location.get("url", "")
        if "ERR_NAME_NOT_RESOLVED" in message.text and self.is_foreign(address):
            return
        if not any(pattern.search(message.text) for pattern in self.tolerated):
            self.noise.append(f"console: {message.text} ({address})")

    def watch(self, request: Request) -> None:
        if request.resource_type != "image" and self.is_foreign(request.url):
            self.noise.append(f"asks another host: {request.url}")

    def is_foreign(self, address: str) -> bool:
        own = [self.under_test.site, self.under_test.config["api"], self.under_test.config["cognito"]]
        origin = urllib.parse.urlsplit(address)
        return origin.scheme in ("http", "https") and origin.netloc not in [
            urllib.parse.urlsplit(one).netloc for one in own
        ]

    def assert_quiet(self) -> None:
        self.assertEqual([], self.noise)

    def assert_accessible(self, page: Page, what: str) -> None:
        """Holds the page against axe's rules; a violation is told with the elements."""
        page.evaluate("() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {})))")
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        told = [
            f"{one['id']} ({one['impact']}): {one['help']}\n    "
            + "\n    ".join(f"{node['target']} {node.get('failureSummary', '')}" for node in one["nodes"][:5])
            for one in found
        ]
        self.assertEqual([], told, f"barriers on {what}:\n" + "\n".join(told))
