"""The entry point: the caller's command, or the server process that it started."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from launcher import options as command_line
from launcher.failure import LaunchFailure

# The supervisor starts itself again with this word to become the server.
SERVE = "serve-for-supervisor"

# What a shell reports for a program that SIGINT ended.
INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Runs the launcher and returns its exit code."""
    if arguments and arguments[0] == SERVE:
        from launcher import server

        return server.run(arguments[1])

    from launcher import supervisor

    options = command_line.parse(arguments)
    try:
        return supervisor.run(options)
    except LaunchFailure as failure:
        print(f"ministack.py: {failure}", file=sys.stderr)
        return failure.exit_code
    except KeyboardInterrupt:
        # Before the supervisor listens for signals there is nothing to clean up.
        return INTERRUPTED
