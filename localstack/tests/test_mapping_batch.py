"""What comes of a batch, without a cloud: the rules of retries, halves and checkpoints."""

from __future__ import annotations

import unittest
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from launcher.mapping import answer, settings
from launcher.mapping.batch import Attempt, Batch
from launcher.mapping.source import Record

REPORT = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}


def records(count: int) -> list[Record]:
    return [Record(str(100 + number), float(number), "key", dict) for number in range(count)]


def failing(*names: Any) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": name} for name in names]}


class Run:
    """Everything that happens to a batch whose records 0, 1, ... fail as often as is said."""

    def __init__(self, count: int, fails: Mapping[int, int], report: bool, **wanted: Any) -> None:
        self.calls: list[list[int]] = []
        self.done: list[int] = []
        self.given: list[tuple[list[int], int]] = []
        described = {**(REPORT if report else {}), **wanted}
        left = dict(fails)
        batch = Batch(records(count))
        while not batch.done:
            part = [int(record.sequence) - 100 for record in batch.next.records]
            self.calls.append(part)
            assert len(self.calls) < 100, self.calls
            bad = [number for number in part if left.get(number, 0) != 0]
            for number in bad:
                left[number] -= 1
            done, given = batch.settle(self._attempt(bad, report), settings.read(described))
            self.done += [int(record.sequence) - 100 for record in done]
            if given:
                self.given.append(([int(r.sequence) - 100 for r in given.part.records], given.part.invocations))

    @staticmethod
    def _attempt(bad: Sequence[int], report: bool) -> Attempt:
        if report:
            return Attempt(answer=failing(*(str(100 + number) for number in reversed(bad))))
        return Attempt(error="Unhandled") if bad else Attempt(answer=None)


class Settling(unittest.TestCase):
    def check(self, run: Run, calls: list[list[int]], given: list[tuple[list[int], int]]) -> None:
        self.assertEqual(run.calls, calls)
        self.assertEqual(run.given, given)
        lost = [number for part, _ in run.given for number in part]
        self.assertEqual(sorted(run.done + lost), list(range(max(map(max, calls)) + 1)), "each record ends once")
        self.assertEqual(run.done, sorted(run.done), "in their order")

    def test_without_failure_it_is_one_call(self) -> None:
        self.check(Run(3, {}, True), [[0, 1, 2]], [])
        self.check(Run(3, {}, False), [[0, 1, 2]], [])

    def test_everything_from_the_lowest_failure_is_tried_again(self) -> None:
        self.check(Run(5, {2: 1, 4: 1}, True), [[0, 1, 2, 3, 4], [2, 3, 4]], [])
        self.check(Run(3, {0: 2}, True), [[0, 1, 2]] * 3, [])

    def test_an_error_fails_the_whole_batch(self) -> None:
        self.check(Run(3, {2: 2}, False), [[0, 1, 2]] * 3, [])

    def test_what_is_still_failing_after_the_retries_is_given_up_with_what_follows(self) -> None:
        self.check(Run(3, {1: -1}, False, MaximumRetryAttempts=2), [[0, 1, 2]] * 3, [([0, 1, 2], 3)])
        self.check(Run(3, {1: -1}, True, MaximumRetryAttempts=2), [[0, 1, 2], [1, 2], [1, 2]], [([1, 2], 3)])
        self.check(Run(3, {1: -1}, True, MaximumRetryAttempts=0), [[0, 1, 2]], [([1, 2], 1)])

    def test_the_tries_of_one_record_are_not_those_of_another(self) -> None:
        self.check(Run(3, {0: 1, 1: 2, 2: 3}, True, MaximumRetryAttempts=1),
                   [[0, 1, 2], [0, 1, 2], [1, 2], [2]], [])

    def test_halves_isolate_the_record_and_cost_no_retry(self) -> None:
        bisect = {"BisectBatchOnFunctionError": True, "MaximumRetryAttempts": 1}
        self.check(Run(4, {2: -1}, False, **bisect),
                   [[0, 1, 2, 3], [0, 1], [2, 3], [2], [2], [3]], [([2], 4)])
        self.check(Run(4, {2: -1}, False, BisectBatchOnFunctionError=True, MaximumRetryAttempts=0),
                   [[0, 1, 2, 3], [0, 1], [2, 3], [2], [3]], [([2], 3)])
        self.check(Run(5, {2: -1}, True, **bisect),
                   [[0, 1, 2, 3, 4], [2, 3, 4], [2], [2], [3, 4]], [([2], 4)])

    def test_halves_of_a_passing_failure_lose_nothing(self) -> None:
        self.check(Run(4, {1: 2}, False, BisectBatchOnFunctionError=True, MaximumRetryAttempts=5),
                   [[0, 1, 2, 3], [0, 1], [0], [1], [2, 3]], [])

    def test_a_call_that_reached_no_function_counts_for_nothing(self) -> None:
        batch = Batch(records(2))
        wanted = settings.read({"MaximumRetryAttempts": 0, "BisectBatchOnFunctionError": True})
        for _ in range(5):
            self.assertEqual(batch.settle(Attempt(reached=False), wanted), ((), None))
        self.assertEqual((len(batch.next.records), batch.next.invocations), (2, 0))

    def test_old_records_leave_the_front(self) -> None:
        def old(limit: float) -> Callable[[Record], bool]:
            return lambda record: record.arrival < limit

        batch = Batch(records(4))
        self.assertIsNone(batch.expire(old(0)))
        given = batch.expire(old(2))
        self.assertEqual(given and ([r.sequence for r in given.part.records], given.condition),
                         (["100", "101"], "RecordAgeExceeded"))
        self.assertEqual([record.sequence for record in batch.next.records], ["102", "103"])
        batch.expire(old(9))
        self.assertTrue(batch.done)


class Answers(unittest.TestCase):
    def test_what_an_answer_means(self) -> None:
        batch = records(4)
        for said, expected in (
            (None, None), ({}, None), ("fine", None), ({"batchItemFailures": []}, None),
            ({"batchItemFailures": None}, None), ({"statusCode": 200}, None), ([], None),
            (failing("102"), 2), (failing("103", "101"), 1), (failing("102", "nobody"), 0), (failing(""), 0),
            (failing(None), 0), (failing(102), 0), ({"batchItemFailures": [{"itemIdentifer": "102"}]}, 0),
            ({"batchItemFailures": ["102"]}, 0), ({"batchItemFailures": "102"}, 0), ({"batchItemFailures": {}}, 0),
        ):
            with self.subTest(said):
                self.assertEqual(answer.first_failed(said, batch), expected)

    def test_an_answer_says_nothing_unless_the_mapping_asks_for_it(self) -> None:
        done, given = Batch(records(2)).settle(Attempt(answer=failing("100")), settings.read({}))
        self.assertEqual((len(done), given), (2, None))


class Settings(unittest.TestCase):
    def test_absent_means_what_lambda_means(self) -> None:
        found = settings.read({})
        self.assertEqual((found.batch_size, found.retries, found.age_seconds, found.parallel), (100, None, None, 1))

    def test_templates_may_hold_text(self) -> None:
        found = settings.read({
            "Enabled": "false", "BatchSize": "7", "MaximumRetryAttempts": "-1", "BisectBatchOnFunctionError": "true",
            "MaximumRecordAgeInSeconds": "60", "DestinationConfig": {"OnFailure": {"Destination": "arn"}}})
        self.assertEqual(
            (found.enabled, found.batch_size, found.retries, found.bisect, found.age_seconds, found.destination),
            (False, 7, None, True, 60, "arn"))
