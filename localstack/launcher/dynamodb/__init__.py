"""DynamoDB fast enough for a table of hundreds of thousands of items.

The emulator finds the items of a partition by an index, but then reads the key condition anew for
each of them, which costs more than all the rest: see `condition`.
"""

from launcher.dynamodb.condition import install

__all__ = ["install"]
