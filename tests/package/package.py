#!/usr/bin/env python3
"""The Debian package on a system of its own: cpack makes it, apt installs it into a fresh root, and there a server, an
agent and a job run; then it is removed and purged. As root, with a mirror of Debian in reach; else it is skipped.
"""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

BUILD = pathlib.Path(os.environ.get("DAYU_BIN", "build/release/bin")).resolve().parent
ROOT = pathlib.Path(__file__).resolve().parents[2]
UNITS = ROOT / "packaging/systemd"
SUITE = "bookworm"
BOOTSTRAP_S = 900
STEP_S = 300
# What systemd says of each unit's exposure: 0 is none, 10 all. No more than what was weighed when it was written.
MOST_EXPOSED = {"dayu-server.service": 1.5, "dayu-agent.service": 7.2}
SKIPPED = 77


class Failed(Exception):
    pass


class Skipped(Exception):
    pass


def expect(condition, message):
    if not condition:
        raise Failed(message)


def run(*words, timeout=STEP_S, code=0, **how):
    done = subprocess.run([*map(str, words)], text=True, capture_output=True, timeout=timeout, **how)
    said = f"{done.stdout}\n{done.stderr}"
    expect(code is None or done.returncode == code, f"{' '.join(map(str, words))}: exit {done.returncode}\n{said[-4000:]}")
    return done


def mirror():
    """Where this machine gets its packages."""
    for folder in (pathlib.Path("/etc/apt/sources.list.d"), pathlib.Path("/etc/apt")):
        for file in sorted([*folder.glob("*.sources"), *folder.glob("*.list")]):
            found = re.search(r"^(?:URIs:|deb(?: \[.*?\])?) +(\S+)", file.read_text(), re.MULTILINE)
            if found:
                return found.group(1)
    raise Skipped("no mirror of Debian in /etc/apt")


def check_units():
    """They are well formed, and as closed as they claim."""
    if shutil.which("systemd-analyze") is None:
        raise Skipped("no systemd-analyze")
    for name, most in MOST_EXPOSED.items():
        text = (UNITS / name).read_text().replace("/usr/bin/dayu", "/bin/true")  # which need not be installed here
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder) / name
            unit.write_text(text)
            verified = run("systemd-analyze", "verify", "--man=no", unit, code=None)
            complaints = [line for line in verified.stderr.splitlines() if name in line]
            expect(not complaints, "\n".join(complaints))
            weighed = run("systemd-analyze", "security", "--offline=true", "--no-pager", unit, code=None)
        found = re.search(r"Overall exposure level.*?: ([\d.]+) (\w+)", weighed.stdout)
        expect(found, weighed.stdout[-500:] + weighed.stderr)
        print(f"{name}: exposure {found.group(1)} {found.group(2)}")
        expect(float(found.group(1)) <= most, f"{name} is more exposed than {most}:\n{weighed.stdout}")


def make_package(folder):
    run("cpack", "--config", BUILD / "CPackConfig.cmake", "-B", folder, cwd=folder, timeout=600)
    (package,) = folder.glob("*.deb")
    listed = run("dpkg-deb", "--contents", package).stdout
    for path in ("./usr/bin/dayu", "./usr/libexec/dayu/dayu-shim", "./usr/share/dayu/chips.yaml", "./etc/dayu/server.yaml",
                 "./usr/lib/systemd/system/dayu-server.service", "./usr/share/doc/dayu/operate/install.md",
                 "./usr/share/doc/dayu/copyright"):
        expect(f" {path}\n" in listed, f"{path} is not in the package:\n{listed}")
    facts = run("dpkg-deb", "--info", package).stdout
    version = run(BUILD / "bin/dayu", "--version").stdout.split()[1]
    expect(f" Version: {version}\n" in facts, facts)
    expect("libsqlite3-0" in facts and "libc6" in facts, f"dependencies:\n{facts}")
    print(f"{package.name}: {package.stat().st_size >> 10} KiB")
    return package


class System:
    """A Debian of its own, in a folder."""

    def __init__(self, folder):
        self.root = folder / "root"
        self.started, self.mounted = [], []
        self.environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C",
                            "HOME": "/root", "DAYU_CHECK_RUN": os.environ.get("DAYU_CHECK_RUN", "0")}

    def bootstrap(self):
        self.root.mkdir()
        # In memory: dpkg waits for the disk after each file, and takes many times as long there.
        run("mount", "-t", "tmpfs", "-o", "size=2g,mode=755", "dayu-package", self.root)
        self.mounted.append(self.root)
        run("debootstrap", "--variant=minbase", SUITE, self.root, mirror(), timeout=BOOTSTRAP_S)
        run("mount", "-t", "proc", "proc", self.root / "proc")  # of its own: who removes the folder harms nobody
        self.mounted.append(self.root / "proc")
        shutil.copy("/etc/resolv.conf", self.root / "etc/resolv.conf")
        policy = self.root / "usr/sbin/policy-rc.d"  # nothing is started by being installed
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
        proxies = pathlib.Path("/etc/apt/apt.conf.d").glob("*proxy*")
        for file in proxies:
            shutil.copy(file, self.root / "etc/apt/apt.conf.d")

    def run(self, *words, **how):
        return run("chroot", self.root, *words, env=self.environment, **how)

    def start(self, log, *words):
        with open(self.root / "var/log" / log, "wb") as out:
            self.started.append(subprocess.Popen(["chroot", self.root, *words], stdout=out, stderr=out,
                                                 stdin=subprocess.DEVNULL, env=self.environment))
        return self.started[-1]

    def log(self, name):
        return (self.root / "var/log" / name).read_text(errors="replace")

    def stop(self):
        for process in self.started:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def close(self):
        self.stop()
        for pid in self.left():
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.2)
        for path in reversed(self.mounted):
            subprocess.run(["umount", path], capture_output=True)
        still = [path for path in self.mounted if os.path.ismount(path)]
        for path in still:  # before anything is removed below it
            subprocess.run(["umount", "--lazy", path], capture_output=True)

    def left(self):
        """Processes whose root is ours: shims of jobs."""
        found = []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(folder / "root") == str(self.root):
                    found.append(int(folder.name))
            except OSError:
                pass
        return found


def wait_until(condition, what, patience_s=60):
    end = time.monotonic() + patience_s
    while not condition():
        expect(time.monotonic() < end, f"waited {patience_s} s for {what}")
        time.sleep(0.1)


def use(system):
    """The way of docs/operate/install.md, without systemd."""
    data = system.root / "var/lib/dayu"
    data.mkdir(mode=0o700)  # StateDirectory
    system.run("chown", "dayu:dayu", "/var/lib/dayu")
    server = system.start("server.log", "setpriv", "--reuid=dayu", "--regid=dayu", "--clear-groups", "/usr/bin/dayu",
                          "server", "--config", "/etc/dayu/server.yaml", "--listen", "127.0.0.1:0")
    wait_until(lambda: (data / "address").exists() or server.poll() is not None, "the server")
    expect(server.poll() is None, system.log("server.log"))
    expect((data / "token").stat().st_mode & 0o777 == 0o600, "its token is for its owner alone")

    shutil.copy(data / "agent-token", system.root / "etc/dayu/agent-token")
    agent = system.root / "etc/dayu/agent.yaml"
    text = agent.read_text().replace("http://127.0.0.1:8620", (data / "address").read_text().strip())
    agent.write_text(text.replace("/run/credentials/dayu-agent.service/agent-token", "/etc/dayu/agent-token"))
    (system.root / "var/lib/dayu-agent").mkdir(mode=0o755)
    running = system.start("agent.log", "/usr/bin/dayu", "agent", "--config", "/etc/dayu/agent.yaml")

    def joined():
        expect(running.poll() is None, system.log("agent.log"))
        return '"contact": "ok"' in on("centers", "-o", "json").stdout

    def on(*words, **how):
        return system.run("dayu", "--data", "/var/lib/dayu", *words, **how)

    wait_until(joined, "the centre to join")
    job = '{"name": "hello", "resources": {"cpus": 1, "memory": 1}, "run": "id -un; echo from $DAYU_CENTER"}'
    number = on("submit", "-", input=job).stdout.strip()
    on("wait", number, "--timeout", "60s")
    said = on("logs", number).stdout
    expect(said == "nobody\nfrom this-machine\n", f"the job says {said!r}")
    on("doctor", code=None)
    on("journal", "check")
    on("backup", "/var/backups/dayu")
    system.run("dayu", "restore", "/var/backups/dayu", "--data", "/var/lib/dayu-restored")


def main():
    check_units()
    if os.geteuid() != 0:
        raise Skipped("not root")
    for program in ("debootstrap", "cpack", "dpkg-shlibdeps"):
        if shutil.which(program) is None:
            raise Skipped(f"no {program}")
    with tempfile.TemporaryDirectory(prefix="dayu-package-", ignore_cleanup_errors=True) as name:
        folder = pathlib.Path(name).resolve()
        made = folder / "made"
        made.mkdir()
        package = make_package(made)
        system = System(folder)
        try:
            system.bootstrap()
            shutil.copy(package, system.root / "tmp/dayu.deb")
            system.run("apt-get", "-qq", "install", "-y", "--no-install-recommends", "/tmp/dayu.deb")
            user = system.run("getent", "passwd", "dayu").stdout
            expect(user.rstrip().endswith(":/var/lib/dayu:/usr/sbin/nologin"), user)
            expect(not (system.root / "var/lib/dayu").exists(), "nothing was started, no token was made")
            use(system)
            system.stop()
            system.run("apt-get", "-qq", "remove", "-y", "dayu")
            expect((system.root / "etc/dayu/agent.yaml").exists(), "settings outlive a removal")
            purged = system.run("apt-get", "-qq", "purge", "-y", "dayu")
            expect(not (system.root / "etc/dayu").exists(), "settings and the token are gone")
            expect((system.root / "var/lib/dayu/journal.db").exists(), "the journal is not")
            expect("remove it by hand" in purged.stdout + purged.stderr, f"and that is said: {purged.stdout}{purged.stderr}")
        except Failed as error:
            logs = [f"--- {log}\n{system.log(log)[-2000:]}" for log in ("server.log", "agent.log")
                    if (system.root / "var/log" / log).exists()]
            raise Failed("\n".join([str(error), *logs])) from error
        finally:
            system.close()
    print("installed, used, removed and purged")


if __name__ == "__main__":
    try:
        main()
    except Skipped as why:
        print(f"skipped: {why}")
        sys.exit(SKIPPED)
    except Failed as error:
        print(error, file=sys.stderr)
        sys.exit(1)
