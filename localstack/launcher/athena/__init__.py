"""Athena: Trino SQL over the Glue catalogue, run by the emulator's DuckDB.

Reading order: `query` (one statement from text to rows), `dialect` and `functions`
(what Trino means in DuckDB), `catalog` (tables as views), `scan` (which files and
columns a statement reads), `listing` (SHOW and DESCRIBE), `partition` (MSCK and ALTER TABLE),
`insert`, `value` (how Athena prints).
"""

from launcher.athena.query import install

__all__ = ["install"]
