"""The process that the caller starts, and the server process that it looks after.

Two processes, so that neither a crash nor a SIGKILL leaves anything behind:

- The server leads a process group of its own; every Lambda worker is in it.
- The server holds the reading end of a pipe, the lifeline, whose other end only
  this process has: when this process dies, however it dies, the server sees the
  end of the pipe, flushes, and kills its group.
- When the server dies first, this process kills the group.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from launcher import command, emulator
from launcher.failure import EXIT_CRASH, LaunchFailure
from launcher.options import Options
from launcher.state import StateFolder

_SCRIPT = Path(__file__).absolute().parent.parent / "ministack.py"

# Flushing waits for transform calls; after this the server is killed.
STOP_PATIENCE_SECONDS = 60.0


def run(options: Options) -> int:
    """Starts the server, waits for a reason to stop, stops it; returns the exit code."""
    emulator.check_version()
    stop_reader = _stop_requests()
    state = StateFolder(options.state)
    state.claim()
    server = _Server(options, state)
    try:
        started = server.await_start(stop_reader)
        if started is not None:
            state.publish(started)
            print(json.dumps(started), flush=True)
            _wait_for_reason(options, stop_reader, server)
        server.stop()
        return 0
    finally:
        server.kill()
        state.retract(os.getpid())
        state.clear_temporary()


class _Server:
    def __init__(self, options: Options, state: StateFolder) -> None:
        self._state = state
        lifeline_read, self._lifeline = os.pipe()
        self.reports, report_write = os.pipe()
        brief = {
            "state": str(options.state), "port": options.port, "region": options.region,
            "time_scale": options.time_scale, "log_level": options.log_level,
            "lifeline": lifeline_read, "report": report_write, "supervisor": os.getpid(),
            "lock": state.lock_descriptor,
        }
        with open(state.log, "ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(_SCRIPT), command.SERVE, json.dumps(brief)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                # The lock goes with the server, so that a folder stays taken while it flushes.
                pass_fds=(lifeline_read, report_write, state.lock_descriptor),
            )
        os.close(lifeline_read)
        os.close(report_write)

    def await_start(self, stop_reader: int) -> dict[str, Any] | None:
        """The content of cloud.json, or None when a stop was asked for first."""
        text = b""
        while not text.endswith(b"\n"):
            ready, _, _ = select.select([self.reports, stop_reader], [], [])
            if stop_reader in ready:
                return None
            part = os.read(self.reports, 65536)
            if not part:
                raise LaunchFailure(
                    EXIT_CRASH, f"the local cloud ended while it was starting: see {self._state.log}")
            text += part
        report = json.loads(text)
        if "failure" in report:
            raise LaunchFailure(int(report["exit_code"]), report["failure"])
        return dict(report["cloud"])

    def ended(self) -> LaunchFailure:
        """What to say when the server is gone although nobody stopped it."""
        code = self._process.wait()
        return LaunchFailure(EXIT_CRASH, f"the local cloud ended by itself (code {code}): see {self._state.log}")

    def stop(self) -> None:
        """Asks the server to flush and end, and waits for it."""
        self._cut_lifeline()
        try:
            self._process.wait(STOP_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            raise LaunchFailure(
                EXIT_CRASH,
                f"the local cloud did not stop within {STOP_PATIENCE_SECONDS:.0f} s and was killed: "
                f"see {self._state.log}") from None

    def kill(self) -> None:
        """Kills whatever is left of the server's group."""
        self._cut_lifeline()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _cut_lifeline(self) -> None:
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1


def _stop_requests() -> int:
    """A descriptor that becomes readable when SIGTERM, SIGINT or SIGHUP arrives."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    return reader


def _wait_for_reason(options: Options, stop_reader: int, server: _Server) -> None:
    """Returns on a signal or at the end of the owner's pipe; fails when the server ends first."""
    watched: list[int] = [stop_reader, server.reports]
    owner = sys.stdin.fileno() if options.owner == "stdin" else -1
    if owner >= 0:
        watched.append(owner)
    while True:
        ready, _, _ = select.select(watched, [], [])
        if stop_reader in ready or (owner in ready and not os.read(owner, 4096)):
            return
        if server.reports in ready:
            raise server.ended()
