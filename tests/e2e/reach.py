#!/usr/bin/env python3
"""dayu exec, cp and ls from outside: a real server and a real agent, commands with pipes and with a terminal, files
both ways, paths that try to escape, readers that stall, an agent that is killed in the middle of a copy.
reach.py [NAME...] runs only the tests whose name contains one of the words.
"""

import hashlib
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time

from world import DAYU, PATIENCE_S, Skipped, expect, run_tests, tests_of, wait_until

ECHO_LIMIT_S = 1.0  # a loaded machine; alone it is some milliseconds
ECHOES = 20


def running(world, run, **keys):
    job = world.submit(run, **keys)
    wait_until(lambda: world.runs(job), "the job to run")
    return job


def cancel(world, job):
    world.on("cancel", job).exits(0)
    world.on("wait", job)


def start(world, *arguments, **how):
    return subprocess.Popen([DAYU, "--data", world.root / "var", *map(str, arguments)], cwd=world.root / "elsewhere",
                            env=world.environment, **how)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_exec_hands_everything_through(world):
    job = running(world, "echo here > mark; sleep 600")
    wait_until(lambda: "mark" in world.on("ls", job).out, "the job to have begun")
    done = world.on("exec", job, "--", "sh", "-c", "cat mark; cat; echo oops >&2; exit 7", stdin="typed\n").exits(7)
    expect(done.out == "here\ntyped\n", done.out)
    done.complains("oops")
    env = world.on("exec", job, "--", "env").exits(0).says(f"DAYU_JOB_ID={job}", "DAYU_RANK=0").out
    expect("TERM=" not in env, env)
    expect(world.on("exec", job, "--", "id", "-u").out == world.on("exec", job, "--", "stat", "-c%u", "mark").out, "user")
    world.on("exec", job, "--", "no-such-command").exits(127).complains("no-such-command")
    world.on("exec", job, "--", "sh", "-c", "kill -KILL $$").exits(137)
    big = "x" * 3_000_000
    expect(world.on("exec", job, "--", "cat", stdin=big).exits(0).out == big, "3 MB through cat")
    world.on("exec", job, "--node", "1", "--", "true").exits(2).complains("node_unknown")
    world.on("exec", job).exits(2)
    world.on("exec", "999999", "--", "true").exits(3).complains("job_unknown")
    cancel(world, job)
    world.on("exec", job, "--", "true").exits(5).complains("attempt_ended", f"job {job}")


def test_exec_ends_with_the_attempt_and_leaves_nothing(world):
    job = running(world, "sleep 600")
    world.on("exec", job, "--", "sh", "-c", "sleep 4321 & echo begun").exits(0)
    left = subprocess.run(["pgrep", "-fx", "sleep 4321"], capture_output=True, check=False).stdout
    expect(left == b"", "what a command leaves behind ends with it")
    command = start(world, "exec", job, "--", "sleep", "600", stdin=subprocess.DEVNULL)
    time.sleep(0.5)
    begin = time.monotonic()
    cancel(world, job)
    expect(command.wait(PATIENCE_S) == 137, "it is killed with the attempt")
    expect(time.monotonic() - begin < 20, "and soon")


class Terminal:
    """`dayu exec` with a terminal on both of its sides."""

    def __init__(self, world, *arguments):
        self.master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (33, 77))
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.seen = ""
        self.process = start(world, "exec", *arguments, stdin=slave, stdout=slave, stderr=slave)

    def expect(self, text, patience_s=PATIENCE_S):
        end = time.monotonic() + patience_s
        while text not in self.seen:
            left = end - time.monotonic()
            expect(left > 0, f"no {text!r} in {self.seen!r}")
            if select.select([self.master], [], [], left)[0]:
                self.seen += os.read(self.master, 65536).decode(errors="replace")
        self.seen = self.seen[self.seen.index(text) + len(text):]

    def type(self, text):
        os.write(self.master, text.encode())

    def close(self):
        os.close(self.master)
        os.close(self.slave)


def test_terminal(world):
    job = running(world, "sleep 600")
    terminal = Terminal(world, job, "--", "sh")
    terminal.type("stty size; tty; echo $TERM-\n")
    terminal.expect("33 77")
    terminal.expect("/dev/pts/")
    termios.tcsetwinsize(terminal.slave, (40, 100))
    terminal.process.send_signal(signal.SIGWINCH)
    time.sleep(0.5)
    terminal.type("stty size\n")
    terminal.expect("40 100")
    terminal.type("cat\n")
    time.sleep(0.3)
    terminal.seen = ""
    waits = []
    for i in range(ECHOES):
        begin = time.monotonic()
        terminal.type(chr(ord("a") + i))
        terminal.expect(chr(ord("a") + i))
        waits.append(time.monotonic() - begin)
    waits.sort()
    print(f"        key to echo: median {waits[ECHOES // 2] * 1000:.1f} ms, worst {waits[-1] * 1000:.1f} ms", flush=True)
    expect(waits[ECHOES // 2] < ECHO_LIMIT_S, waits)
    terminal.type("\x03")  # to cat, not to dayu
    terminal.expect("^C")
    time.sleep(0.5)  # what is typed before cat has gone is thrown away with it
    terminal.type("exit 5\n")
    expect(terminal.process.wait(PATIENCE_S) == 5, "the exit code comes through")
    expect(termios.tcgetattr(terminal.slave) == terminal.before, "the terminal is as it was")
    terminal.close()
    terminal = Terminal(world, job, "--", "sleep", "600")
    wait_until(lambda: termios.tcgetattr(terminal.slave) != terminal.before, "the terminal to be raw")
    terminal.process.terminate()
    code = terminal.process.wait(PATIENCE_S)
    expect(code == 143, f"ended by TERM: {code}")
    expect(termios.tcgetattr(terminal.slave) == terminal.before, "the terminal is as it was after a signal")
    terminal.close()
    cancel(world, job)


def test_copies_both_ways(world):
    job = running(world, "mkdir -p model/deep; echo one > model/a; echo two > model/deep/b; chmod 750 model/a; "
                         "ln -s /etc/hostname model/link; sleep 600")
    here = world.root / "elsewhere"
    wait_until(lambda: "link" in world.on("ls", f"{job}:model").out, "the job to have written all of it")
    world.on("cp", f"{job}:model/a", "a").exits(0).complains("1 file")
    expect((here / "a").read_text() == "one\n" and (here / "a").stat().st_mode & 0o777 == 0o750, "content and mode")
    world.on("cp", f"{job}:model/", "out").exits(0).complains("2 files", "link: no file")
    expect((here / "out/deep/b").read_text() == "two\n" and not (here / "out/link").exists(), "a folder")
    (here / "big").write_bytes(os.urandom(5_000_001))
    world.on("cp", "big", f"{job}:model/").exits(0)
    world.on("cp", f"{job}:model/big", "back").exits(0)
    expect(digest(here / "big") == digest(here / "back"), "5 MB there and back")
    world.on("cp", "out", f"{job}:in/").exits(3)  # no folder `in` yet
    world.on("cp", "out", f"{job}:in").exits(0)
    world.on("exec", job, "--", "cat", "in/deep/b").exits(0).says("two")
    names = [entry["name"] for entry in world.on("ls", f"{job}:model", "-o", "json").exits(0).json()]
    expect(names == ["a", "big", "deep", "link"], names)
    world.on("cp", f"{job}:model/", "--list").exits(0).says("deep/", "big")
    world.on("cp", f"{job}:nothing", "x").exits(3).complains("file_not_found", f"job {job}", "nothing")
    world.on("cp", "a", "b").exits(2).complains("JOB:PATH")
    cancel(world, job)
    world.on("cp", f"{job}:model/a", "after").exits(0)
    expect((here / "after").read_text() == "one\n", "an ended attempt's files")
    world.on("cp", "a", f"{job}:late").exits(0)
    world.on("ls", job).exits(0).says("late")


def test_paths_do_not_escape(world):
    job = running(world, "ln -s / root; ln -s ../../.. up; ln -s /etc/passwd passwd; mkfifo pipe; sleep 600")
    for path in ("/etc/passwd", "../claim", "root/etc/passwd", "up/agent.lock", "passwd", "x/../../claim"):
        done = world.on("cp", f"{job}:{path}", "stolen")
        expect(done.code in (3, 4), f"{path}: exit {done.code} {done.err}")
        expect(not (world.root / "elsewhere/stolen").exists(), path)
    (world.root / "elsewhere/evil").write_text("evil")
    for path in ("/tmp/dayu-evil", "../evil", "root/tmp/dayu-evil", "up/evil"):
        done = world.on("cp", "evil", f"{job}:{path}")
        expect(done.code in (3, 4, 5), f"{path}: exit {done.code} {done.err}")
    expect(not os.path.exists("/tmp/dayu-evil"), "written outside")
    world.on("cp", f"{job}:pipe", "x").exits(2).complains("not_a_file")
    cancel(world, job)


def test_copy_goes_on_after_the_agent_was_killed(world):
    size = 48 << 20
    job = running(world, f"head -c {size} /dev/urandom > big; sha256sum big | cut -c1-64; sleep 600")
    wait_until(lambda: re.search("[0-9a-f]{64}", world.on("logs", job).out), "the file")
    want = world.on("logs", job).out.strip()
    copy = start(world, "cp", f"{job}:big", "got", stderr=subprocess.PIPE, text=True)
    part = world.root / "elsewhere/got.dayu-part"
    wait_until(lambda: part.exists() and part.stat().st_size > 0 or copy.poll() is not None, "the copy to begin")
    world.agent.kill()
    world.agent.wait()
    server = (world.root / "var/address").read_text().strip()
    world.start_agent(server)
    _, err = copy.communicate(timeout=150)
    expect(copy.returncode == 0, err)
    expect(digest(world.root / "elsewhere/got") == want, "whole and right")
    cancel(world, job)


def test_stalled_reader_costs_no_memory(world):
    job = running(world, "sleep 600")
    stalled = start(world, "exec", job, "--", "cat", "/dev/zero", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    time.sleep(3)
    for process in (world.server, world.agent, stalled):
        with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
            resident = int(re.search(r"VmRSS:\s+(\d+) kB", status.read())[1])
        expect(resident < 400_000, f"{resident} kB resident")
    stalled.stdout.close()
    stalled.terminate()
    stalled.wait(PATIENCE_S)
    world.on("exec", job, "--", "true").exits(0)
    cancel(world, job)


def test_two_gibibytes(world):
    if not os.environ.get("DAYU_FULL"):
        raise Skipped("for DAYU_FULL=1")
    job = running(world, "truncate -s 2G sparse; sleep 600")
    begin = time.monotonic()
    world.on("cp", f"{job}:sparse", "sparse", timeout=1200).exits(0)
    print(f"        2 GiB in {time.monotonic() - begin:.0f} s", flush=True)
    expect((world.root / "elsewhere/sparse").stat().st_size == 2 << 30, "its length")
    cancel(world, job)


if __name__ == "__main__":
    sys.exit(run_tests(tests_of(sys.modules[__name__]), sys.argv[1:]))
