"""Experiment A: pods that ask for GPUs and parts of them arrive at Alibaba's GPU cluster of 2023, and are packed or lost."""

import concurrent.futures
import functools
import os

import results

TITLE = "A. Packing requests for GPUs and parts of them"
EXPECTED = results.EXPECTED["pack"]
PUBLISHED = EXPECTED["published"]
SEEDS = range(42, 52)
BASELINES = ["fgd", "best-fit", "gpu-packing"]
# Lists whose popularity is told in place of the right one, and on which.
WRONG = [("default", "gpushare100"), ("gpushare100", "default"), ("cpu250", "multigpu50"), ("multigpu50", "cpu250")]
WITH_LIFETIMES = ["default", "cpu250", "gpushare60", "gpushare100", "gpuspec33"]
FEW_SEEDS = range(42, 45)


def pods(name):
    return results.traces() / f"openb/openb_pod_list_{name}.csv"


def run_pack(run, name, seed, policy=None, *more):
    nodes = results.traces() / "openb/openb_node_list_gpu_node.csv"
    chosen = ["--policy", policy] if policy else []
    return run("pack", "--nodes", nodes, "--pods", pods(name), "--seed", seed, "--load", 1.3, *chosen, *more)


@functools.cache
def runs(run, name, policy, seeds, *more):
    """One report a seed."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda seed: run_pack(run, name, seed, policy, *more), seeds))


def at(reports, load):
    return results.mean(report["allocation_pct"][load] for report in reports)


def points(value):
    return f"{value:.2f}"


def bound_of(run, name):
    reports = runs(run, name, None, FEW_SEEDS, "--bound")
    return points(results.mean(report["lp_bound_pct"] for report in reports))


def main_table(run):
    rows, gains, shortfalls = [], [], []
    for name, published in PUBLISHED.items():
        fgd = runs(run, name, "fgd", SEEDS)
        ours = runs(run, name, None, SEEDS)
        gain = at(ours, 100) - at(fgd, 100)
        gains.append(gain)
        goal = EXPECTED["goals"].get(name)
        if goal and at(ours, 100) < goal:
            shortfalls.append(f"{name}: {points(at(ours, 100))} of {goal}")
        for load in (95, 100):
            if at(ours, load) < at(fgd, load):
                shortfalls.append(f"{name} at {load} %: below FGD by {points(at(fgd, load) - at(ours, load))}")
        spread = results.deviation(report["allocation_pct"][100] for report in ours)
        rows.append([name, published["fgd"], points(at(fgd, 100)), points(at(ours, 100)), f"{gain:+.2f}",
                     points(spread), points(at(fgd, 95)), points(at(ours, 95)), goal or "",
                     bound_of(run, name), points(min(report["wall_s"] for report in ours))])
    head = ["list", "FGD, published", "FGD", "ours", "gain", "spread", "FGD at 95 %", "ours at 95 %", "goal", "bound",
            "wall, s, least"]
    text = results.table(head, rows)
    text += f"\n\nMean gain {results.mean(gains):+.2f}, the goal is +1.5. "
    return text + ("Short of a goal: " + "; ".join(shortfalls) + "." if shortfalls else "No goal is missed.")


def baseline_table(run):
    rows = []
    for policy in BASELINES:
        off = {name: at(runs(run, name, policy, SEEDS), 100) - PUBLISHED[name][policy] for name in PUBLISHED}
        worst = max(off, key=lambda name: abs(off[name]))
        within = sum(abs(value) <= 0.15 for value in off.values())
        rows.append([policy, f"{within} of {len(off)}", f"{off[worst]:+.2f} ({worst})"])
    return results.table(["policy", "lists within 0.15 points of the published mean", "furthest off"], rows)


def compared(run, label, name, *more):
    fgd, ours = (runs(run, name, policy, FEW_SEEDS, *more) for policy in ("fgd", None))
    return [name, label, points(at(fgd, 100)), points(at(ours, 100)), f"{at(ours, 100) - at(fgd, 100):+.2f}"]


def less_knowledge_table(run):
    rows = [compared(run, "learned", name, "--popularity", "learned") for name in PUBLISHED]
    rows += [compared(run, f"of {other}", name, "--popularity", pods(other)) for name, other in WRONG]
    rows += [compared(run, "right, with departures", name, "--departures") for name in WITH_LIFETIMES]
    return results.table(["list", "popularity", "FGD", "ours", "gain"], rows)


def section(run):
    return f"""1,213 nodes with 6,212 GPUs. The pods of a list are shuffled and drawn again until they ask for 130 % of the GPUs; none leaves,
none is tried again. What counts is the allocation, in percent of all GPUs, when 100 % (95 %) have been asked for: the mean of
{len(SEEDS)} seeds, {SEEDS[0]} to {SEEDS[-1]}. The order of arrivals comes from a generator of our own, so that means compare with the
published ones and single seeds do not. Ours is `prospect`. The bound is a linear programme that
knows all arrivals beforehand, and takes nodes of one kind for one large node: the mean of {len(FEW_SEEDS)} seeds. Wall time is the
least of the seeds.

`prospect` plays what may still come by one draw of requests, always the same. It is the one of eight that packed best on three lists in other
orders; with others a list comes out up to 0.7 points lower, cpu250 the most.

{main_table(run)}

The baselines, beside what was published:

{baseline_table(run)}

Ours and FGD when they know less, means of {len(FEW_SEEDS)} seeds at 100 %: popularity learned from what has arrived, popularity of another
list, and pods that leave after their lifetime in the list (then 100 % is what those present ask for).

{less_knowledge_table(run)}
"""


def check(run):
    for policy in BASELINES:
        came_out = at(runs(run, "default", policy, FEW_SEEDS), 100)
        # Means of three seeds: wider than the 0.15 of ten.
        yield f"{policy} on default", abs(came_out - PUBLISHED["default"][policy]) <= 0.8, points(came_out)
    for name in ("default", "gpuspec33"):
        fgd, ours = (runs(run, name, policy, FEW_SEEDS) for policy in ("fgd", None))
        for load in (95, 100):
            gain = at(ours, load) - at(fgd, load)
            yield f"ours over fgd on {name} at {load} %", gain >= 0, f"{gain:+.2f}"
