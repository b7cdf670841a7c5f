#!/usr/bin/env python3
"""Starts the fake upstreams: Watchmode and TVmaze with invented British data.

    upstreams.py [--watchmode-port 0] [--tvmaze-port 0] [--key KEY] [--date 2026-01-09]

The work is in the package `upstreams` beside this file; `--help` lists the options.
"""

import sys

from upstreams.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
