#!/usr/bin/env python3
"""Folders that jobs take along, from outside: what is uploaded and what not, a server that is killed in the middle, a
cache that is used and one that was spoilt, limits, and who may not read. workdir.py [NAME...] runs only the tests whose
name contains one of the words.
"""

import hashlib
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import urllib.parse

from world import DAYU, expect, run_tests, tests_of

ROOT = pathlib.Path(__file__).resolve().parents[2]
LARGE_BYTES = 96 << 20  # so that an upload takes a while


def folder(world, name, files):
    """A folder beside the job files, anew."""
    root = world.root / name
    root.mkdir(exist_ok=True)
    for path, content in files.items():
        whole = root / path
        whole.parent.mkdir(parents=True, exist_ok=True)
        whole.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def contents(world):
    """What the server keeps, by digest."""
    return {path.name: path for path in (world.root / "var/contents").glob("*/??/*")}


def cached(world):
    return {path.name: path for path in (world.root / "run/.contents").glob("??/*")}


def digest(content):
    return hashlib.sha256(content if isinstance(content, bytes) else content.encode()).hexdigest()


def output(world, job, **how):
    world.on("wait", job).exits(0)
    return world.on("logs", job, **how).exits(0).out


def secret_of(world, name):
    return (world.root / "var" / name).read_text().split("\n")[0]


def call(world, method, path, body=None, secret=None):
    """A request as anybody may make it; as an operator unless said otherwise."""
    url = urllib.parse.urlsplit((world.root / "var/address").read_text().strip())
    secret = secret or secret_of(world, "token")
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=30)
    connection.request(method, path, body=body, headers={"Authorization": f"Bearer {secret}"})
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_a_job_begins_in_its_workdir(world):
    root = folder(world, "code", {"train.sh": "#!/bin/sh\ncat data/words.txt link\n", "data/words.txt": "three words\n",
                                  "notes.log": "no", ".git/HEAD": "no", "sub/out.tmp": "no", "sub/kept.tmp": "yes\n",
                                  ".dayuignore": "# what no job needs\n*.log\n*.tmp\n!kept.tmp\n/build/\n",
                                  "build/x": "no"})
    (root / "train.sh").chmod(0o755)
    (root / "link").symlink_to("sub/kept.tmp")
    (root / "empty").mkdir()
    job = world.submit("./train.sh && find . -not -name . | sort && test -d empty && test -x train.sh", workdir="code",
                       setup="test -f train.sh && echo set up > made")
    lines = output(world, job).splitlines()
    lines = [line for line in lines if not line.startswith("[dayu]")]
    expect(lines == ["three words", "yes", "./data", "./data/words.txt", "./empty", "./link", "./made", "./sub",
                     "./sub/kept.tmp", "./train.sh"], lines)
    detail = world.on("describe", job, "-o", "json").json()
    expect(detail["workdir"]["files"] == 3 and re.fullmatch("[0-9a-f]{64}", detail["workdir"]["manifest"]), detail)
    world.on("describe", job).says("3 file(s)", detail["workdir"]["manifest"][:16])


def test_a_dry_run_says_what_would_go_along(world):
    folder(world, "dry", {"a": "12345", "b": "678"})
    path = world.job("true", workdir="dry")
    before = len(contents(world))
    world.on("submit", "--dry-run", path).exits(0).says("workdir:", "files: 2", "bytes: 8")
    found = world.on("submit", "--dry-run", "-o", "json", path).exits(0).json()
    expect(found["workdir"]["files"] == 2 and found["workdir"]["bytes"] == 8, found)
    expect(len(contents(world)) == before, "nothing was uploaded")


def test_only_what_changed_is_uploaded(world):
    files = {f"src/f{i}.py": f"print({i})\n" for i in range(20)}
    folder(world, "many", files)
    first = world.submit("cat src/f7.py", workdir="many")
    expect(output(world, first) == "print(7)\n", "the file as it was")
    before = contents(world)
    folder(world, "many", {"src/f7.py": "print('new')\n"})
    second = world.submit("cat src/f7.py src/f8.py", workdir="many")
    expect(output(world, second) == "print('new')\nprint(8)\n", "the file as it is")
    fresh = set(contents(world)) - set(before)
    expect(digest("print('new')\n") in fresh and len(fresh) == 2, fresh)  # and the manifest
    for name, path in contents(world).items():
        expect(digest(path.read_bytes()) == name, path)


def test_the_next_job_finds_it_at_the_centre(world):
    content = os.urandom(300_000)
    folder(world, "hit", {"data.bin": content})
    job = world.submit("sha256sum data.bin | cut -c 1-64", workdir="hit")
    expect(output(world, job).strip() == digest(content), "the content")
    path = cached(world)[digest(content)]
    inode = path.stat().st_ino
    again = world.submit("sha256sum data.bin | cut -c 1-64; echo more >> data.bin", workdir="hit")
    expect(output(world, again).strip() == digest(content), "the content")
    expect(path.stat().st_ino == inode and digest(path.read_bytes()) == digest(content), "the cache is as it was")


def test_a_spoilt_cache_is_seen_and_mended(world):
    content = b"what it should be\n" * 100
    folder(world, "spoilt", {"data": content})
    expect(output(world, world.submit("cat data", workdir="spoilt")).encode() == content, "the content")
    path = cached(world)[digest(content)]
    path.write_bytes(b"x" * len(content))
    expect(output(world, world.submit("cat data", workdir="spoilt")).encode() == content, "the content")
    expect(digest(path.read_bytes()) == digest(content), "the cache is mended")


def test_all_nodes_of_a_gang_have_it(world):
    folder(world, "gang", {"a": "here\n"})
    job = world.submit("cat a; test $DAYU_WORLD_SIZE = 2", workdir="gang", nodes="2")
    expect(output(world, job) == "here\n", "node 0")
    world.on("logs", job, "--node", "1").exits(0).says("here\n")


def test_what_does_not_fit_is_refused(world):
    root = folder(world, "refused", {"small": "x"})
    path = world.job("true", workdir="refused")
    with open(root / "large.bin", "wb") as file:
        file.truncate((2 << 30) + 1)  # takes no room
    world.on("submit", path).exits(6).complains("workdir_file_too_large", "large.bin (2.0G)", ".dayuignore")
    (root / "large.bin").unlink()
    (root / "out").symlink_to("../../etc/passwd")
    world.on("submit", path).exits(2).complains("workdir_link_outside", '"out" -> "../../etc/passwd"')
    (root / "out").unlink()
    os.mkfifo(root / "pipe")
    world.on("submit", path).exits(2).complains("workdir_special_file", '"pipe"')
    (root / "pipe").unlink()
    world.on("submit", world.job("true", name="none", workdir="nowhere")).exits(2).complains("workdir_no_folder")
    for i in range(11):
        (root / f"d{i}").mkdir()
        for j in range(5000 if i else 1):
            (root / f"d{i}/{j}").touch()
    world.on("submit", path).exits(6).complains("workdir_too_many_files", "/ (5000 files)")


def test_a_manifest_that_leads_out_is_refused_by_the_server(world):
    for entry in ("f {0} 1 ../a", "f {0} 1 /a", "f {0} 1 a\nf {0} 1 a", "f {0} 1 a\nf {0} 1 a/b", "l a\t/etc",
                  "l a\t../../etc"):
        manifest = "dayu-workdir 1\n" + entry.format(digest("x")) + "\n"
        body = f"{digest('x')} 0 1 1\nx{digest(manifest)} 0 {len(manifest)} {len(manifest)}\n{manifest}"
        expect(call(world, "POST", "/v1/contents", body)[0] == 200, "uploads are only bytes")
        job = json.dumps({"run": "true", "workdir": "sha256:" + digest(manifest)})
        status, answer = call(world, "POST", "/v1/jobs", job)
        code = json.loads(answer)["code"]
        expect(status == 400 and code in ("workdir_path_unsafe", "workdir_link_outside", "manifest_malformed"), answer)


def test_nobody_else_reads_contents(world):
    folder(world, "mine", {"secret.txt": "nobody else's"})
    job = world.submit("true", workdir="mine")
    output(world, job)
    name = digest("nobody else's")
    expect(name in contents(world), "it is there")
    for path in (f"/v1/contents/{name}", f"/v1/contents?sha256={name}", "/v1/contents"):
        expect(call(world, "GET", path)[0] in (404, 405), path)
    wish = {"token": "0123456789abcdef-1-1", "installation": "x", "contents": [{"sha256": name, "received": 0}]}
    status, answer = call(world, "POST", "/v1/agent/contents", json.dumps(wish), secret_of(world, "agent-token"))
    expect(status == 403 and json.loads(answer)["code"] == "content_not_yours", answer)
    expect(call(world, "POST", "/v1/agent/contents", json.dumps(wish))[0] == 403, "an operator is no agent")
    # The manifest's digest is no secret, and of no use to another user.
    status, answer = call(world, "POST", "/v1/tokens", json.dumps({"name": "other", "role": "user"}))
    expect(status == 201, answer)
    other = json.loads(answer)["token"]
    mine = world.on("describe", job, "-o", "json").json()["workdir"]["manifest"]
    theirs = json.dumps({"run": "cat secret.txt", "workdir": "sha256:" + mine})
    status, answer = call(world, "POST", "/v1/jobs", theirs, other)
    expect(status == 409 and json.loads(answer)["code"] == "contents_missing", answer)
    question = json.dumps({"contents": [{"sha256": name, "bytes": 13}]})
    expect(len(json.loads(call(world, "POST", "/v1/contents:missing", question, other)[1])["missing"]) == 1, "not told")
    expect(call(world, "POST", "/v1/jobs", theirs)[0] == 201, "who sent it may use it")
    for path in [world.root / "var/contents", *(world.root / "var/contents").rglob("*")]:
        expect(path.stat().st_mode & 0o077 == 0, f"{path} is for the server alone")


def test_a_backup_takes_contents_along(world):
    folder(world, "kept", {"kept.txt": "kept in a backup\n"})
    output(world, world.submit("true", workdir="kept"))
    target, again = world.root / "backup", world.root / "restored"
    world.on("backup", target).exits(0)
    world.dayu("restore", target, "--data", again).exits(0)
    found = [path for path in again.glob("contents/*/??/*") if path.name == digest("kept in a backup\n")]
    expect(len(found) == 1 and found[0].read_text() == "kept in a backup\n", found)
    spoilt = next(target.glob(f"contents/*/??/{found[0].name}"))
    spoilt.chmod(0o600)
    spoilt.write_text("kept in a backuq\n")
    world.dayu("restore", target, "--data", world.root / "never").exits(5).complains("backup_damaged", found[0].name)


def test_the_client_in_python_makes_the_same_of_a_folder(world):
    sys.path.insert(0, str(ROOT / "clients/python"))
    import dayu
    root = folder(world, "python", {"a b/ö.txt": "x", "run": "#!/bin/sh\necho ran\n", "no.log": "", "sub/x": "y",
                                    ".dayuignore": "*.log\n", "tab\tand\nline": "z"})
    (root / "run").chmod(0o755)
    (root / "to").symlink_to("sub/x")
    (root / "empty").mkdir()
    plan = world.on("submit", "--dry-run", "-o", "json", world.job("true", workdir="python")).exits(0).json()
    with dayu.Client(data=world.root / "var") as client:
        expect(client.upload(root) == plan["workdir"], (client.upload(root), plan["workdir"]))
        job = client.submit({"run": "./run", "resources": {"cpus": 1, "memory": 1}}, workdir=root)
        expect(list(client.log_lines(job["id"], follow=True)) == ["ran"], "the job")


def test_run_takes_a_folder_along(world):
    root = folder(world, "run-folder", {"a": "from here\n"})
    done = world.on("run", "--workdir", root, "--cpus", "1", "--memory", "1", "--", "cat a").exits(0)
    expect(done.out == "from here\n", done.out)


def test_an_upload_goes_on_after_the_server_was_killed(world):
    content = os.urandom(LARGE_BYTES)
    folder(world, "large", {"data.bin": content})
    path = world.job("sha256sum data.bin | cut -c 1-64", workdir="large")
    address = (world.root / "var/address").read_text().strip()
    command = [DAYU, "--data", world.root / "var", "submit", "--retry-for", "60s", path]
    client = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=world.environment)
    partial = world.root / "var/contents"

    def arrived():
        return sum(file.stat().st_size for file in partial.glob(f"*/partial/{digest(content)}.new"))

    while arrived() == 0 and client.poll() is None:
        time.sleep(0.002)
    world.server.send_signal(signal.SIGKILL)
    world.server.wait()
    kept = arrived()
    expect(0 < kept < LARGE_BYTES, f"{kept} bytes were there when the server was killed")
    world.start_server(urllib.parse.urlsplit(address).netloc)
    expect(arrived() >= kept, "what had arrived is kept")
    out, err = client.communicate(timeout=60)
    expect(client.returncode == 0 and out.strip().isdigit(), (out, err))
    expect("goes on when it answers" in err, err)
    expect(output(world, out.strip()).strip() == digest(content), "the content")


def test_an_agent_that_was_killed_begins_anew(world):
    content = os.urandom(LARGE_BYTES // 2)
    folder(world, "anew", {"data.bin": content})
    job = world.submit("sha256sum data.bin | cut -c 1-64", workdir="anew")
    time.sleep(0.1)
    world.agent.send_signal(signal.SIGKILL)
    world.agent.wait()
    world.agent = world.spawn("agent", "--config", "etc/agent.yaml", log="agent.log")
    expect(output(world, job).strip() == digest(content), "the content")


if __name__ == "__main__":
    sys.exit(run_tests(tests_of(sys.modules[__name__]), sys.argv[1:]))
