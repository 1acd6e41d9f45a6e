#!/usr/bin/env python3
"""How long the simulator's experiments take, and how many events a second `sim run` replays: one command, one JSON report.

bench.py [--only A,B,C,E,run,queues] [--jobs 1000000]

`run` is a made-up queue of a million jobs on 1,000 nodes, by the server's own policy, which backfills, and by EASY: once with work
for 99 of 100 CPUs, so that jobs wait at times, and once for nine tenths, so that nobody does. `queues` are real ones. Seconds are those of one core that the program takes, reading of files included; the
loop's alone stand beside them. Traces are found below DAYU_TRACES (../shared/traces): what is absent is left out. The
program is that of DAYU_BIN (build/release/bin).
"""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
DAYU = pathlib.Path(os.environ.get("DAYU_BIN") or ROOT / "build/release/bin") / "dayu"
TRACES = pathlib.Path(os.environ.get("DAYU_TRACES") or ROOT / "../shared/traces")
CARBON = "carbon/carbon_intensity_2022_hourly_123zones.csv"
WORLDS = ROOT / "examples/worlds"
NODES, CPUS_PER_NODE = 1000, 64
WORLD = """
centers:
  - name: bench
    region: cn/test/bench
    pools:
      - {name: cpu, nodes: %d, cpus_per_node: %d, memory_gib_per_node: 512, price_per_cpu_hour: "0.10", watts_per_cpu: 8}
jobs: {time_unit: 1h}
"""


def sim(*words):
    """(the report, CPU seconds, MiB at most) of one run."""
    command = [str(word) for word in (DAYU, "sim", *words, "-o", "json")]
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(command, stdout=out)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            sys.exit(f"{' '.join(command)}: exit {child.returncode}")
        out.seek(0)
        return json.load(out), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def within(measured, goal):
    return {"goal": goal, "met": measured <= goal}


def timed(what, goal_s, *words, **more):
    report, cpu_s, mib = sim(*words)
    row = {"what": what, "cpu_s": round(cpu_s, 3), "wall_s": round(report["wall_s"], 3), "peak_mib": round(mib)} | more
    return row if goal_s is None else row | within(cpu_s, goal_s)


def experiment_a():
    nodes, pods = (TRACES / f"openb/{name}.csv" for name in ("openb_node_list_gpu_node", "openb_pod_list_default"))
    words = ("pack", "--nodes", nodes, "--pods", pods, "--seed", 42, "--load", 1.3)
    return [timed("A, ours", 1, *words), timed("A, fgd", 1, *words, "--policy", "fgd")]


def experiment_b():
    words = ("gavel", "--throughputs", TRACES / "gavel/simulation_throughputs.json", "--rate", 4.0, "--seed", 0, "--last", 5000)
    elsewhere = {"elsewhere": "Gavel's own simulator: 50 to 80 ms a job, as published beside the traces"}
    return [timed("B, ours", 2, *words, **elsewhere), timed("B, gavel", 2, *words, "--policy", "gavel", **elsewhere)]


def experiment_c():
    words = ("carbon", "--trace", TRACES / "gaia/pai_1k.csv", "--series", TRACES / CARBON,
             "--zone", "AU-SA", "--from-hour", 7000)
    return [timed("C, ours", None, *words), timed("C, ours with pauses", None, *words, "--pause")]


def experiment_e():
    words = ("philly", "--trace", TRACES / "philly/philly.csv", "--gpus", 512)
    return [timed("E, ours", 3, *words), timed("E, fifo", 3, *words, "--policy", "fifo")]


def replayed(what, world, trace, form, *words):
    report, cpu_s, mib = sim("run", "--world", world, "--trace", trace, "--format", form, *words)
    return {"what": what, "events": report["events"], "cpu_s": round(cpu_s, 2), "loop_s": round(report["loop_s"], 2),
            "events_a_second": round(report["events"] / cpu_s), "peak_mib": round(mib),
            "mean_wait_h": round(report["wait_mean_s"] / 3600, 2), "utilisation": round(report["utilisation"], 3)}


def write_queue(path, jobs, busy):
    """Standard Workload Format: widths in powers of two, run times over four decades, requests as people round them."""
    chance = random.Random(1)
    steps = (600, 1800, 3600, 7200, 14400, 43200, 86400, 172800, 604800)
    rows = []
    for _ in range(jobs):
        run_s = max(1, min(int(chance.lognormvariate(6.5, 1.8)), 86400))
        asked_s = next(step for step in steps if step >= min(run_s * chance.choice((1, 2, 5)), steps[-1]))
        rows.append((run_s, asked_s, 2 ** chance.choice((0, 0, 0, 1, 2, 3, 4, 5, 6, 7)), chance.randrange(500)))
    gap_s = sum(run_s * cpus for run_s, _, cpus, _ in rows) / (busy * NODES * CPUS_PER_NODE) / jobs
    at = 0.0
    with open(path, "w", encoding="ascii") as file:
        for number, (run_s, asked_s, cpus, user) in enumerate(rows):
            at += chance.expovariate(1 / gap_s)
            file.write(f"{number} {int(at)} -1 {run_s} {cpus} -1 -1 {cpus} {asked_s} -1 1 {user} {user % 20} -1 -1 -1 -1 -1\n")


def made_up(jobs):
    with tempfile.TemporaryDirectory() as folder:
        world, trace = pathlib.Path(folder) / "world.yaml", pathlib.Path(folder) / "queue.swf"
        world.write_text(WORLD % (NODES, CPUS_PER_NODE))
        rows = []
        for busy, policies in ((0.99, ("least-cost", "easy")), (0.9, ("least-cost",))):
            write_queue(trace, jobs, busy)
            rows += [replayed(f"run, {jobs} jobs on {NODES} nodes, {busy} busy, {policy}", world, trace, "swf",
                              "--policy", policy) for policy in policies]
    return [row | {"goal": 1_000_000, "met": row["events_a_second"] >= 1_000_000,
                   "goal_peak_mib": 2048, "met_peak_mib": row["peak_mib"] <= 2048} for row in rows]


def real_queues():
    rows = [replayed(trace, WORLDS / world, TRACES / trace, form)
            for trace, world, form in (("swf/wagap-2013.swf", "cpu-cluster.yaml", "swf"),
                                       ("philly/philly.csv", "gpu-cluster.yaml", "philly")) if (TRACES / trace).exists()]
    roomy = "gaia/pai-100k.csv"
    if (TRACES / roomy).exists():
        with tempfile.TemporaryDirectory() as folder:
            world = pathlib.Path(folder) / "world.yaml"
            world.write_text(WORLD % (10, CPUS_PER_NODE))
            rows.append(replayed(roomy, world, TRACES / roomy, "pai"))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="A,B,C,E,run,queues")
    parser.add_argument("--jobs", type=int, default=1_000_000)
    options = parser.parse_args()
    parts = {"A": experiment_a, "B": experiment_b, "C": experiment_c, "E": experiment_e,
             "run": lambda: made_up(options.jobs), "queues": real_queues}
    rows = []
    for name in options.only.split(","):
        if name not in parts:
            parser.error(f"--only {name}; there are {', '.join(parts)}")
        if name in "ABCE" and not TRACES.exists():
            print(f"{name} is left out: no traces at {TRACES}", file=sys.stderr)
            continue
        rows += parts[name]()
    print(json.dumps({"load": os.getloadavg()[0], "rows": rows}, indent=2))


if __name__ == "__main__":
    main()
