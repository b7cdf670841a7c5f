"""The Glue catalogue's partitions: what registers them, and where their objects are.

Reading order: `location` (objects in S3, as Hive sees them), `partition` (what the catalogue has and
what S3 has), `crawler` (what brings the one in line with the other), `operation` (calls that were missing).
"""

from launcher.glue import crawler, operation


def install(time_scale: float) -> None:
    """Puts the replacements in."""
    crawler.install(time_scale)
    operation.install()


__all__ = ["install"]
