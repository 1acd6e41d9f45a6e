"""Tests of what `dayu` does on a terminal: they give it one of 100 by 30 and read what it paints."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import time

from world import DAYU, PATIENCE_S, expect, wait_until

OTHER_SCREEN, OWN_SCREEN = "\x1b[?1049h", "\x1b[?1049l"


class Terminal:
    """A pseudo terminal with one `dayu`, or another program, in front of it."""

    def __init__(self, world, *words, program=DAYU, rows=30, columns=100, **environment):
        self.master, slave = pty.openpty()
        self.resize(rows, columns)
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.text = ""
        os.set_blocking(self.master, False)
        self.process = subprocess.Popen([program, *map(str, words)], stdin=slave, stdout=slave, stderr=slave,
                                        cwd=world.root / "elsewhere", start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
                                        env=world.environment | {"TERM": "xterm"} | environment)

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self):
        try:
            while piece := os.read(self.master, 65536):
                self.text += piece.decode(errors="replace")
        except OSError:
            pass
        return self.text

    def shows(self, word):
        wait_until(lambda: word in self.read(), f"{word!r} on the terminal, which has {self.text[-2000:]!r}")

    def type(self, keys):
        os.write(self.master, keys.encode())

    def ends(self, code):
        end = time.monotonic() + PATIENCE_S
        while self.process.poll() is None and time.monotonic() < end:
            self.read()
            time.sleep(0.02)
        self.read()
        expect(self.process.poll() == code, f"exit {self.process.poll()}, not {code}: {self.text[-2000:]!r}")
        expect(termios.tcgetattr(self.slave) == self.before, "the terminal is as it was")
        expect(self.text.count(OTHER_SCREEN) == self.text.count(OWN_SCREEN), "back on its own screen")

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)


def on_terminal(test):
    def run(world):
        opened = []

        def open_one(*words, **how):
            opened.append(Terminal(world, "--data", world.root / "var", *words, **how))
            return opened[-1]

        try:
            test(world, open_one)
        finally:
            for terminal in opened:
                terminal.close()
    run.__name__ = test.__name__
    return run


@on_terminal
def test_top_repaints_until_q(world, terminal):
    job = world.submit("sleep 600", name="long-sleeper")
    wait_until(lambda: world.runs(job), "the job to run")
    top = terminal("top", "-d", "100ms")
    top.shows("long-sleeper")
    top.shows("RUNNING 1")
    expect(OTHER_SCREEN in top.text and "shanghai" in top.text, top.text)
    top.text = top.text[top.text.index(OTHER_SCREEN):]
    world.on("cancel", job).exits(0)
    top.shows("No job runs or waits.")
    top.resize(12, 70)
    top.type("q")
    top.ends(0)
    frames = top.text.split("\x1b[H")[1:]
    expect(len(frames) > 1 and all("\x1b[2J" not in frame for frame in frames), "it repaints, and does not clear")
    world.on("wait", job)


@on_terminal
def test_ctrl_c_and_ctrl_z_hand_the_terminal_back(world, terminal):
    top = terminal("top", "-d", "100ms")
    top.shows("zhongwei")
    top.type("\x1a")
    wait_until(lambda: top.read().endswith(OWN_SCREEN), "the terminal to be handed back")
    os.kill(top.process.pid, signal.SIGCONT)
    wait_until(lambda: top.read().count(OTHER_SCREEN) == 2, "it to go on")
    top.type("\x03")
    top.ends(0)
    terminated = terminal("--watch", "ps")
    terminated.shows("JOBID")
    terminated.process.send_signal(signal.SIGTERM)
    terminated.ends(0)


@on_terminal
def test_watch_repeats_a_verb_that_only_looks(world, terminal):
    watch = terminal("pools", "--watch", "100ms")
    watch.shows("FREE CPUS")  # columns of names may be cut on so narrow a terminal
    wait_until(lambda: watch.read().count("\x1b[H") > 3, "four looks")
    watch.type("q")
    watch.ends(0)
    blocks = subprocess.Popen([DAYU, "--data", world.root / "var", "--watch", "100ms", "pools", "-o", "json"],
                              stdout=subprocess.PIPE, text=True, env=world.environment)
    try:
        lines = [blocks.stdout.readline() for _ in range(3)]
        expect(lines[0].startswith("["), lines)
        time.sleep(0.5)
        expect(blocks.poll() is None, "it goes on")
    finally:
        blocks.kill()
        expect(blocks.communicate()[0].count("\n[\n") + 1 > 2, "block after block")
    world.on("cancel", "1", "--watch", "1s").exits(2).complains("only look")
    world.on("ps", "--watch", "soon").exits(2).complains("soon")
    world.on("describe", "999999", "--watch").exits(3)
    world.on("ps", "--watch", "1ms").exits(2).complains("shortest")


def test_top_prints_once_without_a_terminal(world):
    out = world.on("top").exits(0).says("centre(s)", "shanghai", "CPUS USED/ALL").out
    expect("\x1b" not in out, "no escapes without a terminal")
    answer = world.on("top", "-o", "json").exits(0).json()
    expect({center["name"] for center in answer["centers"]} == {"shanghai", "zhongwei"}, answer)
    world.on("top", "--delay", "0s").exits(2).complains("shortest")
    world.dayu("--server", "http://127.0.0.1:1", "top").exits(7)


@on_terminal
def test_tables_fit_and_colours_can_be_left_out(world, terminal):
    job = world.submit("sleep 600", name="长" * 40)
    wait_until(lambda: world.runs(job), "the job to run")
    for words, environment, colored in (((), {}, True), (("--no-color",), {}, False), ((), {"NO_COLOR": "1"}, False),
                                        ((), {"TERM": "dumb"}, False)):
        shown = terminal("ps", *words, columns=80, **environment)
        shown.ends(0)
        expect(("\x1b[32m" in shown.text) == colored, f"{words} {environment}: {shown.text!r}")
        for line in re.sub(r"\x1b\[\d*m", "", shown.text).splitlines():
            expect(sum(2 if ord(c) > 0x2E80 else 1 for c in line) <= 80, f"wider than 80: {line!r}")
    plain = world.on("ps", COLUMNS="80").exits(0).out
    expect("…" in plain and "\x1b" not in plain, plain)
    expect("长" * 40 in world.on("ps").exits(0).out, "in full where nobody says how wide")
    world.on("cancel", job).exits(0)
    world.on("wait", job)


@on_terminal
def test_waits_are_told_on_stderr(world, terminal):
    job = world.submit("sleep 600", name="awaited")
    waiting = terminal("wait", job)
    waiting.shows(f"waiting for job {job} ... 1s")
    world.on("cancel", job).exits(0)
    waiting.ends(1)
    expect(waiting.text.rstrip().splitlines()[-1].endswith(f"job {job} CANCELLED 0:15") or "CANCELLED" in waiting.text,
           waiting.text)
    expect("\r\x1b[K" in waiting.text, "the line is taken away again")
