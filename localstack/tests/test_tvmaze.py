"""The fake of TVmaze: the schedule of a day, shows, lookups, the rate limit."""

from __future__ import annotations

import unittest
from collections import defaultdict
from datetime import date, datetime, timedelta, timezone
from typing import Any

from upstreams.data import london

from .upstream import TODAY, Upstreams, ask


def begin(episode: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(episode["airstamp"])


def minutes(episode: dict[str, Any]) -> int:
    return int(episode["runtime"] or 0)


class Tvmaze(unittest.TestCase):
    def setUp(self) -> None:
        self.upstreams = Upstreams()
        self.addCleanup(self.upstreams.origins.stop)
        self.origin = self.upstreams.tvmaze

    def by_channel(self, *days: date) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for day in days:
            for episode in self.upstreams.schedule(day.isoformat()):
                found[episode["show"]["network"]["name"]].append(episode)
        return found

    def test_seven_days_of_every_channel_have_no_gap(self) -> None:
        channels = self.by_channel(*(TODAY + timedelta(days=number) for number in range(7)))
        self.assertGreaterEqual(len(channels), 30)
        for name, episodes in channels.items():
            with self.subTest(name):
                self.assertGreater(len(episodes), 7 * 8)
                for one, next_one in zip(episodes, episodes[1:]):
                    if one["runtime"] is not None:
                        self.assertEqual(begin(one) + timedelta(minutes=minutes(one)), begin(next_one))
        self.assertTrue(any(minutes(episode) > 240 for episode in channels["CBBC"]))
        ids = [episode["id"] for episodes in channels.values() for episode in episodes]
        self.assertEqual(len(ids), len(set(ids)))

    def test_airtimes_are_those_of_the_wall_clock_and_airstamps_are_utc(self) -> None:
        for day, hours, offsets in (
            ("2026-01-09", 24, {0}), ("2026-07-09", 24, {1}), ("2026-03-29", 23, {0, 1}), ("2026-10-25", 25, {0, 1}),
        ):
            with self.subTest(day):
                episodes = self.upstreams.schedule(day)
                seen = set()
                for episode in episodes:
                    local = datetime.fromisoformat(f"{episode['airdate']}T{episode['airtime']}+00:00")
                    seen.add(int((local - begin(episode)).total_seconds() // 3600))
                    self.assertEqual((episode["airdate"], episode["airstamp"][-6:]), (day, "+00:00"))
                self.assertEqual(seen, offsets)
                long = begin(episodes[-1]) - begin(episodes[0])
                self.assertTrue(timedelta(hours=hours - 2) < long < timedelta(hours=hours))

    def test_an_episode_has_the_members_that_are_documented(self) -> None:
        episode = next(
            row for row in self.upstreams.schedule() if row["show"]["id"] == 90001)
        self.assertEqual(
            (episode["airtime"], episode["airstamp"], episode["runtime"]), ("21:00", "2026-01-09T21:00:00+00:00", 60))
        self.assertEqual(episode["show"]["network"]["name"], "BBC One")
        self.assertEqual(episode["show"]["network"]["country"]["code"], "GB")
        self.assertEqual(episode["show"]["externals"]["imdb"], "tt9900001")
        self.assertEqual(episode["_links"]["show"]["href"], f"{self.origin}/shows/90001")
        rows = self.upstreams.schedule()
        for name in ("runtime", "number", "summary"):
            self.assertTrue(any(row[name] is None for row in rows), name)
        self.assertTrue({"regular", "significant_special"} <= {row["type"] for row in rows})

    def test_only_the_code_gb_has_a_schedule(self) -> None:
        for query in ("country=UK&date=2026-01-09", "date=2026-01-09", "country=US&date=2026-01-09"):
            self.assertEqual(ask(f"{self.origin}/schedule?{query}").json, [])
        self.assertEqual(ask(f"{self.origin}/schedule?country=GB&date=9-1-2026").status, 400)
        today = datetime.now(timezone.utc).date().isoformat()
        self.assertEqual(ask(f"{self.origin}/schedule/?country=GB").json, self.upstreams.schedule(today))

    def test_streamed_episodes_embed_their_show(self) -> None:
        everywhere = ask(f"{self.origin}/schedule/web?date=2026-01-09").json
        british = ask(f"{self.origin}/schedule/web?date=2026-01-09&country=GB").json
        world = ask(f"{self.origin}/schedule/web?date=2026-01-09&country=").json
        self.assertEqual(len(everywhere), len(british) + len(world))
        for episode in everywhere:
            self.assertNotIn("show", episode)
            self.assertIsNone(episode["_embedded"]["show"]["network"])
        self.assertTrue(all(row["_embedded"]["show"]["webChannel"]["country"]["code"] == "GB" for row in british))

    def test_a_lookup_is_a_redirect_to_the_show(self) -> None:
        found = ask(f"{self.origin}/lookup/shows?imdb=tt9900001")
        self.assertEqual((found.status, found.headers["Location"]), (301, f"{self.origin}/shows/90001"))
        show = ask(found.headers["Location"]).json
        self.assertEqual((show["name"], show["rating"]), ("Harbour Lights", {"average": 7.9}))
        self.assertTrue(show["summary"].startswith("<p><b>Harbour Lights</b>"))
        self.assertEqual(ask(show["image"]["medium"]).headers["Content-Type"], "image/svg+xml")
        for path, status in (("/lookup/shows?imdb=tt1", 404), ("/lookup/shows?imdb=", 404), ("/lookup/shows", 400),
                             ("/shows/1", 404), ("/shows/x", 404), ("/nothing", 404)):
            self.assertEqual(ask(self.origin + path).status, status, path)

    def test_most_but_not_all_series_are_known(self) -> None:
        titles = self.upstreams.rows("/list-titles?types=tv_series&limit=100")["titles"]
        statuses = {ask(f"{self.origin}/lookup/shows?imdb={title['imdb_id']}").status
                    for title in titles if title["imdb_id"]}
        self.assertEqual(statuses, {301, 404})

    def test_the_21st_call_in_ten_seconds_is_refused(self) -> None:
        self.upstreams.settings("tvmaze", calls=20, seconds=10.0)
        statuses = [ask(f"{self.origin}/shows/90001").status for _ in range(21)]
        self.assertEqual(statuses, [200] * 20 + [429])
        self.upstreams.settings("tvmaze", calls=0)
        self.assertEqual(ask(f"{self.origin}/shows/90001").status, 200)

    def test_the_window_follows_the_time_scale(self) -> None:
        scaled = Upstreams(time_scale=0.01)
        self.addCleanup(scaled.origins.stop)
        scaled.settings("tvmaze", calls=1, seconds=10.0)
        seen = set()
        deadline = datetime.now() + timedelta(seconds=5)
        while seen != {200, 429} and datetime.now() < deadline:
            seen.add(ask(f"{scaled.tvmaze}/shows/90001").status)
        self.assertEqual(seen, {200, 429})


class London(unittest.TestCase):
    def test_the_clocks_change_at_one_in_utc(self) -> None:
        for moment, wall in (
            ("2026-03-29T00:59:00", "2026-03-29T00:59:00+00:00"), ("2026-03-29T01:00:00", "2026-03-29T02:00:00+01:00"),
            ("2026-10-25T00:59:00", "2026-10-25T01:59:00+01:00"), ("2026-10-25T01:00:00", "2026-10-25T01:00:00+00:00"),
            ("2024-03-31T01:00:00", "2024-03-31T02:00:00+01:00"),
        ):
            utc = datetime.fromisoformat(moment).replace(tzinfo=timezone.utc)
            self.assertEqual(london.local(utc).isoformat(), wall)

    def test_a_day_begins_at_local_midnight(self) -> None:
        for day, start in (
            (date(2026, 3, 29), "2026-03-29T00:00:00+00:00"), (date(2026, 3, 30), "2026-03-29T23:00:00+00:00"),
            (date(2026, 10, 25), "2026-10-24T23:00:00+00:00"), (date(2026, 10, 26), "2026-10-26T00:00:00+00:00"),
        ):
            self.assertEqual(london.midnight(day).isoformat(), start)
