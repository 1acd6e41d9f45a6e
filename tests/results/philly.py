"""Experiment E: three months of Microsoft's Philly cluster on one pool of GPUs."""

import results

TITLE = "E. A queue on one pool"
EXPECTED = results.EXPECTED["philly"]
WITH_COSTS = ["--nodes-of", 8, "--preempt-cost-s", 60]
POLICIES = ["fifo", "sjf", "srtf", "oracle", "attained", None]


def run_philly(run, gpus, policy, *more):
    chosen = ["--policy", policy] if policy else []
    return run("philly", "--trace", results.traces() / "philly/philly.csv", "--gpus", gpus, *chosen, *more)


def rows_of(run, gpus, label, *more):
    for policy in POLICIES:
        report = run_philly(run, gpus, policy, *more)
        known = EXPECTED["known"].get(policy, {}).get(str(gpus), "") if not more else ""
        yield [gpus, label, policy or "ours", known, f"{report['jct_mean_s']:.0f}", f"{report['wait_p999_s'] / 86400:.2f}",
               report["preemptions"], report["moves"], f"{report['wall_s']:.2f}"]


BOUNDS_DAYS = [14, 21, 30, 45, 60, 90]


def bounded_rows(run):
    for days in BOUNDS_DAYS:
        report = run_philly(run, 512, None, "--longest-wait-s", days * 86400)
        yield [days, f"{report['jct_mean_s']:.0f}", f"{report['wait_p999_s'] / 86400:.2f}", report["preemptions"]]


def section(run):
    rows = [row for gpus in (512, 768) for row in rows_of(run, gpus, "free")]
    rows += [row for gpus in (512, 768) for row in rows_of(run, gpus, "60 s, nodes of 8", *WITH_COSTS)]
    head = ["GPUs", "a stop or move", "policy", "known, s", "mean JCT, s", "p99.9 wait, days", "stops", "moves", "wall, s"]
    goals = EXPECTED["goals"]
    return f"""82,247 jobs on one pool. `sjf`, `srtf` and `oracle` know how long each job takes; `attained` (least attained service) and ours, `siblings`, do not.
Without any waiting the mean would be 13,136 s. The goals are {goals["512"]:,} s on 512 GPUs, {goals["768"]:,} s on 768, {goals["costs"]:,} s on 512 where each stop or move costs 60 s of
work and jobs take nodes of 8, and a p99.9 wait of at most 3 days.

{results.table(head, rows)}

On 512 GPUs the p99.9 wait is far above 3 days: FIFO's own is 10 days and the oracle's 5, for demand stays above the pool for weeks.

Who has waited for `--longest-wait-s` goes before all who have not, in order of arrival: the bound on starvation. What it costs, on 512 GPUs where a stop is free:

{results.table(["longest wait, days", "mean JCT, s", "p99.9 wait, days", "stops"], list(bounded_rows(run)))}

The default is 60 days. Less makes those who came later wait in their turn, until all wait as long as in a queue where the first to come is the first served.
"""


def check(run):
    for policy, known in EXPECTED["known"].items():
        for gpus, jct_s in known.items():
            came_out = run_philly(run, gpus, policy)["jct_mean_s"]
            yield f"{policy} on {gpus}", round(came_out) == jct_s, f"{came_out:.1f} s"
    came_out = run_philly(run, 512, None)["jct_mean_s"]
    yield "ours on 512", came_out <= EXPECTED["goals"]["512"], f"{came_out:.1f} s"
    ours = run_philly(run, 768, None)
    holds = ours["jct_mean_s"] <= EXPECTED["goals"]["768"] and ours["wait_p999_s"] <= 3 * 86400
    yield "ours on 768", holds, f"{ours['jct_mean_s']:.1f} s"
