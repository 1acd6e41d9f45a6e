#!/usr/bin/env python3
"""Measures a built dayu on this machine and prints one JSON report.

    tests/bench/bench.py [--bin build/release/bin] [--runs 3] [--only submits,start,restart]

submits: durable submits a second against a real server, and SQLite alone with the same bytes in the
         same transactions, one after the other, the median of the runs; processor time a job beside it,
         which a busy neighbour changes least;
start:   from sending a submit to the first instruction of its process, on an idle local centre;
restart: ready after a restart with a million live jobs, from a snapshot and without, and their memory.
"""
import argparse
import http.client
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

START_LIMIT_S = 180
CENTER = """server: {server}
token_file: {data}/agent-token
agent: bench-agent
work_root: {work}/centers
centers:
  - name: bench
    tier: city
    region: cn/bench
    security_level: 3
    engine: process
    pools:
      - {{name: cpu, nodes: 1, cpus_per_node: {cpus}, memory_gib_per_node: 8, price_per_cpu_hour: "0.30"}}
"""


class Server:
    """`dayu server` on a data folder of its own."""

    def __init__(self, bins, data):
        self.bins, self.data = bins, data
        self.process = None

    def start(self):
        """Returns the seconds until it is ready, and answers."""
        address = self.data / "address"
        address.unlink(missing_ok=True)
        started = time.monotonic()
        self.process = subprocess.Popen(
            [self.bins / "dayu", "server", "--data", self.data, "--listen", "127.0.0.1:0"],
            stderr=subprocess.DEVNULL)
        while not address.exists() or not address.read_text().endswith("\n"):
            if time.monotonic() - started > START_LIMIT_S or self.process.poll() is not None:
                sys.exit("the server did not start")
            time.sleep(0.005)
        self.url = address.read_text().strip()
        self.host, self.port = self.url.removeprefix("http://").split(":")
        self.token = (self.data / "token").read_text().strip()
        self.call("GET", "/v1/centers")
        return time.monotonic() - started

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection(self.host, int(self.port))
        connection.request(method, path, body, {"Authorization": f"Bearer {self.token}"})
        return json.loads(connection.getresponse().read())

    def load(self, *options):
        """The load generator's report, and the processor time that the server took for it."""
        before_s = self.cpu_s()
        made = run_json(self.bins / "submit_load", self.host, self.port, self.token, *options)
        made["server_cpu_us_a_job"] = round((self.cpu_s() - before_s) * 1e6 / made["jobs"], 1)
        return made

    def cpu_s(self):
        stat = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().split()
        return (int(stat[13]) + int(stat[14])) / os.sysconf("SC_CLK_TCK")

    def rss_kib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])


class Agent:
    def __init__(self, server, work, cpus):
        work.chmod(0o755)
        config = work / "agent.yaml"
        config.write_text(CENTER.format(server=server.url, data=server.data, work=work, cpus=cpus))
        with open(work / "agent.log", "w") as log:
            self.process = subprocess.Popen([server.bins / "dayu", "agent", "--config", config],
                                            stderr=log)
        wait_until(lambda: any(c["contact"] == "ok" for c in centers(server)), "the centre")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def centers(server):
    answer = server.call("GET", "/v1/centers")
    return answer["centers"] if isinstance(answer, dict) else answer


def wait_until(is_so, what, limit_s=30):
    deadline = time.monotonic() + limit_s
    while not is_so():
        if time.monotonic() > deadline:
            sys.exit(f"waited in vain for {what}")
        time.sleep(0.002)


def run_json(*words):
    done = subprocess.run([str(w) for w in words], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def median_of(runs):
    """The run in the middle by its rate."""
    return sorted(runs, key=lambda run: run["submits_per_s"])[len(runs) // 2]


def measure_submits(bins, work, runs):
    report = {}
    loads = {"single": ["--jobs", 60_000],
             "single_with_keys": ["--jobs", 60_000, "--keys"],
             "batch_of_1000": ["--jobs", 300_000, "--batch", 1000, "--connections", 4]}
    for name, options in loads.items():
        made = []
        for _ in range(runs):
            data = pathlib.Path(tempfile.mkdtemp(dir=work))
            server = Server(bins, data)
            server.start()
            one = server.load(*options)
            server.stop()
            alone = run_json(bins / "sqlite_alone", data / "journal.db", data / "alone.db")
            shutil.rmtree(data)
            one["sqlite_alone_per_s"] = alone["submits_per_s"]
            one["sqlite_alone_cpu_us_a_job"] = alone["cpu_us_a_job"]
            one["mean_group"] = alone["mean_group"]
            one["of_sqlite_alone"] = round(one["submits_per_s"] / alone["submits_per_s"], 3)
            one["load_average"] = os.getloadavg()[0]
            made.append(one)
            print(name, one, file=sys.stderr)
        report[name] = median_of(made) | {
            "all_runs_per_s": [one["submits_per_s"] for one in made],
            "all_ratios": [one["of_sqlite_alone"] for one in made]}
    return report


def measure_start(bins, work, samples=200):
    data = pathlib.Path(tempfile.mkdtemp(dir=work))
    stamps = pathlib.Path(tempfile.mkdtemp(dir=work))
    stamps.chmod(0o777)  # jobs run as another user where we are root
    server = Server(bins, data)
    server.start()
    agent = Agent(server, work, cpus=2)
    took_ms = []
    for n in range(samples + 5):
        stamp = stamps / str(n)
        # The shell's own clock: `date` would be a second process, and its start is not ours.
        job = {"name": f"stamp-{n}", "run": f"echo $EPOCHREALTIME >{stamp}.new; mv {stamp}.new {stamp}"}
        body = json.dumps(job)
        sent = time.time_ns()
        job_id = server.call("POST", "/v1/jobs", body)["id"]
        wait_until(stamp.exists, f"job {job_id}")
        took_ms.append(float(stamp.read_text()) * 1e3 - sent / 1e6)
        wait_until(lambda: server.call("GET", f"/v1/jobs/{job_id}")["state"] == "COMPLETED",
                   f"the end of job {job_id}")
        time.sleep(0.02)
    agent.stop()
    server.stop()
    took_ms = sorted(took_ms[5:])  # the first ones warm up
    return {"samples": samples, "p50_ms": round(statistics.median(took_ms), 2),
            "p99_ms": round(took_ms[int(samples * 0.99) - 1], 2), "max_ms": round(took_ms[-1], 2)}


def measure_restart(bins, work, jobs=1_000_000):
    data = pathlib.Path(tempfile.mkdtemp(dir=work))
    server = Server(bins, data)
    server.start()
    empty_kib = server.rss_kib()
    filled = server.load("--jobs", jobs, "--batch", 1000, "--connections", 4)
    filled_kib = server.rss_kib()  # often with a snapshot under way, which folds a State of its own
    time.sleep(5)
    server.stop()
    with_snapshot_s = server.start()
    restarted_kib = server.rss_kib()
    newest = max((int(f.stem) for f in (data / "snapshots").glob("*.snapshot")), default=0)
    server.stop()
    shutil.rmtree(data / "snapshots")
    without_s = server.start()
    replayed_kib = server.rss_kib()
    server.stop()
    disk = sum(f.stat().st_size for f in data.glob("journal.db*"))

    def each(kib):
        return round((kib - empty_kib) * 1024 / jobs)
    return {"jobs": jobs, "filled_per_s": filled["submits_per_s"],
            "ready_s": round(with_snapshot_s, 2), "entries_after_the_snapshot": jobs - newest,
            "ready_without_snapshot_s": round(without_s, 2),
            "bytes_a_live_job": each(restarted_kib),
            "bytes_a_live_job_replayed": each(replayed_kib),
            "bytes_a_live_job_after_the_fill": each(filled_kib),
            "journal_bytes_a_job": round(disk / jobs)}


def machine(work):
    cpu = [line.split(":")[1].strip() for line in open("/proc/cpuinfo") if "model name" in line]
    found = subprocess.run(["stat", "-f", "-c", "%T", work], stdout=subprocess.PIPE, text=True)
    return {"cpu": cpu[0] if cpu else "unknown", "cores": os.cpu_count(),
            "load_average_at_start": os.getloadavg()[0], "file_system": found.stdout.strip(),
            "kernel": os.uname().release, "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path("build/release/bin"))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="submits,start,restart")
    parser.add_argument("--disk", default="/var/tmp", help="a folder on the disk to measure")
    options = parser.parse_args()
    wanted = options.only.split(",")
    bins = options.bin.resolve()
    work = pathlib.Path(tempfile.mkdtemp(dir=options.disk, prefix="dayu-bench-"))
    report = {"machine": machine(work)}
    try:
        if "submits" in wanted:
            report["submits"] = measure_submits(bins, work, options.runs)
        if "start" in wanted:
            report["start"] = measure_start(bins, work)
        if "restart" in wanted:
            report["restart"] = measure_restart(bins, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
