"""Queries of a table: the short way of the key condition gives what the long one gives."""

from __future__ import annotations

import unittest
from collections.abc import Callable
from typing import Any

from launcher.dynamodb.condition import compiled

from .cloud import Cloud, unique

SORTS = ["", "a", "a#1", "ab", "b", "é", "z", "～", "😀", "2026-01-01T09:00:00Z#7", "2026-01-01T21:00:00Z#7"]

# The rest of a condition, its bounds, and what it means for a sort key.
CONDITIONS: tuple[tuple[str, dict[str, str], Callable[[str], bool]], ...] = (
    ("", {}, lambda key: True),
    (" AND #s = :a", {":a": "ab"}, lambda key: key == "ab"),
    (" AND #s < :a", {":a": "b"}, lambda key: key < "b"),
    (" and sort <= :a", {":a": "b"}, lambda key: key <= "b"),
    (" AND #s > :a", {":a": "é"}, lambda key: key > "é"),
    (" AND #s >= :a", {":a": "～"}, lambda key: key >= "～"),
    (" AND #s BETWEEN :a AND :b", {":a": "a#", ":b": "é"}, lambda key: "a#" <= key <= "é"),
    (" AND begins_with ( #s, :a )", {":a": "a"}, lambda key: key.startswith("a")),
    (" AND begins_with(sort,:a)", {":a": "2026-01-01T2"}, lambda key: key.startswith("2026-01-01T2")),
)


class Compiling(unittest.TestCase):
    def test_the_usual_forms_are_compiled_and_no_other(self) -> None:
        names = {"#p": "pk", "#s": "sort"}
        for rest, bounds, _ in CONDITIONS:
            values = {name: {"S": text} for name, text in {":p": "x", **bounds}.items()}
            self.assertIsNotNone(compiled("#p = :p" + rest, values, names), rest)
        text, number = {"S": "x"}, {"N": "1"}
        for expression, values in (
            ("pk = :p", {":p": number}), ("pk = :p AND sort = :a", {":p": text, ":a": number}), ("pk = :p", {}),
            ("(pk = :p)", {":p": text}), ("sort > :a AND pk = :p", {":p": text, ":a": text}),
            ("pk > :p", {":p": text}), ("pk = :p OR sort = :p", {":p": text}), ("pk = :p AND", {":p": text}),
        ):
            self.assertIsNone(compiled(expression, values, {}), expression)

    def test_an_item_without_the_key_is_in_no_partition(self) -> None:
        test = compiled("pk = :p AND sort > :a", {":p": {"S": "x"}, ":a": {"S": ""}}, {})
        assert test is not None
        for item in ({}, {"pk": {"S": "x"}}, {"pk": {"N": "1"}, "sort": {"S": "a"}}, {"sort": {"S": "a"}}):
            self.assertFalse(test(item))


class Querying(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.cloud = Cloud()
        cls.addClassCleanup(cls.cloud.discard)
        cls.dynamo = cls.cloud.client("dynamodb")
        cls.table = unique("table")
        cls.dynamo.create_table(
            TableName=cls.table, BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in (
                ("id", "S"), ("pk", "S"), ("sort", "S"), ("place", "N"))],
            GlobalSecondaryIndexes=[{
                "IndexName": name, "Projection": {"ProjectionType": "ALL"}, "KeySchema": [
                    {"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": name, "KeyType": "RANGE"}]}
                for name in ("sort", "place")])
        for place, sort in enumerate(SORTS):
            for partition in ("x", "y"):
                # An index has no place for an empty key.
                own = {"sort": {"S": sort}} if sort else {}
                cls.dynamo.put_item(TableName=cls.table, Item={
                    "id": {"S": f"{partition}{place}"}, "pk": {"S": partition}, "place": {"N": str(place)}, **own})

    def found(self, condition: str, bounds: dict[str, Any], **more: Any) -> list[str]:
        names = {name: value for name, value in {"#p": "pk", "#s": "sort"}.items() if name in condition}
        pages = self.dynamo.get_paginator("query").paginate(
            TableName=self.table, KeyConditionExpression=condition, ExpressionAttributeValues=bounds,
            **({"ExpressionAttributeNames": names} if names else {}), **{"IndexName": "sort", **more})
        return [item.get("sort", {}).get("S", "") for page in pages for item in page["Items"]]

    def test_each_condition_finds_its_items_in_order(self) -> None:
        for rest, bounds, holds in CONDITIONS:
            expected = sorted(filter(None, filter(holds, SORTS)), key=str.encode)
            values = {name: {"S": text} for name, text in {":p": "x", **bounds}.items()}
            for more in ({}, {"Limit": 2}):
                with self.subTest(rest, **more):
                    self.assertEqual(self.found("#p = :p" + rest, values, **more), expected)
                    self.assertEqual(
                        self.found("#p = :p" + rest, values, ScanIndexForward=False, **more), expected[::-1])

    def test_numbers_are_compared_as_numbers(self) -> None:
        found = self.found("pk = :p AND place BETWEEN :a AND :b", {
            ":p": {"S": "x"}, ":a": {"N": "2"}, ":b": {"N": "10"}}, IndexName="place")
        self.assertEqual(found, SORTS[2:11])

    def test_what_dynamodb_refuses_is_refused(self) -> None:
        for condition, bounds in (
            ("#p = :p AND #s BETWEEN :a AND :b", {":a": {"S": "b"}, ":b": {"S": "a"}}),
            ("#p = :p AND #s = :a", {":a": {"N": "1"}}), ("#p = :p AND id = :a", {":a": {"S": "1"}}),
            ("#s = :p", {}), ("#p = :p AND (#s = :a", {":a": {"S": "1"}}),
        ):
            with self.subTest(condition), self.assertRaises(self.dynamo.exceptions.ClientError) as refused:
                self.found(condition, {":p": {"S": "x"}, **bounds})
            self.assertEqual(refused.exception.response["Error"]["Code"], "ValidationException")
