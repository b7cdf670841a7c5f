"""Measures `infra-bench` against CDK, troposphere and cfn-lint on one stack, in one run.

    make bench-infra            installs the peers into target/bench, measures, writes the table

Whole processes from a cold start, one at a time: one round to warm the disk's cache, then rounds
in an order that is shuffled anew for each of them, with a fixed seed. The medians go into the
table. Nothing is measured when the three tools make different resources.
"""

import argparse
import datetime
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
ROOT = HERE.parent.parent
PEERS = HERE / "peers"
WORK = ROOT / "target" / "bench"
PAGE = ROOT / "docs" / "benchmarks" / "infra.md"
REGION = "eu-west-2"
SEED = 1
MIB = 1024


@dataclass
class Subject:
    """A process to measure, and what it took in each round."""

    name: str
    does: str
    command: list
    environment: dict = field(default_factory=dict)
    rounds: list = field(default_factory=list)

    def median(self, index):
        return statistics.median(took[index] for took in self.rounds)

    @property
    def cpu(self):
        return self.median(0)

    @property
    def wall(self):
        return self.median(1)

    @property
    def best(self):
        return min(took[1] for took in self.rounds)

    @property
    def memory(self):
        return self.median(2) / MIB


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="rounds after the one that warms up")
    parser.add_argument("--page", type=pathlib.Path, default=PAGE, help="the file that the table goes to")
    arguments = parser.parse_args()
    install()
    programs = build()
    check_templates(programs)
    subjects = all_subjects(programs)
    measure(subjects, programs["measure"], arguments.rounds)
    arguments.page.parent.mkdir(parents=True, exist_ok=True)
    arguments.page.write_text(page(subjects, arguments.rounds))
    print(f"wrote {arguments.page}")


def install():
    """Puts the peers into target/bench, unless what is there is what is wanted."""
    wanted = "".join((PEERS / name).read_text() for name in ["package.json", "requirements.txt"])
    mark = WORK / "installed"
    if not (mark.exists() and mark.read_text() == wanted):
        shutil.rmtree(WORK, ignore_errors=True)
        WORK.mkdir(parents=True)
        for tool in ["node", "npm"]:
            if not shutil.which(tool):
                sys.exit(f"{tool} is needed to measure CDK; install Node.js 20 or newer")
        shutil.copy(PEERS / "package.json", WORK)
        run(["npm", "install", "--no-package-lock", "--no-audit", "--no-fund"], cwd=WORK)
        venv.create(WORK / "venv", with_pip=True)
        run([python(), "-m", "pip", "install", "--quiet", "--requirement", str(PEERS / "requirements.txt")])
        mark.write_text(wanted)
    # Node looks for modules from where the script is.
    shutil.copy(PEERS / "app.js", WORK)


def build():
    """The programs of infra-bench, in release; by name."""
    command = ["cargo", "build", "--release", "--package", "infra-bench", "--message-format=json-render-diagnostics"]
    messages = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    made = [json.loads(line) for line in messages.splitlines()]
    return {made["target"]["name"]: made["executable"] for made in made if made.get("executable")}


def check_templates(programs):
    """Refuses to compare tools that do different things."""
    (WORK / "template.json").write_text(output([programs["infra-bench"]]))
    ours = resources((WORK / "template.json").read_text())
    run(["node", "app.js"], cwd=WORK, env={**os.environ, **cdk(validate=False)})
    peers = {
        "troposphere": output([python(), str(PEERS / "stack.py")]),
        "CDK": (WORK / "cdk.out" / "Bench.template.json").read_text(),
    }
    for name, text in peers.items():
        theirs = resources(text)
        differing = [id for id in ours.keys() | theirs.keys() if ours.get(id) != theirs.get(id)]
        if differing:
            sys.exit(f"the template of {name} differs from ours in {', '.join(sorted(differing))}")


def resources(text):
    return json.loads(text)["Resources"]


def all_subjects(programs):
    ours, node = programs["infra-bench"], shutil.which("node")
    cli = [node, str(WORK / "node_modules/aws-cdk/bin/cdk"), "synth", "--quiet", "--no-lookups", "--app", "node app.js"]
    app = [node, "app.js"]
    lint = [str(WORK / "venv/bin/cfn-lint"), "--regions", REGION, "--template", "template.json"]
    return [
        Subject("infra-bench", "synth", [ours]),
        Subject("infra-bench --check", "synth, schema, policy rules, price", [ours, "--check"]),
        Subject("troposphere", "synth", [python(), str(PEERS / "stack.py")]),
        Subject("CDK app, CDK_VALIDATION=false", "synth", app, cdk(validate=False)),
        Subject("CDK app", "synth, schema", app, cdk(validate=True)),
        Subject("cdk synth, CDK_VALIDATION=false", "synth", cli, cdk(validate=False)),
        Subject("cdk synth", "synth, schema", cli, cdk(validate=True)),
        Subject("cfn-lint", "schema, of a template that is there", lint),
    ]


def cdk(validate):
    quiet = {"CDK_DISABLE_VERSION_CHECK": "1", "CI": "1", "CDK_OUTDIR": str(WORK / "cdk.out")}
    return quiet if validate else {**quiet, "CDK_VALIDATION": "false"}


def measure(subjects, program, rounds):
    shuffled = random.Random(SEED)
    for number in range(rounds + 1):
        order = list(subjects)
        shuffled.shuffle(order)
        for subject in order:
            environment = {**os.environ, **subject.environment}
            said = output([program, *subject.command], cwd=WORK, env=environment).split()
            *took, code = map(float, said)
            if code != 0:
                sys.exit(f"{subject.name} ended with {code:.0f}; run {' '.join(subject.command)} in {WORK}")
            if number > 0:
                subject.rounds.append(took)
        print(f"round {number} of {rounds}" if number else "warmed up", file=sys.stderr)


def page(subjects, rounds):
    base = next(subject for subject in subjects if subject.name == "infra-bench --check")
    text = (WORK / "template.json").read_text()
    lines = [
        "# Synthesis, beside its peers",
        "",
        "<!-- Written by `make bench-infra`; do not edit. -->",
        "",
        f"One stack of {len(resources(text))} resources ({len(text):,} bytes of JSON), built by each tool:"
        " the resources are equal to the last property, which is checked before anything is measured.",
        "It has a Kinesis stream; Firehose with a Lambda processor and Parquet through a Glue schema; four functions and"
        " an event source mapping; three buckets; a Glue database, table and crawler; three DynamoDB tables; a REST API"
        " with Cognito; an Athena workgroup; ten alarms.",
        "",
        "| process | does | CPU ms | wall ms (best) | peak MiB | CPU, times ours | memory, times ours |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for subject in subjects:
        lines.append(
            f"| {subject.name} | {subject.does} | {thousandths(subject.cpu)}"
            f" | {thousandths(subject.wall)} ({thousandths(subject.best)}) | {subject.memory:.1f}"
            f" | {ratio(subject.cpu / base.cpu)} | {ratio(subject.memory / base.memory)} |"
        )
    lines += [
        "",
        "\"Ours\" in the ratios is `infra-bench --check`, which does the most: it builds the template, validates it, holds"
        " it against the policy rules, estimates what a month costs, and writes JSON.",
        "Each row is a whole process from its start to its end, the interpreter's included.",
        f"Medians of {rounds} rounds after one that warms up, in an order shuffled for each round (seed {SEED}); CPU is"
        " user and system time, peak is the largest resident set, of the process and those that it starts.",
        "CDK is given L1 constructs, the least work that it can have; the function code is not packaged by anybody.",
        "Wall times depend on what else the machine does; trust the CPU column and the ratios.",
        "",
        f"Measured on {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d} on {machine()}, load"
        f" {os.getloadavg()[0]:.1f}, with {versions()}.",
        "",
    ]
    return "\n".join(lines)


def thousandths(seconds):
    return f"{seconds * 1000:.1f}" if seconds < 0.1 else f"{seconds * 1000:,.0f}"


def ratio(value):
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def machine():
    model = "an unknown processor"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    return f"{os.cpu_count()} cores of {model}, {platform.system()} {platform.machine()}"


def versions():
    package = json.loads((PEERS / "package.json").read_text())["dependencies"]
    found = [f"{name} {version}" for name, version in package.items()]
    found += [line.replace("==", " ") for line in (PEERS / "requirements.txt").read_text().split()]
    found += ["Node " + output(["node", "--version"]).strip(), "Python " + platform.python_version()]
    found.append(output(["rustc", "--version"]).split(" (")[0])
    return ", ".join(found)


def python():
    return str(WORK / "venv/bin/python")


def output(command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout


def run(command, **options):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **options)


if __name__ == "__main__":
    main()
