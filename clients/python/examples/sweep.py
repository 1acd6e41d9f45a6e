#!/usr/bin/env python3
"""Submits one job for each learning rate, follows them while they run, and prints what came of each.

    python3 clients/python/examples/sweep.py [--data DIR] [RATE...]

Each job ends by printing one line `loss NUMBER`; the table is sorted by it.
"""

from __future__ import annotations

import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import dayu

RUN = """
awk -v rate="$RATE" 'BEGIN {
    weight = 0
    for (step = 0; step < 200; step++) weight -= rate * 2 * (weight - 3)
    loss = (weight - 3) ^ 2
    printf "rate %s\\nloss %.6f\\n", rate, loss
}'
"""


def job_file(rate: str) -> dayu.JobFile:
    return {
        "name": f"sweep-{rate}",
        "resources": {"cpus": 1, "memory": 1},
        "time_limit": "5m",
        "env": {"RATE": rate},
        "run": RUN,
    }


def loss_of(client: dayu.Client, job: int) -> float:
    """What the job printed last; infinite when it printed none."""
    for line in reversed(list(client.log_lines(job))):
        if line.startswith("loss "):
            return float(line.removeprefix("loss "))
    return float("inf")


def main() -> int:
    parser = argparse.ArgumentParser(description="A sweep over learning rates.")
    parser.add_argument("--data", help="data folder of a local server")
    parser.add_argument("rates", nargs="*", default=["0.001", "0.01", "0.1", "0.9"])
    options = parser.parse_args()
    try:
        with dayu.Client(data=options.data) as client:
            return sweep(client, options.rates)
    except dayu.Error as error:
        print(f"sweep: {error}", file=sys.stderr)
        return error.exit_code


def sweep(client: dayu.Client, rates: list[str]) -> int:
    submitted: dict[int, str] = {}
    for rate, result in zip(rates, client.submit_many(job_file(rate) for rate in rates)):
        if isinstance(result, dayu.Error):
            raise result
        submitted[result["id"]] = rate
    waiting = len(submitted)
    ended: list[dayu.Job] = []
    for job, rate in submitted.items():
        ended.append(client.wait(job))
        waiting -= 1
        print(f"rate {rate} has ended, {waiting} to go", file=sys.stderr)

    rows = []
    for seen in ended:
        job = seen["id"]
        rows.append((loss_of(client, job), submitted[job], job, seen["state"], seen["center"], seen["cost"]))
    print(f"{'RATE':>8} {'LOSS':>10} {'JOB':>5}  {'STATE':<10} {'CENTER':<12} {'COST':>10}")
    for loss, rate, job, state, center, cost in sorted(rows):
        print(f"{rate:>8} {loss:>10.6f} {job:>5}  {state:<10} {center:<12} {cost:>10}")
    return 0 if all(row[3] == "COMPLETED" for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
