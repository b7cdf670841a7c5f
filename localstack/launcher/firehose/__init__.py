"""Data Firehose as AWS runs it: buffers, transform calls, partitions, Parquet, error documents.

Reading order: `hooks` (where records come in), `aggregate` (packed ones), `pipeline` (where they wait),
`transform`, `partitioning`, `delivery`, `conversion`.
"""

from launcher.firehose.hooks import counts, drain, install

__all__ = ["counts", "drain", "install"]
