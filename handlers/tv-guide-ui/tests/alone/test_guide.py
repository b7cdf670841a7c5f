"""The guide before a schedule that is made up: its hours, marks, keys and addresses."""

from __future__ import annotations

import re

from browser import DESKTOP, PHONE, BrowserTest
from made_up import Api, programme, row, sign_in
from playwright.sync_api import Page, expect

#: The evening that most tests are in; a Friday.
NOW = "2026-01-09T20:40:00Z"
DAY = "2026-01-09"


class GuideTest(BrowserTest):
    def setUp(self) -> None:
        super().setUp()
        self.api = Api(row("a", "2026-01-09T00:00:00Z", 60, 24) + row("b", "2026-01-09T00:00:00Z", 30, 48))

    def guide(
        self,
        address: str = "",
        now: str = NOW,
        ready: str = ".cell",
        viewport: dict[str, int] = DESKTOP,
        signed_in: bool = False,
    ) -> Page:
        """The guide at a time, once something is drawn."""
        page = self.blank(viewport)
        page.clock.install(time=now)
        self.api.serve(page, self.under_test)
        if signed_in:
            sign_in(page, self.under_test)
        page.goto(self.under_test.site + address)
        page.wait_for_selector(ready)
        return page

    def block(self, page: Page, id: str):
        return page.locator(f'.programme[data-id="{id}"]')


class Grid(GuideTest):
    def test_blocks_stand_at_their_times(self) -> None:
        page = self.guide()
        minute = page.evaluate(
            "Number.parseFloat(getComputedStyle(document.querySelector('.timeline')).getPropertyValue('--minute'))"
        )
        first, second, half = (
            page.locator(".cell", has=self.block(page, id)).bounding_box() for id in ["a-20", "a-21", "b-41"]
        )
        self.assertAlmostEqual(60 * minute, first["width"], delta=1)
        self.assertAlmostEqual(30 * minute, half["width"], delta=1)
        self.assertAlmostEqual(first["x"] + 60 * minute, second["x"], delta=1)
        self.assertAlmostEqual(first["x"] + 30 * minute, half["x"], delta=1)
        tick = page.locator(".tick", has_text="21:00").bounding_box()
        self.assertAlmostEqual(second["x"], tick["x"], delta=1)

    def test_every_programme_of_the_day_is_there_once(self) -> None:
        page = self.guide()
        expect(page.locator(".cell")).to_have_count(24 + 48)
        expect(page.get_by_role("row")).to_have_count(3)
        expect(page.get_by_role("row", name="Channel c")).to_contain_text("No listings")

    def test_the_hours_in_view_are_asked_for_first(self) -> None:
        asked: list[str] = []
        guide = self.api.handlers["GET", "/guide"]
        self.api.on("GET", "/guide", lambda query, body: (asked.append(query["from"]), guide(query, body))[1])
        self.guide()
        self.assertEqual("2026-01-09T18:00:00Z", asked[0])

    def test_pages_are_followed_to_the_last(self) -> None:
        whole = self.api.handlers["GET", "/guide"]

        def pages(query, body):
            status, answer = whole(query, body)
            first = query.get("cursor") is None
            channels = answer["channels"][:1] if first else answer["channels"][1:]
            return status, {**answer, "channels": channels, "next": "more" if first else None}

        self.api.on("GET", "/guide", pages)
        page = self.guide()
        expect(page.locator(".cell")).to_have_count(24 + 48)

    def test_the_line_moves_and_programmes_begin_and_end_with_it(self) -> None:
        page = self.guide()
        line = page.locator(".now-line")
        before = line.bounding_box()["x"]
        on = page.locator(".cell[data-phase=now]")
        expect(on).to_have_count(2)
        expect(page.locator(".cell", has=self.block(page, "b-41"))).to_have_attribute("data-phase", "now")
        page.clock.run_for(25 * 60 * 1000)
        expect(page.locator(".cell", has=self.block(page, "b-42"))).to_have_attribute("data-phase", "now")
        expect(page.locator(".cell", has=self.block(page, "b-41"))).to_have_attribute("data-phase", "past")
        minute = (line.bounding_box()["x"] - before) / 25
        self.assertAlmostEqual(4.4, minute, delta=0.2)

    def test_another_day_has_no_line_and_begins_in_the_evening(self) -> None:
        self.api.programmes += row("a", "2026-01-10T00:00:00Z", 60, 24)
        page = self.guide("#/guide/2026-01-10")
        expect(page.locator(".now-line")).to_be_hidden()
        expect(page.locator("h1")).to_have_text("Saturday 10 January")
        edge = page.locator(".tick", has_text="19:00").bounding_box()["x"]
        self.assertAlmostEqual(page.locator(".corner").bounding_box()["width"], edge, delta=2)

    def test_now_leads_back_from_another_day(self) -> None:
        page = self.guide("#/guide/2026-01-12", ready=".timeline")
        page.get_by_role("button", name="Now", exact=True).click()
        expect(page.locator("h1")).to_have_text("Friday 9 January")
        expect(page.locator(".now-line")).to_be_in_viewport()

    def test_days_keep_the_time_of_day(self) -> None:
        self.api.programmes += row("a", "2026-01-10T00:00:00Z", 60, 24)
        page = self.guide()
        page.locator(".timeline").evaluate("(one) => one.scrollTo({ left: 600 })")
        page.get_by_role("link", name="Tomorrow").click()
        expect(page.locator("h1")).to_have_text("Saturday 10 January")
        expect(self.block(page, "a-3").first).to_be_visible()
        self.assertAlmostEqual(600, page.locator(".timeline").evaluate("(one) => one.scrollLeft"), delta=2)

    def test_what_was_looked_at_is_still_there_on_the_way_back(self) -> None:
        page = self.guide()
        timeline = page.locator(".timeline")
        timeline.evaluate("(one) => one.scrollTo({ left: 1200 })")
        expect(self.block(page, "a-5")).to_be_visible()
        page.get_by_label("Find channel").fill("zzz")
        expect(timeline).to_have_count(0)
        page.get_by_label("Find channel").fill("")
        expect(timeline).to_have_js_property("scrollLeft", 1200)
        page.get_by_role("link", name="Search").click()
        expect(timeline).to_have_count(0)
        page.go_back()
        expect(timeline).to_have_js_property("scrollLeft", 1200)

    def test_a_scroll_counts_before_its_event_has_come(self) -> None:
        self.api.programmes += row("a", "2026-01-10T00:00:00Z", 60, 24)
        page = self.guide()
        timeline = page.locator(".timeline")
        # No frame comes in between, and without one no event of the scroll.
        timeline.evaluate("""(one) => {
          one.scrollTo({ left: 1200 });
          const find = document.querySelector("input[type=search]");
          find.value = "zzz";
          find.dispatchEvent(new Event("input", { bubbles: true }));
        }""")
        expect(timeline).to_have_count(0)
        page.get_by_label("Find channel").fill("")
        expect(timeline).to_have_js_property("scrollLeft", 1200)
        timeline.evaluate("""(one) => {
          one.scrollTo({ left: 600 });
          document.querySelector("[href='#/guide/2026-01-10']").click();
        }""")
        expect(page.locator("h1")).to_have_text("Saturday 10 January")
        expect(timeline).to_have_js_property("scrollLeft", 600)

    def test_a_page_that_is_left_open_goes_over_to_the_next_day(self) -> None:
        self.api.programmes += row("a", "2026-01-10T00:00:00Z", 60, 24)
        page = self.guide(now="2026-01-09T23:59:00Z")
        page.clock.fast_forward(2 * 60 * 1000)
        expect(page.locator("h1")).to_have_text("Saturday 10 January")
        expect(page.get_by_role("link", name="Today")).to_have_attribute("href", "#/guide/2026-01-10")
        expect(page.locator(".now-line")).to_be_in_viewport()

    def test_what_overlaps_stands_above_each_other(self) -> None:
        self.api.programmes.append(programme("extra", "a", "2026-01-09T20:15:00Z", 30))
        page = self.guide()
        first, second = (page.locator(".cell", has=self.block(page, id)).bounding_box() for id in ["a-20", "extra"])
        self.assertLessEqual(first["y"] + first["height"], second["y"] + 0.5)
        self.assertGreaterEqual(second["height"], 24)

    def test_names_of_programmes_that_began_earlier_stay_in_view(self) -> None:
        page = self.guide()
        page.locator(".timeline").evaluate("(one) => one.scrollTo({ left: one.scrollLeft + 60 })")
        page.wait_for_selector(".cell[data-edge]")
        name = self.block(page, "a-20").locator(".name").bounding_box()
        self.assertGreater(name["x"], page.locator(".corner").bounding_box()["width"])

    def test_channels_can_be_found_by_name(self) -> None:
        page = self.guide()
        page.get_by_label("Find channel").fill("nel B")
        expect(page.get_by_role("row")).to_have_count(1)
        page.get_by_label("Find channel").fill("zzz")
        expect(page.get_by_text("No channel is called")).to_be_visible()
        page.get_by_label("Find channel").fill("")
        expect(page.get_by_role("row")).to_have_count(3)


class ClockChange(GuideTest):
    def test_a_day_of_25_hours_is_drawn_with_all_of_them(self) -> None:
        self.api = Api(row("a", "2026-10-24T23:00:00Z", 60, 25))
        page = self.guide(now="2026-10-25T00:30:00Z")
        expect(page.locator(".cell")).to_have_count(25)
        expect(page.locator(".tick")).to_have_count(50)
        # Both one o'clocks, an hour apart; the second says that it is winter.
        twice = self.block(page, "a-1"), self.block(page, "a-2")
        for block in twice:
            expect(block.locator(".when")).to_contain_text("01:00")
        boxes = [block.bounding_box() for block in twice]
        self.assertAlmostEqual(60 * 4.4, boxes[1]["x"] - boxes[0]["x"], delta=1)
        expect(page.get_by_text("01:00 GMT")).to_be_visible()

    def test_a_day_of_23_hours_has_no_gap(self) -> None:
        self.api = Api(row("a", "2026-03-29T00:00:00Z", 60, 23))
        page = self.guide(now="2026-03-29T00:30:00Z")
        expect(page.locator(".cell")).to_have_count(23)
        expect(page.locator(".tick")).to_have_count(46)
        expect(self.block(page, "a-1").locator(".when")).to_contain_text("02:00")

    def test_summer_shows_times_of_london_not_of_the_reader(self) -> None:
        self.api = Api([programme("x", "a", "2026-07-01T19:00:00Z", 60)])
        page = self.guide("#/guide/2026-07-01/x", now="2026-07-01T12:00:00Z")
        expect(page.get_by_role("dialog")).to_contain_text("20:00 – 21:00 BST")


class Keys(GuideTest):
    def focused(self, page: Page) -> str:
        return page.evaluate("document.activeElement.dataset.id ?? document.activeElement.tagName")

    def test_one_programme_can_be_reached_with_tab(self) -> None:
        page = self.guide()
        expect(page.locator(".cell")).to_have_count(72)
        self.assertEqual(1, page.locator('.programme[tabindex="0"]').count())
        page.get_by_label("Find channel").focus()
        page.keyboard.press("Tab")
        self.assertEqual("a-20", self.focused(page))

    def test_arrows_home_and_end_move_between_programmes(self) -> None:
        page = self.guide()
        expect(page.locator(".cell")).to_have_count(72)
        self.block(page, "a-20").focus()
        for key, id in [
            ("ArrowRight", "a-21"),
            ("ArrowDown", "b-42"),
            ("ArrowRight", "b-43"),
            ("ArrowUp", "a-21"),
            ("ArrowLeft", "a-20"),
            ("ArrowUp", "a-20"),
            ("End", "a-23"),
            ("Home", "a-0"),
            ("Control+End", "b-47"),
            ("Control+Home", "a-0"),
        ]:
            page.keyboard.press(key)
            self.assertEqual(id, self.focused(page), f"after {key}")
            expect(self.block(page, id)).to_be_in_viewport()
        self.assertEqual(1, page.locator('.programme[tabindex="0"]').count())

    def test_the_focused_programme_is_not_under_the_channels(self) -> None:
        page = self.guide()
        expect(page.locator(".cell")).to_have_count(72)
        self.block(page, "a-23").focus()
        for _ in range(8):
            page.keyboard.press("ArrowLeft")
        self.assertGreaterEqual(
            self.block(page, "a-15").bounding_box()["x"], page.locator(".corner").bounding_box()["width"] - 1
        )

    def test_pages_are_days(self) -> None:
        page = self.guide()
        self.block(page, "a-20").focus()
        page.keyboard.press("PageDown")
        expect(page.locator("h1")).to_have_text("Saturday 10 January")
        page.go_back()
        expect(page.locator("h1")).to_have_text("Friday 9 January")
        self.block(page, "a-20").focus()
        page.keyboard.press("PageUp")
        expect(page.locator("#live")).to_have_text("This is the first day of the guide")

    def test_a_focused_programme_stays_so_while_the_day_comes_in(self) -> None:
        page = self.guide()
        self.block(page, "a-20").focus()
        self.api.programmes = [one for one in self.api.programmes if one["program_id"] != "b-47"]
        page.clock.fast_forward(6 * 60 * 1000)
        expect(page.locator(".cell[data-cancelled]")).to_have_count(1)
        self.assertEqual("a-20", self.focused(page))


class Dialog(GuideTest):
    def test_enter_opens_and_escape_closes_with_the_focus_back(self) -> None:
        page = self.guide()
        self.block(page, "a-20").focus()
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="Programme a-20")
        expect(dialog).to_be_visible()
        expect(page).to_have_url(re.compile(f"#/guide/{DAY}/a-20$"))
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(self.block(page, "a-20")).to_be_focused()
        expect(page).not_to_have_url(re.compile("a-20$"))

    def test_its_address_opens_it_and_closing_stays_in_the_guide(self) -> None:
        page = self.guide(f"#/guide/{DAY}/a-20")
        expect(page.get_by_role("dialog", name="Programme a-20")).to_be_visible()
        page.get_by_role("button", name="Close").click()
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(page).to_have_url(re.compile(f"#/guide/{DAY}$"))

    def test_closing_stays_in_the_guide_wherever_it_was_opened(self) -> None:
        self.api.programmes.append(programme("again", "c", "2026-01-09T22:00:00Z", 60, show_id="show-a-20"))
        page = self.guide("#/search?q=programme%20a-20", ready=".airings a")
        page.get_by_role("link", name="Programme a-20").click()
        page.get_by_role("dialog").get_by_role("link", name="Today 22:00").click()
        expect(page.get_by_role("dialog", name="Programme again")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(page).to_have_url(re.compile(f"#/guide/{DAY}$"))
        expect(self.block(page, "again")).to_be_focused()

    def test_back_closes_it(self) -> None:
        page = self.guide()
        self.block(page, "a-20").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        page.go_back()
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(page.locator("h1")).to_have_text("Friday 9 January")

    def test_a_programme_that_is_not_there_is_said_to_be_so(self) -> None:
        page = self.guide(f"#/guide/{DAY}/none")
        expect(page.get_by_role("dialog", name="Not in the guide")).to_be_visible()

    def test_it_tells_what_is_known(self) -> None:
        self.api.programmes.append(
            programme(
                "full",
                "c",
                "2026-01-09T20:00:00Z",
                60,
                title="<b>Harbour</b> Lights",
                description="A harbour.",
                season=2,
                number=5,
                episode="The Fog",
                genres=["Drama", "Crime"],
                url="https://www.tvmaze.com/episodes/1/x",
                image="https://images.example/x.jpg",
            )
        )
        self.api.programmes.append(programme("again", "c", "2026-01-09T22:00:00Z", 60, show_id="show-full"))
        page = self.guide(f"#/guide/{DAY}/full")
        dialog = page.get_by_role("dialog", name="<b>Harbour</b> Lights")
        for words in [
            "Channel c",
            "Friday 9 January",
            "20:00 – 21:00 GMT",
            "1 h",
            "On now, 20 min to go",
            "The Fog",
            "S2 E5",
            "Drama",
            "Crime",
            "A harbour.",
            "CC BY-SA 4.0",
        ]:
            expect(dialog).to_contain_text(words)
        expect(dialog.get_by_role("link", name="TVmaze")).to_have_attribute(
            "href", "https://www.tvmaze.com/episodes/1/x"
        )
        expect(dialog.get_by_role("link", name="Today 22:00")).to_have_attribute("href", f"#/guide/{DAY}/again")
        # The picture's host does not exist: the page draws one of its own.
        expect(dialog.locator(".poster.drawn")).to_have_text("L")

    def test_a_link_of_another_scheme_does_not_become_one(self) -> None:
        self.api.programmes.append(programme("evil", "c", "2026-01-09T20:00:00Z", 60, url="javascript:alert(1)"))
        page = self.guide(f"#/guide/{DAY}/evil")
        expect(page.get_by_role("dialog").get_by_role("link", name="TVmaze")).to_have_attribute(
            "href", "https://www.tvmaze.com/"
        )


class Marks(GuideTest):
    def test_a_move_and_a_cancellation_show_when_they_come(self) -> None:
        page = self.guide()
        expect(page.locator(".cell")).to_have_count(72)
        by_id = {one["program_id"]: one for one in self.api.programmes}
        by_id["a-22"].update(start_time="2026-01-09T22:15:00Z")
        self.api.programmes.remove(by_id["b-46"])
        page.clock.fast_forward(6 * 60 * 1000)
        expect(self.block(page, "a-22").locator(".when")).to_contain_text("22:15 · Moved from 22:00")
        expect(self.block(page, "b-46").locator(".when")).to_contain_text("Cancelled")
        expect(page.get_by_role("link", name="Programme b-46, 23:00 to 23:30, Channel b, cancelled")).to_be_attached()
        expect(page.locator(".cell[data-cancelled]")).to_have_count(1)
        expect(page.locator(".cell[data-moved]")).to_have_count(1)
        self.block(page, "a-22").click()
        expect(page.get_by_role("dialog")).to_contain_text("Moved: it was to begin at 22:00.")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Now & next").click()
        page.get_by_role("button", name="Later").click()
        expect(page.locator('.now-next [data-id="a-22"]')).to_contain_text("moved from 22:00")

    def test_favourites_are_marked(self) -> None:
        self.api.on(
            "GET",
            "/favourites",
            lambda *_: (
                200,
                {"favourites": [{"kind": "show", "id": "show-a-20", "name": "A", "since": "2026-01-01T00:00:00Z"}]},
            ),
        )
        page = self.guide(signed_in=True)
        expect(page.locator(".cell[data-favourite]")).to_have_count(1)
        expect(page.get_by_role("link", name="Programme a-20, 20:00 to 21:00, Channel a, favourite")).to_be_attached()


class NowAndNext(GuideTest):
    def test_a_phone_gets_the_list(self) -> None:
        page = self.guide(ready=".now-next", viewport=PHONE)
        first = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Channel a"))
        expect(first).to_contain_text("Programme a-20")
        expect(first).to_contain_text("until 21:00")
        expect(first).to_contain_text("Programme a-22")
        expect(first).not_to_contain_text("Programme a-23")
        expect(page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Channel c"))).to_contain_text(
            "No listings"
        )

    def test_later_steps_by_full_hours_and_now_comes_back(self) -> None:
        page = self.guide(ready=".now-next", viewport=PHONE)
        time = page.locator("output.time")
        expect(time).to_have_text("On now, 20:40")
        for button, words in [
            ("Later", "On at 21:00"),
            ("Later", "On at 22:00"),
            ("Earlier", "On at 21:00"),
            ("Now", "On now, 20:40"),
            ("Earlier", "On at 20:00"),
            ("Tonight", "On at 19:00"),
        ]:
            page.get_by_role("button", name=button, exact=True).click()
            expect(time).to_have_text(words)
        expect(page.locator(".on").first).to_contain_text("Programme a-19")

    def test_another_day_begins_in_the_evening_and_today_again_now(self) -> None:
        page = self.guide(ready=".now-next", viewport=PHONE)
        for day, words in [("Tomorrow", "On at 19:00"), ("Today", "On now, 20:40")]:
            page.get_by_role("link", name=day).click()
            expect(page.locator("output.time")).to_have_text(words)

    def test_the_list_opens_programmes_too(self) -> None:
        page = self.guide(ready=".now-next", viewport=PHONE)
        link = page.locator('.now-next [data-id="a-21"]')
        link.click()
        expect(page.get_by_role("dialog", name="Programme a-21")).to_be_visible()
        page.keyboard.press("Escape")
        expect(link).to_be_focused()

    def test_the_layout_that_was_chosen_is_kept(self) -> None:
        page = self.guide(ready=".now-next", viewport=PHONE)
        page.get_by_role("button", name="Grid").click()
        expect(page.locator(".timeline")).to_be_visible()
        expect(page.locator(".now-line")).to_be_in_viewport()
        page.reload()
        expect(page.locator(".timeline")).to_be_visible()
        expect(page.get_by_role("button", name="Grid")).to_have_attribute("aria-pressed", "true")
