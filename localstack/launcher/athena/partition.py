"""Statements about partitions: MSCK REPAIR TABLE, ALTER TABLE, SHOW PARTITIONS."""

from __future__ import annotations

import re
from collections.abc import Iterator

from launcher.athena.catalog import Table
from launcher.athena.dialect import TableName
from launcher.athena.failure import QueryFailure
from launcher.glue.partition import Partitions, Values

_NAME = r"[`\"]?([\w$-]+)[`\"]?"
_TABLE = rf"(?:{_NAME}\s*\.\s*)?{_NAME}"
_SPEC = r"PARTITION\s*(\((?:[^()']|'(?:[^']|'')*')*\))"
_TEXT = r"'((?:[^']|'')*)'"

_MSCK = re.compile(rf"MSCK\s+REPAIR\s+TABLE\s+{_TABLE}", re.IGNORECASE)
_SHOW = re.compile(rf"SHOW\s+PARTITIONS\s+{_TABLE}", re.IGNORECASE)
_ALTER = re.compile(rf"ALTER\s+TABLE\s+{_TABLE}\s+(.+)", re.IGNORECASE | re.DOTALL)
_ADD = re.compile(rf"ADD\s+(IF\s+NOT\s+EXISTS\s+)?({_SPEC}.*)", re.IGNORECASE | re.DOTALL)
_ADDED = re.compile(rf"\s*{_SPEC}(?:\s*LOCATION\s*{_TEXT})?", re.IGNORECASE)
_DROP = re.compile(rf"DROP\s+(IF\s+EXISTS\s+)?({_SPEC}.*)", re.IGNORECASE | re.DOTALL)
_DROPPED = re.compile(rf"\s*,?\s*{_SPEC}", re.IGNORECASE)
_MOVE = re.compile(rf"{_SPEC}\s+SET\s+LOCATION\s+{_TEXT}", re.IGNORECASE)
_RENAME = re.compile(rf"{_SPEC}\s+RENAME\s+TO\s+{_SPEC}", re.IGNORECASE)
_MEMBER = re.compile(r"\s*`?(\w+)`?\s*=\s*('(?:[^']|'')*'|\"[^\"]*\"|[^\s,'\"()]+)\s*(,|$)")

_TASK = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "


def answer(text: str, database: str) -> list[str] | None:
    """The lines that a statement prints, or None when it is of another kind."""
    if match := _MSCK.fullmatch(text):
        return _repair(_partitions(match.group(1), match.group(2), database), match.group(2).lower())
    if match := _SHOW.fullmatch(text):
        partitions = _partitions(match.group(1), match.group(2), database)
        return sorted(partitions.spell(values) for values in partitions.registered())
    if match := _ALTER.fullmatch(text):
        partitions = _partitions(match.group(1), match.group(2), database)
        _alter(partitions, match.group(3).strip())
        return []
    return None


def _partitions(database: str | None, table: str, default: str) -> Partitions:
    name = TableName((database or default).lower(), table.lower())
    if not Table(name).keys:
        raise QueryFailure(f"FAILED: SemanticException [Error 10241]: Table {name.table} is not a partitioned table")
    return Partitions(name.database, name.table)


def _repair(partitions: Partitions, table: str) -> list[str]:
    added = [f"{table}:{partitions.spell(values)}" for values in partitions.repair()]
    if not added:
        return []
    return ["Partitions not in metastore:\t" + "\t".join(added), *(
        f"Repair: Added partition to metastore {name}" for name in added)]


def _alter(partitions: Partitions, change: str) -> None:
    if match := _ADD.fullmatch(change):
        _add(partitions, match.group(2), may_exist=bool(match.group(1)))
    elif match := _DROP.fullmatch(change):
        _drop(partitions, match.group(2), may_lack=bool(match.group(1)))
    elif match := _MOVE.fullmatch(change):
        values = _existing(partitions, match.group(1))
        partitions.replace(values, values, _place(match.group(2)))
    elif match := _RENAME.fullmatch(change):
        values = _existing(partitions, match.group(1))
        partitions.replace(values, _whole(partitions, match.group(2)), partitions.registered()[values])
    else:
        raise QueryFailure("NOT_SUPPORTED: the local cloud changes nothing of a table but its partitions")


def _add(partitions: Partitions, text: str, may_exist: bool) -> None:
    wanted = [
        (_whole(partitions, match.group(1)), match.group(2)) for match in _all(_ADDED, text)]
    known = partitions.registered()
    # All of them or none.
    if not may_exist and any(values in known for values, _ in wanted):
        raise QueryFailure(_TASK + "AlreadyExistsException(message:Partition already exists.)")
    for values, place in wanted:
        partitions.add(values, None if place is None else _place(place))


def _drop(partitions: Partitions, text: str, may_lack: bool) -> None:
    known = partitions.registered()
    gone: list[Values] = []
    for match in _all(_DROPPED, text):
        members = _members(partitions, match.group(1))
        # A part of the keys stands for all partitions that it fits.
        found = [
            values for values in known
            if all(value == members[name] for name, value in zip(partitions.names, values, strict=True)
                   if name in members)]
        if not found and not may_lack:
            raise QueryFailure(f"FAILED: SemanticException [Error 10006]: Partition not found {match.group(1)}")
        gone += found
    for values in gone:
        partitions.remove(values)


def _existing(partitions: Partitions, text: str) -> Values:
    values = _whole(partitions, text)
    if values not in partitions.registered():
        raise QueryFailure(f"FAILED: SemanticException [Error 10006]: Partition not found {text}")
    return values


def _whole(partitions: Partitions, text: str) -> Values:
    """The values of a specification that names every key."""
    members = _members(partitions, text)
    if members.keys() != set(partitions.names):
        raise QueryFailure(
            f"FAILED: SemanticException partition spec {text} doesn't contain all ({len(partitions.names)}) "
            "partition columns")
    return tuple(members[name] for name in partitions.names)


def _members(partitions: Partitions, text: str) -> dict[str, str]:
    members: dict[str, str] = {}
    for match in _all(_MEMBER, text[1:-1]):
        name, value = match.group(1).lower(), match.group(2)
        if name not in partitions.names:
            raise QueryFailure(f"FAILED: SemanticException [Error 10098]: Non-Partition column appears: {name}")
        quote = value[0] if value[0] in "'\"" else ""
        members[name] = value[1:-1].replace(quote * 2, quote) if quote else value
    return members


def _all(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The matches that make up a text one after the other, and nothing else."""
    place = 0
    while text[place:].strip():
        match = pattern.match(text, place)
        if match is None:
            raise QueryFailure(f"FAILED: ParseException mismatched input near '{text[place:].strip()[:40]}'")
        yield match
        place = match.end()


def _place(text: str) -> str:
    place = text.replace("''", "'")
    if not place.startswith("s3://"):
        raise QueryFailure(f"FAILED: SemanticException the location {place} is not in S3")
    return place.rstrip("/") + "/"
