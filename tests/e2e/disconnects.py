#!/usr/bin/env python3
"""Clients that go away in the middle of whatever they do: of a request's head, of a body, before the answer, in the middle
of a long answer or of a stream. Each is done many times at once. Afterwards the server is as healthy as before, holds no
descriptor more, has done each thing once or not at all, and the journal checks.
"""

import hashlib
import json
import os
import re
import socket
import struct
import sys
import threading
import time
import uuid

from world import PATIENCE_S, World, expect, passes, tests_of, wait_until

TIMES = 20          # each, at the same time
FEWER_THAN_A_JOB_TAKES = 10  # commands inside a job; one that nobody reads from counts for a minute
SLACK = 4           # descriptors that may be open for a moment
MANY = 1_000        # jobs in a list whose answer does not fit into a socket
QUIET_S = 0.5


class Client:
    """One connection, and nothing that helps: what is sent is what stands there."""

    def __init__(self, world, token=None):
        self.token = token or world.token
        host, port = world.url.removeprefix("http://").rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=PATIENCE_S)

    def head(self, method, path, **headers):
        lines = [f"{method} {path} HTTP/1.1", "Host: dayu", f"Authorization: Bearer {self.token}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def send(self, data):
        self.socket.sendall(data)

    def ask(self, method, path, body=b"", **headers):
        self.send(self.head(method, path, Content_Length=len(body), **headers) + body)

    def answer(self):
        """(status, body) of an answer that has a length."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.receive()
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(re.search(rb"(?i)content-length: *(\d+)", head)[1])
        while len(body) < length:
            body += self.receive()
        return int(head.split()[1]), json.loads(body)

    def receive(self, size=65_536):
        data = self.socket.recv(size)
        expect(data, "the server closed the connection")
        return data

    def leave(self):
        """As a program that was killed: whatever is under way is torn off."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def many_at_once(what, times=TIMES):
    failures = []

    def run(number):
        try:
            what(number)
        except Exception as error:  # told by the one that waits
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    expect(not failures, f"{len(failures)} of {times} failed: {failures[:1]}")


def ask(world, method, path, body=b"", **headers):
    client = Client(world)
    client.ask(method, path, body, **headers)
    answer = client.answer()
    client.leave()
    return answer


def descriptors(world):
    return len(os.listdir(f"/proc/{world.server.pid}/fd"))


def threads(world):
    return len(os.listdir(f"/proc/{world.server.pid}/task"))


def unharmed(test):
    """What holds after each of the tests below."""

    def checked(world):
        before = descriptors(world), threads(world)
        test(world)
        expect(world.server.poll() is None, "the server has ended:\n" + world.log("server.log"))
        wait_until(lambda: descriptors(world) <= before[0] + SLACK, f"descriptors to be {before[0]} again, as before")
        wait_until(lambda: threads(world) <= before[1], f"threads to be {before[1]} again, as before")
        expect(ask(world, "GET", "/readyz")[0] == 200, "the server is not ready")

    checked.__name__ = test.__name__
    return checked


def job(name, **keys):
    return json.dumps({"name": name, "resources": {"cpus": 1, "memory": 1}, "run": "true", "hold": True, **keys}).encode()


def jobs_named(world, name):
    found = [each for each in ask(world, "GET", "/v1/jobs?all=true&limit=1000")[1]["jobs"] if each["name"] == name]
    return len(found)


@unharmed
def test_in_the_head(world):
    def leave(number):
        client = Client(world)
        head = client.head("GET", "/v1/jobs")
        client.send(head[:1 + number * len(head) // TIMES])
        client.leave()

    many_at_once(leave)


@unharmed
def test_in_a_job_file(world):
    def leave(number):
        client, body = Client(world), job("half")
        client.send(client.head("POST", "/v1/jobs", Content_Length=len(body)) + body[:number * len(body) // TIMES])
        client.leave()

    many_at_once(leave)
    time.sleep(QUIET_S)
    expect(jobs_named(world, "half") == 0, "half a job file became a job")


@unharmed
def test_before_the_answer_of_a_submit(world):
    """The job is there once, however often the client asks again with the same key."""
    keys = [str(uuid.uuid4()) for _ in range(TIMES)]

    def submit(number):
        for _ in range(3):
            client = Client(world)
            client.ask("POST", "/v1/jobs", job("once"), Idempotency_Key=keys[number])
            client.leave()
        status, answer = ask(world, "POST", "/v1/jobs", job("once"), Idempotency_Key=keys[number])
        expect(status in (200, 201), f"{status} {answer}")

    many_at_once(submit)
    expect(jobs_named(world, "once") == TIMES, f"{jobs_named(world, 'once')} jobs of {TIMES} keys")


@unharmed
def test_in_an_upload_that_goes_on_later(world):
    content = os.urandom(300_000)
    digest = hashlib.sha256(content).hexdigest()

    def give(offset, part, sent=1.0):
        """What the server says of it; nothing when the client leaves before all was sent."""
        client = Client(world)
        body = f"{digest} {offset} {len(content)} {len(part)}\n".encode() + part
        head = client.head("POST", "/v1/contents", Content_Type="application/octet-stream", Content_Length=len(body))
        client.send(head + body[:int(sent * len(body))])
        answer = client.answer()[1]["contents"][0] if sent == 1.0 else None
        client.leave()
        return answer

    expect(give(0, content[:100_000])["received"] == 100_000, "the first part was not taken")
    many_at_once(lambda number: give(100_000, content[100_000:], sent=number / TIMES))
    wanted = json.dumps({"contents": [{"sha256": digest, "bytes": len(content)}]}).encode()
    received = ask(world, "POST", "/v1/contents:missing", wanted)[1]["missing"][0]["received"]
    expect(received == 100_000, f"{received} bytes are there; whole pieces make 100,000")
    expect(give(received, content[received:])["complete"], "the upload did not go on where it was")


@unharmed
def test_in_a_long_answer(world):
    def leave(_):
        client = Client(world)
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.ask("GET", "/v1/jobs?all=true&limit=1000")
        client.receive(1_000)
        client.leave()

    many_at_once(leave)


@unharmed
def test_in_a_stream_of_events(world):
    """Who comes back says how far they were, and misses nothing."""
    def watch(number):
        seen, last = [], 0
        while len(seen) < 200:
            client = Client(world)
            client.send(client.head("GET", f"/v1/events?after={last}", Accept="text/event-stream"))
            data = b""
            while data.count(b"\nid: ") < 10 + number:
                data += client.receive(2_000)
            client.leave()
            for frame in data.split(b"\n\n")[:-1]:  # the last may be torn
                found = re.search(rb"^id: (\d+)$", frame, re.M)
                if found:
                    seen.append(int(found[1]))
                    last = seen[-1]
        expect(seen == list(range(1, len(seen) + 1)), f"not each entry once, in order: {seen[:40]}")

    many_at_once(watch)


@unharmed
def test_while_it_waits_for_a_job(world):
    waited_for = world.submit("true", name="waited-for", hold="true")

    def leave(_):
        client = Client(world)
        client.ask("GET", f"/v1/jobs/{waited_for}/wait?timeout_s=20")
        time.sleep(0.1)
        client.leave()

    many_at_once(leave)
    world.on("cancel", waited_for).exits(0)


@unharmed
def test_while_it_follows_a_log(world):
    running = world.submit("for i in $(seq 1000); do echo line $i; sleep 0.05; done", name="logged")
    wait_until(lambda: world.runs(running), "the job to run")

    def leave(_):
        client = Client(world)
        client.ask("GET", f"/v1/jobs/{running}/log?offset=1000000&wait_s=10")
        time.sleep(0.1)
        client.leave()

    many_at_once(leave)
    expect("line 1\n" in world.on("logs", running).exits(0).out, "the log is not there for the next reader")
    world.on("cancel", running).exits(0)


@unharmed
def test_in_a_command_inside_a_job(world):
    running = world.submit("sleep 60", name="entered")
    wait_until(lambda: world.runs(running), "the job to run")

    def enter(_):
        client = Client(world)
        client.ask("POST", f"/v1/jobs/{running}/reach", json.dumps({"kind": "exec", "argv": ["sleep", "30"]}).encode())
        client.leave()

    many_at_once(enter, FEWER_THAN_A_JOB_TAKES)
    expect(world.on("exec", running, "--", "echo", "inside").exits(0).out == "inside\n", "nobody else gets in")
    world.on("cancel", running).exits(0)


@unharmed
def test_in_a_sync_of_an_agent(world):
    """A stranger with an agent's token; the real agent goes on meanwhile."""
    token = (world.root / "var/agent-token").read_text().strip()
    body = json.dumps({"agent": "torn", "installation": "torn", "incarnation": 1, "number": 1, "wait_ms": 20_000}).encode()

    def leave(number):
        client = Client(world, token)
        client.send(client.head("POST", "/v1/agent/sync", Content_Type="application/json", Content_Length=len(body)) +
                    body[:number * len(body) // (TIMES - 1)])  # one of them is whole, and waits
        client.leave()

    many_at_once(leave)
    world.on("wait", world.submit("true", name="meanwhile")).exits(0)


def main(words):
    world = World()
    try:
        world.url = world.start_server()
        world.token = (world.root / "var/token").read_text().strip()
        world.start_agent(world.url)
        batch = b"[" + b",".join(job(f"filler-{number}") for number in range(MANY)) + b"]"
        status, answer = ask(world, "POST", "/v1/jobs:batch", batch)
        expect(status == 200, f"{status} {answer}")
        chosen = [test for test in tests_of(sys.modules[__name__]) if not words or any(w in test.__name__ for w in words)]
        failed = [test for test in chosen if not passes(test, world)]
        code = world.stop(world.server)
        checked = world.dayu("--data", world.root / "var", "journal", "check")
        expect(code == 0 and checked.code == 0, f"exit {code}; {checked.out}{checked.err}")
        world.server = None
        if failed:
            print(world.log("server.log"))
        return 1 if failed else 0
    finally:
        world.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
