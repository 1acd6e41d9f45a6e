#!/usr/bin/env python3
"""A hundred watchers of the event stream at 1,000 entries a second: none misses an entry or sees one twice, over
reconnects too; a filtered one is moved on past what it does not want; some that never read are dropped with a word,
cost the server a bounded amount of memory, and resume without a gap. Prints the figures. The data folder is in memory,
where there is such a place: watchers are measured here, and not the disk.

    watchers.py [ENTRIES]        how many come, 30000; at least 20000, or none that stalls is dropped
"""

import asyncio
import datetime
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

DAYU = pathlib.Path(os.environ.get("DAYU_BIN", "build/release/bin")).resolve() / "dayu"
PATIENCE_S = 60
WATCHERS = 100
RECONNECTING = 10  # of them
STALLED = 20
RATE_PER_S = 1000
BATCH = 100
MOST_UNDER_WAY = 20  # batches that the disk has not taken yet
KEPT_FOR_A_READER_MIB = 4  # ServerOptions::stream_buffer_limit_bytes
# Beside what stalled readers may hold: 30,000 waiting jobs, the newest 65,536 entries for watchers, and buffers.
REST_MIB = 200
ID = re.compile(rb"^id: (\d+)$", re.M)


class Failed(Exception):
    pass


def expect(condition, message):
    if not condition:
        raise Failed(message)


class Server:
    def __init__(self, root):
        self.root = root
        log = open(root / "server.log", "wb")
        self.process = subprocess.Popen([DAYU, "server", "--data", root / "var", "--listen", "127.0.0.1:0"],
                                        stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=root)
        end = time.monotonic() + PATIENCE_S
        while not (root / "var/address").exists() and time.monotonic() < end:
            time.sleep(0.05)
        url = (root / "var/address").read_text().strip()
        self.host, port = url.removeprefix("http://").rsplit(":", 1)
        self.port, self.url = int(port), url
        self.token = (root / "var/token").read_text().strip()

    def call(self, path, body=None):
        request = urllib.request.Request(self.url + path, data=body, headers={
            "Authorization": "Bearer " + self.token, "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return answer.read(), answer.headers

    def newest(self):
        """The sequence number of the newest entry, by a filter that nothing suits."""
        return int(self.call("/v1/events?type=center_fenced&after=0&limit=1")[1]["Dayu-Events-Next"])

    def gauge(self, name):
        text = self.call("/metrics")[0].decode()
        return float(re.search(rf"^{name} (\S+)$", text, re.M)[1])

    def rss_mib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def cpu_s(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def request(server, query, last_id):
    """HTTP/1.0, so that the body comes as it is and not in chunks."""
    return (f"GET /v1/events{query} HTTP/1.0\r\nHost: {server.host}\r\nAuthorization: Bearer {server.token}\r\n"
            f"Accept: text/event-stream\r\nLast-Event-ID: {last_id}\r\n\r\n").encode()


class Watcher(asyncio.Protocol):
    """Reads, and holds each id against the one before: `step` apart, or any later one where a filter is."""

    def __init__(self, server, query="", after=0, gaps=False, sample=False):
        self.server, self.query, self.gaps, self.sample = server, query, gaps, sample
        self.last, self.events, self.problems, self.delays_ms = after, 0, [], []
        self.rest, self.in_body, self.transport = b"", False, None

    def connection_made(self, transport):
        self.transport, self.rest, self.in_body = transport, b"", False
        transport.write(request(self.server, self.query, self.last))

    def data_received(self, data):
        data = self.rest + data
        if not self.in_body:
            if b"\r\n\r\n" not in data:
                self.rest = data
                return
            head, data = data.split(b"\r\n\r\n", 1)
            self.in_body = True
            if b" 200 " not in head.split(b"\r\n", 1)[0] + b" ":
                self.problems.append(head.decode())
        whole, separator, self.rest = data.rpartition(b"\n\n")  # frames, and the beginning of the next one
        if separator:
            self.take(whole + separator)

    def take(self, frames):
        ids = list(map(int, ID.findall(frames)))
        if not ids:
            return
        self.events += frames.count(b"\ndata: ")
        expected = range(self.last + 1, self.last + 1 + len(ids))
        rises = all(a < b for a, b in zip([self.last, *ids], ids))
        if not (rises if self.gaps else ids == list(expected)):
            self.problems.append(f"after {self.last} came {ids[:3]}..{ids[-1]}")
        self.last = ids[-1]
        if self.sample:
            at = frames[frames.rindex(b'"at":"') + 6:][:24].decode().replace("Z", "+00:00")
            self.delays_ms.append(1000 * (time.time() - datetime.datetime.fromisoformat(at).timestamp()))


class Stalled:
    """Asks, and does not read."""

    def __init__(self, server, query):
        self.server, self.query = server, query
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect((server.host, server.port))
        self.socket.sendall(request(server, query, 0))

    def read_to_end(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)  # in a moment, now that it reads
        self.socket.settimeout(PATIENCE_S)
        all_bytes = b""
        while piece := self.socket.recv(1 << 20):
            all_bytes += piece
        self.socket.close()
        return all_bytes.split(b"\r\n\r\n", 1)[1]


async def produce(server, entries):
    """Batches of jobs at the rate, whatever each takes; a job is one entry."""
    body = json.dumps([{"run": "true", "name": f"job-{n}"} for n in range(BATCH)]).encode()
    begin, under_way, sent = time.monotonic(), set(), 0
    while sent < entries:
        under_way = {call for call in under_way if not call.done()}
        if sent > (time.monotonic() - begin) * RATE_PER_S or len(under_way) >= MOST_UNDER_WAY:
            await asyncio.sleep(0.005)
            continue
        under_way.add(asyncio.create_task(asyncio.to_thread(server.call, "/v1/jobs:batch", body)))
        sent += BATCH
    await asyncio.gather(*under_way)
    return sent / (time.monotonic() - begin)


async def reconnect(watchers):
    loop = asyncio.get_running_loop()
    while True:
        for watcher in watchers:
            await asyncio.sleep(0.2)
            watcher.transport.abort()
            await loop.create_connection(lambda w=watcher: w, watcher.server.host, watcher.server.port)


async def until(condition, what):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        expect(time.monotonic() < end, f"waited {PATIENCE_S} s in vain for {what}")
        await asyncio.sleep(0.05)


async def watch(server, entries):
    loop = asyncio.get_running_loop()
    watchers = [Watcher(server, sample=n == 0) for n in range(WATCHERS)]
    sieve = Watcher(server, "?type=job_ended", gaps=True)  # no job ever ends here
    for watcher in [*watchers, sieve]:
        await loop.create_connection(lambda w=watcher: w, server.host, server.port)
    stalled = [Stalled(server, "" if n % 2 else f"?type=job_accepted&project=default,p{n}") for n in range(STALLED)]
    before_mib, before_s, begin = server.rss_mib(), server.cpu_s(), time.monotonic()
    peak_mib = before_mib

    async def look():
        nonlocal peak_mib
        while True:
            peak_mib = max(peak_mib, server.rss_mib())
            await asyncio.sleep(0.2)

    others = [asyncio.create_task(look()), asyncio.create_task(reconnect(watchers[-RECONNECTING:]))]
    rate = await produce(server, entries)
    others[1].cancel()
    await asyncio.wait(others[1:])
    for watcher in watchers[-RECONNECTING:]:  # cancelled between leaving and coming back
        if watcher.transport.is_closing():
            await loop.create_connection(lambda w=watcher: w, server.host, server.port)
    newest = server.newest()
    await until(lambda: all(w.last >= newest for w in watchers), "every watcher to be at the end")
    took_s = time.monotonic() - begin
    await until(lambda: sieve.last >= newest, "the filtered one to be moved on")
    others[0].cancel()
    for watcher in [*watchers, sieve]:
        expect(not watcher.problems, f"{watcher.query}: {watcher.problems[:3]}")
    expect(sieve.events == 0, "nothing suits the filter")
    expect(all(w.events == newest for w in watchers), [w.events for w in watchers])
    delivered = sum(w.events for w in watchers)
    delays = sorted(watchers[0].delays_ms)
    print(f"{newest} entries at {rate:.0f} a second to {WATCHERS} watchers: {delivered / took_s:.0f} events a second, "
          f"none missing, none twice; {RECONNECTING} of them reconnected all the time")
    print(f"delay from commit to reader: median {statistics.median(delays):.0f} ms, "
          f"99 of 100 within {delays[int(len(delays) * 0.99)]:.0f} ms, longest {delays[-1]:.0f} ms")
    print(f"server: {(server.cpu_s() - before_s) / took_s:.2f} cores; RSS {before_mib:.0f} MiB before, at most "
          f"{peak_mib:.0f} MiB with {STALLED} readers that never read")
    growth, bound = peak_mib - before_mib, STALLED * KEPT_FOR_A_READER_MIB + REST_MIB
    expect(growth < bound, f"RSS grew by {growth:.0f} MiB, more than {bound}")
    for watcher in [*watchers, sieve]:
        watcher.transport.abort()
    return stalled, newest


async def resume(server, stalled, newest):
    """What a dropped reader has, and what it gets from there on, are all entries. The last that it has is a word, unless
    it took nothing for a minute: then there was no room for one."""
    lengths, told = [], 0
    for reader, body in zip(stalled, await asyncio.gather(*(asyncio.to_thread(r.read_to_end) for r in stalled))):
        frames, _, torn = body.rpartition(b"\n\n")
        last = frames.rpartition(b"\n\n")[2]
        told += last.startswith(b"event: problem\ndata: ") and b'"reader_too_slow"' in last and not torn
        ids = list(map(int, ID.findall(frames)))
        gaps = "type" in reader.query
        expect(all(a < b for a, b in zip(ids, ids[1:])), "ids rise")
        expect(gaps or ids == list(range(1, len(ids) + 1)), "what it has is whole")
        watcher = Watcher(server, reader.query, after=ids[-1], gaps=gaps)
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda w=watcher: w, server.host, server.port)
        await until(lambda w=watcher: w.last >= newest, "a resumed reader to be at the end")
        expect(not watcher.problems, watcher.problems[:3])
        lengths.append(len(ids))
        watcher.transport.abort()
    print(f"{len(stalled)} stalled readers were dropped after {min(lengths)} to {max(lengths)} entries, {told} of them with "
          "reader_too_slow as the last word, and resumed without a gap")


async def run(server, entries):
    stalled, newest = await watch(server, entries)
    await resume(server, stalled, newest)
    await until(lambda: server.gauge("dayu_event_watchers") == 0, "no watcher to be left")


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that a time-out leaves nothing behind
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    root = pathlib.Path(tempfile.mkdtemp(prefix="dayu-watchers-", dir=memory))
    server = None
    try:
        server = Server(root)
        asyncio.run(run(server, int(sys.argv[1]) if len(sys.argv) > 1 else 30_000))
        return 0
    except Failed as failed:
        print(failed)
        return 1
    finally:
        if server:
            server.stop()
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
