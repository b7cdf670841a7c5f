"""The command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# Five hundredths: a 60 s buffer of AWS is 3 s here.
DEFAULT_TIME_SCALE = 0.05
DEFAULT_REGION = "eu-west-2"
LOG_LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True)
class Options:
    """What the caller asked for."""

    state: Path
    port: int
    region: str
    time_scale: float
    owner: str
    log_level: str


def parse(arguments: Sequence[str]) -> Options:
    """Reads the arguments; wrong usage exits with code 2, as argparse does."""
    parser = argparse.ArgumentParser(
        prog="ministack.py",
        description="Start the local cloud and keep it running until it is told to stop.",
    )
    parser.add_argument("--state", required=True, type=Path, metavar="DIR",
                        help="folder for all state, temporary files and the log; made when it is missing")
    parser.add_argument("--port", type=_port, default=0,
                        help="port on 127.0.0.1; 0 takes a free one (default)")
    parser.add_argument("--region", default=DEFAULT_REGION,
                        help=f"region in ARNs and answers (default {DEFAULT_REGION})")
    parser.add_argument("--time-scale", type=_scale, default=DEFAULT_TIME_SCALE, metavar="FACTOR",
                        help="multiplies the buffering intervals of Firehose, the windows, pauses and ages of stream "
                             "mappings, and the windows of the upstreams' rate limits "
                             f"(default {DEFAULT_TIME_SCALE}: 60 s become 3 s)")
    parser.add_argument("--owner", choices=("stdin", "none"), default="none",
                        help="stdin: stop as soon as standard input ends; none: run until a signal (default)")
    parser.add_argument("--log-level", choices=LOG_LEVELS, default="info",
                        help="level of DIR/ministack.log (default info)")
    parsed = parser.parse_args(arguments)
    return Options(
        state=parsed.state.absolute(),
        port=parsed.port,
        region=parsed.region,
        time_scale=parsed.time_scale,
        owner=parsed.owner,
        log_level=parsed.log_level,
    )


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("a port is between 0 and 65535")
    return port


def _scale(text: str) -> float:
    scale = float(text)
    if not 0 <= scale <= 1:
        raise argparse.ArgumentTypeError("a time scale is between 0 and 1")
    return scale
