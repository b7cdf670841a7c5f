"""The modules that take data and give data, called in the browser that they are written for."""

from __future__ import annotations

import json
import unittest
from typing import Any

from browser import BrowserTest, browser


class ModuleTest(unittest.TestCase):
    module: str

    @classmethod
    def setUpClass(cls) -> None:
        cls.site = BrowserTest.under_test.site
        context = browser().new_context(timezone_id="America/New_York")
        cls.addClassCleanup(context.close)
        cls.page = context.new_page()
        cls.page.goto(cls.site + "icon.svg")

    def check(self, expression: str, expected: Any) -> None:
        """What an expression over the module `m` gives; instants are written `at("...")`."""
        script = f"""async () => {{
            const m = await import("{self.site}app/{self.module}");
            const at = (text) => Date.parse(text);
            return JSON.stringify({expression}) ?? null;
        }}"""
        found = self.page.evaluate(script)
        self.assertEqual(expected, None if found is None else json.loads(found), expression)


class Time(ModuleTest):
    module = "time.js"

    def test_a_day_begins_at_midnight_in_london(self) -> None:
        for instant, day in [
            ("2026-01-09T00:00:00Z", "2026-01-09"),
            ("2026-01-08T23:59:59Z", "2026-01-08"),
            ("2026-07-01T22:59:59Z", "2026-07-01"),
            ("2026-07-01T23:00:00Z", "2026-07-02"),
        ]:
            self.check(f'm.dayOf(at("{instant}"))', day)

    def test_a_day_has_the_hours_that_the_clocks_leave_it(self) -> None:
        for day, hours in [
            ("2026-01-09", 24),
            ("2026-03-28", 24),
            ("2026-03-29", 23),
            ("2026-07-01", 24),
            ("2026-10-24", 24),
            ("2026-10-25", 25),
            ("2026-10-26", 24),
        ]:
            self.check(f'(({{ from, to }}) => (to - from) / m.HOUR)(m.bounds("{day}"))', hours)
        self.check('m.onWire(m.bounds("2026-10-25").from)', "2026-10-24T23:00:00Z")
        self.check('m.onWire(m.bounds("2026-10-25").to)', "2026-10-26T00:00:00Z")

    def test_a_clock_time_is_an_instant(self) -> None:
        for day, time, instant in [
            ("2026-01-09", "19:00", "2026-01-09T19:00:00Z"),
            ("2026-07-01", "19:00", "2026-07-01T18:00:00Z"),
            ("2026-07-01", "00:00", "2026-06-30T23:00:00Z"),
            ("2026-10-25", "19:00", "2026-10-25T19:00:00Z"),
            # Of the two half past ones the first; the hour that is left out is an hour later.
            ("2026-10-25", "01:30", "2026-10-25T00:30:00Z"),
            ("2026-03-29", "01:30", "2026-03-29T01:30:00Z"),
            ("2026-03-29", "19:00", "2026-03-29T18:00:00Z"),
        ]:
            self.check(f'm.onWire(m.atTime("{day}", "{time}"))', instant)

    def test_half_hours_name_the_zone_where_the_clocks_change(self) -> None:
        labels = "m.ticks(m.bounds('{}')).map(({{ label }}) => label).slice(0, {})"
        self.check(labels.format("2026-01-09", 3), ["00:00", "00:30", "01:00"])
        self.check(labels.format("2026-10-25", 6), ["00:00", "00:30", "01:00", "01:30", "01:00 GMT", "01:30"])
        self.check(labels.format("2026-03-29", 4), ["00:00", "00:30", "02:00 BST", "02:30"])
        for day, count in [("2026-10-25", 50), ("2026-03-29", 46)]:
            self.check(f'm.ticks(m.bounds("{day}")).length', count)

    def test_pieces_cover_a_window_without_gap_or_overlap(self) -> None:
        for day, lengths in [
            ("2026-01-09", [6, 6, 6, 6]),
            ("2026-03-29", [6, 6, 6, 5]),
            ("2026-10-25", [6, 6, 6, 6, 1]),
        ]:
            pieces = f'm.pieces(m.bounds("{day}"), 6 * m.HOUR)'
            self.check(f"{pieces}.map(({{ from, to }}) => (to - from) / m.HOUR)", lengths)
            self.check(f"{pieces}.every(({{ from }}, i, all) => i === 0 || all[i - 1].to === from)", True)

    def test_days_are_counted_across_the_end_of_a_month(self) -> None:
        self.check(
            'm.days(at("2026-02-26T12:00:00Z"))',
            ["2026-02-26", "2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04"],
        )
        self.check('m.addDays("2026-10-26", -1)', "2026-10-25")

    def test_a_day_is_called_by_what_it_is_today(self) -> None:
        now = 'at("2026-01-09T12:00:00Z")'
        for day, label in [
            ("2026-01-09", "Today"),
            ("2026-01-10", "Tomorrow"),
            ("2026-01-11", "Sun 11"),
            ("2026-01-08", "Thu 8"),
        ]:
            self.check(f'm.dayLabel("{day}", {now})', label)
        self.check('m.longDay("2026-01-09")', "Friday 9 January")

    def test_only_a_day_that_exists_is_one(self) -> None:
        for text, is_day in [
            ("2026-02-28", True),
            ("2026-02-29", False),
            ("2028-02-29", True),
            ("2026-13-01", False),
            ("today", False),
            ("2026-1-9", False),
            ("2026-01-09T00:00", False),
        ]:
            self.check(f'm.isDay("{text}")', is_day)

    def test_lengths_are_told_in_words(self) -> None:
        for minutes, words in [(5, "5 min"), (60, "1 h"), (95, "1 h 35 min"), (0, "0 min"), (120, "2 h")]:
            self.check(f"m.lengthInWords({minutes} * m.MINUTE)", words)


class Layout(ModuleTest):
    module = "layout.js"

    WINDOW = '{ from: at("2026-01-09T00:00:00Z"), to: at("2026-01-10T00:00:00Z") }'

    def programmes(self, *all: tuple[str, str, str]) -> str:
        """Programmes of channel `c` as `(id, start, end)`."""
        return (
            "["
            + ",".join(
                f'{{ id: "{id}", channelId: "c", start: at("2026-01-{start}:00Z"), end: at("2026-01-{end}:00Z") }}'
                for id, start, end in all
            )
            + "]"
        )

    def blocks(self, *all: tuple[str, str, str]) -> str:
        return (
            f'm.rows([{{ id: "c" }}], {self.programmes(*all)}, {self.WINDOW})[0].blocks'
            ".map(({ programme, lane, lanes, start, length }) => [programme.id, start, length, lane, lanes])"
        )

    def test_a_block_is_as_long_as_its_programme(self) -> None:
        self.check(
            self.blocks(("b", "09T01:00", "09T02:30"), ("a", "09T00:00", "09T01:00")),
            [["a", 0, 60, 0, 1], ["b", 60, 90, 0, 1]],
        )

    def test_what_crosses_midnight_is_cut_there(self) -> None:
        self.check(
            self.blocks(
                ("before", "08T23:00", "09T00:30"),
                ("after", "09T23:30", "10T00:30"),
                ("other", "10T00:00", "10T01:00"),
                ("over", "08T23:00", "09T00:00"),
            ),
            [["before", 0, 30, 0, 1], ["after", 1410, 30, 0, 1]],
        )

    def test_only_what_overlaps_shares_the_row(self) -> None:
        self.check(
            self.blocks(
                ("a", "09T00:00", "09T01:00"),
                ("b", "09T00:30", "09T01:30"),
                ("c", "09T01:00", "09T02:00"),
                ("d", "09T02:00", "09T03:00"),
            ),
            [["a", 0, 60, 0, 2], ["b", 30, 60, 1, 2], ["c", 60, 60, 0, 2], ["d", 120, 60, 0, 1]],
        )

    def test_a_channel_without_programmes_has_a_row(self) -> None:
        self.check(f'm.rows([{{ id: "x" }}], [], {self.WINDOW})[0].blocks', [])

    def steps(self, row: int, index: int, *keys: str) -> str:
        grid = f'm.rows([{{ id: "c" }}, {{ id: "none" }}, {{ id: "d" }}], [...{{c}}, ...{{d}}.map((one) => ({{ ...one, channelId: "d" }}))], {self.WINDOW})'.replace(
            "{c}",
            self.programmes(
                ("c0", "09T00:00", "09T01:00"), ("c1", "09T01:00", "09T01:10"), ("c2", "09T01:10", "09T04:00")
            ),
        ).replace("{d}", self.programmes(("d0", "09T00:00", "09T02:00"), ("d1", "09T02:00", "09T04:00")))
        return (
            f"((grid) => {json.dumps(keys)}.reduce((place, key) => place && m.step(grid, place, key), {{ row: {row}, index: {index} }}))({grid})"
            "?.index"
        )

    def test_arrows_lead_to_neighbours_and_stop_at_the_edge(self) -> None:
        for keys, index in [
            (["ArrowRight"], 1),
            (["ArrowRight", "ArrowRight"], 2),
            (["ArrowRight"] * 3, None),
            (["ArrowLeft"], None),
            (["End"], 2),
            (["End", "Home"], 0),
            (["ArrowUp"], None),
            (["Enter"], None),
        ]:
            self.check(self.steps(0, 0, *keys), index)

    def test_down_and_up_again_comes_back_over_an_empty_row(self) -> None:
        self.check(self.steps(0, 1, "ArrowDown"), 0)
        self.check(self.steps(0, 1, "ArrowDown", "ArrowUp"), 1)
        self.check(self.steps(0, 2, "ArrowDown", "ArrowUp"), 2)
        self.check(self.steps(0, 2, "ArrowDown", "ArrowRight", "ArrowUp"), 2)

    def test_now_and_next_skip_what_is_cancelled(self) -> None:
        programmes = self.programmes(
            ("on", "09T00:00", "09T01:00"),
            ("off", "09T01:00", "09T02:00"),
            ("next", "09T02:00", "09T03:00"),
            ("later", "09T03:00", "09T04:00"),
        ).replace('id: "off"', 'id: "off", cancelled: true')
        told = "(({{ on, next }}) => [on?.id ?? null, next.map(({{ id }}) => id)])(m.nowAndNext({}, at('2026-01-09T{}:00Z'), 2))"
        self.check(told.format(programmes, "00:30"), ["on", ["next", "later"]])
        self.check(told.format(programmes, "01:00"), [None, ["next", "later"]])
        self.check(told.format(programmes, "03:00"), ["later", []])

    def test_a_programme_is_over_when_it_ends(self) -> None:
        one = '{ start: at("2026-01-09T20:00:00Z"), end: at("2026-01-09T21:00:00Z") }'
        for time, phase, progress in [
            ("19:59", "next", 0),
            ("20:00", "now", 0),
            ("20:45", "now", 0.75),
            ("21:00", "past", 1),
        ]:
            self.check(f'm.phase({one}, at("2026-01-09T{time}:00Z"))', phase)
            self.check(f'm.progress({one}, at("2026-01-09T{time}:00Z"))', progress)


class Changes(ModuleTest):
    module = "changes.js"

    def compare(self, before: str, current: str, elsewhere: str = "[]", now: int = 50) -> str:
        return (
            f"m.compare({before}, {current}, {elsewhere}, {now})"
            ".map(({ id, start, movedFrom, cancelled }) => [id, start, movedFrom ?? null, cancelled ?? false])"
        )

    def test_what_stays_is_not_marked(self) -> None:
        self.check(
            self.compare("[{ id: 'a', start: 60, end: 90 }]", "[{ id: 'a', start: 60, end: 95 }]"),
            [["a", 60, None, False]],
        )

    def test_what_begins_at_another_time_was_moved_from_the_first(self) -> None:
        self.check(
            self.compare("[{ id: 'a', start: 60, end: 90 }]", "[{ id: 'a', start: 70, end: 100 }]"),
            [["a", 70, 60, False]],
        )
        self.check(
            self.compare("[{ id: 'a', start: 70, end: 90, movedFrom: 60 }]", "[{ id: 'a', start: 80, end: 100 }]"),
            [["a", 80, 60, False]],
        )
        self.check(
            self.compare("[{ id: 'a', start: 70, end: 90, movedFrom: 60 }]", "[{ id: 'a', start: 60, end: 90 }]"),
            [["a", 60, None, False]],
        )

    def test_what_is_gone_was_cancelled_unless_it_is_over_or_on_another_day(self) -> None:
        gone = "[{ id: 'a', start: 60, end: 90 }]"
        self.check(self.compare(gone, "[]"), [["a", 60, None, True]])
        self.check(self.compare(gone, "[]", now=90), [])
        self.check(self.compare(gone, "[]", elsewhere="[{ id: 'a', start: 900, end: 930 }]"), [])

    def test_what_comes_back_is_on_again(self) -> None:
        self.check(
            self.compare("[{ id: 'a', start: 60, end: 90, cancelled: true }]", "[{ id: 'a', start: 60, end: 90 }]"),
            [["a", 60, None, False]],
        )


class Merge(ModuleTest):
    module = "merge.js"

    def test_both_changes_are_kept(self) -> None:
        for base, mine, theirs, merged in [
            ("ab", "abc", "abd", "abdc"),
            ("ab", "a", "abd", "ad"),
            ("ab", "ab", "", ""),
            ("ab", "", "abc", "c"),
            ("", "x", "x", "x"),
            ("a", "", "", ""),
        ]:
            lists = [json.dumps({"sources": list(one)}) for one in (base, mine, theirs)]
            self.check(f"m.merge({', '.join(lists)}).sources.join('')", merged)

    def test_order_does_not_matter(self) -> None:
        self.check("m.same({ a: ['1', '2'] }, { a: ['2', '1'] })", True)
        self.check("m.same({ a: ['1', '2'] }, { a: ['1', '3'] })", False)
        self.check("m.same({ a: ['1'] }, { a: ['1', '2'] })", False)


class Router(ModuleTest):
    module = "router.js"

    def test_an_address_is_read_as_it_was_written(self) -> None:
        for link in [
            "m.link('title', 'a/b c')",
            "m.link('search', { q: 'x & y', source: '', genre: '4' })",
            "m.link('guide')",
        ]:
            told = f"(({{ view, params, query }}) => [view, params, Object.fromEntries(query)])(m.parse({link}))"
            self.check(
                told,
                {"m.link('title', 'a/b c')": ["title", ["a/b c"], {}], "m.link('guide')": ["guide", [], {}]}.get(
                    link, ["search", [], {"q": "x & y", "genre": "4"}]
                ),
            )

    def test_nonsense_is_an_address_too(self) -> None:
        for hash, view in [
            ("", "guide"),
            ("#", "guide"),
            ("#/", "guide"),
            ("#/%E0%A4%A", "%E0%A4%A"),
            ("#/?q=1", "guide"),
        ]:
            self.check(f"m.parse('{hash}').view", view)


class Dom(ModuleTest):
    module = "dom.js"

    def test_only_an_address_of_the_web_is_one(self) -> None:
        for text, address in [
            ("https://a.example/x", "https://a.example/x"),
            ("http://a.example", "http://a.example/"),
            ("javascript:alert(1)", None),
            ("data:text/html,x", None),
            ("/x", None),
            ("", None),
            (" JavaScript:alert(1)", None),
        ]:
            self.check(f"m.webAddress({json.dumps(text)})", address)
        self.check("m.webAddress(undefined)", None)

    def test_text_is_never_markup(self) -> None:
        self.check("m.element('p', {}, '<img src=x onerror=alert(1)>').innerHTML", "&lt;img src=x onerror=alert(1)&gt;")


class Model(ModuleTest):
    module = "model.js"

    def test_the_rating_that_counts_comes_first_and_is_told_once(self) -> None:
        tvmaze = "{ source: 'tvmaze', value: 7.9, scale: 10 }"
        for wire, told in [
            ("{ user_rating: null, ratings: [] }", []),
            (f"{{ user_rating: 7.9, ratings: [{tvmaze}] }}", [["TVmaze", 7.9]]),
            (f"{{ user_rating: 8.1, ratings: [{tvmaze}] }}", [["Watchmode", 8.1], ["TVmaze", 7.9]]),
            ("{ user_rating: 0, ratings: [] }", [["Watchmode", 0]]),
        ]:
            self.check(f"m.titleOf({wire}).ratings.map(({{ source, value }}) => [source, value])", told)

    def test_an_episode_that_is_called_by_its_number_has_no_name(self) -> None:
        told = (
            "['Episode 9', 'Episode 10', 'The Fog', null].map((episode) => m.programmeOf({ program_id: 'x', title: 'X', channel: 'C',"
            " channel_id: 'c', start_time: '', end_time: '', genres: [], number: 9, episode }).episode ?? null)"
        )
        self.check(told, [None, "Episode 10", "The Fog", None])

    def test_what_is_missing_is_no_fault(self) -> None:
        self.check(
            "m.programmeOf({ program_id: 'x', title: 'X', channel: 'C', channel_id: 'c', start_time: '2026-01-09T21:00:00Z',"
            " end_time: '2026-01-09T22:00:00Z', genres: [] })",
            {
                "id": "x",
                "title": "X",
                "channelId": "c",
                "channel": "C",
                "start": 1767992400000,
                "end": 1767996000000,
                "description": "",
                "genres": [],
                "cancelled": False,
            },
        )
        self.check(
            "[m.episodeOf({ season: 2, number: 5 }), m.episodeOf({ number: 5 }), m.episodeOf({}),"
            " m.episodeOf({ season: 2026, number: 3 }), m.episodeOf({ season: 2026 })]",
            ["S2 E5", "E5", "", "2026 E3", "2026"],
        )
