"""Failures that end the launcher, each with its exit code."""

from __future__ import annotations

EXIT_STATE = 2
EXIT_PORT = 3
EXIT_EMULATOR = 4
EXIT_CRASH = 1


class LaunchFailure(Exception):
    """The cloud cannot start; the message is one sentence that says what to do."""

    def __init__(self, exit_code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code
