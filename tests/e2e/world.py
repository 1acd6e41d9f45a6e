"""What the tests of the program from outside share: a World is one temporary folder with a real server on a free
port, a real agent with two centres, and job files. Every wait is bounded, and nothing is left running.
"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

BIN = pathlib.Path(os.environ.get("DAYU_BIN", "build/release/bin")).resolve()
DAYU = BIN / "dayu"
PATIENCE_S = 60

# An agent's file, etc/agent.yaml below the root of a test: CENTERS, and one centre or both with their pools.
CENTERS = """
server: {server}
token_file: ../var/agent-token
agent: local
work_root: ../run
centers:
"""
SHANGHAI = """
  - name: shanghai
    title: 上海市算力中心
    tier: city
    region: cn/yangtze-delta/shanghai
    security_level: 3
    energy: {{pue: 1.25, grid_kg_per_kwh: 0.42, source: "a test"}}
    link: {{rtt_ms: 2, mbit_s: 10000, price_per_gib: "0"}}
    engine: process
    pools:
"""
ZHONGWEI = """
  - name: zhongwei
    title: 中卫枢纽
    tier: national
    region: cn/ningxia/zhongwei
    security_level: 2
    energy: {{pue: 1.15, grid_kg_per_kwh: 0.6187, source: "a test"}}
    link: {{rtt_ms: 30, mbit_s: 1000, price_per_gib: "0.10"}}
    engine: process
    pools:
"""
A100 = """
      - {{name: a100, chip: A100-80GB, nodes: 1, chips_per_node: 4, cpus_per_node: 4, memory_gib_per_node: 8,
         price_per_chip_hour: "12.00", price_per_cpu_hour: "0.20", watts_per_cpu: 5}}
"""
ASCEND = """
      - {{name: ascend, chip: Ascend910B, nodes: 2, chips_per_node: 8, cpus_per_node: 4, memory_gib_per_node: 8,
         price_per_chip_hour: "8.00", price_per_cpu_hour: "0.10", watts_per_cpu: 5}}
"""
AGENT = CENTERS + SHANGHAI + A100 + ZHONGWEI + ASCEND


class Failed(Exception):
    pass


class Skipped(Exception):
    """What this machine, or a run without DAYU_FULL=1, has no place for."""


def expect(condition, message):
    if not condition:
        raise Failed(message)


class Result:
    def __init__(self, done, arguments):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr
        self.command = "dayu " + " ".join(map(str, arguments))

    def exits(self, code):
        expect(self.code == code, f"{self.command}: exit {self.code}, not {code}\n{self.out}\n{self.err}")
        return self

    def says(self, *words):
        for word in words:
            expect(word in self.out, f"{self.command}: no {word!r} in stdout:\n{self.out}\n{self.err}")
        return self

    def complains(self, *words):
        for word in words:
            expect(word in self.err, f"{self.command}: no {word!r} in stderr:\n{self.err}")
        return self

    def json(self):
        return json.loads(self.out)


class World:
    """A folder with a server, an agent and job files."""

    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="dayu-e2e-"))
        self.root.chmod(0o755)  # the user of the jobs must be able to enter
        (self.root / "etc").mkdir()
        (self.root / "elsewhere").mkdir()
        self.server = self.agent = None
        self.others = []  # processes that a test starts besides
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("DAYU_") or k == "DAYU_CHECK_RUN"}
        self.environment["TZ"] = "UTC"

    def dayu(self, *arguments, stdin=None, timeout=PATIENCE_S, **environment):
        done = subprocess.run([DAYU, *map(str, arguments)], cwd=self.root / "elsewhere", text=True, input=stdin or "",
                              capture_output=True, timeout=timeout, env=self.environment | environment)
        return Result(done, arguments)

    def on(self, *arguments, **how):
        return self.dayu("--data", self.root / "var", *arguments, **how)

    def spawn(self, *arguments, log):
        with open(self.root / log, "ab") as out:
            return subprocess.Popen([DAYU, *map(str, arguments)], cwd=self.root, stdout=out, stderr=out,
                                    stdin=subprocess.DEVNULL, env=self.environment)

    def log(self, name):
        return (self.root / name).read_text(errors="replace")

    def start_server(self, listen="127.0.0.1:0", *more):
        address = self.root / "var/address"
        address.unlink(missing_ok=True)
        self.server = self.spawn("server", "--data", "var", "--listen", listen, *more, log="server.log")
        wait_until(lambda: address.exists() or self.server.poll() is not None, "the server to be ready")
        expect(self.server.poll() is None, "the server did not start:\n" + self.log("server.log"))
        return address.read_text().strip()

    def agent_file(self, server):
        return AGENT.format(server=server)

    def start_agent(self, server):
        (self.root / "etc/agent.yaml").write_text(self.agent_file(server))
        self.agent = self.spawn("agent", "--config", "etc/agent.yaml", log="agent.log")
        wait_until(self.centers_are_there, "both centres to be in contact")

    def centers_are_there(self):
        expect(self.agent.poll() is None, "the agent did not start:\n" + self.log("agent.log"))
        centers = self.on("centers", "-o", "json").exits(0).json()
        return len(centers) == 2 and all(center["contact"] == "ok" for center in centers)

    def stop(self, process):
        if process is None or process.poll() is not None:
            return None
        process.send_signal(signal.SIGTERM)
        return process.wait(PATIENCE_S)

    def job(self, run, name="test", **keys):
        path = self.root / f"{name}.yaml"
        keys = {"name": name, "resources": "{cpus: 1, memory: 1}", "time_limit": "5m", **keys}
        lines = [f"{key}: {value}" for key, value in keys.items()]
        lines += ["run: |"] + ["  " + line for line in run.splitlines()]
        path.write_text("\n".join(lines) + "\n")
        return path

    def submit(self, run, **keys):
        out = self.on("submit", self.job(run, **keys)).exits(0).out
        expect(re.fullmatch(r"\d+\n", out), f"submit prints the id alone, not {out!r}")
        return out.strip()

    def state(self, job):
        found = self.on("describe", job, "-o", "json").exits(0).json()
        return found["state"], found["phase"]

    def runs(self, job):
        return self.state(job) == ("ACTIVE", "RUNNING")

    def cancel_all(self):
        for job in self.on("ps", "-o", "json").json():
            self.on("cancel", job["id"])
            self.on("wait", job["id"], "--timeout", "10s")

    def close(self):
        """Ends what this test started, jobs included, and takes the folder away."""
        try:
            if self.server is not None and self.server.poll() is None and self.agent is not None:
                self.cancel_all()
        except Exception:  # whatever went wrong: the processes still have to go
            pass
        for process in (self.agent, *self.others, self.server):
            try:
                self.stop(process)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        left = self.left_over()
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.root, ignore_errors=True)
        return left

    def shims(self):
        """Attempts that are alive, by the shim that stands over each."""
        found = []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if b"dayu-shim" in words and str(self.root).encode() in words:
                found.append(int(folder.name))
        return found

    def left_over(self):
        """Shims that have not ended a moment after everything was asked to."""
        end = time.monotonic() + 2
        while self.shims() and time.monotonic() < end:
            time.sleep(0.05)
        return self.shims()


def wait_until(condition, what, patience_s=PATIENCE_S):
    end = time.monotonic() + patience_s
    while not condition():
        expect(time.monotonic() < end, f"waited {patience_s} s for {what}")
        time.sleep(0.05)


def tests_of(*modules):
    return [test for module in modules for name, test in vars(module).items() if name.startswith("test_")]


def run_tests(tests, words, make_world=World):
    """Runs the tests whose names contain one of the words, or all, in one World with a server and an agent; prints a
    line for each, and leaves nothing behind. The exit code of the script.
    """
    chosen = [test for test in tests if not words or any(word in test.__name__ for word in words)]
    if not chosen:
        print(f"no test's name contains {' or '.join(words)}")
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that a time-out leaves nothing behind
    world = make_world()
    try:
        world.start_agent(world.start_server())
        failures = [test for test in chosen if not passes(test, world)]
        if failures:
            print("--- server.log\n" + world.log("server.log") + "--- agent.log\n" + world.log("agent.log"))
    finally:
        left = world.close()
    if left:
        print(f"FAILED  processes were left behind: {left}")
    return 1 if failures or left else 0


def passes(test, world):
    begin = time.monotonic()
    verdict = "ok"
    try:
        test(world)
    except Skipped as reason:
        verdict = f"skipped, {reason}:"
    except Exception:  # the others have to run
        verdict = "FAILED"
        traceback.print_exc()
    print(f"{verdict:6}  {test.__name__}  {time.monotonic() - begin:.1f} s", flush=True)
    return verdict != "FAILED"
