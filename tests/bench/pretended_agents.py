"""Agents that only pretend: each speaks for one centre, and all that it is told to start runs at once, in word alone.

    pretended_agents.py HOST PORT TOKEN_FILE CENTERS.jsonl [TURNOVER_PERCENT] [TURNOVER_EVERY_S]

They sync as real ones do: long polls, their whole view each time. With a turnover, that share of each centre's
attempts ends again and again, from the moment when a line comes on stdin. The end of stdin ends it all.
"""
import asyncio
import datetime
import json
import pathlib
import random
import sys

WAIT_MS = 10_000
PAUSE_S = 0.2  # between syncs that have something to say: an agent's engine is not asked more often


def now_text():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


class Server:
    def __init__(self, host, port, token):
        self.host, self.port, self.token = host, port, token

    async def connect(self):
        return await asyncio.open_connection(self.host, self.port, limit=1 << 24)

    async def post(self, connection, path, value):
        reader, writer = connection
        body = json.dumps(value).encode()
        writer.write((f"POST {path} HTTP/1.1\r\nHost: {self.host}\r\nAuthorization: Bearer {self.token}\r\n"
                      f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length:")[1].split("\r\n")[0])
        answer = json.loads(await reader.readexactly(length))
        if not head.startswith("http/1.1 200"):
            sys.exit(f"a sync was refused: {answer}")
        return answer


class Center:
    """One centre and its agent: what it holds, and what it has to tell."""

    def __init__(self, declared):
        self.declared, self.name = declared, declared["name"]
        self.started = {}  # token -> when
        self.news = {}     # token -> what is to be told of it next
        self.number = 0

    def request(self):
        self.number += 1
        return {"agent": f"agent-of-{self.name}", "installation": f"pretended-{self.name}", "incarnation": 1,
                "number": self.number, "centers": [self.declared], "holding": list(self.started),
                "observations": list(self.news.values()),
                "stopping": [token for token, news in self.news.items() if "ending" in news],
                "wait_ms": 0 if self.news else WAIT_MS}

    def observe(self, token, state, **more):
        self.news[token] = {"token": token, "state": state, "at": now_text(), **more}

    def end(self, token, cause):
        at = now_text()
        self.observe(token, "ENDED", ending={"cause": cause, "started": self.started[token], "ended": at})

    def take(self, reply):
        self.news = {}
        for order in reply.get("starts", []):
            self.started[order["token"]] = now_text()
            self.observe(order["token"], "RUNNING")
        for token in reply.get("settled", []):
            self.started.pop(token, None)
        for order in reply.get("stops", []):
            if order["token"] in self.started:
                self.end(order["token"], order["cause"])

    def turn_over(self, percent):
        candidates = [token for token in self.started if token not in self.news]
        for token in random.sample(candidates, min(len(candidates), max(1, len(self.started) * percent // 100))):
            self.end(token, "exited")


async def speak_for(center, server):
    connection = await server.connect()
    while True:
        reply = await server.post(connection, "/v1/agent/sync", center.request())
        center.take(reply)
        if center.news:
            await asyncio.sleep(PAUSE_S)


async def turn_over(centers, percent, every_s, line):
    await line
    while True:
        for center in centers:  # spread over the time
            center.turn_over(percent)
            await asyncio.sleep(every_s / len(centers))


async def read_stdin():
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


async def main(host, port, token_file, centers_file, percent="0", every_s="10"):
    random.seed(1)
    server = Server(host, int(port), pathlib.Path(token_file).read_text().strip())
    centers = [Center(json.loads(line)) for line in open(centers_file)]
    stdin = await read_stdin()
    tasks = [asyncio.create_task(speak_for(center, server)) for center in centers]
    first_line = asyncio.create_task(stdin.readline())
    if int(percent):
        tasks.append(asyncio.create_task(turn_over(centers, int(percent), float(every_s), first_line)))

    async def until_stdin_ends():
        await first_line
        await stdin.read()
    done, _ = await asyncio.wait([*tasks, asyncio.create_task(until_stdin_ends())],
                                 return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
