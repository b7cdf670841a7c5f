"""Objects for S3, made from the records of one partition or from failures."""

from __future__ import annotations

import gzip
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from launcher.firehose import conversion, error_document, prefix
from launcher.firehose.conversion import ConversionFailure, Converter
from launcher.firehose.destination import Destination
from launcher.firehose.record import Record
from launcher.firehose.transform import Failure, Transformed

LOGGER = logging.getLogger("headend.firehose")


@dataclass
class S3Object:
    """An object that waits to be written, with the number of records in it."""

    bucket: str
    key: str
    body: bytes
    records: int
    failed: bool


@dataclass
class Partition:
    """Records that will become one object."""

    keys: dict[str, str]
    opened: float
    records: list[Transformed] = field(default_factory=list)
    size: int = 0

    def add(self, item: Transformed) -> None:
        """Takes a record in."""
        self.records.append(item)
        self.size += len(item.data)


@dataclass(frozen=True)
class Delivery:
    """Makes the objects of one delivery stream, as its configuration says now."""

    stream: str
    version: int
    account: str
    region: str
    destination: Destination

    def failures(self, error_type: str, failures: Sequence[Failure]) -> list[S3Object]:
        """One error object for these records."""
        processor = self.destination.processor
        arn = processor.function_arn if processor and error_type == error_document.PROCESSING_FAILED else None
        lines = [
            error_document.processing_failed(item.record, item.code, item.message, item.attempts, item.ended_ms, arn)
            for item in failures
        ]
        return [self._error_object(error_type, lines, [item.record for item in failures])] if lines else []

    def partition(self, partition: Partition) -> list[S3Object]:
        """The object of a partition, and one for the records in it that cannot be converted."""
        if self.destination.conversion is None:
            return [self._plain(partition)]
        good, bad = self._converted(partition.records, self.destination.conversion)
        objects = []
        if good is not None:
            objects.append(self._object(partition, good[0], ".parquet", good[1]))
        if bad:
            objects.append(self._error_object(
                error_document.CONVERSION_FAILED, [line for line, _ in bad], [record for _, record in bad]))
        return objects

    def _converted(
        self, items: Sequence[Transformed], configuration: dict[str, object],
    ) -> tuple[tuple[bytes, int] | None, list[tuple[bytes, Record]]]:
        bad: list[tuple[bytes, Record]] = []
        rows: list[tuple[Transformed, list[bytes]]] = []

        def refuse(item: Transformed, failure: ConversionFailure) -> None:
            table = conversion.catalog_table(configuration, self.account, self.region)
            bad.append((error_document.conversion_failed(
                item.record, item.data, failure.code, str(failure), _now_ms(), table), item.record))

        try:
            converter = conversion.converter(configuration)
        except ConversionFailure as failure:
            for item in items:
                refuse(item, failure)
            return None, bad
        for item in items:
            try:
                rows.append((item, converter.rows(item.data)))
            except ConversionFailure as failure:
                refuse(item, failure)
        body, refused = _parquet(converter, rows)
        for item, refusal in refused:
            refuse(item, refusal)
        return (None if body is None else (body, len(rows) - len(refused))), bad

    def _plain(self, partition: Partition) -> S3Object:
        joint = b"\n" if self.destination.appends_newline else b""
        body = b"".join(item.data + joint for item in partition.records)
        if self.destination.compression == "GZIP":
            return self._object(partition, gzip.compress(body), ".gz", len(partition.records))
        return self._object(partition, body, "", len(partition.records))

    def _object(self, partition: Partition, body: bytes, extension: str, records: int) -> S3Object:
        oldest = min(item.record.arrival_ms for item in partition.records)
        return S3Object(
            self.destination.bucket,
            self._key(self.destination.prefix, oldest, self.destination.file_extension or extension, partition.keys),
            body, records, failed=False)

    def _error_object(self, error_type: str, lines: Sequence[bytes], records: Sequence[Record]) -> S3Object:
        # Without an error prefix Firehose uses the folder of the error type below the prefix.
        template = self.destination.error_prefix or (
            self.destination.prefix.split("!{")[0] + error_type + "/!{timestamp:yyyy/MM/dd/HH/}")
        oldest = min(record.arrival_ms for record in records)
        key = self._key(template, oldest, "", {"firehose:error-output-type": error_type})
        return S3Object(self.destination.bucket, key, b"".join(lines), len(records), failed=True)

    def _key(self, template: str, oldest_ms: int, extension: str, values: dict[str, str]) -> str:
        zone = self.destination.config.get("CustomTimeZone") or "UTC"
        return prefix.object_key(template, self.stream, self.version, oldest_ms, zone, extension, values)


_Rows = Sequence[tuple[Transformed, list[bytes]]]
_Refused = list[tuple[Transformed, ConversionFailure]]


def _parquet(converter: Converter, rows: _Rows) -> tuple[bytes | None, _Refused]:
    """The file of all rows, without the records that DuckDB refuses although they passed the check.

    The check and DuckDB should agree, so this is nearly always one write that succeeds.
    """
    if not rows:
        return None, []
    try:
        return converter.parquet([row for _, part in rows for row in part]), []
    except ConversionFailure as failure:
        if len(rows) == 1:
            return None, [(rows[0][0], failure)]
    middle = len(rows) // 2
    refused = _parquet(converter, rows[:middle])[1] + _parquet(converter, rows[middle:])[1]
    names = {id(item) for item, _ in refused}
    return _parquet(converter, [entry for entry in rows if id(entry[0]) not in names])[0], refused


def write(item: S3Object) -> bool:
    """Writes an object; false when S3 refuses, for example because the bucket is gone."""
    from ministack.services import s3

    headers = {"content-type": "application/octet-stream", "content-length": str(len(item.body))}
    try:
        response = s3._put_object(item.bucket, item.key, item.body, headers)
    except Exception:
        LOGGER.exception("writing s3://%s/%s failed", item.bucket, item.key)
        return False
    if response[0] >= 300:
        LOGGER.warning("S3 refused s3://%s/%s: %s", item.bucket, item.key, response[2])
        return False
    return True


def _now_ms() -> int:
    return int(time.time() * 1000)
