#!/usr/bin/env python3
"""Real kills: `kill -9` of the server, the agent or both at random moments, start-up and recovery included, while
short real jobs pass. Clients go on submitting under their idempotency keys all the while. At the end of a round

  - every submit was acknowledged, and each is one job that COMPLETED: none lost, none extra;
  - each job ran once: in the file that jobs append to, it began once and ended once, under the token of its last
    attempt; attempts before that never started anything and cost nothing;
  - the journal is whole, what a fresh server reads from it is what the last one showed, the agent holds nothing,
    and no process is left.

  DAYU_ROUNDS  2, or 20 with DAYU_FULL=1          DAYU_SEED  of the first round; the next ones count on from it
  DAYU_JOBS    of a round, 1000                   DAYU_KEEP  set: a failed round leaves its folder for a look

kills.py --shims kills shims of running jobs too. Then a job may begin again, each time under another token and at
most once under each; only its last attempt completes, and those before it cost nothing. A quarter of the rounds.

A seed fixes the jobs, the victims and the pauses; which instruction a kill hits is the machine's own affair.
"""

import collections
import os
import random
import signal
import sys
import threading
import time

from cluster import Cluster, Failed, Unreachable, expect, job_file, say_problems

SHIMS = "--shims" in sys.argv
USUAL_ROUNDS = 20 if os.environ.get("DAYU_FULL") else 2
ROUNDS = int(os.environ.get("DAYU_ROUNDS") or (max(1, USUAL_ROUNDS // 4) if SHIMS else USUAL_ROUNDS))
JOBS = int(os.environ.get("DAYU_JOBS") or 1000)
SUBMITTERS = 6
LONGEST_PAUSE_S = 0.1     # of a submitter between two jobs, so that submits last as long as kills do
LONGEST_JOB_S = 0.6
BY_PROGRAM = 0.04         # share of the jobs that `dayu submit` brings, the others come over HTTP
SUBMITTED_TWICE = 0.05    # though the first answer had come
LONGEST_LIFE_S = 2.5      # of a process before it is killed
LONGEST_AWAY_S = 0.5
ROUND_S = 300             # then a round has failed

VICTIMS = {"server": ("server",), "agent": ("agent",), "both": ("server", "agent")}
SHIMS_AT_ONCE = 3


class Submitters:
    """Threads that bring every job in, each under its key, until the server has acknowledged it."""

    def __init__(self, cluster, seed):
        self.cluster = cluster
        self.ids = {}  # of acknowledged submits, by key
        self.problems = []
        self.tried_again = 0
        self.stopping = False
        self.keys = collections.deque(f"job-{number}" for number in range(JOBS))
        self.threads = [threading.Thread(target=self.run, args=(random.Random(f"{seed}/{number}"),))
                        for number in range(SUBMITTERS)]
        for thread in self.threads:
            thread.start()

    def run(self, dice):
        try:
            while not self.stopping:
                try:
                    key = self.keys.popleft()
                except IndexError:
                    return
                self.bring(key, dice)
                time.sleep(dice.uniform(0, LONGEST_PAUSE_S))
        except Exception as error:  # the round must hear of it
            self.problems.append(f"submit: {error}")

    def bring(self, key, dice):
        sleep_s = dice.uniform(0, LONGEST_JOB_S)
        text = job_file(key, f"echo \"start $DAYU_FENCING_TOKEN {key}\" >> {self.cluster.marks}\n"
                             f"read -t {sleep_s:.3f} <> {self.cluster.silence}\n"  # sleeps without another process
                             f"echo \"end $DAYU_FENCING_TOKEN {key}\" >> {self.cluster.marks}\n")
        submit = self.by_program if dice.random() < BY_PROGRAM else self.by_http
        self.ids[key] = submit(key, text)
        if dice.random() < SUBMITTED_TWICE:
            again = self.by_http(key, text)
            expect(again == self.ids[key], f"{key} is job {self.ids[key]}, and job {again} when submitted again")

    def by_http(self, key, text):
        while not self.stopping:
            try:
                status, answer = self.cluster.request("POST", "/v1/jobs", text, **{"Idempotency-Key": key})
                if status in (200, 201):
                    return answer["id"]
                expect(status == 503, f"{key}: {status} {answer}")
            except Unreachable:
                pass
            self.tried_again += 1
            time.sleep(0.05)
        raise Failed(f"{key} was never acknowledged")

    def by_program(self, key, text):
        done = self.cluster.on("submit", "-", "--key", key, "--retry-for", f"{ROUND_S}s", stdin=text, timeout=ROUND_S)
        expect(done.returncode == 0, f"dayu submit of {key}: exit {done.returncode}\n{done.stderr}")
        return int(done.stdout)

    def are_done(self):
        expect(not self.problems, say_problems(self.problems))
        return not any(thread.is_alive() for thread in self.threads)

    def stop(self):
        self.stopping = True
        for thread in self.threads:
            thread.join()


def kill_shims(cluster, dice):
    shims = cluster.shims()
    chosen = dice.sample(shims, min(len(shims), SHIMS_AT_ONCE))
    for shim in chosen:
        try:
            os.kill(shim, signal.SIGKILL)
        except ProcessLookupError:  # it has just ended
            pass
    return len(chosen)


def kill_while_jobs_pass(cluster, submitters, dice):
    """Until every job has ended. Returns how often each victim was killed."""
    kills = collections.Counter()
    end = time.monotonic() + ROUND_S
    while not (submitters.are_done() and cluster.read("/v1/jobs?limit=1")["jobs"] == []):
        expect(time.monotonic() < end, f"the jobs did not all end within {ROUND_S} s")
        victim = dice.choice(list(VICTIMS))
        kills[victim] += 1
        time.sleep(dice.uniform(0, LONGEST_LIFE_S))
        if SHIMS:
            kills["shim"] += kill_shims(cluster, dice)
        processes = [getattr(cluster, name) for name in VICTIMS[victim]]
        for process in processes:
            process.kill()
        dice.shuffle(processes)
        for process in processes:
            time.sleep(max(0, dice.uniform(-LONGEST_AWAY_S, LONGEST_AWAY_S)))  # often at once
            process.start()
    return kills


class Referee:
    """Holds what was acknowledged against what the server shows and what the jobs wrote."""

    def __init__(self, cluster, ids):
        self.ids = ids
        self.jobs = cluster.jobs()
        self.problems = []
        self.lost_attempts = 0
        self.marks = collections.defaultdict(list)
        for word, token, key in cluster.marks_of_jobs():
            self.marks[key].append((word, token))
        for key in sorted(ids):
            self.check_job(key, cluster)
        extra = set(self.jobs) - set(ids.values())
        self.claim(not extra, f"jobs that nobody submitted: {sorted(extra)[:10]}")
        strange = set(self.marks) - set(ids)
        self.claim(not strange, f"marks of jobs that nobody submitted: {sorted(strange)[:10]}")
        self.claim(len(set(ids.values())) == len(ids), "two keys were answered with one job")

    def claim(self, condition, message):
        if not condition:
            self.problems.append(message)

    def check_job(self, key, cluster):
        job = self.jobs.get(self.ids[key])
        if job is None:
            return self.claim(False, f"{key}: job {self.ids[key]} was acknowledged, and is lost")
        self.claim(job["name"] == key and job["state"] == "COMPLETED" and job["code"] == 0, f"{key}: {job}")
        written = self.marks[key]
        attempts = cluster.attempts(job["id"]) if job["attempt"] > 1 else []
        for attempt in attempts[:-1]:
            words = [word for word, token in written if is_of(token, job, attempt["number"])]
            self.check_lost_attempt(key, attempt, words)
        last = [word for word, token in written if is_of(token, job, job["attempt"])]
        others = [token for _, token in written if not is_of(token, job, job["attempt"])]
        self.claim(last == ["start", "end"] and (SHIMS or not others),
                   f"{key}: job {job['id']} completed with attempt {job['attempt']}, and wrote {written}")

    def check_lost_attempt(self, key, attempt, words):
        self.lost_attempts += 1
        begun = attempt["started"] is not None
        self.claim(attempt["cause"] == ("node_failed" if begun else "start_failed") and (SHIMS or not begun),
                   f"{key}: {attempt}")
        self.claim(float(attempt["cost"]) == 0, f"{key}: an attempt that the platform lost is billed: {attempt}")
        self.claim(words == ["start", "end"][:len(words)] and (begun or not words), f"{key}: {attempt} wrote {words}")

    def doubles(self):
        """Tokens that began more than once, and without killed shims jobs that did."""
        begun = collections.Counter((key, token if SHIMS else "") for key in self.ids
                                    for word, token in self.marks[key] if word == "start")
        return sum(count > 1 for count in begun.values())

    def lost(self):
        return sum(all(word != "end" for word, _ in self.marks[key]) for key in self.ids)


def is_of(token, job, attempt):
    return token.endswith(f"-{job['id']}-{attempt}")


def check_recovery(cluster, shown):
    """What is read back from disk is what was shown."""
    cluster.server.kill()
    cluster.server.start()
    again = cluster.jobs()
    different = [f"was {shown.get(job)}\n is {again.get(job)}" for job in shown.keys() | again.keys()
                 if shown.get(job) != again.get(job)]
    expect(not different, "the journal read again says otherwise:\n" + say_problems(different))


def run_round(seed):
    """Returns a line of figures; raises Failed."""
    dice = random.Random(seed)
    began = time.monotonic()
    cluster = Cluster()
    submitters = None
    try:
        cluster.start()
        submitters = Submitters(cluster, seed)
        kills = kill_while_jobs_pass(cluster, submitters, dice)
        referee = Referee(cluster, submitters.ids)
        expect(not referee.problems, say_problems(referee.problems))
        cluster.check_journal()
        cluster.wait_settled()
        check_recovery(cluster, referee.jobs)
        cluster.stop()
        cluster.check_journal()
        return (f"{JOBS} jobs, {sum(kills.values())} kills ({kills['server']} server, {kills['agent']} agent, "
                f"{kills['both']} both, {kills['shim']} shim), {submitters.tried_again} submits tried again, "
                f"{referee.lost_attempts} attempts lost, {referee.doubles()} doubles, {referee.lost()} lost, "
                f"{time.monotonic() - began:.1f} s")
    finally:
        if submitters is not None:
            submitters.stop()
        cluster.close_or_keep()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that a time-out leaves nothing behind
    first = int(os.environ.get("DAYU_SEED") or random.SystemRandom().randrange(1_000_000))
    for number in range(ROUNDS):
        seed = first + number
        try:
            print(f"round {number + 1} of {ROUNDS}, seed {seed}: {run_round(seed)}", flush=True)
        except Failed as failure:
            print(f"round {number + 1} of {ROUNDS}, seed {seed}: FAILED\n{failure}")
            print(f"again: DAYU_ROUNDS=1 DAYU_SEED={seed} DAYU_JOBS={JOBS} python3 tests/fault/kills.py"
                  + SHIMS * " --shims")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
