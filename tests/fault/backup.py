#!/usr/bin/env python3
"""dayu backup beside a server under load, at random moments and killed half way; every backup is restored, folded
and compared with the journal that it was taken from. backup.py [SEED]; more rounds with DAYU_FULL=1.
"""

import hashlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time

from cluster import DAYU, Cluster, Failed, Unreachable, expect, job_file, wait_until

ROUNDS = 20 if os.environ.get("DAYU_FULL") else 6
KILLS = 60 if os.environ.get("DAYU_FULL") else 10
PAUSE_S = 0.02  # of the load: each backup is compared whole, and there are many
BALLAST_BYTES = 4 << 20  # so that a kill finds the copying at work


class Load(threading.Thread):
    """Submits again and again; `accepted` holds the ids that were answered."""

    def __init__(self, cluster):
        super().__init__(daemon=True)
        self.cluster, self.accepted, self.ending = cluster, [], threading.Event()

    def run(self):
        while not self.ending.wait(PAUSE_S):
            key = f"load-{len(self.accepted)}"
            try:
                status, answer = self.cluster.request("POST", "/v1/jobs", job_file(key, f"echo {key}"),
                                                      **{"Idempotency-Key": key})
            except Unreachable:
                continue
            if status in (200, 201):
                self.accepted.append(answer["id"])

    def stop(self):
        self.ending.set()
        self.join()


def rows(folder, sql):
    with sqlite3.connect(f"file:{folder}/journal.db?mode=ro", uri=True) as database:
        return database.execute(sql).fetchall()


def compare(cluster, facts, restored):
    """What was restored is the live journal up to that entry, byte for byte, with every body."""
    cluster_entries = rows(cluster.root / "var", f"SELECT bytes FROM entries WHERE seq <= {facts['seq']} ORDER BY seq")
    entries = rows(restored, "SELECT bytes FROM entries ORDER BY seq")
    expect(entries == cluster_entries, f"entries 1 to {facts['seq']} differ")
    expect(hashlib.sha256(entries[-1][0]).hexdigest() == facts["hash"], "the last entry has another hash")
    missing = rows(restored, "SELECT id FROM jobs WHERE body NOT IN (SELECT ref FROM bodies)")
    expect(not missing, f"jobs without their bodies: {missing[:5]}")
    key = restored / "keys/signing.key"
    expect(key.read_text() == "a key" and key.stat().st_mode & 0o777 == 0o400, f"{key}: {oct(key.stat().st_mode)}")
    for name in ("token", "agent-token"):
        expect((restored / name).stat().st_mode & 0o777 == 0o600, f"{name} is open to others")
    for name in ("address", "journal.db-wal", "half.tmp", "socket"):
        expect(not (restored / name).exists(), f"{name} is not worth a backup")


def restore(cluster, backup, name):
    done = cluster.dayu("restore", backup, "--data", name, "-o", "json")
    expect(done.returncode == 0, f"restore {backup}: exit {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout), cluster.root / name


def back_up_under_load(cluster, load, dice):
    for turn in range(ROUNDS):
        time.sleep(dice.uniform(0, 0.4))
        before = len(load.accepted)
        done = cluster.on("backup", f"b{turn}", "-o", "json")
        expect(done.returncode == 0, f"backup: exit {done.returncode}\n{done.stderr}")
        facts, folder = restore(cluster, f"b{turn}", f"r{turn}")
        expect(facts["state"] == json.loads(done.stdout)["state"], "the state is another one")
        compare(cluster, facts, folder)
        jobs = {job for (job,) in rows(folder, "SELECT id FROM jobs")}
        lost = set(load.accepted[:before]) - jobs
        expect(not lost, f"accepted before the backup began, and not in it: {sorted(lost)[:5]}")


def kill_backups(cluster, dice):
    """Whenever it is killed: there is a whole backup, or none that restores."""
    outcomes = {"whole": 0, "none": 0}
    for turn in range(KILLS):
        name = f"k{turn}"
        started = subprocess.Popen([DAYU, "--data", "var", "backup", name], cwd=cluster.root, env=cluster.environment,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(dice.uniform(0, 0.4))
        started.kill()
        started.wait()
        whole = (cluster.root / name).exists()
        outcomes["whole" if whole else "none"] += 1
        if not whole:
            for half in (name, f"{name}.partial"):
                if not (cluster.root / half / "backup.json").exists():
                    refused = cluster.dayu("restore", half, "--data", f"x{turn}")
                    expect(refused.returncode == 3, f"half a backup: exit {refused.returncode}\n{refused.stderr}")
                    expect(not (cluster.root / f"x{turn}").exists(), "it left something behind")
            done = cluster.on("backup", name)
            expect(done.returncode == 0, f"a backup in place of the killed one: {done.stderr}")
        facts, folder = restore(cluster, name, f"rk{turn}")
        compare(cluster, facts, folder)
        shutil.rmtree(cluster.root / name)
        shutil.rmtree(folder)
    return outcomes


def refuse(cluster):
    """What is damaged, taken, in use or no backup."""
    taken = cluster.on("backup", "b0")
    expect(taken.returncode == 5 and "backup_target_taken" in taken.stderr, taken.stderr)
    inside = cluster.on("backup", "var/b")
    expect(inside.returncode == 2 and "backup_inside_data" in inside.stderr, inside.stderr)
    nothing = cluster.dayu("backup", "b", "--data", "nowhere")
    expect(nothing.returncode == 3 and "no_journal" in nothing.stderr, nothing.stderr)
    full = cluster.dayu("restore", "b0", "--data", "r0")
    expect(full.returncode == 5 and "data_not_empty" in full.stderr, full.stderr)
    used = cluster.dayu("restore", "b0", "--data", "var", "--replace")
    expect(used.returncode == 5 and "data_in_use" in used.stderr, used.stderr)
    for name, harm in (("flipped", flip), ("shorter", shorten), ("missing", remove)):
        shutil.copytree(cluster.root / "b0", cluster.root / name)
        harm(cluster.root / name / "journal.db")
        refused = cluster.dayu("restore", name, "--data", "never")
        expect(refused.returncode == 5 and "backup_damaged" in refused.stderr, f"{name}: {refused.stderr}")
        expect(not (cluster.root / "never").exists(), f"{name}: it left something behind")


def flip(path):
    bytes_ = bytearray(path.read_bytes())
    bytes_[len(bytes_) // 2] ^= 1
    path.write_bytes(bytes_)


def shorten(path):
    path.write_bytes(path.read_bytes()[:-4096])


def remove(path):
    path.unlink()


def go_on_from_a_backup(cluster, accepted):
    """The server of a restored folder takes up the work where the backup was made, and gives no number again."""
    cluster.agent.stop()
    cluster.server.stop()
    done = cluster.dayu("restore", "b0", "--data", "var", "--replace")
    expect(done.returncode == 0 and "before-restore" in done.stderr, done.stderr)
    facts = json.loads((cluster.root / "var/backup.json").read_text())
    cluster.server.start()
    wait_until(cluster.has_address, "the restored server")
    cluster.agent.start()
    status, answer = cluster.request("POST", "/v1/jobs", job_file("after", "true"), **{"Idempotency-Key": "after"})
    expect(status == 201, f"{status} {answer}")
    expect(answer["id"] > max(accepted) + 500_000, f"job {answer['id']}, and {max(accepted)} was given before")
    entry = json.loads(rows(cluster.root / "var", f"SELECT bytes FROM entries WHERE seq = {facts['seq'] + 1}")[0][0])
    expect(entry["type"] == "restored", f"after the restore came {entry['type']}")
    expect(entry["data"]["hash"] == facts["hash"] and entry["data"]["backup"] == facts["seq"], f"{entry}")
    expect(not (cluster.root / "var/backup.json").exists(), "the restore was not forgotten")
    cluster.server.stop()
    cluster.server.start()
    wait_until(cluster.has_address, "the server once more")
    again = rows(cluster.root / "var", "SELECT count(*) FROM entries WHERE CAST(bytes AS TEXT) LIKE '%\"type\":\"restored\"%'")
    expect(again == [(1,)], f"a restore was noted {again} times")
    wait_until(lambda: not cluster.read("/v1/jobs")["jobs"], "every job to end")
    cluster.check_journal()


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else random.randrange(1 << 32)
    dice = random.Random(seed)
    cluster = Cluster()
    try:
        cluster.start()
        keys = cluster.root / "var/keys"
        keys.mkdir()
        (keys / "signing.key").write_text("a key")
        (keys / "signing.key").chmod(0o400)
        (cluster.root / "var/half.tmp").write_text("half")
        os.mkfifo(cluster.root / "var/socket")
        (cluster.root / "var/ballast").write_bytes(dice.randbytes(BALLAST_BYTES))
        load = Load(cluster)
        load.start()
        try:
            back_up_under_load(cluster, load, dice)
            outcomes = kill_backups(cluster, dice)
            refuse(cluster)
        finally:
            load.stop()
        go_on_from_a_backup(cluster, load.accepted)
        cluster.stop()
        print(f"{ROUNDS} backups under load and {KILLS} that were killed ({outcomes['whole']} were whole by then); "
              f"{len(load.accepted)} jobs were accepted meanwhile; seed {seed}")
    except Failed as error:
        print(f"seed {seed}: {error}\n{cluster.server.log()}", file=sys.stderr)
        return 1
    finally:
        cluster.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
