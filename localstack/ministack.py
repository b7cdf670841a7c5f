#!/usr/bin/env python3
"""Starts the local cloud: MiniStack with the behaviours of AWS that it lacks.

    ministack.py --state DIR [--port 0] [--region eu-west-2] [--time-scale 0.05]

The work is in the package `launcher` beside this file; `--help` lists the options.
"""

import os
import sys

# This file has the name of the package that it starts, so its folder must come
# after the installed packages, or `import ministack` would find this script.
_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or os.curdir) != _HERE]
sys.path.append(_HERE)

from launcher.command import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
