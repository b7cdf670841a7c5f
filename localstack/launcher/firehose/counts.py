"""What became of the records of one delivery stream."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass
class Counts:
    """Numbers of records; `received` is always the sum of the other four.

    `failed` counts those under the error prefix, `dropped` those that the function
    asked to drop, `in_flight` everything between arrival and S3. `batches` counts the
    batches that went through the transform function, however often each was tried, and
    `objects` the objects written.
    """

    received: int = 0
    delivered: int = 0
    failed: int = 0
    dropped: int = 0
    in_flight: int = 0
    batches: int = 0
    objects: int = 0

    def arrived(self, records: int) -> None:
        """Records came in."""
        self.received += records
        self.in_flight += records

    def drop(self, records: int) -> None:
        """Records ended here, as their function asked."""
        self.dropped += records
        self.in_flight -= records

    def written(self, records: int, failed: bool) -> None:
        """An object with these records is in S3."""
        self.objects += 1
        self.in_flight -= records
        if failed:
            self.failed += records
        else:
            self.delivered += records

    def as_json(self) -> dict[str, int]:
        """The numbers by name."""
        return asdict(self)
