"""Sequence numbers as Kinesis gives them: 56 digits, the first of them no zero.

The emulator fills its own up with zeros from the left, which no reader that holds to the pattern of
`PutRecord`, `0|([1-9]\\d{0,128})`, takes. These have one length, so that text in order is numbers in
order, which the emulator relies on.
"""

from __future__ import annotations

from collections.abc import Callable

# What the numbers of today's streams begin with on AWS.
_FIRST = "49"
_DIGITS = 56


def install() -> None:
    """Puts the replacement in."""
    from ministack.services import kinesis

    kinesis._next_sequence_number = _longer(kinesis._next_sequence_number)


def _longer(number: Callable[[], str]) -> Callable[[], str]:
    return lambda: _FIRST + number().zfill(_DIGITS - len(_FIRST))
