"""Event source mappings of Kinesis and DynamoDB streams, as Lambda runs them on AWS.

Batches and their windows, partial failures, bisecting, limits of retries and of age, destinations of
what is discarded, filters, parallel batches of a shard, and starting positions. Each shard, or each
part of one, has a thread of its own, so that a slow or failing batch holds up nothing else.

Reading order: `hooks` (where the emulator asks for its mappings to be polled), `registry` (the
mappings that there are), `source` (records of a shard), `lane` (a thread), `batch` (what comes of
one), `answer`, `discard`, `settings`.
"""

from launcher.mapping.hooks import counts, install, stop

__all__ = ["counts", "install", "stop"]
