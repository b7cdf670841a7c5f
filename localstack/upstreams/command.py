"""The command line of the program that runs the services alone."""

from __future__ import annotations

import argparse
import json
import signal
import threading
from collections.abc import Sequence
from datetime import date, datetime, timezone

from upstreams.origins import start

_KEY = "local-watchmode-key"


def main(arguments: Sequence[str]) -> int:
    """Serves until a signal; prints the two addresses as one line of JSON first."""
    parser = argparse.ArgumentParser(
        prog="upstreams.py", description="Serve fakes of Watchmode and TVmaze on 127.0.0.1 until SIGTERM or Ctrl-C.")
    parser.add_argument("--watchmode-port", type=int, default=0, help="0 takes a free one (default)")
    parser.add_argument("--tvmaze-port", type=int, default=0, help="0 takes a free one (default)")
    parser.add_argument("--key", default=_KEY, help=f"the key that Watchmode takes (default {_KEY})")
    parser.add_argument("--date", type=date.fromisoformat, default=datetime.now(timezone.utc).date(),
                        help="the day that the data is made for (default today)")
    parser.add_argument("--time-scale", type=float, default=1.0, metavar="FACTOR",
                        help="multiplies the windows of the rate limits (default 1)")
    options = parser.parse_args(arguments)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    try:
        origins = start(options.date, options.key, options.watchmode_port, options.tvmaze_port, options.time_scale)
    except OSError as error:
        parser.exit(3, f"upstreams.py: a port cannot be opened on 127.0.0.1 ({error.strerror}): use port 0\n")
    print(json.dumps(origins.addresses()), flush=True)
    stopped.wait()
    origins.stop()
    return 0
