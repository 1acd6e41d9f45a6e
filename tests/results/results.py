"""What the experiments share: where the traces and the program are, and one run of a verb.

An experiment is a module beside this one with

  TITLE                its heading in docs/results.md
  section(run)         its part of docs/results.md, as text, from full runs
  check(run)           the rows of a cheap check: (what, is it so, what came out)

where run(*arguments) is `dayu sim ARGUMENTS -o json`, parsed. Expected figures are in expected.json.
"""

import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXPECTED = json.loads((ROOT / "tests/results/expected.json").read_text())
# In the order of docs/results.md; each the name of its module and of its verb.
EXPERIMENTS = ["pack", "gavel", "carbon", "philly"]
RUN_LIMIT_S = 600


def traces():
    return pathlib.Path(os.environ.get("DAYU_TRACES", ROOT.parent / "shared/traces"))


def program():
    return pathlib.Path(os.environ.get("DAYU_BIN", ROOT / "build/release/bin")) / "dayu"


def run(*arguments):
    command = [program(), "sim", *map(str, arguments), "-o", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_LIMIT_S)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def deviation(values):
    """Of a sample."""
    values = list(values)
    middle = mean(values)
    return (sum((value - middle) ** 2 for value in values) / max(1, len(values) - 1)) ** 0.5


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])
