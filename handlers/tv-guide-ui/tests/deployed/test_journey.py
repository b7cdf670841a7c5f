"""A reader's way through a site that was deployed: every answer comes from its own API."""

from __future__ import annotations

import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timedelta, timezone
from typing import Any

from browser import PHONE, BrowserTest
from playwright.sync_api import Page, expect


def on_wire(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


class DeployedTest(BrowserTest):
    def sign_in(self, page: Page, password: str | None = None) -> None:
        """Fills in the form that the page shows."""
        page.get_by_label("Email address").fill(self.under_test.user)
        page.get_by_label("Password", exact=True).fill(password or self.under_test.password)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()

    def signed_in(self, address: str, ready: str) -> Page:
        """A page of the signed-in user."""
        page = self.open("#/sign-in?" + urllib.parse.urlencode({"next": address}), ready="input[type=password]")
        self.sign_in(page)
        page.wait_for_selector(ready)
        return page

    def on(self, begin: datetime, end: datetime) -> list[dict[str, Any]]:
        """The programmes of a window, from the API itself."""
        found, cursor = [], ""
        while True:
            answer = self.under_test.read(f"/guide?from={on_wire(begin)}&to={on_wire(end)}{cursor}")
            found += [one for channel in answer["channels"] for one in channel["programmes"]]
            if not answer["next"]:
                return found
            cursor = f"&cursor={urllib.parse.quote(answer['next'])}"


class Guide(DeployedTest):
    def test_the_grid_is_what_the_api_says(self) -> None:
        page = self.open(ready=".programme")
        expect(page.locator(".toolbar .status")).to_contain_text("Updated")
        window = page.evaluate("""async () => {
            const { bounds, dayOf } = await import(new URL("app/time.js", location.href.split("#")[0]));
            return Object.values(bounds(dayOf(Date.now())));
        }""")
        begin, end = (datetime.fromtimestamp(at / 1000, timezone.utc) for at in window)
        expected = {
            one["program_id"]: one["title"]
            for half in [(begin, begin + timedelta(hours=12)), (begin + timedelta(hours=12), end)]
            for one in self.on(*half)
        }
        # What is out of view is drawn when the page has nothing else to do.
        expect(page.locator(".programme")).to_have_count(len(expected))
        drawn = page.evaluate(
            "Object.fromEntries([...document.querySelectorAll('.programme')].map((one) => [one.dataset.id, one.querySelector('.name').textContent]))"
        )
        self.assertEqual(expected, drawn)
        self.assertGreater(len(drawn), 0, "the guide has no programmes: run its ingest first")
        channels = sorted(self.under_test.read("/channels"), key=lambda one: (one["order"], one["name"].lower()))
        self.assertEqual([one["name"] for one in channels], page.locator(".channel").all_text_contents())

    def test_what_is_on_now_is_marked(self) -> None:
        page = self.open(ready=".programme")
        expect(page.locator(".toolbar .status")).to_contain_text("Updated")
        # At the turn of the minute one begins while another ends: then both are looked at again.
        for _ in range(3):
            now = datetime.now(timezone.utc).replace(microsecond=0)
            expected = {one["program_id"] for one in self.on(now, now + timedelta(seconds=1))}
            marked = set(
                page.evaluate(
                    "[...document.querySelectorAll('[data-phase=now] .programme')].map((one) => one.dataset.id)"
                )
            )
            if expected == marked:
                break
            time.sleep(16)
        self.assertEqual(expected, marked)
        expect(page.locator(".now-line")).to_be_in_viewport()

    def test_every_day_has_programmes(self) -> None:
        page = self.open(ready=".programme")
        days = page.get_by_role("navigation", name="Day").get_by_role("link")
        expect(days).to_have_count(7)
        for index in range(7):
            days.nth(index).click()
            expect(days.nth(index)).to_have_attribute("aria-current", "date")
            expect(page.locator(".toolbar .status")).to_contain_text("Updated")
            self.assertGreater(page.locator(".programme").count(), 0)

    def test_a_programme_has_an_address(self) -> None:
        now = datetime.now(timezone.utc)
        one = self.on(now, now + timedelta(minutes=1))[0]
        page = self.open(ready=".programme")
        page.locator(f'.programme[data-id="{one["program_id"]}"]').click()
        dialog = page.get_by_role("dialog", name=one["title"])
        expect(dialog).to_contain_text(one["channel"])
        address = page.url.removeprefix(self.under_test.site)
        again = self.open(address, ready="dialog[open]")
        expect(again.get_by_role("dialog", name=one["title"])).to_be_visible()

    def test_a_phone_lists_what_is_on(self) -> None:
        page = self.open(ready=".now-next .on", viewport=PHONE, has_touch=True, is_mobile=True)
        page.locator(".now-next .on a").first.tap()
        expect(page.get_by_role("dialog")).to_be_visible()
        self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), PHONE["width"])


class Reader(DeployedTest):
    def test_a_wrong_password_is_told_in_words(self) -> None:
        self.tolerate("status of 400")
        page = self.open("#/sign-in", ready="input[type=password]")
        self.sign_in(page, "Wrong12345")
        expect(page.get_by_role("alert")).to_have_text("The email address or the password is not right.")

    def test_preferences_are_kept_and_changes_from_elsewhere_are_not_lost(self) -> None:
        self.tolerate("status of 412")
        token = self.under_test.token()
        before = self.under_test.read("/preferences", token)
        self.addCleanup(self.under_test.send, "PUT", "/preferences", before, token)
        sources, genres = (
            [str(one["id"]) for one in self.under_test.read(path)][:3] for path in ["/sources", "/genres"]
        )
        self.under_test.send("PUT", "/preferences", {"sources": sources[:1], "genres": []}, token)
        page = self.signed_in("#/preferences", ".choice")
        page.locator(f'input[name=genres][value="{genres[0]}"]').check()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved", exact=True)).to_be_visible()
        self.assertEqual({"sources": sources[:1], "genres": genres[:1]}, self.under_test.read("/preferences", token))
        # Elsewhere a source is added, here a genre: both are wanted.
        self.under_test.send("PUT", "/preferences", {"sources": sorted(sources[:2]), "genres": genres[:1]}, token)
        page.locator(f'input[name=genres][value="{genres[1]}"]').check()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("changed elsewhere")).to_be_visible()
        expect(page.locator(f'input[name=sources][value="{sources[1]}"]')).to_be_checked()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved", exact=True)).to_be_visible()
        kept = self.under_test.read("/preferences", token)
        self.assertEqual((set(sources[:2]), set(genres[:2])), (set(kept["sources"]), set(kept["genres"])))
        page.reload()
        expect(page.locator("input:checked")).to_have_count(4)

    def test_a_favourite_is_marked_listed_and_taken_back(self) -> None:
        token = self.under_test.token()
        now = datetime.now(timezone.utc)
        one = next(
            one
            for one in self.on(now, now + timedelta(hours=3))
            if one.get("show_id") and one["end_time"] > on_wire(now)
        )
        self.under_test.send("DELETE", f"/favourites/show/{one['show_id']}", None, token)
        self.addCleanup(self.under_test.send, "DELETE", f"/favourites/show/{one['show_id']}", None, token)
        page = self.signed_in("#/guide", ".programme")
        expect(page.locator(".toolbar .status")).to_contain_text("Updated")
        page.locator(f'.programme[data-id="{one["program_id"]}"]').click()
        with page.expect_response(lambda answer: answer.request.method == "PUT" and "/favourites/" in answer.url):
            page.get_by_role("button", name="Add to favourites").click()
        expect(page.get_by_role("button", name="In your favourites")).to_be_visible()
        expect(page.locator(f'.cell[data-favourite] .programme[data-id="{one["program_id"]}"]')).to_be_attached()
        listed = [
            (favourite["kind"], favourite["id"])
            for favourite in self.under_test.read("/favourites", token)["favourites"]
        ]
        self.assertIn(("show", one["show_id"]), listed)
        page.goto(self.under_test.site + "#/favourites")
        item = page.locator(".favourites li", has_text=one["title"]).first
        expect(item).to_contain_text("Next: ")
        item.get_by_role("button", name="In your favourites").click()
        expect(item.get_by_role("button", name="Add to favourites")).to_be_visible()

    def test_search_leads_to_a_title_after_signing_in(self) -> None:
        title = self.under_test.read("/titles?limit=1", self.under_test.token())["titles"][0]
        page = self.open("#/search", ready="h1")
        page.get_by_label("Name begins with").fill(title["title"][:12])
        page.get_by_role("main").get_by_role("button", name="Search").click()
        page.get_by_role("main").get_by_role("link", name="Sign in").click()
        self.sign_in(page)
        expect(page.get_by_label("Name begins with")).to_have_value(title["title"][:12].strip())
        card = page.locator(f'.card a[href="#/title/{title["id"]}"]')
        expect(card).to_have_text(title["title"])
        card.click()
        expect(page.locator("h1")).to_have_text(title["title"])
        expect(page.get_by_role("heading", name="Where to stream it")).to_be_visible()

    def test_recommendations_are_what_the_api_says(self) -> None:
        page = self.signed_in("#/for-you", ".card, .message h2")
        expected = [one["title"] for one in self.under_test.read("/recommendations", self.under_test.token())["titles"]]
        self.assertEqual(expected, page.locator(".card .name").all_inner_texts())

    def test_signing_out_ends_it(self) -> None:
        page = self.signed_in("#/preferences", ".choice")
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("main").get_by_role("link", name="Sign in")).to_be_visible()
        expect(page.locator(".choice")).to_have_count(0)


class Site(DeployedTest):
    def test_views_have_no_barriers(self) -> None:
        page = self.signed_in("#/guide", ".programme")
        for address, ready in [
            ("#/guide", ".programme"),
            ("#/search", ".card, .message h2"),
            ("#/for-you", "h1"),
            ("#/favourites", "h1"),
            ("#/preferences", ".choice"),
        ]:
            with self.subTest(address):
                page.goto(self.under_test.site + address)
                page.wait_for_selector(ready)
                page.wait_for_load_state("networkidle")
                self.assert_accessible(page, address)

    def test_nothing_but_the_site_itself_may_run_there(self) -> None:
        with urllib.request.urlopen(self.under_test.site, timeout=30) as answer:
            policy = answer.headers["Content-Security-Policy"]
            self.assertEqual("text/html", answer.headers.get_content_type())
        for part in ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"]:
            self.assertIn(part, policy)

    def test_a_path_that_is_not_there_has_a_page_of_its_own(self) -> None:
        self.tolerate("status of 404")
        page = self.open("no/such/page")
        expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
        page.get_by_role("link", name="To the guide").click()
        expect(page.locator(".programme").first).to_be_visible()
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(self.under_test.site + "no/such/page", timeout=30)
        self.assertEqual(404, refused.exception.code)
