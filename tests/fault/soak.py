#!/usr/bin/env python3
"""A server and two agents under a steady low load for a long time: jobs that complete, fail, are tried again, held,
released, requeued and cancelled, arrays, readers of the log and a watcher of events; server and agents are stopped,
killed with -9 and started again all the while. Memory, descriptors, threads and disk are sampled. In the last part
nothing is restarted, so that what grows there grows by itself. It begins with a flood of tasks that are cancelled at
once: what the server keeps of the newest entries and of its database's pages (docs/operate/memory.md) is full then,
and what grows from there on is something else.

It fails when a job is lost or runs twice, when a watcher misses an entry, or when something grows past the bounds below.

  DAYU_SOAK_MINUTES  1, or 10 with DAYU_FULL=1     DAYU_SOAK_RATE  submits a second, 2
  DAYU_SEED          of what is submitted and restarted     DAYU_KEEP  set: a failed run leaves its folder for a look

The bounds on growth for each job want a few hundred jobs to tell growth from noise: a run of a minute has no flood,
prints what it saw and holds only what may never be.
"""

import collections
import heapq
import json
import os
import pathlib
import random
import signal
import statistics
import subprocess
import sys
import threading
import time

from cluster import DAYU, Cluster, Failed, Process, Unreachable, expect, job_file, say_problems, wait_until
from world import CENTERS, ZHONGWEI

MINUTES = float(os.environ.get("DAYU_SOAK_MINUTES") or (10 if os.environ.get("DAYU_FULL") else 1))
RATE = float(os.environ.get("DAYU_SOAK_RATE") or 2)
CALM = 0.4               # the last part of the time, without restarts
WARM_UP = 0.25           # the first part of that, in which caches fill
RESTARTS_A_MINUTE = 8    # before that, at random moments
LIFE_S = 3               # at least: a process that has just begun is not there to be asked to end
MOST_RESTARTS = 200
SAMPLE_S = 2
AWAY_S = 0.5
PATIENCE_S = 120
GAVE_UP = 7              # the exit code of what may be tried again
READER_S = 240           # `logs -f` bears 120 s of silence
ENOUGH_JOBS = 300        # in the calm part, to speak of growth for each job
TELLS_GROWTH = MINUTES * 60 * CALM * (1 - WARM_UP) * RATE > ENOUGH_JOBS
FLOOD = (30, 2000)       # arrays, and tasks of each, of 3 entries and 1.5 KiB of pages: more than is kept

# What may be, for each process: (MiB resident, descriptors, threads).
CEILINGS = {"server": (256, 256, 64), "agent": (128, 256, 64), "second": (128, 256, 64), "events": (64, 32, 16)}
# Of the server's, 0.1 are the answer under the job's idempotency key, which is kept for a day; 0.5 the script, which each
# job here has to itself, and of which a number is kept; and some that its entries are longer than those of the flood.
RESIDENT_KIB_A_JOB = {"server": 4.0, "agent": 2.0, "second": 2.0, "events": 0.5}
GROWTH_OF_COUNTS = 3     # descriptors or threads, over the calm part
WAL_MIB = 64             # SQLite takes it up from 32 MiB on
# On disk; what an ended attempt leaves at its centre lies there until it is swept away.
KIB_A_JOB = {"journal": 16.0, "logs of the processes": 1.0, "places of attempts": 32.0}

POOL = """
      - {{name: cpu, nodes: 2, cpus_per_node: 16, memory_gib_per_node: 16, price_per_cpu_hour: "0.20",
         watts_per_cpu: 5}}
"""


class TwoCenters(Cluster):
    def __init__(self):
        super().__init__()
        self.second = Process(self, "second", "agent", "--config", "etc/second.yaml")

    def start(self):
        super().start()
        text = (CENTERS + ZHONGWEI + POOL).format(server=f"http://{self.address}")
        text = text.replace("agent: local", "agent: second").replace("../run", "../run-second")
        (self.root / "etc/second.yaml").write_text(text)
        self.second.start()
        wait_until(lambda: [each["contact"] for each in self.read("/v1/centers")["centers"]] == ["ok", "ok"], "the second")

    def stop(self):
        self.second.stop()
        super().stop()

    def end(self):
        if self.second.running is not None and self.second.running.poll() is None:
            self.second.running.kill()
            self.second.running.wait()
        super().end()


class Load:
    """What is submitted, what is done to it afterwards, and how each job must end."""

    def __init__(self, cluster, dice):
        self.cluster, self.dice = cluster, dice
        self.wanted = {}    # states, by id
        self.keys = {}      # by id
        self.later = []     # (when, number, what), a heap
        self.readers = []   # (process of `dayu logs -f`, what it must print, the job)
        self.problems = []
        self.gave_up = 0
        self.numbers = 0
        self.kinds = [(self.completes, 50), (self.fails, 8), (self.is_tried_again, 8), (self.is_cancelled, 10),
                      (self.is_held, 8), (self.is_requeued, 6), (self.is_an_array, 5), (self.is_read, 5)]

    def submit(self, state, run, number_of_jobs=1, **keys):
        key = f"{self.numbers}-{sys._getframe(1).f_code.co_name.replace('_', '-')}"
        self.numbers += 1
        text = job_file(key, self.marking(key, run), **keys)
        job = self.ask("POST", "/v1/jobs", text, **{"Idempotency-Key": key})["id"]
        for each in range(job, job + number_of_jobs):
            self.wanted[each], self.keys[each] = state, key
        return job

    def marking(self, key, run):
        mark = f'"$DAYU_FENCING_TOKEN" {key} >> {self.cluster.marks}'
        return f"echo start {mark}\n{run}\necho end {mark}\n"

    def sleeping(self, least, most):
        return f"read -t {self.dice.uniform(least, most):.2f} <> {self.cluster.silence}"  # without another process

    def ask(self, method, path, body=None, refused=(), **headers):
        """Until there is an answer: a restart may take one away."""
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                status, answer = self.cluster.request(method, path, body, **headers)
                if status != 503:
                    expect(status < 300 or answer.get("code") in refused, f"{method} {path}: {status} {answer}")
                    return answer
            except Unreachable:
                pass
            expect(time.monotonic() < end, f"{method} {path}: no answer in {PATIENCE_S} s")
            time.sleep(0.05)

    def do_later(self, seconds, what):
        self.numbers += 1
        heapq.heappush(self.later, (time.monotonic() + seconds, self.numbers, what))

    def step(self):
        kinds, weights = zip(*self.kinds)
        self.dice.choices(kinds, weights)[0]()
        self.do_what_is_due()

    def do_what_is_due(self, all_of_it=False):
        while self.later and (all_of_it or self.later[0][0] < time.monotonic()):
            heapq.heappop(self.later)[2]()
        for reader in [reader for reader in self.readers if reader[0].poll() is not None]:
            self.check_reader(reader)

    def check_reader(self, reader):
        """One that gave up, as the agent's answers took too long on a busy machine, reads again."""
        process, wanted, job = reader
        out, err = process.communicate(timeout=READER_S)
        self.readers.remove(reader)
        if process.returncode == GAVE_UP and wanted.startswith(out):
            self.read(job, wanted)
            self.gave_up += 1
        elif process.returncode != 0 or out != wanted:
            self.problems.append(f"{time.strftime('%H:%M:%S')} logs -f {job}: exit {process.returncode}\n{out}\n{err}\n"
                                 f"{self.ask('GET', f'/v1/jobs/{job}')['attempts']}")
            print(self.problems[-1], flush=True)

    def flood(self):
        arrays, tasks = FLOOD
        for _ in range(arrays):
            first = self.submit("CANCELLED", "true", number_of_jobs=tasks, hold=True, array=f"0-{tasks - 1}")
            self.ask("POST", f"/v1/arrays/{first}/cancel", "{}", refused=("array_unknown",))

    # --- the kinds of jobs

    def completes(self):
        self.submit("COMPLETED", self.sleeping(0, 1))

    def fails(self):
        self.submit("FAILED", f"{self.sleeping(0, 1)}\nexit 3")

    def is_tried_again(self):
        self.submit("COMPLETED", "[ $DAYU_ATTEMPT -gt 1 ] || exit 75", retry={"max": 1, "on_exit": [75], "backoff": "1s"})

    def is_cancelled(self):
        job = self.submit("CANCELLED", self.sleeping(280, 290))
        self.do_later(self.dice.uniform(0, 5), lambda: self.change(job, "cancel"))

    def is_held(self):
        job = self.submit("COMPLETED", self.sleeping(0, 1), hold=True)
        self.do_later(self.dice.uniform(0, 5), lambda: self.change(job, "release"))

    def is_requeued(self):
        job = self.submit("COMPLETED", self.sleeping(6, 8))
        self.do_later(self.dice.uniform(1, 4), lambda: self.change(job, "requeue"))

    def is_an_array(self):
        self.submit("COMPLETED", self.sleeping(0, 1), number_of_jobs=4, array="0-3%2")

    def is_read(self):
        lines = [f"line {number}" for number in range(5)]
        pause = self.sleeping(0.5, 1.5)
        job = self.submit("COMPLETED", "\n".join(f"echo {line}; {pause}" for line in lines))
        self.read(job, "\n".join(lines) + "\n")

    def read(self, job, wanted):
        # By its address: a server that was stopped has none in its data folder.
        reader = subprocess.Popen([DAYU, "--server", f"http://{self.cluster.address}", "logs", "-f", str(job)], text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.cluster.root,
                                  env=self.cluster.environment | {"DAYU_TOKEN": self.cluster.token})
        self.readers.append((reader, wanted, job))

    def change(self, job, verb):
        """Asked again after a lost answer, it may have been done: that is a conflict."""
        self.ask("POST", f"/v1/jobs/{job}/{verb}", "{}", refused=("job_ended", "job_not_active"))


class Watcher(threading.Thread):
    """Reads `dayu events -f` from the first entry on: each comes once, in order, over all restarts."""

    def __init__(self, cluster):
        super().__init__(daemon=True)
        self.last, self.ends, self.problems = 0, collections.Counter(), []
        self.process = subprocess.Popen([DAYU, "--data", "var", "events", "-f", "-o", "json"], cwd=cluster.root, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=cluster.environment)
        self.start()

    def run(self):
        for line in self.process.stdout:
            entry = json.loads(line)
            if entry["seq"] != self.last + 1:
                self.problems.append(f"entry {entry['seq']} comes behind {self.last}")
            self.last = entry["seq"]
            if entry["type"] == "job_ended":
                self.ends[entry["data"]["job"]] += 1

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.join()


def kib_of(path):
    """On disk, of a file, or of a folder with all that is in it."""
    files = [path] + [pathlib.Path(folder, name) for folder, folders, names in os.walk(path) for name in folders + names]
    total = 0
    for file in files:
        try:
            total += file.lstat().st_blocks / 2
        except OSError:  # it has just gone, or is not there yet
            pass
    return total


class Samples:
    def __init__(self, cluster, load, watcher):
        self.cluster, self.load, self.watcher = cluster, load, watcher
        self.calm = None  # the number of the first sample of the calm part
        self.of = collections.defaultdict(list)  # [(jobs, KiB resident, descriptors, threads)] by process
        self.disk = []  # [(jobs, KiB of the journal, of the logs, of the places)]

    def take(self):
        jobs = len(self.load.wanted)
        for name, process in (*((name, getattr(self.cluster, name).running) for name in ("server", "agent", "second")),
                              ("events", self.watcher.process)):
            folder = pathlib.Path(f"/proc/{process.pid}")
            status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
            self.of[name].append((jobs, int(status["VmRSS"].split()[0]), len(list((folder / "fd").iterdir())),
                                  int(status["Threads"])))

    def take_disk(self):
        """Twice: before the first job and behind the last, or before the flood."""
        root = self.cluster.root
        logs = sum(kib_of(log) for log in root.glob("*.log"))
        places = kib_of(root / "run") + kib_of(root / "run-second")
        self.disk.append((len(self.load.wanted), kib_of(root / "var/journal.db"), logs, places))

    def begin_calm(self):
        self.calm = len(self.of["server"])

    def check(self):
        """Prints what there is; returns what is wrong."""
        problems = self.growth_of_disk()
        for name, samples in self.of.items():
            most = [max(column) for column in list(zip(*samples))[1:]]
            print(f"{name}: at most {most[0] / 1024:.1f} MiB, {most[1]} descriptors, {most[2]} threads", end="")
            for value, limit, what in zip((most[0] / 1024, *most[1:]), CEILINGS[name], ("MiB", "descriptors", "threads")):
                if value > limit:
                    problems.append(f"{name}: {value:.0f} {what}; at most {limit} are expected")
            calm = samples[self.calm:]
            problems += self.growth_of(name, calm[int(len(calm) * WARM_UP):])
        return problems

    def growth_of_disk(self):
        wal_mib = kib_of(self.cluster.root / "var/journal.db-wal") / 1024
        print(f"write-ahead log: {wal_mib:.1f} MiB at the end")
        problems = [f"the write-ahead log has {wal_mib:.0f} MiB; at most {WAL_MIB} are expected"] * (wal_mib > WAL_MIB)
        jobs, *first = self.disk[0]
        until, *last = self.disk[-1]
        for (what, bound), before, after in zip(KIB_A_JOB.items(), first, last):
            a_job = (after - before) / (until - jobs)
            print(f"{what}: {after / 1024:.1f} MiB at the end, {a_job:.2f} KiB for each job")
            if a_job > bound and until - jobs > ENOUGH_JOBS:
                problems.append(f"{what}: {a_job:.2f} KiB for each job; at most {bound} are expected")
        return problems

    def growth_of(self, name, samples):
        """From the middle of the first quarter to that of the last."""
        quarter = max(1, len(samples) // 4)
        first, last = ([statistics.median(column) for column in zip(*part)]
                       for part in (samples[:quarter], samples[-quarter:]))
        jobs = last[0] - first[0]
        a_job = (last[1] - first[1]) / max(1, jobs)
        counts = (last[2] - first[2], last[3] - first[3])
        print(f"; over the last {jobs:.0f} jobs {a_job:+.2f} KiB for each, {counts[0]:+.0f} descriptors, "
              f"{counts[1]:+.0f} threads")
        if jobs < ENOUGH_JOBS:
            return []
        problems = []
        if a_job > RESIDENT_KIB_A_JOB[name]:
            problems.append(f"{name}: grows by {a_job:.2f} KiB a job; at most {RESIDENT_KIB_A_JOB[name]} are expected")
        if max(counts) > GROWTH_OF_COUNTS:
            problems.append(f"{name}: {counts[0]:+.0f} descriptors and {counts[1]:+.0f} threads over {jobs:.0f} jobs")
        return problems


def restart(cluster, dice):
    process = getattr(cluster, dice.choice(("server", "agent", "second")))
    how = dice.choice(("kill", "stop"))
    if os.environ.get("DAYU_KEEP"):
        print(f"{time.strftime('%H:%M:%S')} {process.name} {how}", flush=True)
    getattr(process, how)()
    time.sleep(dice.uniform(0, AWAY_S))
    process.start()
    return f"{process.name} {how}"


def soak(cluster, load, samples, dice):
    """Returns how often what was restarted."""
    restarts = collections.Counter()
    begin = time.monotonic()
    calm_at, end = begin + MINUTES * 60 * (1 - CALM), begin + MINUTES * 60
    pause_s = max(60 / RESTARTS_A_MINUTE, MINUTES * 60 / MOST_RESTARTS)
    next_restart = begin + LIFE_S
    next_sample = next_step = begin
    while (now := time.monotonic()) < end:
        if next_restart < now < calm_at:
            restarts[restart(cluster, dice)] += 1
            next_restart = time.monotonic() + LIFE_S + dice.expovariate(1 / (pause_s - LIFE_S))
        if now > next_sample:
            samples.take()
            next_sample += SAMPLE_S
        if now > calm_at and samples.calm is None:
            if TELLS_GROWTH:
                samples.take_disk()
                load.flood()
            samples.begin_calm()
        load.step()
        next_step = max(next_step + 1 / RATE, time.monotonic() - 1)  # what a restart has held up is not made up for
        time.sleep(max(0, next_step - time.monotonic()))
    return restarts


def wait_for_the_end(cluster, load, watcher):
    load.do_what_is_due(all_of_it=True)
    wait_until(lambda: cluster.read("/v1/jobs?limit=1")["jobs"] == [], "every job to end", PATIENCE_S)
    while load.readers:
        load.check_reader(load.readers[0])
    wait_until(lambda: len(watcher.ends) == len(load.wanted), "the watcher to have seen every end", PATIENCE_S)


def referee(cluster, load, watcher):
    """What is wrong with the jobs."""
    problems = watcher.problems + load.problems
    jobs = cluster.jobs()
    extra = set(jobs) - set(load.wanted)
    if extra:
        problems.append(f"jobs that nobody submitted: {sorted(extra)[:10]}")
    begun, ended = collections.Counter(), collections.Counter()
    for word, token, _ in cluster.marks_of_jobs():
        (begun if word == "start" else ended)[token] += 1
    problems += [f"{token} began {times} times" for token, times in begun.items() if times > 1]
    ends = collections.Counter(int(token.rsplit("-", 2)[1]) for token in ended)
    for job, state in load.wanted.items():
        shown = jobs.get(job)
        if shown is None:
            problems.append(f"job {job} ({load.keys[job]}) is lost")
        elif shown["state"] != state:
            problems.append(f"job {job} ({load.keys[job]}) is {shown['state']}, not {state}: {shown}")
        elif ends[job] != (state == "COMPLETED"):
            problems.append(f"job {job} ({load.keys[job]}) is {state}, and came to its end {ends[job]} times")
        if watcher.ends[job] != 1:
            problems.append(f"job {job} ({load.keys[job]}): the watcher saw {watcher.ends[job]} ends")
    return problems


def run(seed):
    dice = random.Random(seed)
    cluster = TwoCenters()
    watcher = load = None
    try:
        cluster.start()
        watcher, load = Watcher(cluster), Load(cluster, dice)
        samples = Samples(cluster, load, watcher)
        samples.take_disk()
        restarts = soak(cluster, load, samples, dice)
        wait_for_the_end(cluster, load, watcher)
        if not TELLS_GROWTH:
            samples.take_disk()
        print(f"{MINUTES:g} min, {len(load.wanted)} jobs, {watcher.last} entries; restarts: {dict(restarts)}; "
              f"readers of logs that gave up and read again: {load.gave_up}")
        problems = samples.check() + referee(cluster, load, watcher)
        expect(not problems, say_problems(problems))
        watcher.stop()
        cluster.check_journal()
        cluster.wait_settled()
        cluster.stop()
    finally:
        for process in [watcher.process] * (watcher is not None) + ([each[0] for each in load.readers] if load else []):
            process.kill()
            process.wait()
        cluster.close_or_keep()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that a time-out leaves nothing behind
    seed = int(os.environ.get("DAYU_SEED") or random.SystemRandom().randrange(1_000_000))
    try:
        run(seed)
    except Failed as failure:
        print(f"FAILED with seed {seed}\n{failure}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
