"""A real server and a real agent on this machine, to be killed and started again at will, and what can be asked of
them afterwards. Everything lies in one temporary folder; close() ends and removes all of it.
"""

import glob
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from world import CENTERS, DAYU, PATIENCE_S, SHANGHAI, Failed, Skipped, expect, wait_until  # noqa: E402

REQUEST_S = 10
MAX_PROBLEMS = 12  # named at the end; the others are counted

POOL = """
      - {{name: cpu, nodes: 1, cpus_per_node: 64, memory_gib_per_node: 64, price_per_cpu_hour: "0.20",
         watts_per_cpu: 5}}
"""
AGENT = CENTERS + SHANGHAI + POOL


class Unreachable(Failed):
    """No answer: whether the server did what was asked is unknown."""


class Process:
    """A program that is started as often as it is killed. That it ends by itself is a failure."""

    def __init__(self, cluster, name, *words):
        self.cluster, self.name, self.words = cluster, name, words
        self.running = None

    def start(self):
        with open(self.cluster.root / f"{self.name}.log", "ab") as log:
            self.running = subprocess.Popen([DAYU, *map(str, self.words)], cwd=self.cluster.root, stdout=log,
                                            stderr=log, stdin=subprocess.DEVNULL, env=self.cluster.environment)

    def check(self):
        ended = self.running is not None and self.running.poll() is not None
        expect(not ended, f"the {self.name} ended by itself: {ended and self.running.returncode}\n{self.log()}")

    def signal(self, number):
        self.check()
        self.running.send_signal(number)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.running.wait()
        self.running = None

    def stop(self):
        if self.running is None:
            return
        self.signal(signal.SIGTERM)
        code = self.running.wait(PATIENCE_S)
        self.running = None
        expect(code == 0, f"the {self.name} was asked to end and exits with {code}\n{self.log()}")

    def log(self):
        lines = (self.cluster.root / f"{self.name}.log").read_text(errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-15:])


class Cluster:
    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="dayu-fault-"))
        self.root.chmod(0o755)  # the user of the jobs must be able to enter
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("DAYU_") or k == "DAYU_CHECK_RUN"}
        self.marks = self.root / "marks"  # each job appends lines here
        self.marks.touch()
        self.marks.chmod(0o666)
        self.silence = self.root / "silence"  # a pipe into which nobody writes
        os.mkfifo(self.silence)
        self.silence.chmod(0o666)
        self.address = self.token = None
        self.server = Process(self, "server", "server", "--data", "var", "--listen", "127.0.0.1:0")
        self.agent = Process(self, "agent", "agent", "--config", "etc/agent.yaml")

    def start(self):
        if self.server.running is None:
            self.start_server()
        (self.root / "etc").mkdir(exist_ok=True)
        (self.root / "etc/agent.yaml").write_text(AGENT.format(server=f"http://{self.address}"))
        self.agent.start()
        wait_until(self.is_joined, "the centre to be in contact")

    def start_server(self):
        """The first time; it keeps its port from then on."""
        self.server.start()
        wait_until(self.has_address, "the server to be ready")
        self.address = (self.root / "var/address").read_text().strip().removeprefix("http://")
        self.token = (self.root / "var/token").read_text().strip()
        self.server.words = ("server", "--data", "var", "--listen", self.address)

    def has_address(self):
        self.server.check()
        return (self.root / "var/address").exists()

    def is_joined(self):
        self.agent.check()
        centers = self.read("/v1/centers")["centers"]
        return bool(centers) and centers[0]["contact"] == "ok"

    def request(self, method, path, body=None, **headers):
        """(status, answer); Unreachable when there is none."""
        connection = http.client.HTTPConnection(self.address, timeout=REQUEST_S)
        try:
            connection.request(method, path, body, {"Authorization": f"Bearer {self.token}", **headers})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unreachable(f"{method} {path}: {error!r}") from error
        finally:
            connection.close()

    def read(self, path):
        """The answer, from a server that is up or about to be."""
        end = time.monotonic() + PATIENCE_S
        while True:
            self.server.check()
            try:
                status, answer = self.request("GET", path)
                expect(status == 200, f"GET {path}: {status} {answer}")
                return answer
            except Unreachable as error:
                expect(time.monotonic() < end, str(error))
                time.sleep(0.02)

    def dayu(self, *words, stdin="", timeout=PATIENCE_S):
        return subprocess.run([DAYU, *map(str, words)], cwd=self.root, text=True, input=stdin, capture_output=True,
                              timeout=timeout, env=self.environment)

    def on(self, *words, **how):
        return self.dayu("--data", "var", *words, **how)

    def jobs(self):
        """All of them, by id."""
        found, before = {}, ""
        while True:
            page = self.read(f"/v1/jobs?all=true&limit=1000{before}")
            found.update({job["id"]: job for job in page["jobs"]})
            if page["next"] is None:
                return found
            before = f"&before={page['next']}"

    def attempts(self, job):
        return self.read(f"/v1/jobs/{job}")["attempts"]

    def marks_of_jobs(self):
        """[(word, token, key)] as the jobs wrote them."""
        lines = self.marks.read_text().splitlines()
        torn = [line for line in lines if len(line.split()) != 3]
        expect(not torn, f"torn lines in {self.marks}: {torn[:3]}")
        return [tuple(line.split()) for line in lines]

    def check_journal(self):
        checked = self.on("journal", "check")
        said = checked.stdout + checked.stderr
        expect(checked.returncode == 0, f"dayu journal check: exit {checked.returncode}\n{said}")

    def wait_settled(self):
        """The agent forgets an attempt once its end is on record."""
        folder = self.root / "run/shanghai/attempts"
        wait_until(lambda: not any(folder.iterdir()), "the agent to settle every attempt")

    def shims(self):
        """Without their children that are about to become a job: who kills those has killed the job itself."""
        found = {pid for pid, words in self.processes() if "dayu-shim" in words}
        return sorted(pid for pid in found if parent_of(pid) not in found)

    def processes(self):
        """[(pid, command line)] of what runs in our folder: its path stands in an argument or in HOME."""
        found = []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes()
                about = words + (folder / "environ").read_bytes()
            except OSError:
                continue
            if f"{self.root}/".encode() in about and int(folder.name) != os.getpid():
                found.append((int(folder.name), words.replace(b"\0", b" ").decode(errors="replace")))
        return found

    def cgroups(self):
        """Those of our attempts, where the host has them."""
        tokens = {folder.name for folder in (self.root / "run/shanghai/settled").iterdir()}
        folders = glob.glob("/sys/fs/cgroup/dayu/*") + glob.glob("/sys/fs/cgroup/*/dayu/*")
        return [folder for folder in folders if os.path.basename(folder) in tokens]

    def stop(self):
        """Asks both to end; nothing else may be there then, and no error was worth a line of their logs."""
        self.agent.stop()
        self.server.stop()
        wait_until(lambda: not self.processes() and not self.cgroups(), "every process and cgroup to be gone", 10)
        for process in (self.agent, self.server):
            said = (self.root / f"{process.name}.log").read_text(errors="replace").splitlines()
            errors = [line for line in said if line.split()[1:2] in (["error"], ["critical"]) or "CHECK" in line]
            expect(not errors, f"the {process.name} says\n" + say_problems(errors))

    def end(self):
        """Kills what runs, jobs included."""
        for process in (self.agent, self.server):
            if process.running is not None and process.running.poll() is None:
                process.running.kill()
                process.running.wait()
        for pid, _ in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def close(self):
        self.end()
        shutil.rmtree(self.root, ignore_errors=True)

    def close_or_keep(self):
        """At the end of a run: one that failed leaves its folder for a look, where DAYU_KEEP is set."""
        if os.environ.get("DAYU_KEEP") and sys.exc_info()[0]:
            self.end()
            print(f"what was there lies in {self.root}")
        else:
            self.close()


def parent_of(pid):
    try:
        return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:  # it has ended
        return None


def job_file(key, run, **keys):
    return json.dumps({"name": key, "resources": {"cpus": 1, "memory": 1}, "time_limit": "5m", "run": run, **keys})


def say_problems(problems):
    """One text of many."""
    text = "\n".join(problems[:MAX_PROBLEMS])
    return text if len(problems) <= MAX_PROBLEMS else f"{text}\n... {len(problems)} in all"
