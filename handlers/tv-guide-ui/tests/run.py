#!/usr/bin/env python3
"""Tests the web guide in a real Chromium.

    HEADEND_SITE=http://127.0.0.1:PORT HEADEND_USER=test.user@example.com HEADEND_PASSWORD=... run.py
    run.py --folder [-k PATTERN]

The first tests a site that was deployed, with the API behind it and a schedule in that; the user's
preferences and favourites are changed. `--folder` tests what needs neither: the modules, and the
page before answers that are made up. What is in `requirements.txt` must be installed, and
Chromium. A failed test leaves a picture of its page in `target/tv-guide-ui/`.

Read next: `browser.py`, `deployment.py`, `made_up.py`, then the tests.
"""

from __future__ import annotations

import argparse
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", action="store_true", help="only what needs no deployment")
    parser.add_argument("-k", metavar="PATTERN", action="append", help="only tests whose name has this in it")
    options = parser.parse_args()
    try:
        import browser
        import deployment
    except ModuleNotFoundError as error:
        return fail(f"{error.name} is missing: pip install --require-hashes -r {HERE / 'requirements.txt'}")
    if browser.chromium() is None:
        return fail("there is no Chromium: apt-get install chromium")
    deployed = None if options.folder else deployment.deployed()
    if deployed is None and not options.folder:
        return fail("set HEADEND_SITE to the site's address, or give --folder for what needs none")
    browser.BrowserTest.under_test = deployed or deployment.folder()
    loader = unittest.TestLoader()
    loader.testNamePatterns = [f"*{pattern}*" for pattern in options.k] if options.k else None
    tests = unittest.TestSuite()
    for kind in ["alone"] if deployed is None else ["alone", "deployed"]:
        tests.addTests(loader.discover(str(HERE / kind), top_level_dir=str(HERE)))
    result = unittest.TextTestRunner(verbosity=2).run(tests)
    if result.testsRun == 0:
        return fail("no test has such a name")
    return 0 if result.wasSuccessful() else 1


def fail(words: str) -> int:
    print(f"run.py: {words}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    sys.exit(main())
