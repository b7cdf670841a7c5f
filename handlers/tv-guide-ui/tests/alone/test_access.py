"""Whether everybody can use the page: axe's rules on every view, keys, fingers, small screens, colours."""

from __future__ import annotations

from typing import Any

from browser import DESKTOP, PHONE, TABLET, BrowserTest
from made_up import Api, programme, row, sign_in
from playwright.sync_api import Page, expect

NOW = "2026-01-09T20:40:00Z"

TITLE = {
    "id": 31,
    "title": "Harbour Lights",
    "year": 2025,
    "type": "tv_series",
    "imdb_id": "tt9900001",
    "source_ids": ["203"],
    "genre_ids": ["7"],
    "plot_overview": "A harbour.",
    "poster": None,
    "user_rating": 8.1,
    "ratings": [],
    "show_id": None,
    "airings": [],
}

#: Every view with what is waited for: signed in where the third says so.
VIEWS = [
    ("#/guide", ".cell, .now-next a", False),
    ("#/guide/2026-01-09/a-20", "dialog[open]", True),
    ("#/guide/2026-01-09/none", "dialog[open]", False),
    ("#/search?q=programme", ".card", True),
    ("#/search?q=programme", ".airings a", False),
    ("#/title/31", ".lead", True),
    ("#/for-you", ".card", True),
    ("#/favourites", ".favourites li", True),
    ("#/favourites", ".message", False),
    ("#/preferences", ".choice", True),
    ("#/sign-in", "input[type=password]", False),
]


class AccessTest(BrowserTest):
    def setUp(self) -> None:
        super().setUp()
        self.api = Api(row("a", "2026-01-09T00:00:00Z", 60, 24) + row("b", "2026-01-09T00:00:00Z", 30, 48))
        self.api.programmes.append(
            programme("long", "c", "2026-01-09T20:00:00Z", 180, genres=["News"], title="A name that is " * 12)
        )
        titles = {
            "titles": [{**TITLE, "id": number, "title": f"Harbour {number}"} for number in range(5)],
            "next": "more",
        }
        for path, answer in [
            ("/titles", titles),
            ("/recommendations", titles),
            ("/titles/31", TITLE),
            (
                "/favourites",
                {
                    "favourites": [
                        {"kind": "show", "id": "show-a-20", "name": "Programme a-20", "since": NOW},
                        {"kind": "title", "id": "31", "name": "Harbour Lights", "since": NOW},
                    ]
                },
            ),
        ]:
            self.api.on("GET", path, lambda *_, answer=answer: (200, answer))

    def view(
        self, address: str, ready: str, signed_in: bool, viewport: dict[str, int] = DESKTOP, **context: Any
    ) -> Page:
        page = self.blank(viewport, **context)
        page.clock.install(time=NOW)
        self.api.serve(page, self.under_test)
        if signed_in:
            sign_in(page, self.under_test)
        page.goto(self.under_test.site + address)
        page.wait_for_selector(ready)
        return page


class Views(AccessTest):
    #: What a finger cannot hit, but for links within a sentence, which may be as high as its line.
    SMALL = """() => [...document.querySelectorAll("a, button, input:not([type=checkbox]), select, label:has(input)")]
        .filter((one) => one.checkVisibility() && !one.closest(".hidden, .skip, footer, .canvas, .credit, .showings, .favourites p, .card"))
        .map((one) => [one, one.getBoundingClientRect()])
        .filter(([, box]) => box.height < 43.5 || box.width < 24)
        .map(([one, box]) => `${one.tagName} ${one.className} "${one.textContent || one.name}" ${Math.round(box.width)}x${Math.round(box.height)}`)"""

    def check(self, viewport: dict[str, int], scheme: str, touch: bool = False) -> None:
        for address, ready, signed_in in VIEWS:
            with self.subTest(address, signed_in=signed_in):
                page = self.view(address, ready, signed_in, viewport, color_scheme=scheme, has_touch=touch)
                self.assert_accessible(page, f"{address}, {scheme}, {viewport['width']} wide")
                self.assertLessEqual(
                    page.evaluate("document.documentElement.scrollWidth"), viewport["width"], "too wide"
                )
                if touch:
                    self.assertEqual([], page.evaluate(self.SMALL), "too small for a finger")
                page.context.close()

    def test_on_a_desk_in_light(self) -> None:
        self.check(DESKTOP, "light")

    def test_on_a_desk_in_the_dark(self) -> None:
        self.check(DESKTOP, "dark")

    def test_on_a_tablet(self) -> None:
        self.check(TABLET, "light", touch=True)

    def test_on_a_phone(self) -> None:
        self.check(PHONE, "dark", touch=True)


class Screens(AccessTest):
    def test_a_low_window_and_large_letters_leave_the_grid_usable(self) -> None:
        page = self.view("#/guide", ".cell", False, {"width": 1280, "height": 400})
        self.assertGreater(page.locator(".timeline").bounding_box()["height"], 300)

    def test_motion_is_spared_those_who_ask(self) -> None:
        page = self.view("#/guide", ".cell", False, reduced_motion="reduce")
        before = page.locator(".timeline").evaluate("(one) => one.scrollLeft")
        page.get_by_role("button", name="Earlier").click()
        self.assertNotEqual(before, page.locator(".timeline").evaluate("(one) => one.scrollLeft"))
        self.assertEqual([], page.evaluate("document.getAnimations().map((one) => one.animationName)"))


class Keyboard(AccessTest):
    def test_the_first_stop_leads_past_the_navigation(self) -> None:
        page = self.view("#/guide", ".cell", False)
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("main")).to_be_focused()
        self.assertNotIn("#main", page.url)

    def test_a_view_begins_at_its_heading(self) -> None:
        page = self.view("#/guide", ".cell", True)
        page.get_by_role("navigation", name="Parts of the guide").get_by_role("link", name="Preferences").click()
        page.wait_for_selector(".choice")
        expect(page.locator("h1")).to_be_focused()
        self.assertEqual("Preferences · Headend TV guide", page.title())

    def test_the_dialog_keeps_the_focus_while_it_is_open(self) -> None:
        page = self.view("#/guide/2026-01-09/a-20", "dialog[open]", True)
        expect(page.locator("#programme-name")).to_be_focused()
        for _ in range(12):
            page.keyboard.press("Tab")
            self.assertTrue(
                page.evaluate(
                    "document.activeElement === document.body || Boolean(document.activeElement.closest('dialog'))"
                )
            )

    def test_everything_on_the_way_to_the_grid_shows_its_focus(self) -> None:
        page = self.view("#/guide", ".cell", False)
        for _ in range(22):
            page.keyboard.press("Tab")
            outline = page.evaluate("""() => {
                const style = getComputedStyle(document.activeElement);
                return document.activeElement === document.body || (style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) >= 1);
            }""")
            self.assertTrue(outline, page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))
