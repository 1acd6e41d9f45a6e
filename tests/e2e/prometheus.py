#!/usr/bin/env python3
"""A real Prometheus scrapes a real server: `up` is 1, a series of Dayu arrives, and promtool finds nothing to mend
in the text. Everything lies in one temporary folder, every wait is bounded, and nothing is left running.
"""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

DAYU = pathlib.Path(os.environ.get("DAYU_BIN", "build/release/bin")).resolve() / "dayu"
PATIENCE_S = 60
SKIPPED = 77

CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: dayu
    authorization: {{credentials_file: {token_file}}}
    static_configs: [{{targets: ["{target}"]}}]
"""


def wait_until(condition, what):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise SystemExit(f"waited {PATIENCE_S} s in vain for {what}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url, token=None):
    headers = {"Authorization": "Bearer " + token} if token else {}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
        return answer.read().decode()


def values_of(prometheus, query):
    try:
        answer = json.loads(get(f"{prometheus}/api/v1/query?" + urllib.parse.urlencode({"query": query})))
    except OSError:
        return []  # it is still starting
    return [float(row["value"][1]) for row in answer["data"]["result"]]


def check_text(server, token):
    text = get(server + "/metrics", token)
    done = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True, timeout=PATIENCE_S)
    if done.returncode != 0 or done.stdout or done.stderr:
        raise SystemExit(f"promtool check metrics: {done.stdout}{done.stderr}\n{text}")


def main():
    if not shutil.which("prometheus") or not shutil.which("promtool"):
        print("no prometheus here")
        return SKIPPED
    root = pathlib.Path(tempfile.mkdtemp(prefix="dayu-prometheus-"))
    running = []

    def spawn(*command):
        log = open(root / (pathlib.Path(command[0]).name + ".log"), "wb")
        running.append(subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=root))

    try:
        spawn(str(DAYU), "server", "--data", str(root / "var"), "--listen", "127.0.0.1:0")
        address = root / "var/address"
        server = wait_until(lambda: address.exists() and address.read_text().strip(), "the server")
        token_file = root / "var/token"
        check_text(server, token_file.read_text().strip())

        port = free_port()
        config = root / "prometheus.yml"
        config.write_text(CONFIG.format(token_file=token_file, target=server.removeprefix("http://")))
        spawn("prometheus", f"--config.file={config}", f"--storage.tsdb.path={root / 'series'}",
              f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn")
        prometheus = f"http://127.0.0.1:{port}"
        wait_until(lambda: values_of(prometheus, 'up{job="dayu"}') == [1.0], "up to be 1")
        wait_until(lambda: values_of(prometheus, "dayu_journal_writable") == [1.0], "a series of Dayu")
        scraped = 'dayu_http_requests_total{route="/metrics",status="200"}'
        wait_until(lambda: sum(values_of(prometheus, scraped)) >= 2, "a scrape that counts the one before")
        print("scraped")
        return 0
    finally:
        for process in reversed(running):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
