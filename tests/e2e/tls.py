#!/usr/bin/env python3
"""TLS from outside: an authority with an intermediate, made by openssl; a real server that listens for every machine, a
real agent and clients that check its certificate; renewals good and bad under a stream that goes on; and what each
side says when something is wrong. tls.py [NAME...] runs only the tests whose name contains one of the words.
"""

import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import warnings

from world import DAYU, World, expect, run_tests, tests_of, wait_until

SKIPPED = 77
SOURCE = pathlib.Path(__file__).resolve().parents[2]
# No operator's token is needed to see whether a handshake comes to its end.
OLD_VERSIONS = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


class Authority:
    """A root, and an intermediate that signs: servers show the chain, clients know the root alone."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.ca = folder / "root.pem"
        openssl("req", "-x509", *self.new_key("root"), "-subj", "/CN=test root", "-days", "2", "-out", self.ca)
        self.sign("between", "root", "basicConstraints=critical,CA:TRUE", days=2)

    def new_key(self, name):
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.folder / f"{name}.key")

    def sign(self, name, by, extensions, days):
        (self.folder / "extensions").write_text(extensions + "\n")
        request = self.folder / "request"
        openssl("req", *self.new_key(name), "-subj", f"/CN={name}", "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.folder / f"{by}.pem", "-CAkey", self.folder / f"{by}.key",
                "-extfile", self.folder / "extensions", "-days", days, "-out", self.folder / f"{name}.pem")

    def issue(self, name, names="DNS:localhost,IP:127.0.0.1", days=2):
        """The chain and the key, as files."""
        self.sign(name, "between", f"subjectAltName={names}", days)
        chain = self.folder / f"{name}-chain.pem"
        chain.write_bytes((self.folder / f"{name}.pem").read_bytes() + (self.folder / "between.pem").read_bytes())
        return chain, self.folder / f"{name}.key"


class TlsWorld(World):
    def __init__(self):
        super().__init__()
        self.authority = Authority(self.root / "pki")
        self.environment["DAYU_CA"] = str(self.authority.ca)
        self.chain, self.key = self.root / "etc/chain.pem", self.root / "etc/key.pem"
        self.install(*self.authority.issue("first"))

    def start_server(self):
        return super().start_server("0.0.0.0:0", "--tls-cert", self.chain, "--tls-key", self.key)

    def agent_file(self, server):
        return super().agent_file(server) + f"ca: {self.authority.ca}\n"

    def install(self, chain, key):
        """As a renewal does: one file after the other, each from one moment to the next."""
        for new, place in ((chain, self.chain), (key, self.key)):
            passing = place.with_suffix(".new")
            shutil.copy(new, passing)
            passing.chmod(0o600)
            passing.rename(place)

    def port(self):
        return int(self.log("var/address").strip().rpartition(":")[2])

    def served(self):
        """The serial number that a new connection sees."""
        context = ssl.create_default_context(cafile=str(self.authority.ca))
        with socket.create_connection(("localhost", self.port()), timeout=10) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as secure:
                return secure.getpeercert()["serialNumber"].lower()

    def facts(self):
        return self.findings("certificate")

    def findings(self, subject):
        return [found for found in self.on("doctor", "-o", "json").json() if found["subject"] == subject]


def test_a_job_runs_over_tls(world):
    expect(world.log("var/address").startswith("https://localhost:"), "by a name of the certificate, not by 0.0.0.0")
    job = world.on("submit", "--wait", world.job("echo over tls; echo result > out.txt", name="tls")).exits(0).out.strip()
    world.on("logs", "-f", job).exits(0).says("over tls\n")
    world.on("events", "--job", job).exits(0).says("job_ended")
    world.on("explain", job).exits(0)
    world.on("cp", f"{job}:out.txt", world.root / "out.txt").exits(0)
    expect((world.root / "out.txt").read_text() == "result\n", "copied")


def test_people_reach_into_a_job_over_tls(world):
    job = world.submit("sleep 600")
    wait_until(lambda: world.runs(job), "the job to run")
    big = "x" * 3_000_000
    expect(world.on("exec", job, "--", "cat", stdin=big).exits(0).out == big, "3 MB there and back")
    file = world.root / "sent.bin"
    file.write_bytes(os.urandom(3_000_000))
    world.on("cp", file, f"{job}:there.bin").exits(0)
    world.on("cp", f"{job}:there.bin", world.root / "back.bin").exits(0)
    expect((world.root / "back.bin").read_bytes() == file.read_bytes(), "3 MB copied there and back")
    world.on("cancel", job).exits(0)
    world.on("wait", job)


def test_a_renewal_ends_no_stream(world):
    before = world.served()
    out = world.root / "followed"
    with open(out, "w") as sink:
        following = subprocess.Popen([DAYU, "--data", world.root / "var", "events", "-f"], cwd=world.root / "elsewhere",
                                     stdout=sink, stderr=subprocess.PIPE, env=world.environment)
    try:
        wait_until(lambda: "cluster_founded" in out.read_text() or "founded" in out.read_text(), "the stream to begin")
        world.install(*world.authority.issue("second"))
        wait_until(lambda: world.served() != before, "a new connection to see the new certificate")
        sockets = connections_to(following.pid)
        job = world.submit("true")
        wait_until(lambda: f'"job":{job}' in out.read_text(), "the old stream to bring what happened after")
        expect(following.poll() is None, "it goes on")
        expect(connections_to(following.pid) == sockets, "over the same connection")
    finally:
        following.kill()
        following.communicate()
    world.on("wait", job).exits(0)
    expect("good until" in world.log("server.log"), "the log tells")
    (found,) = world.facts()
    expect(found["verdict"] == "ok" and world.served() in found["found"], found)


def connections_to(pid):
    """The sockets of a process, by inode."""
    links = pathlib.Path(f"/proc/{pid}/fd").iterdir()
    return sorted(os.readlink(link) for link in links if os.readlink(link).startswith("socket:"))


def test_a_bad_renewal_leaves_the_old_certificate(world):
    before = world.served()
    kept = [world.root / "kept-chain.pem", world.root / "kept-key.pem"]
    shutil.copy(world.chain, kept[0])
    shutil.copy(world.key, kept[1])
    chain, key = world.authority.issue("third")
    world.install(chain, kept[1])
    wait_until(lambda: len(world.facts()) == 2, "the doctor to tell of the mismatch")
    broken = world.facts()[1]
    expect(broken["verdict"] == "wrong" and "not the one of the certificate" in broken["found"], broken)
    expect("tls_key_mismatch" in world.log("server.log"), "the log tells")
    expect(figure(world, "dayu_tls_certificate_refused") == 1, "and the metrics")
    expired = world.authority.issue("expired", days=0)
    world.install(*expired)
    wait_until(lambda: "tls_certificate_expired" in world.log("server.log"), "an expired one to be refused")
    expect(world.served() == before, "the old one serves")
    world.install(chain, key)
    wait_until(lambda: world.served() != before, "the whole pair to be taken")
    expect(len(world.facts()) == 1, "nothing is wrong any more")
    expect(figure(world, "dayu_tls_certificate_refused") == 0, "nor in the metrics")
    left_s = figure(world, "dayu_tls_certificate_end_time_seconds") - time.time()
    expect(0 < left_s <= 2 * 86400, f"it ends in {left_s} s")


def figure(world, name):
    url, token = world.log("var/address").strip(), world.log("var/token").strip()
    done = subprocess.run(["curl", "-sS", "--cacert", world.authority.ca, "-H", f"Authorization: Bearer {token}",
                           url + "/metrics"], capture_output=True, text=True, timeout=30, check=True)
    (line,) = [line for line in done.stdout.splitlines() if line.startswith(name + " ")]
    return float(line.split()[1])


def test_a_hangup_reads_the_files(world):
    before = world.served()
    world.install(*world.authority.issue("fourth"))
    world.server.send_signal(signal.SIGHUP)
    wait_until(lambda: world.served() != before, "the new certificate")
    expect(world.server.poll() is None, "the server goes on")


def test_clients_say_what_is_wrong_with_a_certificate(world):
    url = world.log("var/address").strip()
    token = ("--token", world.log("var/token").strip())
    world.dayu("--server", url, *token, "ps").exits(0)
    world.dayu("--server", url, *token, "ps", DAYU_CA="").exits(4).complains("tls_not_trusted", "--ca")
    stranger = Authority(world.root / "stranger")
    world.dayu("--server", url, *token, "--ca", stranger.ca, "ps").exits(4).complains("tls_not_trusted")
    world.dayu("--server", url, *token, "--ca", "nowhere.pem", "ps").exits(2).complains("ca_file_unusable", "nowhere.pem")
    other = f"https://127.0.0.2:{world.port()}"
    world.dayu("--server", other, *token, "ps").exits(4).complains("tls_wrong_name", "127.0.0.2")
    plain = f"http://localhost:{world.port()}"
    world.dayu("--server", plain, *token, "ps").exits(7).complains("server_unreachable", "https://")
    world.dayu("--server", plain, *token, "--ca", world.authority.ca, "ps").exits(2).complains("ca_without_tls")
    world.dayu("--server", url, *token, "doctor", DAYU_CA="").exits(1).says("is not trusted here")


def test_an_expired_certificate_is_trusted_by_nobody(world):
    chain, key = world.authority.issue("late", days=0)
    server = world.spawn("server", "--data", "late", "--listen", "127.0.0.1:0", "--tls-cert", chain, "--tls-key", key,
                         log="late.log")
    try:
        address = world.root / "late/address"
        wait_until(lambda: address.exists() or server.poll() is not None, "the server to be ready")
        world.dayu("--data", world.root / "late", "ps").exits(4).complains("tls_expired")
        expect("tls_certificate_expired" in world.log("late.log"), world.log("late.log"))
    finally:
        world.stop(server)


def test_old_versions_are_refused(world):
    for version in OLD_VERSIONS:
        expect(not shakes_hands(world, version, version), f"{version.name} is too old")
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        expect(shakes_hands(world, version, version), f"{version.name} is spoken")


def shakes_hands(world, least, most):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(str(world.authority.ca))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version, context.maximum_version = least, most
    try:
        with socket.create_connection(("localhost", world.port()), timeout=10) as plain:
            with context.wrap_socket(plain, server_hostname="localhost"):
                return True
    except (ssl.SSLError, ConnectionError):
        return False


def test_an_agent_joins_nobody_whom_it_does_not_trust(world):
    stranger = Authority(world.root / "stranger-of-agents")
    config = (world.root / "etc/agent.yaml").read_text()
    (world.root / "etc/wary.yaml").write_text(
        config.replace(f"{world.root}/pki/root.pem", str(stranger.ca)).replace("../run", "../wary"))
    agent = world.spawn("agent", "--config", "etc/wary.yaml", log="wary.log")
    try:
        wait_until(lambda: "tls_not_trusted" in world.log("wary.log"), "the agent to say so")
        expect(agent.poll() is None, "it goes on trying")
    finally:
        world.stop(agent)
    (world.root / "etc/wary.yaml").write_text(config.replace("https://", "http://"))
    world.dayu("agent", "--config", world.root / "etc/wary.yaml").exits(2).complains("ca_without_tls")
    (world.root / "etc/wary.yaml").write_text(config.replace("root.pem", "nowhere.pem"))
    world.dayu("agent", "--config", world.root / "etc/wary.yaml").exits(3).complains("nowhere.pem")


def test_the_python_client_checks_too(world):
    script = ("import dayu, sys\n"
              "with dayu.Client(sys.argv[1], sys.argv[2], retry_for_s=0) as client:\n"
              "    print(client.server_facts()['certificate']['serial'], len(client.centers()))\n")
    words = [sys.executable, "-c", script, world.log("var/address").strip(), world.log("var/token").strip()]
    environment = world.environment | {"PYTHONPATH": str(SOURCE / "clients/python")}
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, env=environment)
    expect(done.stdout == f"{world.served()} 2\n", done.stdout + done.stderr)
    del environment["DAYU_CA"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, env=environment)
    expect("DeniedError" in done.stderr and "tls_not_trusted" in done.stderr, done.stdout + done.stderr)


def test_a_server_refuses_what_is_unsafe(world):
    def server(*words):
        return world.dayu("server", "--data", world.root / "x", "--listen", "0.0.0.0:0", *words)

    server().exits(2).complains("listen_without_tls", "--tls-cert")
    world.dayu("server", "--data", world.root / "x", "--listen", "127.example:0").exits(2).complains("listen_without_tls")
    server("--tls-cert", world.chain).exits(2).complains("bad_tls", "--tls-key is missing")
    server("--tls-key", world.key).exits(2).complains("bad_tls", "--tls-cert is missing")
    _, other = world.authority.issue("another")
    server("--tls-cert", world.chain, "--tls-key", other).exits(2).complains("tls_key_mismatch")
    server("--tls-cert", world.chain, "--tls-key", world.root / "nowhere").exits(2).complains("tls_file_unreadable")
    other.chmod(0o644)
    server("--tls-cert", world.chain, "--tls-key", other).exits(2).complains("tls_key_exposed", "chmod")
    expect(not (world.root / "x").exists(), "nothing was made")


# --- server --config


def test_settings_come_from_a_file(world):
    config = world.root / "etc/server.yaml"
    chain, key = world.authority.issue("settings")
    config.write_text(f"data: ../settings\nlisten: 127.0.0.1:1\ntls_cert: {chain}\ntls_key: ../pki/settings.key\n")
    server = world.spawn("server", "--config", config, "--listen", "127.0.0.1:0", log="settings.log")
    try:
        address = world.root / "settings/address"
        wait_until(lambda: address.exists() or server.poll() is not None, "the server to be ready")
        expect(address.exists(), world.log("settings.log"))
        expect(address.read_text().startswith("https://127.0.0.1:"), address.read_text())
        world.dayu("--data", world.root / "settings", "ps").exits(0)
    finally:
        world.stop(server)


def test_mistakes_in_settings_are_named(world):
    config = world.root / "etc/wrong.yaml"

    def complaint(text):
        config.write_text(text)
        return world.dayu("server", "--config", config).exits(2)

    complaint("data: x\n# here\nlisen: 127.0.0.1:0\n").complains("wrong.yaml: line 3", "lisen", '"listen"', "key_unknown")
    complaint("tls-cert: x\n").complains('"tls_cert"')
    complaint("new_tokens: true\n").complains("key_unknown")  # for one start, not for each
    complaint("insecure_listen: maybe\n").complains("line 1", "maybe", "true nor false")
    complaint("listen: [a]\n").complains("line 1, listen")
    complaint("listen: a\nlisten: b\n").complains("yaml_duplicate_key")
    complaint("- a\n").complains("line 1")
    complaint("listen: 0.0.0.0:0\n").complains("listen_without_tls")
    world.dayu("server", "--config", world.root / "nowhere.yaml").exits(3).complains("nowhere.yaml")


def test_the_packaged_settings_are_right(world):
    """The example as it is shipped, with each line that is commented out put in once."""
    text = (SOURCE / "packaging/etc/server.yaml").read_text()
    every = [line.removeprefix("# ") for line in text.splitlines() if ": " in line and not line.startswith("# Sett")]
    config = world.root / "etc/packaged.yaml"
    keys = {line.partition(":")[0]: line for line in every if line.partition(":")[0].isidentifier()}
    expect({"data", "listen", "tls_cert", "tls_key", "policy", "chips"} <= set(keys), keys)
    config.write_text("\n".join(keys.values()) + "\n")
    world.dayu("server", "--config", config).exits(2).complains("tls_file_unreadable", "/etc/dayu/tls/fullchain.pem")


def main(words):
    for program in ("openssl", "curl"):
        if shutil.which(program) is None:
            print(f"skipped: no {program}")
            return SKIPPED
    return run_tests(tests_of(sys.modules[__name__]), words, TlsWorld)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
