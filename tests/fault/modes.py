#!/usr/bin/env python3
"""What else goes wrong around a real server and a real agent: shims killed under their jobs, a first start that is
killed again and again, a server or an agent that stands still for longer than the lease, a full disk under the
journal, a second server or agent where there is one already. modes.py [NAME...] runs only the tests whose name
contains one of the words. Those that take long run with DAYU_FULL=1 or when they are named.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time

from cluster import DAYU, Cluster, Failed, Skipped, expect, job_file, wait_until

LEASE_S = 30
SILENCE_S = 45  # lease and margin: then contact counts as lost
DISK_KIB = 6144
SNAPSHOT_ENTRIES = 200_000  # from one snapshot to the next


def submit(cluster, key, run, **keys):
    status, answer = cluster.request("POST", "/v1/jobs", job_file(key, run, **keys), **{"Idempotency-Key": key})
    expect(status in (200, 201), f"{key}: {status} {answer}")
    return answer["id"]


def state_of(cluster, job):
    shown = cluster.read(f"/v1/jobs/{job}")
    return shown["state"], shown["phase"]


def wait_for(cluster, jobs, *state):
    wait_until(lambda: all(state_of(cluster, job) == state for job in jobs), f"jobs {jobs} to be {state}")


def words_of(cluster, key):
    return [word for word, _, of in cluster.marks_of_jobs() if of == key]


def marking(cluster, key, between):
    return (f"echo \"start $DAYU_FENCING_TOKEN {key}\" >> {cluster.marks}\n{between}\n"
            f"echo \"end $DAYU_FENCING_TOKEN {key}\" >> {cluster.marks}\n")


# --- each in a cluster of its own ------------------------------------------------------------------------------


def test_a_killed_shim_is_a_failed_node(cluster):
    """Its job dies with it, is not billed, and runs again to its end, once for each token."""
    cluster.start()
    first_hangs = "[ $DAYU_ATTEMPT -gt 1 ] || sleep 600; sleep 0.2"
    jobs = {key: submit(cluster, key, marking(cluster, key, first_hangs)) for key in map(str, range(30))}
    wait_until(lambda: len(cluster.marks_of_jobs()) == len(jobs), "every job to begin")
    for shim in cluster.shims():
        os.kill(shim, signal.SIGKILL)
    wait_for(cluster, jobs.values(), "COMPLETED", None)
    for key, job in jobs.items():
        lost, done = cluster.attempts(job)
        expect(lost["cause"] == "node_failed" and lost["started"] and float(lost["cost"]) == 0, f"{key}: {lost}")
        expect(done["cause"] == "exited" and done["code"] == 0 and float(done["cost"]) > 0, f"{key}: {done}")
        expect(words_of(cluster, key) == ["start", "start", "end"], f"{key}: {words_of(cluster, key)}")
    tokens = [token for word, token, _ in cluster.marks_of_jobs() if word == "start"]
    expect(len(set(tokens)) == len(tokens), "a token started twice")


def test_a_first_start_that_is_killed_is_no_harm(cluster):
    """Before, between and after the words of the first entries and the files of the tokens."""
    dice = random.Random(7)
    for _ in range(40):
        cluster.server.start()
        time.sleep(dice.uniform(0, 0.12))
        cluster.server.kill()
    (cluster.root / "var/address").unlink(missing_ok=True)
    cluster.start()
    wait_for(cluster, [submit(cluster, "job", "true")], "COMPLETED", None)
    for _ in range(20):
        cluster.agent.kill()
        cluster.agent.start()
        time.sleep(dice.uniform(0, 0.06))
    wait_for(cluster, [submit(cluster, "another", "true")], "COMPLETED", None)


def test_a_second_server_or_agent_is_refused(cluster):
    cluster.start()
    for second in (("server", "--data", "var", "--listen", "127.0.0.1:0"), ("agent", "--config", "etc/agent.yaml")):
        for standing_still in (False, True):
            first = getattr(cluster, second[0])
            if standing_still:
                first.signal(signal.SIGSTOP)
            refused = cluster.dayu(*second)
            first.signal(signal.SIGCONT)
            expect(refused.returncode == 5, f"dayu {' '.join(second)}: exit {refused.returncode}\n{refused.stderr}")
    cluster.agent.stop()
    elsewhere = (cluster.root / "etc/agent.yaml").read_text().replace("/run\n", "/run2\n")
    (cluster.root / "etc/elsewhere.yaml").write_text(elsewhere)
    job = submit(cluster, "job", "sleep 1")
    imposter = subprocess.Popen([DAYU, "agent", "--config", "etc/elsewhere.yaml"],
                                cwd=cluster.root, env=cluster.environment, stderr=subprocess.PIPE, text=True)
    time.sleep(2)
    imposter.terminate()
    said = imposter.communicate()[1]
    expect("lease_held" in said, f"an agent with another folder has no right to the centre:\n{said}")
    expect(state_of(cluster, job)[0] != "COMPLETED", "it ran what was another's")
    cluster.agent.start()
    wait_for(cluster, [job], "COMPLETED", None)


def test_a_full_disk_stops_accepting_until_there_is_room(cluster):
    if os.geteuid() != 0:
        raise Skipped("not root: cannot mount a small disk")
    data = cluster.root / "var"
    data.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_KIB}k,mode=0700", "tmpfs", data],
                      capture_output=True).returncode != 0:
        raise Skipped("this host does not let us mount a small disk")
    try:
        cluster.start()
        running = submit(cluster, "running", marking(cluster, "running", "sleep 3"))
        wait_for(cluster, [running], "ACTIVE", "RUNNING")
        with open(data / "filler", "wb", buffering=0) as filler:
            try:
                while filler.write(bytes(4096)):
                    pass
            except OSError:
                pass
        refused, job = None, job_file("x", "true")
        for number in range(2000):  # SQLite's log has some room left from earlier entries
            refused = cluster.on("submit", "-", "--key", f"full-{number}", "--retry-for", "0s", stdin=job)
            if refused.returncode != 0:
                break
        expect(refused.returncode == 7 and "disk_full" in refused.stderr, f"{refused.returncode} {refused.stderr}")
        expect(cluster.read("/v1/jobs?all=true")["jobs"], "it goes on answering")
        time.sleep(3)  # the running job ends meanwhile, and its end cannot be written
        cluster.server.check()
        (data / "filler").unlink()
        done = cluster.on("submit", "-", "--key", f"full-{number}", stdin=job)
        expect(done.returncode == 0, f"there is room again, yet: {done.returncode} {done.stderr}")
        wait_for(cluster, [running, int(done.stdout)], "COMPLETED", None)
        expect(words_of(cluster, "running") == ["start", "end"], "the running job never noticed")
        expect(len(cluster.attempts(running)) == 1, "nor was it placed again")
        cluster.check_journal()
        cluster.stop()
    finally:
        cluster.server.kill() if cluster.server.running else None
        subprocess.run(["umount", "-l", data], check=False)


def test_clients_that_wait_or_follow_outlive_a_restart(cluster):
    """`wait` has the job's own code, `logs -f` each line once, `events -f` each entry once and in order."""
    cluster.start()
    job = submit(cluster, "slow", "for line in 1 2 3 4 5 6; do echo line $line; sleep 1; done; exit 3")
    followers = [subprocess.Popen([DAYU, "--data", "var", *words], cwd=cluster.root, env=cluster.environment, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                 for words in (("wait", str(job)), ("logs", "-f", str(job)), ("events", "-f", "--after", "0"))]
    for process, away_s in ((cluster.server, 1), (cluster.agent, 0.5), (cluster.server, 0)):
        time.sleep(1)
        process.kill()
        time.sleep(away_s)
        process.start()
    wait_for(cluster, [job], "FAILED", None)
    time.sleep(1)
    followers[2].terminate()
    (_, said), (lines, troubles), (entries, _) = [follower.communicate(timeout=30) for follower in followers]
    expect(followers[0].returncode == 3, f"dayu wait: exit {followers[0].returncode}\n{said}")
    expect(lines.split() == " ".join(f"line {line}" for line in range(1, 7)).split() and followers[1].returncode == 0,
           f"dayu logs -f: exit {followers[1].returncode}\n{lines}{troubles}")
    numbers = [int(line.split()[0]) for line in entries.splitlines() if line.split()[0].isdigit()]
    expect(len(numbers) > 10 and numbers == list(range(1, len(numbers) + 1)), f"dayu events -f: {numbers}")


def stand_still(cluster, process, stop_s):
    """Two jobs run over it, one is submitted meanwhile or after it, and each runs once."""
    jobs = {key: submit(cluster, key, marking(cluster, key, f"sleep {sleep_s}"))
            for key, sleep_s in (("ends-meanwhile", stop_s / 2), ("outlasts-it", stop_s + 5))}
    wait_for(cluster, jobs.values(), "ACTIVE", "RUNNING")
    process.signal(signal.SIGSTOP)
    time.sleep(stop_s)
    seen = cluster.read("/v1/centers")["centers"][0]["contact"] if process is cluster.agent else None
    process.signal(signal.SIGCONT)
    jobs["afterwards"] = submit(cluster, "afterwards", marking(cluster, "afterwards", "true"))
    wait_for(cluster, jobs.values(), "COMPLETED", None)
    wait_until(cluster.is_joined, "contact to be back")
    for key, job in jobs.items():
        expect(words_of(cluster, key) == ["start", "end"], f"{key}: {words_of(cluster, key)}")
        expect(len(cluster.attempts(job)) == 1, f"{key}: {cluster.attempts(job)}")
    return seen


def test_a_server_that_stands_still_longer_than_the_lease(cluster):
    cluster.start()
    stand_still(cluster, cluster.server, LEASE_S + 5)


def test_an_agent_that_stands_still_until_contact_is_lost(cluster):
    cluster.start()
    seen = stand_still(cluster, cluster.agent, SILENCE_S + 8)
    expect(seen == "lost", f"after {SILENCE_S + 8} s of silence the centre's contact is {seen}")


def test_a_snapshot_made_under_kills_loses_nothing(cluster):
    """200,000 jobs wait for a region that nobody serves, so that a snapshot is due, while others run."""
    cluster.start_server()
    far = [{"run": "true", "resources": {"cpus": 1, "memory": 1}, "placement": {"regions": ["cn/tibet"]}}] * 1000
    for number in range(SNAPSHOT_ENTRIES // len(far)):
        status, answer = cluster.request("POST", "/v1/jobs:batch", json.dumps(far))
        expect(status == 200 and all("id" in job for job in answer["results"]), f"{status} {str(answer)[:300]}")
    cluster.start()
    dice = random.Random(11)
    jobs = {}
    for number in range(12):
        for key in (f"{number}-{name}" for name in "abcdef"):
            jobs[key] = submit(cluster, key, marking(cluster, key, "sleep 0.3"))
        time.sleep(dice.uniform(0, 1.5))
        cluster.server.kill()
        cluster.server.start()
        cluster.read("/v1/jobs?limit=1")
    wait_for(cluster, jobs.values(), "COMPLETED", None)
    wait_until(lambda: list((cluster.root / "var/snapshots").glob("*")), "a snapshot")
    for key in jobs:
        expect(words_of(cluster, key) == ["start", "end"], f"{key}: {words_of(cluster, key)}")
    first = cluster.read("/v1/jobs?all=true&limit=1000&before=1001")["jobs"]
    expect(len(first) == 1000 and all(job["state"] == "PENDING" for job in first), "the others still wait")

LONG = (test_a_server_that_stands_still_longer_than_the_lease, test_an_agent_that_stands_still_until_contact_is_lost,
        test_a_snapshot_made_under_kills_loses_nothing)


def run(test):
    cluster = Cluster()
    try:
        test(cluster)
        if cluster.server.running:
            cluster.check_journal()
            cluster.wait_settled()
            cluster.stop()
    finally:
        cluster.close()


def main(names):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that a time-out leaves nothing behind
    failures = 0
    for name, test in list(globals().items()):
        wanted = any(word in name for word in names) if names else test not in LONG or os.environ.get("DAYU_FULL")
        if not name.startswith("test_") or not wanted:
            continue
        began = time.monotonic()
        try:
            run(test)
            outcome = "ok"
        except Skipped as reason:
            outcome = f"skipped: {reason}"
        except Failed as failure:
            outcome = f"FAILED\n{failure}\nagain: python3 tests/fault/modes.py {name}"
            failures += 1
        print(f"{name}: {outcome} ({time.monotonic() - began:.1f} s)", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
