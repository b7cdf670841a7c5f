"""The launcher as a process: what it opens, what it refuses, and what it leaves behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

from .cloud import LAUNCHER, Cloud, Delivery, until

HOLD = {"SizeInMBs": 64, "IntervalInSeconds": 900}


def processes(state: Path) -> set[int]:
    """Every process that belongs to a local cloud: by its command line, or by its environment."""
    mark = str(state).encode()
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                named = mark in (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                if named and "\nState:\tZ" not in (entry / "status").read_text():
                    found.add(int(entry.name))
            except OSError:
                continue
    return found


def listening(pids: set[int]) -> list[str]:
    """The addresses, in the kernel's notation, on which the processes listen."""
    sockets = set()
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            try:
                match = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(descriptor))
            except OSError:
                continue
            if match:
                sockets.add(match.group(1))
    addresses = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in sockets:
                addresses.append(fields[1])
    return addresses


def launch(state: str, *arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Runs the launcher until it ends by itself."""
    return subprocess.run(
        [sys.executable, str(LAUNCHER), "--state", state, "--owner", "stdin", *arguments],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, env={**os.environ, **(environment or {})})


@unittest.skipUnless(Path("/proc/net/tcp").exists(), "reads the process table of Linux")
class Running(unittest.TestCase):
    def setUp(self) -> None:
        self.cloud = Cloud(time_scale=0.1)
        self.addCleanup(self.cloud.discard)

    def busy(self) -> Delivery:
        """A delivery stream whose function has a worker and a process besides, with a record still buffered."""
        delivery = Delivery(self.cloud, mode="offspring", hints=HOLD, processor={"BufferIntervalInSeconds": "900"})
        delivery.put_json({"n": 1})
        self.cloud.flush()
        delivery.put_json({"n": 2})
        self.assertGreaterEqual(len(processes(self.cloud.state)), 4)
        return delivery

    def gone(self) -> None:
        until("the end of every process", lambda: not processes(self.cloud.state))
        self.assertFalse((self.cloud.state / "cloud.json").exists())

    def test_it_listens_on_loopback_alone(self) -> None:
        self.busy()
        addresses = listening(processes(self.cloud.state))
        self.assertIn(f"0100007F:{self.cloud.description['port']:04X}", addresses)
        self.assertEqual([item for item in addresses if not item.startswith("0100007F:")], [])

    def test_it_says_where_it_is(self) -> None:
        published = json.loads((self.cloud.state / "cloud.json").read_text())
        self.assertEqual(published, self.cloud.description)
        self.assertEqual(published, {
            "endpoint": f"http://127.0.0.1:{published['port']}", "port": published["port"],
            "pid": self.cloud.process.pid, "region": "eu-west-2", "account": "000000000000",
            **{name: published[name] for name in ("watchmode", "watchmode_key", "tvmaze", "site")}})
        self.assertEqual(self.cloud.client("sts").get_caller_identity()["Account"], "000000000000")

    def test_the_upstreams_answer_where_it_says(self) -> None:
        described = self.cloud.description
        request = urllib.request.Request(
            described["watchmode"] + "/status", headers={"X-API-Key": described["watchmode_key"]})
        with urllib.request.urlopen(request) as answer:
            self.assertEqual(json.loads(answer.read()), {"quota": 1000, "quotaUsed": 0})
        with urllib.request.urlopen(described["tvmaze"] + "/shows/90001") as answer:
            self.assertEqual(json.loads(answer.read())["name"], "Harbour Lights")

    def test_two_run_at_once_and_share_nothing(self) -> None:
        other = Cloud()
        self.addCleanup(other.discard)
        mine, theirs = Delivery(self.cloud, mode="", hints=HOLD), Delivery(other, mode="", hints=HOLD)
        mine.put_json({"n": 1})
        theirs.put_json({"n": 2})
        self.assertEqual(list(self.cloud.flush()), [mine.name])
        self.assertEqual(list(other.flush()), [theirs.name])
        self.assertEqual(other.stop(), 0)
        self.assertEqual(len(mine.objects()), 1)

    def test_the_end_of_the_owner_flushes_and_stops(self) -> None:
        delivery = self.busy()
        self.assertEqual(self.cloud.stop(), 0)
        self.gone()
        self.assertEqual(
            [len(request["records"]) for request in self.cloud.requests(delivery.name)], [1, 1])
        log = (self.cloud.state / "ministack.log").read_text()
        self.assertRegex(log, r"stopping with 0 records undelivered: .*'delivered': 2,")
        self.assertEqual(sorted(os.listdir(self.cloud.state)), ["lock", "ministack.log"])

    def test_each_signal_flushes_and_stops(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number.name):
                cloud = Cloud(time_scale=0.1)
                self.addCleanup(cloud.discard)
                Delivery(cloud, hints=HOLD).put([b"one"])
                cloud.process.send_signal(number)
                self.assertEqual(cloud.process.wait(30), 0)
                self.assertIn("'delivered': 1,", (cloud.state / "ministack.log").read_text())
                self.assertEqual(processes(cloud.state), set())

    def test_a_killed_launcher_leaves_no_process_and_still_flushes(self) -> None:
        self.busy()
        self.cloud.process.kill()
        self.cloud.process.wait()
        self.gone()
        self.assertIn("'delivered': 2,", (self.cloud.state / "ministack.log").read_text())

    def test_a_killed_server_takes_its_workers_and_the_launcher_along(self) -> None:
        self.busy()
        (server,) = [
            pid for pid in processes(self.cloud.state)
            if b"serve-for-supervisor" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        os.kill(server, signal.SIGKILL)
        self.assertEqual(self.cloud.process.wait(20), 1)
        self.gone()

    def test_a_folder_in_use_is_refused_and_free_again_after_a_kill(self) -> None:
        refused = launch(str(self.cloud.state))
        self.assertEqual(refused.returncode, 2)
        self.assertIn(f"belongs to a running local cloud (process {self.cloud.process.pid})", refused.stderr)
        self.cloud.process.kill()
        self.cloud.process.wait()
        again = launch(str(self.cloud.state))
        self.assertEqual((again.returncode, again.stderr), (0, ""))
        self.assertEqual(json.loads(again.stdout)["region"], "eu-west-2")

    def test_unknown_paths_of_its_own_are_refused(self) -> None:
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{self.cloud.endpoint}/_headend/nothing")
        with refused.exception as answer:
            self.assertEqual(answer.code, 404)


class Refusals(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="headend-test-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def check(self, run: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
        self.assertEqual(run.returncode, code, run.stderr)
        self.assertEqual(run.stdout, "")
        self.assertEqual(len(run.stderr.splitlines()), 1, run.stderr)
        for word in words:
            self.assertIn(word, run.stderr)

    def test_a_taken_port(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            run = launch(str(self.folder / "state"), "--port", str(port))
        self.check(run, 3, f"port {port} cannot be opened", "--port 0")
        self.assertFalse((self.folder / "state" / "cloud.json").exists())

    def test_a_state_folder_that_cannot_be_made(self) -> None:
        (self.folder / "file").write_text("")
        self.check(launch(str(self.folder / "file" / "state")), 2, "cannot use the state folder", "--state")

    @unittest.skipIf(os.geteuid() == 0, "root may write anywhere")
    def test_a_state_folder_that_cannot_be_written(self) -> None:
        (self.folder / "state").mkdir(mode=0o500)
        self.check(launch(str(self.folder / "state")), 2, "cannot use the state folder", "--state")

    def test_another_version_of_the_emulator(self) -> None:
        self.install(
            "ministack-9.9.9.dist-info", "METADATA", "Metadata-Version: 2.1\nName: ministack\nVersion: 9.9.9\n")
        run = launch(str(self.folder / "state"), environment={"PYTHONPATH": str(self.folder / "packages")})
        self.check(run, 4, "MiniStack 9.9.9 is installed but 1.5.33 is needed", "requirements.txt")

    def test_an_emulator_without_a_replaced_name(self) -> None:
        self.install("", "sitecustomize.py", (
            "import importlib.abc, importlib.machinery, sys\n"
            "class Without(importlib.abc.MetaPathFinder):\n"
            "    def find_spec(self, name, path, target=None):\n"
            "        if name != 'ministack.services.firehose':\n"
            "            return None\n"
            "        spec = importlib.machinery.PathFinder.find_spec(name, path)\n"
            "        run = spec.loader.exec_module\n"
            "        def exec_module(module):\n"
            "            run(module)\n"
            "            del module.ingest_from_kinesis_source\n"
            "        spec.loader.exec_module = exec_module\n"
            "        return spec\n"
            "sys.meta_path.insert(0, Without())\n"))
        run = launch(str(self.folder / "state"), environment={"PYTHONPATH": str(self.folder / "packages")})
        self.check(run, 4, "MiniStack lacks ministack.services.firehose.ingest_from_kinesis_source")

    def test_wrong_usage(self) -> None:
        for arguments in (["--port", "70000"], ["--time-scale", "-1"], ["--owner", "nobody"], ["--nothing"]):
            with self.subTest(arguments):
                run = launch(str(self.folder / "state"), *arguments)
                self.assertEqual(run.returncode, 2)
                self.assertIn("usage:", run.stderr)

    def test_a_stale_description_does_not_matter(self) -> None:
        state = self.folder / "state"
        state.mkdir()
        (state / "cloud.json").write_text('{"pid": 4194304, "port": 1}')
        run = launch(str(state))
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        self.assertFalse((state / "cloud.json").exists())

    def test_a_stop_during_the_start_is_clean(self) -> None:
        process = subprocess.Popen(
            [sys.executable, str(LAUNCHER), "--state", str(self.folder / "state")],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        until("the lock", lambda: (self.folder / "state" / "ministack.log").exists())
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=30)
        self.assertEqual((process.returncode, errors), (0, ""))
        self.assertEqual(processes(self.folder / "state"), set())

    def install(self, folder: str, name: str, text: str) -> None:
        target = self.folder / "packages" / folder
        target.mkdir(parents=True)
        (target / name).write_text(text)
