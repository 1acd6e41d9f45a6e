#!/usr/bin/env python3
"""What who runs a server cares for: restore and go on, data folders and agents of other versions, archive and retention,
with kill -9 in the middle. care.py [WORD...] runs the tests whose names contain one of the words.
"""

import contextlib
import http.server
import json
import os
import pathlib
import random
import signal
import sqlite3
import sys
import threading
import time
import traceback

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "fault"))
from cluster import AGENT, Cluster, Failed, Process, Unreachable, expect, job_file, wait_until  # noqa: E402

KILLS = 40 if os.environ.get("DAYU_FULL") else 6
TASKS = 4_000  # of an array: three entries each make most of a segment


def rows(folder, sql):
    with contextlib.closing(sqlite3.connect(f"file:{folder}/journal.db?mode=ro", uri=True)) as database:
        return database.execute(sql).fetchall()


def submit(cluster, name, run, **more):
    status, answer = cluster.request("POST", "/v1/jobs", job_file(name, run, **more), **{"Idempotency-Key": name})
    expect(status == 201, f"{status} {answer}")
    return answer["id"]


def is_running(cluster, job):
    return cluster.read(f"/v1/jobs/{job}")["phase"] == "RUNNING"


def start_server(cluster, *words):
    """Once more, with other words."""
    (cluster.root / "var/address").unlink(missing_ok=True)
    cluster.server.words = ("server", "--data", "var", "--listen", cluster.address, *words)
    cluster.server.start()
    wait_until(cluster.has_address, "the server to be ready")


def entries(cluster):
    """Every entry from the first one, as the API tells them."""
    found = []
    while True:
        page = cluster.read(f"/v1/events?after={len(found)}&limit=1000")
        if not page:
            return found
        found += page


def test_numbers_go_on_after_a_restore(cluster):
    """A job that the backup knows runs on; one that was lost is stopped, and its number means nothing else."""
    known = submit(cluster, "known", "sleep 600")
    wait_until(lambda: is_running(cluster, known), "the first job to run")
    done = cluster.on("backup", "backup")
    expect(done.returncode == 0, done.stderr)
    lost = submit(cluster, "lost", "sleep 600")
    wait_until(lambda: is_running(cluster, lost), "the second job to run")
    cluster.server.kill()
    done = cluster.dayu("restore", "backup", "--data", "var", "--replace")
    expect(done.returncode == 0, done.stderr)
    start_server(cluster)
    wait_until(lambda: len(cluster.shims()) == 1, "the lost job to be stopped")
    expect(is_running(cluster, known), "the job of the backup does not run any more")
    expect(len(cluster.attempts(known)) == 1, "it was started once more")
    new = submit(cluster, "new", "true")
    expect(new > lost + 1_000_000, f"job {new} after {lost}")
    status, answer = cluster.request("GET", f"/v1/jobs/{lost}")
    expect(status == 404, f"{status} {answer}")
    status, answer = cluster.request("POST", f"/v1/jobs/{lost}/cancel")
    expect(status == 404 and "submit it again" in answer["detail"], f"{status} {answer}")
    cluster.request("POST", f"/v1/jobs/{known}/cancel")
    wait_until(lambda: not cluster.read("/v1/jobs")["jobs"], "every job to end")
    cluster.check_journal()


def test_data_of_a_newer_version_is_refused(cluster):
    cluster.server.stop()
    path = cluster.root / "var/version.json"
    before, said = path.read_text(), json.loads(path.read_text())
    said["forms"]["layout"] += 1
    path.write_text(json.dumps(said | {"dayu": "99.1"}))
    for words in (("server",), ("journal", "check"), ("journal", "archive"), ("backup", "never")):
        refused = cluster.on(*words)
        expect(refused.returncode == 5, f"{words}: exit {refused.returncode}\n{refused.stderr}")
        for word in ("data_of_newer_version", "dayu 99.1", f"dayu {said['dayu']}", "layout of journal.db"):
            expect(word in refused.stderr, f"{words}: no {word!r} in {refused.stderr}")
    expect(not (cluster.root / "never").exists(), "a backup of it was made")
    path.write_text(before)
    start_server(cluster)


def test_a_newer_agent_may_say_more(cluster):
    token = (cluster.root / "var/agent-token").read_text().strip()
    request = {"agent": "newer", "installation": "a-newer-one", "incarnation": 1, "number": 1, "wait_ms": 0,
               "mood": "new", "centers": [], "observations": [], "holding": [], "plans": [{"of": ["later"]}]}
    status, answer = cluster.request("POST", "/v1/agent/sync", json.dumps(request), Authorization=f"Bearer {token}")
    expect(status == 200, f"{status} {answer}")
    # And an older one says less.
    older = {"agent": "older", "installation": "an-older-one", "incarnation": 1, "number": 1}
    status, answer = cluster.request("POST", "/v1/agent/sync", json.dumps(older), Authorization=f"Bearer {token}")
    expect(status == 200, f"{status} {answer}")


class NewerServer(http.server.BaseHTTPRequestHandler):
    """Answers a sync with words that no agent of today knows."""

    syncs = 0

    def do_POST(self):  # noqa: N802
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/v1/agent/sync":
            NewerServer.syncs += 1
        time.sleep(0.1)
        self.answer()

    def do_GET(self):  # noqa: N802
        time.sleep(1)
        self.answer()

    def answer(self):
        text = json.dumps({"lease_ms": 30_000, "forecast": {"rain": True}, "settled": [], "starts": [],
                           "moves": [{"to": "elsewhere"}]}).encode()
        with contextlib.suppress(OSError):  # the agent is asked to end meanwhile
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    def log_message(self, *_):
        pass


def test_a_newer_server_may_say_more(cluster):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), NewerServer)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    text = AGENT.format(server=f"http://127.0.0.1:{server.server_address[1]}").replace("../run", "../run-elsewhere")
    (cluster.root / "etc/elsewhere.yaml").write_text(text)
    agent = Process(cluster, "agent-elsewhere", "agent", "--config", "etc/elsewhere.yaml")
    agent.start()
    try:
        wait_until(lambda: NewerServer.syncs >= 3, "the agent to go on after an answer that it only half knows")
        agent.check()
    finally:
        agent.stop()
        server.shutdown()


def test_the_archive_survives_kills(cluster):
    """The server archives while it is killed again and again: no entry is ever missing, and none is another one."""
    dice = random.Random(7)
    for turn in range(3):
        array = submit(cluster, f"many{turn}", "true", array=f"0-{TASKS - 1}", hold=True)
        status, answer = cluster.request("POST", f"/v1/arrays/{array}/cancel")
        expect(status == 200, f"{status} {answer}")
    before = entries(cluster)
    cluster.server.stop()
    moved = []
    for _ in range(KILLS):
        start_server(cluster, "--keep-entries", "0s")
        time.sleep(dice.uniform(0, 0.4))
        cluster.server.kill()
        cluster.check_journal()
        moved += rows(cluster.root / "var", "SELECT count(*) FROM entries WHERE length(bytes) = 0")[0]
    start_server(cluster, "--keep-entries", "0s")
    whole = "SELECT count(*) FROM entries JOIN segments ON seq BETWEEN first AND last WHERE length(bytes) > 0"
    wait_until(lambda: rows(cluster.root / "var", "SELECT count(*) FROM segments")[0][0] >= 2
               and rows(cluster.root / "var", whole)[0][0] == 0, "two segments to be archived")
    after = entries(cluster)
    expect(after[:len(before)] == before, "the archive holds other entries than the journal did")
    expect(moved == sorted(moved), f"entries came back: {moved}")
    history = cluster.on("events", "--after", "0", "--job", "1", "-o", "json")
    expect(history.returncode == 0 and "job_accepted" in history.stdout, history.stderr)
    cluster.check_journal()
    backup = cluster.on("backup", "with-archive")
    expect(backup.returncode == 0, backup.stderr)
    done = cluster.dayu("restore", "with-archive", "--data", "from-archive")
    expect(done.returncode == 0, done.stderr)


def test_archive_by_hand(cluster):
    used = cluster.on("journal", "archive")
    expect(used.returncode == 5 and "data_in_use" in used.stderr, used.stderr)
    before = entries(cluster)
    cluster.server.stop()
    size = (cluster.root / "var/journal.db").stat().st_size
    done = cluster.on("journal", "archive", "-o", "json")
    expect(done.returncode == 0, done.stderr)
    said = json.loads(done.stdout)
    expect(said["archived"] > 0 and said["through"] >= len(before), f"{said}")
    checked = cluster.on("journal", "check")
    expect(checked.returncode == 0 and "of them archived" in checked.stdout, checked.stdout + checked.stderr)
    now = (cluster.root / "var/journal.db").stat().st_size
    kept = sum(file.stat().st_size for file in (cluster.root / "var/archive").iterdir())
    print(f"        {said['through']} entries: journal.db {size >> 10} KiB before, {now >> 10} KiB after; "
          f"archive {kept >> 10} KiB", flush=True)
    expect(now + kept < size, f"{size} bytes before, {now} + {kept} after")
    start_server(cluster)
    expect(entries(cluster)[:len(before)] == before, "other entries than before")


def test_bodies_and_jobs_go_by_policy(cluster):
    job = submit(cluster, "short", "echo nobody needs to know this any more")
    wait_until(lambda: not cluster.read("/v1/jobs")["jobs"], "the job to end")
    held = submit(cluster, "held", "echo this one is needed", hold=True)
    body = f"SELECT count(*) FROM bodies WHERE ref = (SELECT body FROM jobs WHERE id = {job})"
    expect(rows(cluster.root / "var", body) == [(1,)], "the body is there")
    cluster.server.stop()
    start_server(cluster, "--keep-bodies", "0s")
    wait_until(lambda: rows(cluster.root / "var", body) == [(0,)], "the body to be erased")
    expect(cluster.read(f"/v1/jobs/{job}")["state"] == "COMPLETED", "the job is still known")
    cluster.server.stop()
    text = b"nobody needs to know"
    for path in (cluster.root / "var").glob("journal.db*"):
        expect(text not in path.read_bytes(), f"the script can still be read in {path.name}")
    start_server(cluster, "--keep-jobs", "0s")
    wait_until(lambda: cluster.request("GET", f"/v1/jobs/{job}")[0] == 404, "the job to be forgotten")
    expect(cluster.read(f"/v1/jobs/{held}")["state"] == "HELD", "a live job was forgotten")
    cluster.request("POST", f"/v1/jobs/{held}/release")
    wait_until(lambda: not cluster.read("/v1/jobs")["jobs"], "the held job to run after all")
    cluster.check_journal()
    wrong = cluster.on("server", "--keep-jobs", "long")
    expect(wrong.returncode == 2 and "--keep-jobs" in wrong.stderr, wrong.stderr)


def main():
    tests = [test for name, test in globals().items() if name.startswith("test_")
             and (len(sys.argv) < 2 or any(word in name for word in sys.argv[1:]))]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    cluster, failed = Cluster(), False
    try:
        cluster.start()
        for test in tests:
            begin = time.monotonic()
            try:
                test(cluster)
                print(f"ok      {test.__name__}  {time.monotonic() - begin:.1f} s", flush=True)
            except (Failed, Unreachable):
                failed = True
                print(f"FAILED  {test.__name__}", flush=True)
                traceback.print_exc()
                break
        if failed:
            print(cluster.server.log() + "\n" + cluster.agent.log())
        else:
            cluster.stop()
    finally:
        cluster.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
