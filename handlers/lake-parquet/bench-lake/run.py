"""Measures lake-parquet and lake-transform beside their peers, in one run.

    make bench-lake             installs the peers into target/bench-lake, measures, writes the table

One process for each measurement; every round has each tool once, in an order that is shuffled anew
with a fixed seed. Before each, another process touches as much memory as any of them takes, so
that no tool pays for pages that the machine has not handed out yet. Nothing is measured when two
tools make different rows, and the table has the medians.
"""

import argparse
import base64
import datetime
import hashlib
import json
import os
import pathlib
import platform
import random
import shutil
import statistics
import subprocess
import sys
import venv
from dataclasses import dataclass, field

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
WORK = ROOT / "target" / "bench-lake"
PAGE = ROOT / "docs" / "benchmarks" / "lake.md"
EVENTS = ROOT / "docs" / "benchmarks" / "events.py"
DIGEST = "0da2cfd8bcb3db4e1164826fc544ebbd4d1795872ca319420e099cf5787934fb"
SEED = 100
# The limit of `encode` was worked out on the machine on which arrow-json takes this: base64, one
# scan, one copy and Zstandard take 0.58 s together, Parquet's encodings nothing.
FLOOR, FLOOR_ARROW = 0.58, 1.503
# Events of the transform's requests, and of one request.
REQUESTED, REQUEST = 100_000, 500
MEBIBYTE = 1 << 20


@dataclass
class Tool:
    """A tool, what is said of it, and what it took in each round."""

    task: str
    name: str
    note: str
    rounds: list = field(default_factory=list)
    size: int = 0
    files: int = 0

    @property
    def cpu(self):
        return statistics.median(took["cpu"] for took in self.rounds)

    @property
    def best(self):
        return min(took["cpu"] for took in self.rounds)

    @property
    def rate(self):
        return self.rounds[0]["rows"] / self.cpu

    @property
    def memory(self):
        return statistics.median(took["rss_mib"] for took in self.rounds)

    @property
    def is_ours(self):
        return self.name.startswith(("lake", "arrow"))


def tools():
    encode = [
        ("lake-parquet", "base64 records, an object for each hour of a batch"),
        ("lake-parquet-uncompressed", "the same without Zstandard: what the rest costs"),
        ("arrow-json", "as lake-parquet; arrow's reader and writer, default properties"),
        ("arrow-json-tuned", "the same with encodings chosen by column"),
        ("duckdb", "plain lines, a file for each hour"),
        ("polars", "plain lines, a file for each hour"),
        ("pyarrow", "plain lines, a file for each hour"),
        ("python json", "plain lines; a dictionary for each event, pyarrow's writer"),
        ("python orjson", "the same with orjson"),
        ("lake-parquet-lake", "as the first, with the lake's own columns: all other members in one text"),
    ]
    transform = [
        ("lake-transform", "the function's code"),
        ("python json", "the usual function, `json` and `base64`"),
        ("python orjson", "the same with orjson"),
    ]
    compact = [
        ("lake-parquet", "a merge sort with runs of 64 MiB"),
        ("duckdb", "`row_number()` over each `event_uuid`, `ORDER BY`, `COPY`"),
    ]
    of = lambda task, all: [Tool(task, name, note) for name, note in all]
    return of("encode", encode), of("hours", compact), of("one", compact), of("transform", transform)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--events", type=int, default=1_000_000, help="events; fewer for a quick look")
    parser.add_argument("--page", type=pathlib.Path, default=PAGE, help="the file that the table goes to")
    parser.add_argument("--scratch", type=pathlib.Path, default=pathlib.Path("/dev/shm"), help="a folder in memory")
    arguments = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    install()
    program = build()
    scratch = arguments.scratch / f"bench-lake-{os.getpid()}"
    scratch.mkdir()
    try:
        prepare(program, scratch, arguments.events)
        encode, hours, one, transform = tools()
        check(encode, transform, program, scratch)
        for compact in (hours, one):
            check_compact(compact, program, scratch)
        shuffled = random.Random(SEED)
        loads = [os.getloadavg()[0]]
        for number in range(arguments.rounds):
            for all in (encode, hours, one, transform):
                for tool in shuffled.sample(all, len(all)):
                    tool.rounds.append(measure(tool, program, scratch))
            print(f"round {number + 1} of {arguments.rounds}")
        loads.append(os.getloadavg()[0])
    finally:
        shutil.rmtree(scratch)
    arguments.page.parent.mkdir(parents=True, exist_ok=True)
    arguments.page.write_text(page(encode, hours, one, transform, loads, arguments))
    print(f"wrote {arguments.page}")


def install():
    """Puts the peers into target/bench-lake, unless what is there is what is wanted."""
    wanted, mark = (HERE / "requirements.txt").read_text(), WORK / "installed"
    if not (mark.exists() and mark.read_text() == wanted):
        venv.create(WORK / "venv", with_pip=True, clear=True)
        subprocess.run([python(), "-m", "pip", "install", "--quiet", "-r", str(HERE / "requirements.txt")], check=True)
        mark.write_text(wanted)


def python():
    return str(WORK / "venv" / "bin" / "python")


def build():
    """The program that measures what is in Rust."""
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", WORK / "build"))
    environment = {**os.environ, "CARGO_TARGET_DIR": str(target)}
    subprocess.run(["cargo", "build", "--release", "--locked"], cwd=HERE, env=environment, check=True)
    return str(target / "release" / "bench-lake")


def prepare(program, scratch, count):
    """The events, the raw objects that they become, and the first of them as Firehose's requests."""
    subprocess.run([sys.executable, str(EVENTS), str(count), str(scratch / "events.jsonl")], check=True)
    events = (scratch / "events.jsonl").read_bytes()
    if count == 1_000_000 and hashlib.sha256(events).hexdigest() != DIGEST:
        sys.exit("the events are not those that every figure is of: the generator needs Python 3.11")
    subprocess.run([program, "raw", "-", str(scratch / "events.jsonl"), str(scratch / "raw")], check=True)
    events = events.splitlines()[:REQUESTED]
    arrival = 1_767_225_600_000
    with open(scratch / "requests.jsonl", "w") as requests:
        for start in range(0, len(events), REQUEST):
            records = [
                {
                    "recordId": f"4966{start + index:050}000000",
                    "approximateArrivalTimestamp": arrival + start + index,
                    "data": base64.b64encode(event).decode(),
                }
                for index, event in enumerate(events[start : start + REQUEST])
            ]
            request = {
                "invocationId": "7f2e1c9a-0000-4000-8000-000000000000",
                "deliveryStreamArn": "arn:aws:firehose:eu-west-2:000000000000:deliverystream/events",
                "region": "eu-west-2",
                "records": records,
            }
            requests.write(json.dumps(request, separators=(",", ":")) + "\n")


def measure(tool, program, scratch, keep=False):
    """One measurement; gives back what the tool printed."""
    warm_up()
    sources = {"encode": "events.jsonl", "transform": "requests.jsonl"}
    source = scratch / sources.get(tool.task, f"raw/{tool.task}")
    target = scratch / tool.task / tool.name
    if tool.task != "transform":
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
    elif keep:
        target.parent.mkdir(exist_ok=True)
    else:
        target = "-"
    command = [program] if tool.is_ours else [python(), str(HERE / "peers.py")]
    task = "compact" if tool.task in ("hours", "one") else tool.task
    command += [task, tool.name, str(source), str(target)]
    environment = {**os.environ, "ARROW_DEFAULT_MEMORY_POOL": "mimalloc"}
    took = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout
    if tool.task != "transform" and not keep:
        shutil.rmtree(target)
    return json.loads(took)


def warm_up():
    """Has the machine back a gigabyte, so that the next process does not wait for its pages."""
    script = "memory = bytearray(1 << 30); memory[:: 4096] = b'x' * len(memory[:: 4096])"
    subprocess.run([sys.executable, "-c", script], check=True)


def check(encode, transform, program, scratch):
    """Refuses to compare tools that do different things."""
    columns = "event_uuid, event_name, created_at, user_id, session_id, platform, app_version, locale, country, "
    columns += "payload, event_type, event_subtype, created_datetime::TIMESTAMP AS created_datetime"
    read = lambda tool: f"SELECT {columns} FROM read_parquet('{scratch}/encode/{tool.name}/**/*.parquet')"
    first = encode[0]
    for tool in encode:
        measure(tool, program, scratch, keep=True)
        files = list((scratch / "encode" / tool.name).rglob("*.parquet"))
        tool.files, tool.size = len(files), sum(file.stat().st_size for file in files)
        if tool is first:
            continue
        if tool.name != "lake-parquet-lake":
            for one, other in ((first, tool), (tool, first)):
                differ(f"{read(one)} EXCEPT ALL {read(other)}", f"{one.name} has rows that {other.name} has not")
        shutil.rmtree(scratch / "encode" / tool.name)
    answers = None
    for tool in transform:
        measure(tool, program, scratch, keep=True)
        lines = (scratch / "transform" / tool.name).read_bytes().splitlines()
        found = [answer(record) for line in lines for record in json.loads(line)["records"]]
        tool.size = sum(len(line) for line in lines)
        if answers is not None and answers != found:
            sys.exit(f"{transform[0].name} and {tool.name} answer differently")
        answers = found


def check_compact(compact, program, scratch):
    """Refuses other rows, another order of them, and files in which readers do not find them."""
    read = lambda tool: f"FROM read_parquet('{scratch}/{tool.task}/{tool.name}/*/*.parquet', file_row_number=true)"
    for tool in compact:
        measure(tool, program, scratch, keep=True)
        files = list((scratch / tool.task / tool.name).rglob("*.parquet"))
        tool.files, tool.size = len(files), sum(file.stat().st_size for file in files)
    ours, theirs = compact
    for one, other in ((ours, theirs), (theirs, ours)):
        differ(f"{read(one)} EXCEPT ALL {read(other)}", f"{one.name} has rows that {other.name} has not, or elsewhere")
    folder = str(scratch / ours.task / ours.name)
    subprocess.run([python(), str(HERE / "peers.py"), "search", "-", folder, "-"], check=True)
    for tool in compact:
        shutil.rmtree(scratch / tool.task / tool.name)


def differ(query, complaint):
    count = f"SELECT count(*) FROM ({query})"
    script = "import duckdb, sys; connection = duckdb.connect(); connection.execute('SET enable_progress_bar=false'); "
    script += "print(connection.execute(sys.argv[1]).fetchone()[0])"
    found = subprocess.run([python(), "-c", script, count], check=True, stdout=subprocess.PIPE, text=True).stdout
    if found.strip() != "0":
        sys.exit(f"{complaint}: {found.strip()}")


def answer(record):
    """An answer by its meaning: neither white space nor the escapes of a text count."""
    event = json.loads(base64.b64decode(record["data"]))
    event["payload"] = json.loads(event["payload"])
    return {**record, "data": event}


def page(encode, hours, one, transform, loads, arguments):
    arrow = next(tool for tool in encode if tool.name == "arrow-json")
    duckdb = next(tool for tool in encode if tool.name == "duckdb")
    ours = encode[0]
    usual = next(tool for tool in transform if tool.name == "python json")
    share = FLOOR / FLOOR_ARROW * arrow.cpu / ours.cpu
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    lines = [
        "# The lake, beside its peers",
        "",
        f"`make bench-lake` measured this on {datetime.date.today()} ({machine}) and wrote it; [run.py](../../handlers/lake-parquet/bench-lake/run.py) says how.",
        f"Medians of {arguments.rounds} interleaved rounds of one run; the processor's time of one thread, in which base64, if any, and the writing of the Parquet files are counted.",
        f"The machine's load average was {loads[0]:.1f} before the rounds and {loads[1]:.1f} after them: on a shared machine the ratios say more than the absolute figures.",
        "",
        "## Events to hourly Parquet",
        "",
        f"{ours.rounds[0]['rows']:,} events of [events.py](events.py) in 13 columns, Zstandard level 1, rows checked equal with `EXCEPT ALL` in both directions.",
        "The first four and the last do what a Lambda function does: 100 calls of 10,000 records in base64, one object for each hour of a call.",
        "The peers in Python have less to do: plain lines from memory, and one file for each hour of them all.",
        "",
        "| tool | times arrow-json | times DuckDB | CPU s, median (best) | records per second and core | output MB | files | memory MiB | |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for tool in encode:
        lines.append(
            f"| {tool.name} | {arrow.cpu / tool.cpu:.2f} | {duckdb.cpu / tool.cpu:.2f} | {tool.cpu:.3f} ({tool.best:.3f}) "
            f"| {round(tool.rate, -3):,.0f} | {tool.size / 1e6:.1f} | {tool.files} | {tool.memory:.0f} | {tool.note} |"
        )
    lines += [
        "",
        "Memory is the peak above what stood there when the clock started (all records in base64) for the tools in Rust, and the whole process for the others.",
        f"The limit for this work was computed as {FLOOR} s on a machine on which arrow-json takes {FLOOR_ARROW} s: decoding, one scan, one copy, and Zstandard on the prototype's pages.",
        f"lake-parquet reaches {share:.0%} of it; more than 100 % is possible, since its pages give Zstandard less to do than the prototype's did: the difference of the first two rows.",
        "",
        "## Compaction",
        "",
        f"The raw objects of the same events, every tenth batch delivered twice: {hours[0].rounds[0]['rows']:,} rows in the lake's columns, of which each event is left once, ordered by `event_name` and `created_at`.",
        "Rows are checked equal and in equal order, and are found by pyarrow and DuckDB through bounds, page index and Bloom filter.",
        "Reading and writing the files, in memory, is counted; Zstandard level 1, one thread.",
        "",
        "| hours | tool | times DuckDB | CPU s, median (best) | rows per second and core | output MB | files | memory MiB | |",
        "|---|---|---:|---:|---:|---:|---:|---:|---|",
    ]
    for title, tools in (("36", hours), ("all in one", one)):
        peer = tools[1]
        for tool in tools:
            lines.append(
                f"| {title} | {tool.name} | {peer.cpu / tool.cpu:.2f} | {tool.cpu:.3f} ({tool.best:.3f}) "
                f"| {round(tool.rate, -3):,.0f} | {tool.size / 1e6:.1f} | {tool.files} | {tool.memory:.0f} | {tool.note} |"
            )
    lines += [
        "",
        "Memory is as above: for lake-parquet what it takes while it runs, for DuckDB the whole process; the file that is made is in both.",
        "",
        "## Firehose's requests",
        "",
        f"{transform[0].rounds[0]['rows']:,} records in requests of {REQUEST}, answers checked equal record by record.",
        "",
        "| tool | times Python | CPU s, median (best) | records per second and core | |",
        "|---|---:|---:|---:|---|",
    ]
    for tool in transform:
        lines.append(
            f"| {tool.name} | {usual.cpu / tool.cpu:.1f} | {tool.cpu:.3f} ({tool.best:.3f}) | {round(tool.rate, -3):,.0f} | {tool.note} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
