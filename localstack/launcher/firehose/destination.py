"""What a delivery stream's S3 destination is configured to do, with the defaults of AWS."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

MEBIBYTE = 1024 * 1024

# Defaults of the API reference: ProcessorParameter and BufferingHints.
_PROCESSOR_SIZE_MB = 1.0
_PROCESSOR_INTERVAL_SECONDS = 60.0
_PROCESSOR_RETRIES = 3
_S3_SIZE_MB = 5.0
_S3_SIZE_MB_CONVERTED = 128.0
_S3_INTERVAL_SECONDS = 300.0

_PARTITION_KEY = re.compile(r"!\{partitionKeyFrom(Lambda|Query):([^}]+)\}")


@dataclass(frozen=True)
class Processor:
    """The Lambda processor."""

    function_arn: str
    size_bytes: int
    interval_seconds: float
    retries: int


@dataclass(frozen=True)
class Destination:
    """A view of one destination's configuration; made anew whenever it is needed,
    because an update of the delivery stream may replace it at any time."""

    config: dict[str, Any]

    @property
    def bucket(self) -> str:
        """The name of the bucket."""
        from ministack.services import firehose

        return str(firehose._s3_bucket_from_arn(self.config.get("BucketARN", "")))

    @property
    def prefix(self) -> str:
        """The prefix of delivered objects, with its expressions."""
        return self.config.get("Prefix") or ""

    @property
    def error_prefix(self) -> str:
        """The prefix of error objects, with its expressions; empty when none is set."""
        return self.config.get("ErrorOutputPrefix") or ""

    @property
    def processor(self) -> Processor | None:
        """The Lambda processor, or None."""
        for entry in self._processors("Lambda"):
            parameters = _parameters(entry)
            if parameters.get("LambdaArn"):
                return Processor(
                    function_arn=parameters["LambdaArn"],
                    size_bytes=int(_number(parameters.get("BufferSizeInMBs"), _PROCESSOR_SIZE_MB) * MEBIBYTE),
                    interval_seconds=_number(
                        parameters.get("BufferIntervalInSeconds"), _PROCESSOR_INTERVAL_SECONDS),
                    retries=int(_number(parameters.get("NumberOfRetries"), _PROCESSOR_RETRIES)),
                )
        return None

    @property
    def appends_newline(self) -> bool:
        """Whether a delimiter is added to each record."""
        return bool(self._processors("AppendDelimiterToRecord"))

    @property
    def size_bytes(self) -> int:
        """The size at which a partition is delivered."""
        default = _S3_SIZE_MB_CONVERTED if self.conversion else _S3_SIZE_MB
        return int(_number(self._hints.get("SizeInMBs"), default) * MEBIBYTE)

    @property
    def interval_seconds(self) -> float:
        """The age at which a partition is delivered."""
        return _number(self._hints.get("IntervalInSeconds"), _S3_INTERVAL_SECONDS)

    @property
    def conversion(self) -> dict[str, Any] | None:
        """The record format conversion, or None when it is off."""
        conversion = self.config.get("DataFormatConversionConfiguration")
        return conversion if conversion and _true(conversion.get("Enabled", True)) else None

    @property
    def partitioned(self) -> bool:
        """Whether dynamic partitioning is on."""
        return _true((self.config.get("DynamicPartitioningConfiguration") or {}).get("Enabled", False))

    @property
    def lambda_keys(self) -> frozenset[str]:
        """The partition keys that the prefix takes from the transform function."""
        return frozenset(key for source, key in _PARTITION_KEY.findall(self.prefix) if source == "Lambda")

    @property
    def query_keys(self) -> frozenset[str]:
        """The partition keys that the prefix takes from the record itself."""
        return frozenset(key for source, key in _PARTITION_KEY.findall(self.prefix) if source == "Query")

    @property
    def compression(self) -> str:
        """The compression of objects that are not converted."""
        return self.config.get("CompressionFormat") or "UNCOMPRESSED"

    @property
    def file_extension(self) -> str:
        """The extension that the configuration asks for, or an empty string."""
        return self.config.get("FileExtension") or ""

    @property
    def _hints(self) -> dict[str, Any]:
        return self.config.get("BufferingHints") or {}

    def _processors(self, kind: str) -> list[dict[str, Any]]:
        processing = self.config.get("ProcessingConfiguration") or {}
        if not _true(processing.get("Enabled", False)):
            return []
        return [entry for entry in processing.get("Processors") or [] if entry.get("Type") == kind]


def _parameters(processor: dict[str, Any]) -> dict[str, str]:
    return {
        parameter.get("ParameterName", ""): parameter.get("ParameterValue", "")
        for parameter in processor.get("Parameters") or []
    }


def _number(value: Any, default: float) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return default


def _true(value: Any) -> bool:
    # CloudFormation may hand a boolean on as text.
    return str(value).lower() == "true"
