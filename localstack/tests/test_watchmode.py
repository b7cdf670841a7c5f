"""The fake of Watchmode, by the contract of the real one."""

from __future__ import annotations

import unittest
from typing import Any

from .upstream import KEY, Upstreams, ask


class Watchmode(unittest.TestCase):
    def setUp(self) -> None:
        self.upstreams = Upstreams()
        self.addCleanup(self.upstreams.origins.stop)
        self.base = self.upstreams.base["watchmode"]

    def pages(self, query: str) -> list[dict[str, Any]]:
        first = self.upstreams.rows(f"/list-titles?{query}&page=1")
        return [title for page in range(1, first["total_pages"] + 1)
                for title in self.upstreams.rows(f"/list-titles?{query}&page={page}")["titles"]]

    def test_the_key_is_taken_in_three_ways_and_no_other_key_is(self) -> None:
        for headers, query, status in (
            ({"X_API_Key": KEY}, "", 200), ({"Authorization": f"Bearer {KEY}"}, "", 200), ({}, f"?apiKey={KEY}", 200),
            ({}, "", 401), ({"X_API_Key": "another"}, "", 401), ({"Authorization": f"Basic {KEY}"}, "", 401),
        ):
            with self.subTest(headers=headers, query=query):
                answer = ask(f"{self.base}/genres{query}", **headers)
                self.assertEqual(answer.status, status)
                if status == 401:
                    self.assertEqual(answer.json["statusCode"], 401)
                    self.assertIs(answer.json["success"], False)

    def test_both_spellings_of_a_path_are_the_same(self) -> None:
        for path in ("/sources", "/genres", "/list-titles", "/title/3100001/details"):
            self.assertEqual(self.upstreams.rows(path), self.upstreams.rows(path + "/"))

    def test_sources_are_about_fifty_of_three_types(self) -> None:
        sources = self.upstreams.rows("/sources?regions=GB")
        self.assertEqual(len(sources), 50)
        self.assertEqual({source["type"] for source in sources}, {"sub", "purchase", "free"})
        self.assertEqual(next(source["name"] for source in sources if source["id"] == 203), "Netflix")
        self.assertTrue(any(source["android_scheme"] is None for source in sources))
        abroad = self.upstreams.rows("/sources?regions=US&types=free")
        self.assertTrue(0 < len(abroad) < 50)
        self.assertTrue(all("US" in source["regions"] and source["type"] == "free" for source in abroad))

    def test_genres_have_their_real_ids(self) -> None:
        genres = {genre["id"]: genre for genre in self.upstreams.rows("/genres")}
        self.assertEqual(len(genres), 37)
        self.assertEqual(genres[4], {"id": 4, "name": "Comedy", "tmdb_id": 35})
        self.assertEqual(genres[33]["tmdb_id"], 0)

    def test_pages_hold_every_title_once(self) -> None:
        for query in ("limit=50", "limit=7&types=tv_series&sort_by=title_asc", "sort_by=release_date_desc"):
            with self.subTest(query):
                ids = [title["id"] for title in self.pages(query)]
                self.assertEqual(len(ids), len(set(ids)))
        self.assertEqual(len(self.pages("limit=50")), 420)
        beyond = self.upstreams.rows("/list-titles?limit=50&page=10")
        self.assertEqual((beyond["titles"], beyond["total_pages"], beyond["total_results"]), ([], 9, 420))

    def test_each_title_has_sources_and_genres_of_its_own(self) -> None:
        by_source = {
            source["id"]: {title["id"] for title in self.pages(f"source_ids={source['id']}")}
            for source in self.upstreams.rows("/sources")}
        self.assertTrue(all(by_source.values()))
        details = [self.upstreams.rows(f"/title/{number}/details?append_to_response=sources")
                   for number in (3100001, 3100020, 3100077)]
        for title in details:
            having = {source for source, ids in by_source.items() if title["id"] in ids}
            self.assertEqual(having, {offer["source_id"] for offer in title["sources"]})
        drama = {title["id"] for title in self.pages("genres=7")}
        self.assertEqual([7 in title["genres"] for title in details], [title["id"] in drama for title in details])
        either = {title["id"] for title in self.pages("genres=7,4")}
        self.assertEqual(either, drama | {title["id"] for title in self.pages("genres=4")})

    def test_filters_compare_and_an_absent_value_passes_none(self) -> None:
        rated = self.pages("user_rating_low=7&user_rating_high=8")
        for title in rated[:5]:
            self.assertTrue(7 <= self.upstreams.rows(f"/title/{title['id']}/details")["user_rating"] <= 8)
        low, high = (len(self.pages(query)) for query in ("user_rating_low=7", "user_rating_high=6.9"))
        self.assertLess(low + high, 420)
        recent = self.pages("release_date_start=20251201&release_date_end=20260301")
        self.assertTrue(0 < len(recent) < 100)

    def test_titles_are_sorted_as_asked(self) -> None:
        names = [title["title"].casefold() for title in self.pages("sort_by=title_asc")]
        self.assertEqual(names, sorted(names))
        newest = self.pages("sort_by=release_date_desc&limit=5")[0]
        self.assertGreater(self.upstreams.rows(f"/title/{newest['id']}/details")["release_date"], "2026-01-09")

    def test_bad_parameters_are_refused(self) -> None:
        for path in ("/list-titles?limit=251", "/list-titles?limit=0", "/list-titles?page=x",
                     "/list-titles?source_ids=x", "/list-titles?sort_by=size", "/list-titles?genre=7",
                     "/releases?limit=501", "/releases?start_date=2026-01-01", "/search?search_field=name"):
            with self.subTest(path):
                answer = self.upstreams.watchmode(path)
                self.assertEqual((answer.status, answer.json["statusCode"]), (400, 400))

    def test_details_hold_what_the_documentation_shows(self) -> None:
        title = self.upstreams.rows("/title/3100001/details?append_to_response=sources")
        self.assertEqual((title["title"], title["imdb_id"], title["genres"]), ("Harbour Lights", "tt9900001", [5, 7]))
        self.assertEqual({offer["source_id"] for offer in title["sources"]}, {409, 376})
        self.assertEqual(title["sources"][0]["ios_url"], "Deeplinks available for paid plans only.")
        self.assertNotIn("sources", self.upstreams.rows("/title/3100001/details"))
        for other in ("tt9900001", "tv-990001"):
            self.assertEqual(self.upstreams.rows(f"/title/{other}/details")["id"], 3100001)
        for missing in ("/title/1/details", "/title/movie-990001/details", "/title/x/details", "/title/3100001/cast",
                        "/nothing", "/title/3100001/seasons"):
            self.assertEqual(self.upstreams.watchmode(missing).status, 404)

    def test_much_is_null(self) -> None:
        titles = [self.upstreams.rows(f"/title/{title['id']}/details") for title in self.pages("limit=150")[:150]]
        for name in ("imdb_id", "plot_overview", "poster", "user_rating", "critic_score", "networks"):
            with self.subTest(name):
                self.assertTrue(0 < sum(title[name] is None for title in titles) < 150)

    def test_posters_are_pictures_of_this_origin(self) -> None:
        poster = self.upstreams.rows("/title/3100001/details")["poster"]
        self.assertTrue(poster.startswith(self.upstreams.watchmode_origin + "/posters/"))
        answer = ask(poster)
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "image/svg+xml"))

    def test_changes_are_paid_for(self) -> None:
        self.assertEqual(self.upstreams.watchmode("/changes/new_titles").status, 401)
        self.upstreams.settings("watchmode", paid=True)
        changed = self.upstreams.rows("/changes/new_titles?start_date=20251201&end_date=20260201")
        self.assertTrue(changed["titles"])
        self.assertTrue(all(isinstance(number, int) for number in changed["titles"]))

    def test_releases_lie_within_a_month(self) -> None:
        releases = self.upstreams.rows("/releases")["releases"]
        self.assertTrue(20 < len(releases) <= 70)
        dates = [release["source_release_date"] for release in releases]
        self.assertEqual(dates, sorted(dates))
        self.assertTrue("2025-12-10" <= dates[0] and dates[-1] <= "2026-02-08")

    def test_search_finds_by_name_and_by_other_ids(self) -> None:
        for query in ("search_field=name&search_value=harbour%20li", "search_field=imdb_id&search_value=tt9900001",
                      "search_field=tmdb_tv_id&search_value=990001"):
            found = self.upstreams.rows(f"/search?{query}")["title_results"]
            self.assertEqual([title["name"] for title in found], ["Harbour Lights"])
        completed = self.upstreams.rows("/autocomplete-search?search_value=Harbour%20Lights")["results"]
        self.assertEqual(completed[0]["result_type"], "title")

    def test_the_quota_is_counted_and_ends_in_402(self) -> None:
        answer = self.upstreams.watchmode("/genres")
        self.assertEqual((answer.headers["X-Account-Quota"], answer.headers["X-Account-Quota-Used"]), ("1000", "1"))
        self.upstreams.rows("/title/tt9900001/details?append_to_response=sources")
        self.assertEqual(self.upstreams.rows("/status"), {"quota": 1000, "quotaUsed": 4})
        self.upstreams.settings("watchmode", quota=5)
        self.upstreams.rows("/genres")
        refused = self.upstreams.watchmode("/genres")
        self.assertEqual((refused.status, refused.json["statusMessage"]), (402, "Over plan quota on this API Key."))
        self.assertEqual(self.upstreams.rows("/status")["quotaUsed"], 5)

    def test_the_rate_is_limited(self) -> None:
        self.upstreams.settings("watchmode", calls=2, seconds=60.0)
        statuses = [self.upstreams.watchmode("/genres") for _ in range(3)]
        self.assertEqual([answer.status for answer in statuses], [200, 200, 429])
        self.assertEqual([answer.headers["X-RateLimit-Remaining"] for answer in statuses], ["1", "0", "0"])

    def test_a_key_can_be_replaced_while_it_runs(self) -> None:
        self.upstreams.settings("watchmode", keys=["new"])
        self.assertEqual(self.upstreams.watchmode("/genres").status, 401)
        self.assertEqual(ask(f"{self.base}/genres", X_API_Key="new").status, 200)


class Deterministic(unittest.TestCase):
    def test_the_same_date_gives_the_same_data(self) -> None:
        answers = []
        for _ in range(2):
            upstreams = Upstreams()
            try:
                titles = upstreams.rows("/list-titles")["titles"]
                answers.append((titles, upstreams.rows("/sources"), [row["id"] for row in upstreams.schedule()]))
            finally:
                upstreams.origins.stop()
        self.assertEqual(answers[0], answers[1])
