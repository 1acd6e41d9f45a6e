"""Slurm's own scheduler beside ours: the same 10,000 mixed jobs on the same 1,024 nodes of eight chips.

slurmctld runs alone: its nodes are of state CLOUD and "powered up" by a program that does nothing, so that it schedules
and allocates as ever, and nothing runs. All jobs are queued while the partitions are down; the time counts from
the moment when they are up. Needs the Debian packages of the section [bench] of packages.txt.
"""
import concurrent.futures
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import mixed_jobs

POLL_S = 0.5
LIMIT_S = 900
# Without a start for that long, and two whole cycles of backfill, nothing more will start.
QUIET_S = 100
FAILED_SUBMITS = 10  # in all
PROGRAMS = ("slurmctld", "munged", "sbatch", "scontrol", "squeue", "sinfo", "sdiag")

# What Debian's Slurm does when nobody says anything, all jobs in one partition.
DEFAULT = {"parameters": "", "partitions": {"main": mixed_jobs.CHIPS}}
# What its manual advises for many jobs: the main loop and backfill look at every job, backfill goes on where it
# stopped, its window holds the longest job, and kinds of nodes are partitions of their own, so that a job that
# waits for one kind does not hold up those for the other.
TUNED = {"parameters": "defer,batch_sched_delay=1,sched_min_interval=1000000,sched_max_job_start=0,"
                       "default_queue_depth=20000,partition_job_depth=0,max_sched_time=30,"
                       "bf_continue,bf_interval=5,bf_max_time=300,bf_max_job_test=20000,"
                       "bf_resolution=600,bf_window=2880,bf_yield_interval=10000000,max_rpc_cnt=150",
         "partitions": {chip: (chip,) for chip in mixed_jobs.CHIPS}}

CONFIG = """ClusterName=beside
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={port}
SlurmdPort={port_of_nodes}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge.sock
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmctldDebug=info
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerType=sched/backfill
{parameters}
PriorityType=priority/basic
GresTypes=gpu
MaxJobCount=100000
SlurmdTimeout=0
MessageTimeout=60
ResumeProgram=/bin/true
SuspendProgram=/bin/true
SuspendTime=86400
ResumeTimeout=65000
ResumeRate=0
TreeWidth=500
"""
NODE = (f"NodeName={{name}} NodeAddr=127.0.0.1 NodeHostname={{name}} CPUs={mixed_jobs.CPUS_PER_NODE} Boards=1 "
        f"Sockets=2 CoresPerSocket={mixed_jobs.CPUS_PER_NODE // 2} ThreadsPerCore=1 "
        f"RealMemory={mixed_jobs.MEMORY_MIB_PER_NODE} Gres=gpu:{{chip}}:{{chips}} State=CLOUD\n")


def missing_programs():
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    return [name for name in PROGRAMS if shutil.which(name, path=path) is None]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    """A slurmctld and a munged of their own, in a folder of their own."""

    def __init__(self, folder, settings):
        self.folder, self.partitions = folder, settings["partitions"]
        (folder / "state").mkdir()
        self.config = folder / "slurm.conf"
        half = mixed_jobs.NODES // len(mixed_jobs.CHIPS)
        names = {chip: f"{chip}-[1-{half}]" for chip in mixed_jobs.CHIPS}
        parameters = settings["parameters"]
        text = CONFIG.format(port=free_port(), port_of_nodes=free_port(), folder=folder, user=user_name(),
                             parameters=parameters and f"SchedulerParameters={parameters}")
        for chip, name in names.items():
            text += NODE.format(name=name, chip=chip, chips=mixed_jobs.CHIPS_PER_NODE)
        for partition, chips in self.partitions.items():
            text += (f"PartitionName={partition} Nodes={','.join(names[chip] for chip in chips)} "
                     "MaxTime=INFINITE State=DOWN\n")
        self.config.write_text(text)
        (folder / "gres.conf").write_text("".join(
            f"NodeName={names[chip]} Name=gpu Type={chip} Count={mixed_jobs.CHIPS_PER_NODE}\n"
            for chip in mixed_jobs.CHIPS))
        self.processes = []
        self.failed_submits = 0

    def start(self):
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o600)
        at = self.folder
        self.run_daemon("munged", "--foreground", "--force", f"--key-file={key}", f"--socket={at}/munge.sock",
                        f"--pid-file={at}/munged.pid", f"--log-file={at}/munged.log",
                        f"--seed-file={at}/munge.seed", "--num-threads=4")
        self.wait_until(lambda: (at / "munge.sock").exists(), "munged")
        self.run_daemon("slurmctld", "-D", "-c", "-i")
        self.wait_until(lambda: "UP" in self.ask("scontrol", "ping", check=False), "slurmctld")

    def run_daemon(self, name, *options):
        program = shutil.which(name, path="/usr/sbin:/sbin:" + os.environ["PATH"])
        with open(self.folder / f"{name}.out", "w") as out:
            self.processes.append(subprocess.Popen([program, *options], env=self.env(), stdout=out, stderr=out))

    def env(self):
        return os.environ | {"SLURM_CONF": str(self.config)}

    def wait_until(self, is_so, what, limit_s=30):
        deadline = time.monotonic() + limit_s
        while not is_so():
            if time.monotonic() > deadline or any(one.poll() is not None for one in self.processes):
                sys.exit(f"{what} did not start:\n" + (self.folder / f"{what}.out").read_text())
            time.sleep(0.05)

    def stop(self):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGKILL if process.args[0].endswith("slurmctld") else signal.SIGTERM)
            process.wait()

    def ask(self, *words, check=True):
        done = subprocess.run(words, env=self.env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if check and done.returncode != 0:
            raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def submit(self, job):
        able = [name for name, chips in self.partitions.items() if not job.chip or job.chip in chips]
        chips = [f"--gres=gpu:{job.chip}:{job.chips}"] if job.chip else []
        words = ["sbatch", "--parsable", "-J", str(job.number), "-p", ",".join(able), "-N", str(job.nodes),
                 "--ntasks-per-node=1", "-c", str(job.cpus), f"--mem={job.memory_mib}M", *chips,
                 f"--time={job.minutes}", "-o", "/dev/null", "--wrap", "true"]
        # One in some ten thousand gets no answer from a busy controller.
        while not self.ask(*words, check=self.failed_submits >= FAILED_SUBMITS):
            self.failed_submits += 1
            time.sleep(1)

    def figures(self):
        """Of sdiag: jobs started so far, cycles of backfill, and what its cycles took."""
        text = self.ask("sdiag")

        def number(name, section=""):
            found = re.search(section + r"[\s\S]*?" + name + r":\s*(\d+)", text)
            return int(found[1]) if found else 0
        return {"started": number("Jobs started"),
                "main_cycle_us": number("Max cycle", "Main schedule statistics"),
                "backfill_cycles": number("Total cycles", "Backfilling stats"),
                "backfilled": number(r"Total backfilled jobs \(since last slurm start\)", "Backfilling stats"),
                "backfill_cycle_us": number("Max cycle", "Backfilling stats")}

    def order(self):
        """Numbers of our jobs in the order in which Slurm took them."""
        rows = [row.split() for row in self.ask("squeue", "-h", "-o", "%i %j").splitlines()]
        return [int(name) for _, name in sorted((int(slurm_id), name) for slurm_id, name in rows)]

    def placed(self):
        return {int(name) for name in self.ask("squeue", "-h", "-t", "CF,R", "-o", "%j").split()}

    def starts(self):
        """When those that were placed were."""
        texts = self.ask("squeue", "-h", "-t", "CF,R", "-o", "%S").split()
        return [time.mktime(time.strptime(text, "%Y-%m-%dT%H:%M:%S")) for text in texts]

    def free_chips(self):
        """What each node has left, by chip; nodes that were never used are still powered down, and not listed."""
        free = {chip: [] for chip in mixed_jobs.CHIPS}
        for row in self.ask("sinfo", "-h", "-N", "-O", "NodeList:30,GresUsed:60").splitlines():
            used = re.search(r"gpu:(\w+):(\d+)", row)
            free[used[1]].append(mixed_jobs.CHIPS_PER_NODE - int(used[2]))
        for of_chip in free.values():
            of_chip += [mixed_jobs.CHIPS_PER_NODE] * (mixed_jobs.NODES // len(free) - len(of_chip))
        return free

    def cpu_s(self):
        pid = next(one.pid for one in self.processes if one.args[0].endswith("slurmctld"))
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


def user_name():
    return subprocess.run(["id", "-un"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def place_all(cluster):
    """Brings the partitions up and waits until nothing more starts."""
    cpu_s, began, began_at = cluster.cpu_s(), time.monotonic(), time.time()
    for partition in cluster.partitions:
        cluster.ask("scontrol", "update", f"partition={partition}", "state=up")
    last = cluster.figures()
    last_start, cpu_then_s, is_quiet = began, cpu_s, False
    while not is_quiet and time.monotonic() - began < LIMIT_S:
        time.sleep(POLL_S)
        now = cluster.figures()
        if now["started"] != last["started"]:
            last, last_start, cpu_then_s = now, time.monotonic(), cluster.cpu_s()
        is_quiet = (time.monotonic() - last_start > QUIET_S
                    and now["backfill_cycles"] - last["backfill_cycles"] > 2)
    # By the jobs' own records, in whole seconds.
    after_s = sorted(max(0.0, start - began_at) for start in cluster.starts())
    return {"finished": is_quiet,
            "seconds_until_half": round(after_s[len(after_s) // 2], 1),
            "seconds_until_nine_tenths": round(after_s[len(after_s) * 9 // 10], 1),
            "seconds_until_the_last_start": round(after_s[-1], 1),
            "controller_cpu_s": round(cpu_then_s - cpu_s, 1),
            "longest_main_cycle_s": round(now["main_cycle_us"] / 1e6, 2),
            "longest_backfill_cycle_s": round(now["backfill_cycle_us"] / 1e6, 2),
            "backfilled_jobs": now["backfilled"]}


def measure_slurm(jobs, settings, disk):
    """The figures, and the jobs in the order in which Slurm had them."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=disk, prefix="dayu-bench-slurm-"))
    cluster = Cluster(folder, settings)
    try:
        cluster.start()
        began = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(2) as threads:
            list(threads.map(cluster.submit, jobs))
        submitted_s = time.monotonic() - began
        order = cluster.order()
        if sorted(order) != list(range(len(jobs))):
            sys.exit("a submit without an answer was taken all the same; measure again")
        report = {"parameters": settings["parameters"] or "none", "partitions": len(settings["partitions"]),
                  "submits_per_s_by_sbatch": round(len(jobs) / submitted_s, 1)}
        report |= place_all(cluster)
        report |= mixed_jobs.outcome(jobs, cluster.placed())
        report |= mixed_jobs.nodes_by_free_chips(cluster.free_chips())
        return report, [jobs[number] for number in order]
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
