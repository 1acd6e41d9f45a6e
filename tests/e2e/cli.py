#!/usr/bin/env python3
"""Drives `dayu` from outside: a real server on a free port, a real agent with two centres, every verb, wrong
inputs and exit codes. cli.py [NAME...] runs only the tests whose name contains one of the words; the files beside it
hold those of `run`, of terminals and of shells.
"""

import json
import re
import signal
import subprocess
import sys
import time

import run
import shells
import terminal
from world import DAYU, PATIENCE_S, expect, run_tests, tests_of, wait_until

# --- usage


def test_usage_errors_name_the_nearest_word(world):
    world.dayu().exits(2)
    world.dayu("--help").exits(0).says("submit", "doctor", "journal")
    world.dayu("ps", "--help").exits(0).says("--all")
    expect(re.fullmatch(r"dayu \d+\.\d+\.\d+\n", world.dayu("--version").exits(0).out), "--version")
    world.dayu("sbumit", "x").exits(2).complains('did you mean "submit"?')
    world.dayu("ps", "--stat").exits(2).complains('did you mean "--state"?')
    world.dayu("journal").exits(2)
    world.dayu("journal", "chekc").exits(2).complains('did you mean "check"?')
    world.dayu("submit").exits(2).complains("FILE")
    world.dayu("ps", "surplus").exits(2).complains("surplus")
    world.dayu("-o", "xml", "ps").exits(2).complains("xml")
    world.dayu("ps", "--limit", "many").exits(2)
    world.on("describe", "abc").exits(2).complains("abc")
    world.on("wait", "1", "--timeout", "soon").exits(2).complains("soon")


def test_server_that_is_not_there(world):
    nobody = ("--server", "http://127.0.0.1:1")
    world.dayu(*nobody, "ps").exits(7).complains("server_unreachable")
    world.dayu(*nobody, "submit", "--retry-for", "300ms", world.job("true")).exits(7).complains("trying for")
    world.dayu("ps", DAYU_SERVER="http://127.0.0.1:1").exits(7)
    world.dayu("--server", "ftp://x", "ps").exits(2).complains("bad_url")
    world.dayu("--data", world.root / "nowhere", "ps").exits(3).complains("nowhere")


def test_server_refuses_what_is_unsafe_or_taken(world):
    world.dayu("server", "--listen", "0.0.0.0:0", "--data", world.root / "x").exits(2).complains("--insecure-listen")
    expect(not (world.root / "x").exists(), "nothing was made")
    world.on("server", "--listen", "127.0.0.1:0").exits(5).complains("in use")
    world.dayu("server", "--policy", "leastcost").exits(2).complains("did you mean least-cost?")
    port = world.log("var/address").strip().removeprefix("http://")
    world.dayu("server", "--listen", port, "--data", world.root / "y").exits(5).complains(port)
    world.dayu("agent", "--config", world.root / "etc/agent.yaml").exits(5).complains("another agent")
    world.dayu("agent", "--config", "nowhere.yaml").exits(3)


def test_tokens(world):
    for name in ("token", "agent-token"):
        path = world.root / "var" / name
        expect(path.stat().st_mode & 0o777 == 0o600, f"{name} is for its owner alone")
        secret = path.read_text().strip().encode()
        for file in (world.root / "var").glob("journal.db*"):
            expect(secret not in file.read_bytes(), f"{file.name} holds the token itself")
    for file in (world.root / "var").rglob("*"):
        expect(file.stat().st_mode & 0o077 == 0, f"{file} is open to others")
    url = world.log("var/address").strip()
    token = world.log("var/token").strip()
    world.dayu("--server", url, "ps").exits(4)
    world.dayu("--server", url, "ps", DAYU_TOKEN=token).exits(0)
    world.dayu("--server", url, "--token", token, "ps").exits(0)
    world.on("--token", "wrong", "ps").exits(4).complains("token_unknown")
    world.on("--token", world.log("var/agent-token").strip(), "ps").exits(4)


# --- jobs


def test_submit_wait_and_log(world):
    path = world.job("echo 床前明月光\necho to-stderr >&2", name="moon")
    job = world.on("submit", "--wait", path).exits(0).out.strip()
    world.on("logs", job).exits(0).says("床前明月光\n", "to-stderr\n")
    world.on("logs", "-f", job).exits(0).says("床前明月光\n")
    world.on("logs", job, "--tail", "10").exits(0).says("to-stderr")
    expect("床" not in world.on("logs", job, "--tail", "10").out, "--tail begins before the end")
    world.on("describe", job).exits(0).says("moon", "COMPLETED", "0:0", "ATTEMPT")
    world.on("ps").exits(0)
    world.on("ps", "-a").exits(0).says("moon", "CD")
    world.on("ps", "-a", "-o", "wide").exits(0).says("COMPLETED", "token:admin")
    row = next(row for row in world.on("ps", "-a", "-o", "json").json() if str(row["id"]) == job)
    expect(row["state"] == "COMPLETED" and row["code"] == 0 and row["center"] in ("shanghai", "zhongwei"), row)
    world.on("ps", "-a", "-o", "yaml").exits(0).says("name: moon")
    world.on("report", job).exits(0).says("moon")
    world.on("logs", "999999").exits(3)
    world.on("describe", "999999").exits(3)


def test_exit_codes_are_the_jobs_own(world):
    world.on("submit", "--wait", world.job("exit 7")).exits(7)
    world.on("submit", "--wait", world.job("kill -SEGV $$")).exits(128 + signal.SIGSEGV)
    failed = world.submit("exit 3")
    world.on("wait", failed).exits(3)
    fine = world.submit("true")
    world.on("wait", fine, failed).exits(3)
    ended = world.on("wait", fine, failed, "-o", "json").exits(3).json()
    expect([job["code"] for job in ended] == [0, 3], ended)
    sleeper = world.submit("sleep 600")
    world.on("wait", sleeper, "--timeout", "1s").exits(124)
    world.on("cancel", sleeper).exits(0)
    world.on("wait", sleeper).exits(1)
    world.on("cancel", sleeper).exits(5)
    world.on("wait", "999999").exits(3)


def test_time_limit_ends_a_job(world):
    path = world.root / "late.yaml"
    path.write_text("name: late\nresources: {cpus: 1, memory: 1}\ntime_limit: 1s\n"
                    "checkpoint: {signal: TERM, grace_s: 1}\nrun: sleep 600\n")
    world.on("submit", "--wait", path).exits(128 + signal.SIGTERM)
    expect(world.on("ps", "-a", "--state", "TIMEOUT", "-o", "json").json()[0]["name"] == "late", "TIMEOUT")


def test_submit_reads_stdin_and_keeps_its_key(world):
    text = "name: piped\nresources: {cpus: 1, memory: 1}\nrun: 'true'\n"
    first = world.on("submit", "-", "--key", "k-1", stdin=text).exits(0).out
    again = world.on("submit", "-", "--key", "k-1", stdin=text).exits(0).out
    expect(first == again, "the same key makes one job")
    world.on("submit", "-", "--key", "k-1", stdin=text.replace("piped", "other")).exits(5)
    expect(world.on("submit", "-", stdin=text).exits(0).out != first, "without a key each submit is a job")
    world.on("submit", "-", stdin='{"name": "json", "run": "true", "resources": {"cpus": 1, "memory": 1}}').exits(0)


def test_bad_job_files(world):
    def refused(text, *words, code=2):
        path = world.root / "bad.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        world.on("submit", path).exits(code).complains(*words)

    refused("name: x\nrun: 'true'\ntime_limt: 5m\n", "line 3", "time_limit")
    refused("name: x\n", "run")
    refused("nodes: -1\nrun: 'true'\n", "nodes", "-1")
    refused("nodes: 99999999999999999999\nrun: 'true'\n", "nodes")
    refused("run: 'true'\nrun: 'false'\n", "run")
    refused(b"run: \xff\xfe\n")
    refused('resources: {accelerators: "A100-80BG:1"}\nrun: "true"\n', "A100-80GB")
    refused('resources: {accelerators: "A100-80GB:64"}\nrun: "true"\n')
    world.on("submit", "nowhere.yaml").exits(3)
    world.on("submit", world.root).exits(2)
    huge = world.root / "huge.yaml"
    with open(huge, "wb") as file:
        file.truncate(2 << 30)
    begin = time.monotonic()
    world.on("submit", huge).exits(6).complains("larger than")
    expect(time.monotonic() - begin < 5, "a huge file is not read")
    world.on("ps").exits(0)


def test_offers_and_dry_run(world):
    path = world.root / "chips.yaml"
    path.write_text('name: chips\nresources: {accelerators: "A100-80GB:2", cpus: 1, memory: 1}\ntime_limit: 1h\nrun: "true"\n')
    world.on("offers", "-f", path).exits(0).says("CENTER", "shanghai", "A100-80GB×2", "24.00", "ChipNotHere", "zhongwei")
    rows = world.on("offers", "-f", path, "-o", "json").exits(0).json()
    expect([row["refusal"] is None for row in rows] == [True, False], rows)
    world.on("submit", "--dry-run", path).exits(0).says("time_limit_s: 3600", "shanghai")
    expect(world.on("submit", "--dry-run", path, "-o", "json").json()["chosen"] == 0, "the best is chosen")
    expect(all(job["name"] != "chips" for job in world.on("ps", "-a", "-o", "json").json()), "nothing was submitted")
    far = world.root / "far.yaml"
    far.write_text('resources: {cpus: 1, memory: 1}\nplacement: {regions: [cn/tibet]}\nrun: "true"\n')
    world.on("offers", "-f", far).exits(1).says("REFUSED", "RegionNotAllowed")
    world.on("offers").exits(2)


def test_explain(world):
    done = world.on("submit", "--wait", world.job("true", name="why")).exits(0).out.strip()
    world.on("explain", done).exits(0).says("COMPLETED", "CENTER")
    path = world.root / "all-cpus.yaml"
    path.write_text("name: all-cpus\nresources: {cpus: 4, memory: 1}\ntime_limit: 5m\n"
                    "placement: {regions: [cn/yangtze-delta]}\nrun: sleep 600\n")
    first = world.on("submit", path).exits(0).out.strip()
    wait_until(lambda: world.runs(first), "the first to run")
    second = world.on("submit", path, "--key", "second").exits(0).out.strip()
    wait_until(lambda: "WaitingForCapacity" in world.on("explain", second).exits(0).out, "a reason")
    answer = world.on("explain", second, "-o", "json").exits(0).json()
    expect(answer["can_ever_run"] and answer["state"] == "PENDING", answer)
    world.on("ps").exits(0).says("PD", " R ")
    world.on("cancel", second, first).exits(0)
    world.on("wait", second, first).exits(1)
    world.on("explain", "999999").exits(3)


def test_logs_follow_over_a_retry(world):
    path = world.root / "retry.yaml"
    path.write_text("name: retry\nresources: {cpus: 1, memory: 1}\nretry: {max: 1, on_exit: [75]}\n"
                    "checkpoint: {path: ckpt}\ntime_limit: 5m\n"
                    "run: |\n  mkdir -p ckpt\n  if [ -e ckpt/once ]; then echo second; exit 0; fi\n"
                    "  touch ckpt/once\n  echo first\n  exit 75\n")
    job = world.on("submit", path).exits(0).out.strip()
    followed = world.on("logs", "-f", job, timeout=60).exits(0)
    expect(followed.out == "first\nsecond\n", f"both attempts, in order: {followed.out!r} {followed.err!r}")
    attempts = world.on("describe", job, "-o", "json").json()["attempts"]
    expect([attempt["code"] for attempt in attempts] == [75, 0], attempts)
    world.on("logs", job, "--attempt", "1").exits(0).says("first")
    world.on("logs", job, "--attempt", "9").exits(3)


# --- supply, events, care


def test_supply(world):
    world.on("centers").exits(0).says("shanghai", "中卫枢纽", "enforced", "lacking", "ok")
    rows = world.on("pools", "-o", "json").exits(0).json()
    expect([(row["center"], row["name"]) for row in rows] == [("shanghai", "a100"), ("zhongwei", "ascend")], rows)
    world.on("pools").exits(0).says("A100-80GB", "12.00")
    world.on("chips").exits(0).says("Ascend910B", "NVIDIA")
    rows = world.on("pools", "--chip", "a100", "-o", "json").exits(0).json()
    expect([row["name"] for row in rows] == ["a100"], rows)
    world.on("pools", "--center", "shangai").exits(2).complains("did you mean", "shanghai")


def test_events(world):
    job = world.on("submit", "--wait", world.job("true", name="eventful")).exits(0).out.strip()
    rows = world.on("events", "-o", "json").exits(0).json()
    expect([row["seq"] for row in rows] == list(range(1, len(rows) + 1)), "no gap from the first entry on")
    expect(rows[0]["type"] == "founded", rows[0])
    types = [row["type"] for row in world.on("events", "--job", job, "-o", "json").json()]
    expect(types[0] == "job_accepted" and types[-1] == "job_ended", types)
    later = world.on("events", "--after", len(rows) - 1, "-o", "json").json()
    expect(later and later[0]["seq"] == len(rows), later)
    world.on("events", "--after", "-1").exits(2)
    follower = subprocess.Popen([DAYU, "--data", world.root / "var", "events", "-f", "--after", str(len(rows)), "-o", "json"],
                                stdout=subprocess.PIPE, text=True, env=world.environment)
    try:
        world.on("submit", world.job("true", name="followed")).exits(0)
        line = json.loads(follower.stdout.readline())
        expect(line["seq"] > len(rows), line)
    finally:
        follower.kill()
        follower.communicate()


def test_filters(world):
    job = world.on("submit", "--wait", world.job("true", name="sweep-1")).exits(0).out.strip()
    rows = world.on("events", "--job", job, "--type", "job_accepted,job_ended", "-o", "json").exits(0).json()
    expect([row["type"] for row in rows] == ["job_accepted", "job_ended"], rows)
    centers = {row["center"] for row in world.on("ps", "-a", "--name", "sweep-*", "-o", "json").exits(0).json()}
    ended = world.on("events", "--center", ",".join(centers), "--type", "attempt_ended", "-o", "json").exits(0).json()
    expect(any(row["data"]["attempt"]["job"] == int(job) for row in ended), ended)
    world.on("events", "--type", "job_endet").exits(2).complains("did you mean", "job_ended")
    listed = world.on("ps", "--state", "COMPLETED", "--user", "admin", "--since", "1h", "--kind", "batch", "-o", "json")
    expect(int(job) in [row["id"] for row in listed.exits(0).json()], listed.out)
    world.on("ps", "--state", "DONE").exits(2).complains("COMPLETED")


def test_tokens(world):
    world.on("token", "create", "audit", "--role", "viewer", "--expires", "90d", "-o", "json").exits(0)
    world.on("token", "create", "audit", "--role", "viewer").exits(5).complains("token_name_taken")
    token = world.on("token", "create", "ann").exits(0).complains("is not shown again").out.strip()
    world.on("token", "list").exits(0).says("audit", "viewer", "never", "ann")
    world.on("ps", "--token", token).exits(0)
    world.on("token", "list", "--token", token).exits(4).complains("role_forbidden")
    follower = subprocess.Popen([DAYU, "--data", world.root / "var", "events", "-f", "--token", token, "--type", "token_revoked"],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=world.environment)
    try:
        world.on("token", "revoke", "ann").exits(0)
        world.on("ps", "--token", token).exits(4).complains("token_unknown")
        said = follower.communicate(timeout=PATIENCE_S)[1]
        expect(follower.returncode == 4 and "token" in said, said)
    finally:
        follower.kill()
    world.on("token", "revoke", "ann").exits(3)
    world.on("token", "revoke", "admin").exits(5).complains("last_operator_token")
    expect(token not in (world.root / "server.log").read_text(), "no token in the log")


def test_doctor_and_journal_check(world):
    world.on("doctor").exits(0).says("ok", "shim", "2 joined")
    rows = world.on("doctor", "-o", "json").exits(0).json()
    expect(all(row["verdict"] != "wrong" for row in rows), rows)
    token = world.root / "var/token"
    token.chmod(0o644)
    world.on("doctor").exits(1).says("chmod 600")
    token.chmod(0o600)
    world.dayu("doctor", "--server", "http://127.0.0.1:1").exits(1).says("dayu server")
    world.on("journal", "check").exits(0).says("each follows")
    expect(world.on("journal", "check", "-o", "json").json()["whole"] is True, "whole")
    world.dayu("journal", "check", "--data", world.root / "elsewhere").exits(3)


def test_job_outlives_agent_and_server(world):
    job = world.submit("for i in 1 2 3 4 5 6 7 8; do echo line $i; sleep 0.5; done")
    wait_until(lambda: world.runs(job), "the job to run")
    expect(world.stop(world.agent) == 0, "the agent stops cleanly")
    address = world.log("var/address").strip().removeprefix("http://")
    expect(world.stop(world.server) == 0, "the server stops cleanly")
    expect(not (world.root / "var/address").exists(), "a stopped server has no address")
    world.on("ps").exits(7).complains("no server runs on", "address")  # and its token goes to no other server
    world.start_server(address)
    world.start_agent("http://" + address)
    world.on("wait", job).exits(0)
    detail = world.on("describe", job, "-o", "json").json()
    expect(len(detail["attempts"]) == 1, detail["attempts"])
    expect(world.on("logs", job).out == "".join(f"line {i}\n" for i in range(1, 9)), "its whole log")


def test_lost_token_file(world):
    token = world.root / "var/token"
    copy = token.read_text()
    address = world.log("var/address").strip().removeprefix("http://")
    world.stop(world.server)
    token.unlink()
    world.start_server(address)
    expect("--new-tokens" in world.log("server.log"), "it says how to go on")
    expect(not token.exists(), "no token is made unasked")
    world.dayu("--server", "http://" + address, "--token", copy.strip(), "ps").exits(0)
    token.write_text(copy)
    token.chmod(0o600)


def test_setup_and_variants(world):
    path = world.root / "either.yaml"
    path.write_text("""name: either
time_limit: 5m
resources: {cpus: 1, memory: 1, accelerators: "A100-80GB:1"}
setup: echo preparing > made
run: cat made; echo on $DAYU_CHIP
variants:
  - {}
  - {accelerators: "Ascend910B:1", run: "cat made; echo npu on $DAYU_CHIP $MODE", env: {MODE: fast}}
""")
    offers = world.on("offers", "-f", path, "-o", "json").exits(0).json()
    rows = offers["candidates"] if isinstance(offers, dict) else offers
    expect({row["variant"] for row in rows} == {0, 1}, f"each variant has its rows: {rows}")
    world.on("offers", "-f", path).exits(0).says("VARIANT")
    job = world.on("submit", path).exits(0).out.strip()
    world.on("wait", job).exits(0)
    found = world.on("describe", job, "-o", "json").exits(0).json()
    chosen = found["candidates"][found["chosen"]]
    expect((chosen["chip"], chosen["variant"]) == ("Ascend910B", 1), f"the cheaper chip: {chosen}")
    expect(found["chip"] == "Ascend910B", f"what ran, and not the first that might have: {found}")
    world.on("describe", job).exits(0).says("each Ascend910B×1", "one of 2 variants")
    rows = {row["id"]: row for row in world.on("ps", "--all", "-o", "json").exits(0).json()}
    expect(rows[int(job)]["chip"] == "Ascend910B", f"as lists show it: {rows[int(job)]}")
    world.on("logs", job).exits(0).says("[dayu] setup begins", "preparing", "npu on Ascend910B fast")
    failed = world.submit("echo never", setup="exit 9")
    world.on("wait", failed).exits(9)
    world.on("describe", failed).exits(0).says("setup failed with exit code 9")


def test_secrets(world):
    value = "s3cr3t-of-the-hub"
    world.on("secret", "set", "hf-token", stdin=value + "\n").exits(0)
    world.on("secret", "list").exits(0).says("hf-token", "HF_TOKEN")
    job = world.submit(f'test "$HF_TOKEN" = "{value[:6]}""{value[6:]}" && echo given', secrets="[hf-token]")
    world.on("wait", job).exits(0)
    world.on("logs", job).exits(0).says("given")
    world.on("submit", world.job("true", secrets="[hf-tokn]")).exits(2).complains("hf-tokn", 'did you mean "hf-token"')
    shown = [world.on(*words).out for words in (["secret", "list", "-o", "json"], ["describe", job, "-o", "json"],
                                                ["events", "--after", "0"])]
    expect(not any(value in text for text in shown), "a value is shown")
    expect("secrets_granted" in shown[2] and "secret_set" in shown[2], "the journal tells of it by name")
    for folder in ("var", "run"):
        for path in (world.root / folder).rglob("*"):
            if path.is_file():
                expect(value.encode() not in path.read_bytes(), f"{path} holds the value")
    for log in ("server.log", "agent.log"):
        expect(value not in world.log(log), f"{log} holds the value")
    world.on("secret", "remove", "hf-token").exits(0)
    world.on("secret", "remove", "hf-token").exits(3)
    world.on("secret", "set", "Bad Name", stdin="x").exits(2)


def test_outputs(world):
    job = world.submit("mkdir model; printf abc > model/w; echo left > behind", data="{outputs: [model/]}")
    world.on("wait", job).exits(0)
    rows = world.on("outputs", job, "-o", "json").exits(0).json()
    expect([(row["path"], row["bytes"], row["sha256"][:8]) for row in rows] == [("model/w", 3, "ba7816bf")], str(rows))
    world.on("outputs", job).exits(0).says("model/w")
    world.on("outputs", job, "--attempt", "2").exits(3)


def test_fence(world):
    world.on("fence", "shanghai", "--reason", "a test").exits(2).complains("-y")
    world.on("fence", "nowhere", "--reason", "a test", "-y").exits(3)
    world.on("fence", "shanghai").exits(2).complains("--reason")
    path = world.root / "fenced.yaml"
    path.write_text("name: fenced\nresources: {cpus: 1, memory: 1}\ntime_limit: 5m\n"
                    "placement: {regions: [cn/yangtze-delta]}\nrun: sleep 600\n")
    job = world.on("submit", path).exits(0).out.strip()
    wait_until(lambda: world.runs(job), "the job to run")
    world.on("fence", "shanghai", "--reason", "a test", "-y").exits(0)
    attempts = world.on("describe", job, "-o", "json").json()["attempts"]
    expect([attempt["cause"] for attempt in attempts] == ["fenced"], attempts)
    # The agent is alive after all: it gets the right to start anew, and stops what was fenced.
    wait_until(lambda: world.runs(job), "the job to be placed again")
    wait_until(lambda: len(world.shims()) == 1, "the fenced attempt to be stopped")
    world.on("cancel", job).exits(0)
    world.on("wait", job).exits(1)


if __name__ == "__main__":
    sys.exit(run_tests(tests_of(sys.modules[__name__], run, terminal, shells), sys.argv[1:]))
