#!/usr/bin/env python3
"""Values at the edge of what a place can hold, one at a time in every place of every request: numbers next to 64 bits, times
at the end of the calendar, texts too long, nothing at all. Whatever is answered, the server is not at fault and goes on; and
all that came of it is found again when the server is started anew.
"""

import copy
import http.client
import json
import re
import sys
import urllib.parse

from world import PATIENCE_S, World, expect, passes, tests_of, wait_until

LONG = "a" * 2_000
NUMBERS = [0, 1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, 2**64]
TEXTS = ["", "0", "-1", str(2**63 - 1), str(-2**63), str(2**64), "9223372036854.775807", f"0-{2**63 - 1}", f"{2**63 - 1}d",
         "9999-12-31T23:59:59-23:59", "0000-01-01T00:00:00+23:59", "\0", "\ud800", "../..", "大" * 100, LONG]
EDGES = [None, True, -1, -2**63, 1.5, [], {}, [[]], *NUMBERS, *TEXTS]
BATCH = 50  # job files in one request
MOST_STARTS = 500  # in one answer to an agent
AT_FAULT = range(500, 600)
NOT_AT_FAULT = (501, 503)  # what this server does not do, or not now

WHOLE_JOB = {
    "name": "edges", "kind": "batch", "nodes": 2, "resources": {"accelerators": "A100-80GB:4", "cpus": 8, "memory": 64},
    "run": "true", "setup": "true", "env": {"A": "b"}, "hold": True, "time_limit": "2h", "runtime": "90m", "begin": "1h",
    "deadline": "2099-01-01T00:00:00+08:00", "array": "0-3%2", "depends_on": [{"job": 1, "on": "any"}, "2_0"],
    "checkpoint": {"path": "saved", "signal": "USR1", "grace_s": 60}, "retry": {"max": 2, "on_exit": [75], "backoff": "30s"},
    "placement": {"prefer": {"wait_yuan_per_chip_hour": "1.5", "carbon_yuan_per_kg": "0.1"},
                  "on_contact_lost": {"move_after": "30m"}, "regions": ["cn"], "tiers": ["city"], "security_level": 1,
                  "data_class": "general", "max_price": "1000000000"},
    "variants": [{"accelerators": "Ascend910B:8", "cpus": 4, "memory": "32GiB", "env": {"B": "c"}, "run": "x",
                  "nodes": 2, "time_limit": "2h", "runtime": "1h"}, {}],
    "secrets": ["key"], "data": {"inputs": [{"dataset": "tang", "bytes": 5}], "outputs": ["out"]}, "priority": "high",
    "preemptible": True, "billing": {"project": "poems"}, "workdir": None,
}

OPTIONS = {  # of sbatch
    "account": "poems", "array": "0-3:2%2", "begin": "now+2hours", "chdir": "/tmp", "constraint": "a100",
    "cpus-per-gpu": "4", "cpus-per-task": "4", "deadline": "2099-01-01T00:00:00Z", "dependency": "afterok:1:1_2",
    "export": "A=1", "gpus": "a100:4", "gpus-per-node": "4", "gpus-per-task": "a100:1", "gres": "gpu:a100:4",
    "job-name": "edges", "mem": "4G", "mem-per-cpu": "1T", "mem-per-gpu": "1024K", "mincpus": "2", "nice": "10", "nodes": "1-2",
    "ntasks": "2", "ntasks-per-node": "2", "priority": "7", "qos": "high", "signal": "B:USR1@300", "time": "1-2:03:04",
}

MANIFEST = {
    "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "edges", "labels": {"kueue.x-k8s.io/queue-name": "poems"}},
    "spec": {
        "suspend": True, "backoffLimit": 3, "activeDeadlineSeconds": 7200, "completions": 4, "parallelism": 2,
        "completionMode": "Indexed", "ttlSecondsAfterFinished": 60,
        "podFailurePolicy": {"rules": [{"action": "FailJob", "onExitCodes": {"operator": "NotIn", "values": [75]}}]},
        "template": {"spec": {
            "restartPolicy": "Never", "terminationGracePeriodSeconds": 90, "activeDeadlineSeconds": 60,
            "priorityClassName": "high", "nodeSelector": {"nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB"},
            "containers": [{"name": "c", "image": "i", "command": ["true"], "args": ["$(A)"], "workingDir": "/tmp",
                            "env": [{"name": "A", "value": "$(B)"}],
                            "resources": {"limits": {"cpu": "1500m", "memory": "1.5Gi", "nvidia.com/gpu": 2}}}]}}},
}

REASON = {"reason": "a test"}
DIGEST = "0" * 64
BODIES = {  # of the operations that take JSON
    "reachJob": {"kind": "exec", "attempt": 1, "node": 0, "argv": ["true"], "term": "xterm", "rows": 24, "columns": 80},
    "fenceCenter": REASON, "drainCenter": REASON, "excludeNode": {"node": "cpu/0"} | REASON,
    "includeNode": {"node": "cpu/0"} | REASON, "setDataset": {"bytes": 90_000, "centers": ["edge"]},
    "setQueue": {"weight_milli": 2_000, "quotas": [{"chip": "A100-80GB", "guaranteed_milli": 8_000, "kept_milli": 0, "limit_milli": 16_000}]},
    "findMissingContents": {"contents": [{"sha256": DIGEST, "bytes": 5}]},
    "setHook": {"kind": "webhook", "url": "https://127.0.0.1/x", "secret": "s" * 32, "events": ["job_ended"], "language": "zh",
                "filter": {"owner": "o", "name": "n-*", "failures_only": True}},
    "createToken": {"name": "one", "role": "agent", "expires": "2099-01-01T00:00:00Z", "centers": ["edge"]},
    "giveContents": {"token": "0-1-1", "installation": "edges", "contents": [{"sha256": DIGEST, "received": 0}]},
}
BODIES_ABOVE = {"submitJob", "submitJobs", "weighJob", "syncAgent"}  # have tests of their own
RECEIVED_BY_OTHERS = {"receiveNotice"}
PLACES = {"id": "1", "job": "1", "number": "1", "name": "edge", "path": "default/default"}  # what is there; of other places nothing is

CENTER = {
    "name": "edge", "title": "边", "tier": "city", "region": "cn/edge", "security_level": 3,
    "energy": {"pue_milli": 1250, "grid_mg_per_kwh": 420_500, "source": "a test"},
    "link": {"rtt_us": 2000, "mbit_per_s": 10_000, "price_per_gib": "0.10"},
    "engine": {"kind": "process", "fences_itself": True, "enforces": ["memory"], "lacks": ["images"]},
    "pools": [{"name": "cpu", "chip": "", "nodes": 1000, "chips_per_node": 0, "cpus_per_node": 4, "memory_mib_per_node": 8192,
               "price_per_chip_hour": "0", "price_per_cpu_hour": "0.10", "watts_per_cpu": 10}],
}
DEAR = CENTER | {"name": "dear", "pools": [CENTER["pools"][0] | {
    "name": "a100", "chip": "A100-80GB", "nodes": 100, "chips_per_node": 1024, "cpus_per_node": 65_536,
    "memory_mib_per_node": 2**30, "price_per_chip_hour": "1000000", "price_per_cpu_hour": "1000000",
    "watts_per_cpu": 10_000}]}
HEALTH = {
    "version": "1.0.0", "clock_ahead_ms": 5, "round_trip_ms": 5, "load_milli": 500, "cpus": 4, "memory_mib": 1000,
    "free_memory_mib": 500,
    "disks": [{"path": "/", "total_mib": 1000, "free_mib": 500, "total_files": 1000, "free_files": 500}],
}
TIME = "2026-12-01T00:00:00.000Z"
OBSERVATION = {
    "state": "ENDED", "at": TIME,
    "windows": [{"from": TIME, "to": "2026-12-01T00:01:00.000Z", "usage": {"cpu_ms": 5, "peak_memory_mib": 5}},
                {"from": TIME, "to": "2026-12-01T00:02:00.000Z", "usage": {"cpu_ms": 2**63 - 1, "peak_memory_mib": 5}}],
    "ending": {"cause": "exited", "code": 0, "signal": 0, "started": TIME, "ended": "2026-12-01T00:02:00.000Z",
               "total": {"cpu_ms": 5, "peak_memory_mib": 5}, "detail": "",
               "outputs": [{"path": "out", "bytes": 5, "sha256": DIGEST}]},
}


# --- one value at a time

def places_in(document, path=()):
    """The way to each value, and to what holds others."""
    if path:
        yield path
    rows = document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    for key, value in rows:
        yield from places_in(value, (*path, key))


def value_at(document, path):
    for key in path:
        document = document[key]
    return document


def edges_of(value):
    """All that may stand in its place; of a text also each of its numbers may be another."""
    yield from EDGES
    for number in re.finditer(r"\d+", value) if isinstance(value, str) else ():
        for edge in (-1, *NUMBERS):
            yield value[:number.start()] + str(edge) + value[number.end():]


def variations_of(document):
    for path in places_in(document):
        for edge in edges_of(value_at(document, path)):
            varied = copy.deepcopy(document)
            value_at(varied, path[:-1])[path[-1]] = edge
            yield varied


# --- a server that is asked

class Asker:
    def __init__(self, world):
        self.world = world
        self.tokens = {"user": self.token("token"), "agent": self.token("agent-token")}
        self.connection = None
        self.syncs = 0

    def token(self, file):
        return (self.world.root / "var" / file).read_text().strip()

    def ask(self, method, path, body=None, who="user", **headers):
        """(status, body); a connection that the server broke off is 0, as it may do with what is no HTTP."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.world.url.removeprefix("http://"), timeout=PATIENCE_S)
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        try:
            self.connection.request(method, path, data, {"Authorization": f"Bearer {self.tokens[who]}"} | headers)
            answer = self.connection.getresponse()
            status, said = answer.status, answer.read()
        except (http.client.HTTPException, ConnectionError):
            self.connection.close()
            self.connection, status, said = None, 0, b""
        asked = f"{method} {path[:300]} {headers}\n{(data or b'')[:3000]!r}\n"
        if status == 0:
            expect(self.world.server.poll() is None, f"the server has ended:\n{asked}")
        self.judge(status, asked, said)
        return status, said

    @staticmethod
    def judge(status, asked, said):
        expect(status not in AT_FAULT or status in NOT_AT_FAULT, f"{status} for {asked}{said[:1000]}")

    def sync(self, **words):
        self.syncs += 1
        request = {"agent": "edges", "installation": "edges", "incarnation": 1, "number": self.syncs, "centers": [CENTER, DEAR]}
        status, said = self.ask("POST", "/v1/agent/sync", request | words, who="agent")
        return json.loads(said) if status == 200 else {}


def test_job_files(asker):
    status, said = asker.ask("POST", "/v1/jobs", WHOLE_JOB)
    expect(status == 201, said)
    files = [*variations_of(WHOLE_JOB), *variations_of({"run": "x", "workdir": "sha256:" + DIGEST})]
    for file in files:
        asker.ask("POST", "/v1/offers", file)
    for begin in range(0, len(files), BATCH):
        status, said = asker.ask("POST", "/v1/jobs:batch", files[begin:begin + BATCH])
        if status != 200:
            continue  # one of them is no JSON
        for file, result in zip(files[begin:], json.loads(said)["results"]):
            asker.judge(result.get("error", {}).get("status", 200), str(file), str(result))


def test_scripts_for_slurm(asker):
    for option, value in OPTIONS.items():
        for edge in edges_of(value):
            line = f"--{option}={edge}"
            if isinstance(edge, str) and edge.isprintable():
                asker.ask("POST", "/v1/jobs", f"#!/bin/sh\n#SBATCH --hold {line}\nsrun true\n".encode())


def test_jobs_of_kubernetes(asker):
    status, said = asker.ask("POST", "/v1/jobs", MANIFEST)
    expect(status == 201, said)
    for manifest in variations_of(MANIFEST):
        asker.ask("POST", "/v1/jobs", manifest)


def each_operation(asker):
    status, said = asker.ask("GET", "/openapi.json")
    expect(status == 200, "no contract")
    contract = json.loads(said)
    for path, operations in contract["paths"].items():
        for method, operation in operations.items():
            if isinstance(operation, dict) and operation.get("operationId") not in (None, *RECEIVED_BY_OTHERS):
                own = operation.get("parameters", []) + operations.get("parameters", [])
                found = [resolved(contract, each) for each in own]
                yield method.upper(), path, operation, found, resolved(contract, operation.get("requestBody", {}))


def resolved(contract, part):
    while "$ref" in part:
        for key in part["$ref"].split("/"):
            part = contract if key == "#" else part[key]
    return part


def filled(pattern, values={}):
    return re.sub(r"{(\w+)}", lambda name: urllib.parse.quote(values.get(name[1], PLACES.get(name[1], "none")), safe=""), pattern)


def who_asks(path):
    return "agent" if path.startswith("/v1/agent/") else "user"


def test_parameters(asker):
    for method, path, operation, parameters, _ in each_operation(asker):
        for parameter in parameters:
            for edge in [*TEXTS, *map(str, NUMBERS), "true", "%", "%FF", ",", "1," * 200, "W/", '"', "*"]:
                text = edge.encode("utf-8", "replace").decode()
                headers, target = {}, filled(path)
                if parameter["in"] == "path":
                    target = filled(path, {parameter["name"]: text})
                elif parameter["in"] == "query":
                    target += "?" + urllib.parse.urlencode({parameter["name"]: text})
                elif text.isascii() and text.isprintable():
                    headers = {parameter["name"]: text}
                asker.ask(method, target, BODIES.get(operation["operationId"]), who_asks(path), **headers)


def test_bodies(asker):
    for method, path, operation, _, body in each_operation(asker):
        name = operation["operationId"]
        if "application/json" not in body.get("content", {}) or name in BODIES_ABOVE:
            continue
        expect(name in BODIES, f"{name} takes JSON: write down a body of it in BODIES")
        for varied in variations_of(BODIES[name]):
            asker.ask(method, filled(path), varied, who_asks(path))


def test_pieces_of_contents(asker):
    for line in edges_of("0 1 1"):
        asker.ask("POST", "/v1/contents", f"{DIGEST} {line}\nx".encode("utf-8", "replace"))
    for line in edges_of(f"f {DIGEST} 1 a"):
        asker.ask("POST", "/v1/contents", f"dayu-workdir 1\n{line}\n{line}b".encode("utf-8", "replace"))


def test_what_an_agent_says(asker):
    words = {"centers": [CENTER], "holding": ["t"], "stopping": ["t"], "health": HEALTH,
             "log_chunks": [{"id": 1, "offset": 5, "base64": "aGk=", "at_end": True, "complete": True, "error": ""}]}
    for said in variations_of(words):
        asker.sync(**said)
        asker.ask("GET", "/v1/centers/edge")
    asker.ask("GET", "/metrics")
    for name in ("agent", "installation", "incarnation", "number"):
        for edge in edges_of(1):
            asker.sync(**{"installation": "another", "centers": [], name: edge})


def wait_for_starts(asker, count):
    """Of as many attempts, or of as many as one answer holds."""
    starts = []

    def are_there():
        starts[:] = asker.sync().get("starts", [])
        return len(starts) >= min(count, MOST_STARTS)

    wait_until(are_there, f"{count} attempts to be placed")
    return starts


def test_how_attempts_end(asker):
    endings = list(variations_of(OBSERVATION))
    status, said = asker.ask("POST", "/v1/jobs", {"run": "x", "array": f"1-{len(endings)}"})
    expect(status == 201, said)
    while endings:
        for start in wait_for_starts(asker, len(endings)):
            token, job = start["token"], start["attempt"]["job"]
            asker.sync(holding=[token], observations=[endings.pop() | {"token": token}] if endings else [])
            for what in ("", "/outputs"):
                asker.ask("GET", f"/v1/jobs/{job}{what}")


def main(words):
    world = World()
    try:
        world.url = world.start_server()
        asker = Asker(world)
        asker.sync()
        for project in ("", "?project=poems"):
            asker.ask("PUT", "/v1/secrets/key" + project, b"a secret")
        asker.ask("POST", "/v1/jobs", {"run": "true", "hold": True})
        asker.ask("POST", "/v1/jobs", {"run": "true", "hold": True, "array": "0-1"})
        chosen = [test for test in tests_of(sys.modules[__name__]) if not words or any(w in test.__name__ for w in words)]
        failed = [test for test in chosen if not passes(test, asker)]
        code = world.stop(world.server)
        checked = world.dayu("--data", world.root / "var", "journal", "check")
        expect(code == 0 and checked.code == 0, f"exit {code}; {checked.out}{checked.err}")
        world.start_server()  # from what stands in the journal
        expect(world.stop(world.server) == 0, world.log("server.log"))
        return 1 if failed else 0
    finally:
        world.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
