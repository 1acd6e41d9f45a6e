"""Tests of `dayu run`."""

import signal
import subprocess

from world import DAYU, PATIENCE_S, expect, wait_until

SMALL = ("--cpus", "1", "--memory", "1", "--time-limit", "5m")


def test_run_follows_the_log_and_exits_with_the_jobs_code(world):
    done = world.on("run", *SMALL, "--name", "poem", "--", "sh", "-c", "echo 'a  b'; echo 床前; exit 9").exits(9)
    expect(done.out == "a  b\n床前\n", f"stdout is the log alone: {done.out!r}")
    done.complains("(poem) is accepted", "is placed at", "for at most ¥", "FAILED 9:0")
    world.on("run", *SMALL, "--", "kill -SEGV $$").exits(128 + signal.SIGSEGV)
    world.on("run", *SMALL, "--", "echo one; exit 0").exits(0).says("one\n")  # one word is a line of shell
    world.on("run", *SMALL, "--", "printf", "%s|", "a b", "it's", "$HOME", "").exits(0).says("a b|it's|$HOME||")
    world.on("run", *SMALL, "--env", "A=1", "hostname").exits(0)
    world.on("run", world.job("echo from-file; exit 4", name="filed")).exits(4).says("from-file")
    world.on("run", "-", stdin="run: exit 6\nresources: {cpus: 1, memory: 1}\n").exits(6)
    job = world.on("-o", "json", "run", *SMALL, "--", "echo logged").exits(0).complains("logged").json()
    expect((job["name"], job["state"], job["code"]) == ("echo", "COMPLETED", 0), job)


def test_run_hands_its_options_on(world):
    done = world.on("run", *SMALL, "--env", "POET=李白", "--env", "MINE", "--region", "cn/ningxia", "--prefer", "fastest",
                    "--max-price", "3", "--nodes", "1", "--chips", "Ascend910B:2", "--key", "run-1",
                    "--priority", "high", "--project", "poems", "--preemptible",
                    "--", "echo $POET $MINE", MINE="own").exits(0)
    done.says("李白 own\n").complains("zhongwei/ascend on Ascend910B×2")
    job = world.on("ps", "-a", "-o", "json").json()[0]
    spec = world.on("describe", job["id"], "-o", "json").json()["spec"]
    expect(spec["placement"]["max_price"] == "3.000000" and spec["placement"]["regions"] == ["cn/ningxia"], spec)
    expect((job["priority"], job["project"], spec["preemptible"]) == ("high", "poems", True), job)
    expect(spec["time_limit_s"] == 300 and spec["resources"]["memory_mib"] == 1024, spec)
    world.on("run", *SMALL, "--region", "cn/ningxia", "--region", "cn/yangtze-delta", "--", "true").exits(0)


def test_run_refuses_what_it_cannot_mean(world):
    world.on("run").exits(2).complains("name a job file")
    world.on("run", "--").exits(2)
    world.on("run", "--cpus", "1", world.job("true")).exits(2).complains("--cpus")
    world.on("run", "x.yaml", "--", "true").exits(2).complains("not both")
    world.on("run", "nowhere.yaml").exits(3)
    world.on("run", "--env", "NOT_SET_HERE", "--", "true").exits(2).complains("NOT_SET_HERE")
    world.on("run", "--chips", "A100-80BG:1", "--", "true").exits(2).complains("A100-80GB")
    world.on("run", "--nodse", "1", "--", "true").exits(2).complains("--nodes")
    world.on("ps", "--", "x").exits(2)


def test_run_says_why_it_waits(world):
    fill = world.on("submit", world.job("sleep 600", name="fill", resources="{cpus: 4, memory: 1}",
                                        placement="{regions: [cn/yangtze-delta]}")).exits(0).out.strip()
    wait_until(lambda: world.runs(fill), "the first to run")
    runner = start(world, "--cpus", "4", "--memory", "1", "--region", "cn/yangtze-delta", "--", "echo at last")
    try:
        wait_until(lambda: "WaitingForCapacity" in world.log("run.err"), "a reason")
        world.on("cancel", fill).exits(0)
        expect(runner.wait(PATIENCE_S) == 0, world.log("run.err"))
        expect(world.log("run.out") == "at last\n", world.log("run.out"))
    finally:
        stop(runner)


def test_ctrl_c_cancels_and_a_second_one_leaves(world):
    runner = start(world, *SMALL, "--name", "polite", "--", "trap 'echo asked; exit 0' TERM; echo up; "
                   "while :; do sleep 0.1; done")
    try:
        wait_until(lambda: "up" in world.log("run.out"), "the job to run")
        runner.send_signal(signal.SIGINT)
        expect(runner.wait(PATIENCE_S) == 1, world.log("run.err"))  # the platform ended it
        expect("is asked to end" in world.log("run.err"), world.log("run.err"))
        expect("asked" in world.log("run.out"), "the log is followed to its end")
    finally:
        stop(runner)
    runner = start(world, world.job("trap '' TERM\necho up\nwhile :; do sleep 0.1; done", name="stubborn",
                                    checkpoint="{signal: TERM, grace_s: 1}"))
    try:
        wait_until(lambda: "up" in world.log("run.out"), "the job to run")
        runner.send_signal(signal.SIGINT)
        wait_until(lambda: "is asked to end" in world.log("run.err"), "the first Ctrl-C")
        runner.send_signal(signal.SIGINT)
        expect(runner.wait(5) == -signal.SIGINT, "the second leaves at once")
    finally:
        stop(runner)
    job = next(job for job in world.on("ps", "-a", "-o", "json").json() if job["name"] == "stubborn")
    world.on("wait", job["id"]).exits(1)


def start(world, *words):
    with open(world.root / "run.out", "wb") as out, open(world.root / "run.err", "wb") as err:
        return subprocess.Popen([DAYU, "--data", world.root / "var", "run", *words], stdout=out, stderr=err,
                                stdin=subprocess.DEVNULL, env=world.environment)


def stop(process):
    if process.poll() is None:
        process.kill()
        process.wait()
