"""Faults, edits, settings and the journal of the fake upstreams."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
import unittest
from pathlib import Path
from typing import Any

from .upstream import KEY, Upstreams, ask

PROGRAM = Path(__file__).parent.parent / "upstreams.py"


class Faults(unittest.TestCase):
    def setUp(self) -> None:
        self.upstreams = Upstreams()
        self.addCleanup(self.upstreams.origins.stop)

    def statuses(self, path: str, times: int) -> list[int]:
        return [self.upstreams.watchmode(path).status for _ in range(times)]

    def journal(self) -> list[dict[str, Any]]:
        return list(ask(f"{self.upstreams.watchmode_origin}/_requests").json)

    def test_a_rule_acts_at_its_position_and_so_often(self) -> None:
        for rule, expected in (
            ({}, [503, 503, 503, 503]), ({"position": 2}, [200, 503, 200, 200]),
            ({"position": [2, 3]}, [200, 503, 503, 200]), ({"position": [3, None]}, [200, 200, 503, 503]),
            ({"times": 2}, [503, 503, 200, 200]), ({"position": [2, None], "times": 1}, [200, 503, 200, 200]),
            ({"match": "/sources"}, [200, 200, 200, 200]), ({"status": 402}, [402] * 4),
        ):
            with self.subTest(rule):
                self.upstreams.faults("watchmode", {"fault": "status", **rule})
                self.assertEqual(self.statuses("/genres", 4), expected)

    def test_the_first_fitting_rule_acts_and_the_others_keep_count(self) -> None:
        self.upstreams.faults(
            "watchmode", {"fault": "status", "position": 1}, {"fault": "status", "position": 2, "status": 500},
            {"fault": "status", "times": 1, "status": 502})
        self.assertEqual(self.statuses("/genres", 4), [503, 500, 502, 200])

    def test_a_rule_finds_pages_by_their_parameters(self) -> None:
        self.upstreams.faults("watchmode", {"fault": "status", "match": r"/list-titles\?.*page=2"})
        self.assertEqual(
            [self.upstreams.watchmode(f"/list-titles?sort_by=title_asc&page={page}&limit=9").status
             for page in (1, 2, 3)], [200, 503, 200])

    def test_retry_after_is_sent(self) -> None:
        self.upstreams.faults("watchmode", {"fault": "retry_after", "retry_after": 7, "times": 1})
        answer = self.upstreams.watchmode("/genres")
        self.assertEqual((answer.status, answer.headers["Retry-After"]), (429, "7"))
        self.assertEqual(self.upstreams.watchmode("/genres").status, 200)

    def test_connections_end_as_asked(self) -> None:
        for rule, failure in (
            ({"fault": "reset"}, ConnectionResetError), ({"fault": "cut"}, http.client.IncompleteRead),
            ({"fault": "timeout", "seconds": 0.05}, http.client.RemoteDisconnected),
            ({"fault": "timeout"}, TimeoutError),
        ):
            with self.subTest(rule):
                self.upstreams.faults("watchmode", rule)
                with self.assertRaises(failure):
                    ask(f"{self.upstreams.base['watchmode']}/genres", timeout=0.3, X_API_Key=KEY)

    def test_slow_answers_are_whole(self) -> None:
        for fault in ("slow", "drip"):
            self.upstreams.faults("watchmode", {"fault": fault, "seconds": 0.2})
            start = time.monotonic()
            self.assertEqual(len(self.upstreams.rows("/genres")), 37)
            self.assertGreaterEqual(time.monotonic() - start, 0.15)

    def test_pages_lose_rows(self) -> None:
        whole = self.upstreams.rows("/list-titles?limit=100&page=2")
        for rule, rows, totals in (
            ({"fault": "empty_page"}, [], 420), ({"fault": "shrunken_page"}, whole["titles"][:50], 420),
            ({"fault": "shrunken_page", "fraction": 0.1, "totals": True}, whole["titles"][:10], 10),
        ):
            with self.subTest(rule):
                self.upstreams.faults("watchmode", rule)
                page = self.upstreams.rows("/list-titles?limit=100&page=2")
                self.assertEqual((page["titles"], page["total_results"]), (rows, totals))
        self.upstreams.faults("tvmaze", {"fault": "empty_page"})
        self.assertEqual(self.upstreams.schedule(), [])

    def test_a_page_comes_twice(self) -> None:
        first = self.upstreams.rows("/list-titles?limit=100&page=1")
        self.upstreams.faults("watchmode", {"fault": "duplicate_page"})
        second = self.upstreams.rows("/list-titles?limit=100&page=2")
        self.assertEqual((second["page"], second["titles"]), (2, first["titles"]))
        self.assertEqual(len(self.upstreams.rows("/genres")), 74)

    def test_bodies_that_are_no_json(self) -> None:
        for fault in ("bad_json", "html"):
            self.upstreams.faults("watchmode", {"fault": fault})
            answer = self.upstreams.watchmode("/genres")
            self.assertEqual(answer.status, 200)
            with self.assertRaises(json.JSONDecodeError):
                _ = answer.json

    def test_wrong_rules_are_refused_and_change_nothing(self) -> None:
        self.upstreams.faults("watchmode", {"fault": "status"})
        for body in ({}, [{"fault": "flood"}], [{"match": "/"}], [{"fault": "status", "when": 1}],
                     [{"fault": "status", "match": "("}], [{"fault": "status", "position": [1]}]):
            with self.subTest(body):
                answer = ask(f"{self.upstreams.watchmode_origin}/_faults", "POST", body)
                self.assertEqual(answer.status, 400)
                self.assertTrue(answer.json["message"])
        self.assertEqual(self.upstreams.watchmode("/genres").status, 503)
        ask(f"{self.upstreams.watchmode_origin}/_faults", "DELETE")
        self.assertEqual(self.upstreams.watchmode("/genres").status, 200)

    def test_the_journal_tells_where_the_key_was_and_never_the_key(self) -> None:
        base = self.upstreams.base["watchmode"]
        self.upstreams.faults("watchmode", {"fault": "reset", "match": "/sources"})
        ask(f"{base}/genres?apiKey={KEY}")
        ask(f"{base}/genres", Authorization=f"Bearer {KEY}")
        with self.assertRaises(ConnectionResetError):
            self.upstreams.watchmode("/sources?regions=GB")
        entries = self.journal()
        self.assertEqual(
            [(entry["path"], entry["query"], entry["key"], entry["status"], entry["fault"]) for entry in entries],
            [("/v1/genres", {}, "url", 200, None), ("/v1/genres", {}, "bearer", 200, None),
             ("/v1/sources", {"regions": "GB"}, "header", None, "reset")])
        self.assertNotIn(KEY, json.dumps(entries) + json.dumps(self.upstreams.settings("watchmode")))
        ask(f"{self.upstreams.watchmode_origin}/_requests", "DELETE")
        self.assertEqual(self.journal(), [])

    def test_unknown_settings_and_paths_are_refused(self) -> None:
        origin = self.upstreams.watchmode_origin
        for body in ({"speed": 1}, {"calls": "many"}, [], {"calls": 3, "keys": "k"}):
            self.assertEqual(ask(f"{origin}/_settings", "POST", body).status, 400)
        self.assertEqual(ask(f"{origin}/_settings").json["calls"], 600)
        self.assertEqual(ask(f"{origin}/_nothing").status, 404)


class Edits(unittest.TestCase):
    def setUp(self) -> None:
        self.upstreams = Upstreams()
        self.addCleanup(self.upstreams.origins.stop)
        self.programme = next(row for row in self.upstreams.schedule() if row["show"]["id"] == 90001 and row["runtime"])

    def find(self, day: str = "2026-01-09") -> dict[str, Any] | None:
        rows = [row for row in self.upstreams.schedule(day) if row["id"] == self.programme["id"]]
        return rows[0] if rows else None

    def test_a_programme_is_moved_within_its_day_and_to_another(self) -> None:
        number = self.programme["id"]
        self.upstreams.edit({"edit": "move_programme", "id": number, "later": 15})
        moved = self.find()
        self.assertEqual(moved and moved["airstamp"], "2026-01-09T21:15:00+00:00")
        (answer,) = self.upstreams.edit(
            {"edit": "move_programme", "id": number, "start": "2026-01-10T20:00:00Z", "runtime": 75})
        self.assertIsNone(self.find())
        self.assertEqual(self.find("2026-01-10"), answer)
        self.assertEqual((answer["airtime"], answer["runtime"]), ("20:00", 75))
        self.upstreams.edit({"edit": "reset"})
        self.assertEqual(self.find(), self.programme)

    def test_a_programme_is_cancelled(self) -> None:
        before = len(self.upstreams.schedule())
        self.upstreams.edit({"edit": "cancel_programme", "id": self.programme["id"]})
        self.assertIsNone(self.find())
        self.assertEqual(len(self.upstreams.schedule()), before - 1)

    def test_a_programme_is_added(self) -> None:
        (added,) = self.upstreams.edit({
            "edit": "add_programme", "network": 801, "show": 90001, "start": "2026-01-09T20:00:00Z", "runtime": 30,
            "name": "Christmas Special"})
        self.assertIn(added, self.upstreams.schedule())
        self.assertEqual(added["show"]["network"]["name"], "BBC Two")
        (moved,) = self.upstreams.edit({"edit": "move_programme", "id": added["id"], "later": -60})
        self.assertEqual(moved["airtime"], "19:00")

    def test_a_source_is_renamed_everywhere(self) -> None:
        self.upstreams.edit({"edit": "rename_source", "id": 409, "name": "iPlayer"})
        names = {source["id"]: source["name"] for source in self.upstreams.rows("/sources")}
        self.assertEqual(names[409], "iPlayer")
        offers = self.upstreams.rows("/title/3100001/details?append_to_response=sources")["sources"]
        self.assertIn("iPlayer", {offer["name"] for offer in offers})

    def test_a_title_is_changed_and_removed(self) -> None:
        self.upstreams.edit({"edit": "change_title", "id": 3100001, "set": {"user_rating": None, "year": 2024}})
        title = self.upstreams.rows("/title/3100001/details")
        self.assertEqual((title["user_rating"], title["year"]), (None, 2024))
        self.upstreams.edit({"edit": "remove_title", "id": 3100001})
        self.assertEqual(self.upstreams.watchmode("/title/3100001/details").status, 404)
        self.assertEqual(self.upstreams.rows("/list-titles")["total_results"], 419)

    def test_wrong_edits_are_refused(self) -> None:
        number = self.programme["id"]
        for item in (
            {"edit": "explode"}, {"edit": "cancel_programme", "id": 399}, {"edit": "move_programme", "id": number},
            {"edit": "move_programme", "id": number, "start": "2026-01-09T21:00:00"},
            {"edit": "rename_source", "id": 1, "name": "x"}, {"edit": "rename_source", "id": 409},
            {"edit": "change_title", "id": 3100001, "set": {"id": 4}},
            {"edit": "add_programme", "network": 1, "show": 90001, "start": "2026-01-09T21:00:00Z", "runtime": 1},
        ):
            with self.subTest(item):
                self.assertEqual(ask(f"{self.upstreams.tvmaze}/_data", "POST", [item]).status, 400)
        self.assertEqual(self.find(), self.programme)


class Program(unittest.TestCase):
    def test_it_runs_alone(self) -> None:
        with subprocess.Popen(
                [sys.executable, str(PROGRAM), "--key", "k", "--date", "2026-01-09"], stdout=subprocess.PIPE,
                text=True) as process:
            try:
                addresses = json.loads(process.stdout.readline() if process.stdout else "")
                self.assertEqual(len(ask(f"{addresses['watchmode']}/genres", X_API_Key="k").json), 37)
                self.assertTrue(ask(f"{addresses['tvmaze']}/schedule?country=GB&date=2026-01-09").json)
            finally:
                process.terminate()
            self.assertEqual(process.wait(10), 0)

    def test_a_taken_port_is_said_in_one_line(self) -> None:
        upstreams = Upstreams()
        self.addCleanup(upstreams.origins.stop)
        port = upstreams.tvmaze.rpartition(":")[2]
        run = subprocess.run(
            [sys.executable, str(PROGRAM), "--tvmaze-port", port], capture_output=True, text=True, timeout=20)
        self.assertEqual((run.returncode, len(run.stderr.splitlines())), (3, 1))
