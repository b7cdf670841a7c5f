"""The page when an answer is late, empty, or does not come; and what it must not do at all."""

from __future__ import annotations

import re
from typing import Any

import deployment
from browser import DESKTOP, BrowserTest
from made_up import Api, row
from playwright.sync_api import Page, expect

NOW = "2026-01-09T20:40:00Z"


class States(BrowserTest):
    def setUp(self) -> None:
        super().setUp()
        self.api = Api(row("a", "2026-01-09T00:00:00Z", 60, 24))

    def guide(self, ready: str = "main h1") -> Page:
        page = self.blank(DESKTOP)
        page.clock.install(time=NOW)
        self.api.serve(page, self.under_test)
        page.goto(self.under_test.site)
        page.wait_for_selector(ready)
        return page

    def fail_with(self, status: int, body: Any) -> None:
        self.api.on("GET", "/guide", lambda *_: (status, body))

    def test_failures_are_told_in_words_and_can_be_tried_again(self) -> None:
        self.tolerate("status of|ERR_")
        for status, body, words in [
            (503, {"title": "unavailable", "status": 503}, "The guide has a problem"),
            (429, {"message": "Too Many Requests"}, "Too many requests"),
            (400, {"title": "bad request", "detail": "from is later than to", "status": 400}, "From is later than to"),
            (200, "failed", "The guide cannot be reached"),
            (200, "timedout", "The guide cannot be reached"),
        ]:
            with self.subTest(words):
                self.fail_with(status, body)
                page = self.guide()
                expect(page.get_by_role("alert")).to_contain_text(words)
                if status == 400:
                    continue
                self.api.on("GET", "/guide", self.api.guide)
                page.get_by_role("button", name="Try again").click()
                expect(page.locator(".cell")).to_have_count(24)

    def test_channels_are_asked_for_again_after_a_failure(self) -> None:
        self.tolerate("status of 500")
        channels = self.api.handlers["GET", "/channels"]
        self.api.on("GET", "/channels", lambda *_: (500, {"status": 500}))
        page = self.guide()
        expect(page.get_by_role("alert")).to_be_visible()
        self.api.on("GET", "/channels", channels)
        page.get_by_role("button", name="Try again").click()
        expect(page.locator(".cell")).to_have_count(24)

    def test_a_failed_update_leaves_what_was_there(self) -> None:
        self.tolerate("status of 503")
        page = self.guide(ready="text=Updated 20:40")
        self.fail_with(503, {"title": "unavailable", "status": 503})
        page.clock.fast_forward(6 * 60 * 1000)
        expect(page.locator(".toolbar .status")).to_have_text(
            "The guide has a problem; showing what was loaded at 20:40"
        )
        expect(page.locator(".cell")).to_have_count(24)

    def test_an_answer_of_nonsense_is_a_failure_too(self) -> None:
        self.fail_with(200, {"channels": [{"programmes": [None]}]})
        page = self.guide()
        expect(page.get_by_role("alert")).to_contain_text("Something went wrong")

    def test_a_broken_off_answer_did_not_come(self) -> None:
        page = self.blank(DESKTOP)
        page.goto(self.under_test.site + "404.html")
        told = page.evaluate("""async () => {
            const { Api } = await import("/app/api.js");
            const broken = new ReadableStream({ start: (stream) => stream.error(new TypeError("network error")) });
            window.fetch = async () => new Response(broken);
            return new Api("http://x.test", null).read("/guide").catch((error) => error.name);
        }""")
        self.assertEqual("Unreachable", told)

    def test_offline_is_told_and_ends_by_itself(self) -> None:
        self.tolerate("ERR_INTERNET_DISCONNECTED|ERR_")
        page = self.guide(ready="text=Updated 20:40")
        self.api.on("GET", "/guide", lambda *_: (200, "internetdisconnected"))
        page.context.set_offline(True)
        page.clock.fast_forward(6 * 60 * 1000)
        expect(page.locator(".toolbar .status")).to_contain_text("You are offline; showing what was loaded at 20:40")
        self.api.on("GET", "/guide", self.api.guide)
        page.context.set_offline(False)
        expect(page.locator(".toolbar .status")).to_contain_text("Updated 20:4")

    def test_a_guide_without_channels_says_so(self) -> None:
        self.api.channels = []
        page = self.guide()
        expect(page.get_by_text("The guide has no channels yet")).to_be_visible()

    def test_a_day_without_programmes_has_its_channels(self) -> None:
        self.api.programmes = []
        page = self.guide(ready=".row")
        expect(page.get_by_text("No listings")).to_have_count(3)

    def test_waiting_is_shown_while_it_lasts(self) -> None:
        held: list[Any] = []
        page = self.blank(DESKTOP)
        page.clock.install(time=NOW)
        self.api.serve(page, self.under_test)
        page.route("**/guide?*", lambda route: held.append(route))
        page.goto(self.under_test.site)
        expect(page.get_by_text("Fetching the guide…")).to_be_visible()
        page.unroute("**/guide?*")
        while held:
            held.pop().fallback()
            page.wait_for_timeout(50)
        expect(page.locator(".cell")).to_have_count(24)
        expect(page.get_by_text("Fetching the guide…")).to_have_count(0)

    def test_a_configuration_that_lacks_something_is_told(self) -> None:
        page = self.blank(DESKTOP)
        page.route("**/config.json", lambda route: route.fulfill(json={"api": "x"}))
        page.goto(self.under_test.site)
        expect(page.get_by_role("alert")).to_be_visible()

    def test_an_unknown_address_is_the_guide(self) -> None:
        page = self.guide(ready=".cell")
        page.goto(self.under_test.site + "#/no-such-thing/at/all")
        expect(page.locator(".cell")).to_have_count(24)
        page.goto(self.under_test.site + "#/guide/2026-99-99")
        expect(page.locator("h1")).to_have_text("Friday 9 January")


class Files(BrowserTest):
    def test_the_page_brings_nothing_inline_and_nothing_from_elsewhere(self) -> None:
        for file in deployment.FOLDER.rglob("*"):
            if file.suffix in (".html", ".css", ".js", ".svg"):
                text = file.read_text()
                with self.subTest(file.name):
                    self.assertNotRegex(
                        text, r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=\"|innerHTML|@import|eval\("
                    )
                    self.assertEqual([], [one for one in re.findall(r"(?:src|url\()=?[\"'(]*(https?:[^\"')]+)", text)])

    def test_every_module_is_asked_for_at_once(self) -> None:
        told = set(re.findall(r'rel="modulepreload" href="([^"]+)"', (deployment.FOLDER / "index.html").read_text()))
        there = {str(file.relative_to(deployment.FOLDER)) for file in (deployment.FOLDER / "app").rglob("*.js")}
        self.assertEqual(there, told)
