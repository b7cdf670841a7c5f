"""The state folder: one running cloud at a time, everything below one path."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

from launcher.failure import EXIT_STATE, LaunchFailure

# A killed launcher leaves its server a moment to flush; a new start waits that long.
LOCK_PATIENCE_SECONDS = 15.0


class StateFolder:
    """A folder that this launcher has locked for itself."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.log = root / "ministack.log"
        self.cloud = root / "cloud.json"
        self.temporary = root / "tmp"
        self.objects = root / "s3"
        self.snapshots = root / "state"
        self._lock_file = root / "lock"
        self.lock_descriptor = -1

    def claim(self) -> None:
        """Makes the folder, locks it and clears what a dead launcher left."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self.lock_descriptor = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o600)
            self._lock()
            for folder in (self.temporary, self.objects, self.snapshots):
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
            self.log.write_text("")
            self.cloud.unlink(missing_ok=True)
        except OSError as error:
            raise LaunchFailure(
                EXIT_STATE,
                f"cannot use the state folder {self.root} ({error.strerror}): "
                "name a folder that you can write to with --state",
            ) from error

    def publish(self, cloud: dict[str, Any]) -> None:
        """Writes cloud.json in one step, so that a reader never sees half of it."""
        draft = self.cloud.with_suffix(".json.tmp")
        draft.write_text(json.dumps(cloud) + "\n")
        os.replace(draft, self.cloud)

    def retract(self, pid: int) -> None:
        """Removes cloud.json if it still names the given process."""
        if self.published_pid() == pid:
            self.cloud.unlink(missing_ok=True)

    def published_pid(self) -> int:
        """The process that cloud.json names, or 0."""
        try:
            return int(json.loads(self.cloud.read_text())["pid"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0

    def clear_temporary(self) -> None:
        """Removes the temporary files and code folders of the stopped server."""
        for folder in (self.temporary, self.objects, self.snapshots):
            shutil.rmtree(folder, ignore_errors=True)

    def _lock(self) -> None:
        deadline = time.monotonic() + LOCK_PATIENCE_SECONDS
        while True:
            try:
                fcntl.flock(self.lock_descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                owner = self.published_pid()
                if _alive(owner) or time.monotonic() > deadline:
                    raise LaunchFailure(
                        EXIT_STATE,
                        f"the state folder {self.root} belongs to a running local cloud"
                        + (f" (process {owner})" if owner else "")
                        + ": stop that one first or name another folder with --state",
                    ) from None
                time.sleep(0.1)


def _alive(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
