"""A real `dayu server` at the size of a country (country.h): what a submit, `explain` and `offers` take over HTTP while
rounds go on. The centres' agents pretend (pretended_agents.py): nothing runs, but all is synced, placed,
recorded and reported as ever.
"""
import http.client
import json
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

import bench
import mixed_jobs

MOST_JOB_FILES = 100_000  # further jobs are those again
FULL_AFTER_S = 10         # without a placement
FULL_LIMIT_S = 600
# One hundredth of what runs ends, and is placed anew, in each:
TURNOVER_S = 10
QUESTIONS = 500
FOLDER = pathlib.Path(__file__).resolve().parent


class Agents:
    def __init__(self, server, centers_file):
        script = FOLDER / "pretended_agents.py"
        self.process = subprocess.Popen(
            [sys.executable, script, server.host, server.port, server.data / "agent-token", centers_file,
             "1", str(TURNOVER_S)], stdin=subprocess.PIPE)

    def begin_turnover(self):
        self.process.stdin.write(b"turn over\n")
        self.process.stdin.flush()

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


class Asker:
    """One connection that is kept, and how long its answers took."""

    def __init__(self, server):
        self.server = server
        self.connection = http.client.HTTPConnection(server.host, int(server.port))
        self.took_ms = []

    def ask(self, method, path, body=None):
        began = time.monotonic()
        self.connection.request(method, path, body, {"Authorization": f"Bearer {self.server.token}",
                                                     "Content-Type": "application/json"})
        response = self.connection.getresponse()
        text = response.read()
        self.took_ms.append((time.monotonic() - began) * 1e3)
        if response.status >= 300:
            sys.exit(f"{method} {path}: {response.status} {text[:300]}")
        return text

    def report(self):
        took = sorted(self.took_ms)
        return {"samples": len(took), "p50_ms": round(took[len(took) // 2], 2),
                "p99_ms": round(took[int(len(took) * 0.99)], 2), "max_ms": round(took[-1], 2)}


def metrics(server):
    text = Asker(server).ask("GET", "/metrics").decode()
    return {name: float(value) for name, value in re.findall(r"^(dayu_\S+) (\S+)$", text, re.MULTILINE)}


def placed_so_far(server):
    return int(metrics(server).get('dayu_journal_entries_total{type="job_placed"}', 0))


def wait_until_full(server):
    """Seconds from now to the last placement, and how many there were."""
    began = last = time.monotonic()
    placed = placed_so_far(server)
    while time.monotonic() - last < FULL_AFTER_S or placed == 0:
        if time.monotonic() - began > FULL_LIMIT_S:
            break
        time.sleep(0.5)
        now = placed_so_far(server)
        if now != placed:
            placed, last = now, time.monotonic()
    return last - began, placed


def rounds_between(before, after):
    """Of the server's own histogram: how many rounds there were, and below which bound 99 of 100 remained."""
    def count(bound):
        name = f'dayu_round_duration_seconds_bucket{{le="{bound}"}}'
        return after.get(name, 0) - before.get(name, 0)
    bounds = sorted((float(found[1]) for found in (re.match(r'dayu_round_duration_seconds_bucket\{le="([\d.e+-]+)"', name)
                                                   for name in after) if found))
    names = {float(found[1]): found[1] for found in (
        re.match(r'dayu_round_duration_seconds_bucket\{le="([\d.e+-]+)"', name) for name in after) if found}
    rounds = count("+Inf")
    seconds = after["dayu_round_duration_seconds_sum"] - before.get("dayu_round_duration_seconds_sum", 0)
    below = next((bound * 1e3 for bound in bounds if count(names[bound]) >= 0.99 * rounds), None)
    return {"rounds": int(rounds), "mean_ms": round(seconds / max(1, rounds) * 1e3, 3), "p99_below_ms": below}


def under_load(server, measure):
    """What `measure` reports, with the rounds that went on meanwhile."""
    before = metrics(server)
    cpu_s, began = server.cpu_s(), time.monotonic()
    report = measure()
    took_s = time.monotonic() - began
    return report | {"rounds": rounds_between(before, metrics(server)),
                     "server_cores": round((server.cpu_s() - cpu_s) / took_s, 2)}


def ask_explain(server, jobs):
    asker, draw = Asker(server), random.Random(1)
    for _ in range(QUESTIONS):
        asker.ask("GET", f"/v1/jobs/{draw.randint(1, jobs)}/explain")
    return asker.report()


def ask_offers(server, files):
    asker, draw = Asker(server), random.Random(2)
    for _ in range(QUESTIONS):
        asker.ask("POST", "/v1/offers", draw.choice(files))
    return asker.report()


def describe_queues(server, queues_file):
    asker = Asker(server)
    for line in open(queues_file):
        queue = json.loads(line)
        path = urllib.parse.quote(queue.pop("path"), safe="")
        asker.ask("PUT", f"/v1/queues/{path}", json.dumps(queue))


def measure_server(bins, disk, size):
    work = pathlib.Path(tempfile.mkdtemp(dir=disk, prefix="dayu-bench-world-"))
    jobs = size["jobs"]
    subprocess.run([bins / "country_files", work, *(str(size[name]) for name in (
        "centers", "nodes", "shapes", "projects")), str(min(jobs, MOST_JOB_FILES)), "1"], check=True)
    (work / "data").mkdir()
    server = bench.Server(bins, work / "data")
    agents = None
    try:
        server.start()
        files = ["--files", work / "jobs.jsonl"]
        describe_queues(server, work / "queues.jsonl")
        filled = server.load("--jobs", jobs, "--batch", 1000, "--connections", 4, *files)
        report = {"filled_per_s": filled["submits_per_s"], "resident_mib_filled": server.rss_kib() >> 10}
        agents = Agents(server, work / "centers.jsonl")
        until_full_s, placed = wait_until_full(server)
        report["placed"] = placed
        report["placed_durably_per_s"] = round(placed / until_full_s, 1)
        server.load("--jobs", placed, "--batch", 1000, "--connections", 4, *files)
        agents.begin_turnover()
        time.sleep(TURNOVER_S)
        singles = {"at_1000_a_second": ["--rate", 1000, "--jobs", 30_000],
                   "as_fast_as_answered": ["--jobs", 100_000]}
        for name, options in singles.items():
            report["submit_" + name] = under_load(
                server, lambda: server.load("--connections", 32, *options, *files))
        report["explain"] = under_load(server, lambda: ask_explain(server, jobs))
        job_files = (work / "jobs.jsonl").read_text().splitlines()
        report["offers"] = under_load(server, lambda: ask_offers(server, job_files))
        report["resident_mib"] = server.rss_kib() >> 10
        return report
    finally:
        if agents:
            agents.stop()
        server.stop()
        shutil.rmtree(work, ignore_errors=True)


# The jobs of mixed_jobs.py, given to a server.

def beside_center():
    half = mixed_jobs.NODES // len(mixed_jobs.CHIPS)
    pools = [{"name": chip.lower(), "chip": chip, "nodes": half, "chips_per_node": mixed_jobs.CHIPS_PER_NODE,
              "cpus_per_node": mixed_jobs.CPUS_PER_NODE, "memory_mib_per_node": mixed_jobs.MEMORY_MIB_PER_NODE,
              "price_per_chip_hour": "10", "price_per_cpu_hour": "1", "watts_per_cpu": 5}
             for chip in mixed_jobs.CHIPS]
    return {"name": "beside", "tier": "city", "region": "cn/beside", "security_level": 3,
            "engine": {"kind": "process"}, "pools": pools}


def job_file(job):
    resources = {"cpus": job.cpus, "memory": f"{job.memory_mib}MiB"}
    if job.chip:
        resources["accelerators"] = f"{job.chip}:{job.chips}"
    return {"name": str(job.number), "run": "true", "nodes": job.nodes, "resources": resources,
            "time_limit": f"{job.minutes}m"}


def jobs_with_attempts(server):
    """Ids of jobs, which count from 1 in the order of their submits."""
    asker, ids, before = Asker(server), set(), ""
    while True:
        page = json.loads(asker.ask("GET", f"/v1/attempts?limit=1000{before}"))
        ids |= {attempt["job"] for attempt in page["attempts"]}
        if page["next"] is None:
            return ids
        before = f"&before={page['next']}"


def measure_beside(bins, disk, jobs):
    work = pathlib.Path(tempfile.mkdtemp(dir=disk, prefix="dayu-bench-beside-"))
    (work / "data").mkdir()
    (work / "centers.jsonl").write_text(json.dumps(beside_center()) + "\n")
    server = bench.Server(bins, work / "data")
    agents = None
    try:
        server.start()
        asker = Asker(server)
        for job in jobs:
            asker.ask("POST", "/v1/jobs", json.dumps(job_file(job)))
        cpu_s = server.cpu_s()
        agents = Agents(server, work / "centers.jsonl")
        seconds, placed = wait_until_full(server)
        report = {"seconds_until_the_last_start": round(seconds, 2), "entries_job_placed": placed,
                  "server_cpu_s": round(server.cpu_s() - cpu_s, 2)}
        return report | mixed_jobs.outcome(jobs, {jobs[one - 1].number for one in jobs_with_attempts(server)})
    finally:
        if agents:
            agents.stop()
        server.stop()
        shutil.rmtree(work, ignore_errors=True)
