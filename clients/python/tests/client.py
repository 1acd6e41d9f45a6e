#!/usr/bin/env python3
"""The client against a real server and agent, and against one that fails in all the ways that a client has to bear.
client.py [NAME...] runs only the tests whose name contains one of the words.
"""

import http.server
import json
import os
import pathlib
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(HERE.parent), str(ROOT / "tests/e2e")]
import dayu  # noqa: E402
from world import Failed, expect, run_tests, tests_of, wait_until  # noqa: E402

SMALL = {"resources": {"cpus": 1, "memory": 1}, "time_limit": "5m"}


def raises(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise Failed(f"no {kind.__name__} was raised")


# --- with a real server


def test_submit_wait_and_log(world):
    with dayu.Client(data=world.root / "var") as client:
        job = client.submit({**SMALL, "name": "moon", "run": "echo 床前明月光; printf 'no end'"})
        expect(job["name"] == "moon" and not job["replayed"] and job["unmapped"] == [], job)
        ended = client.wait(job["id"])
        expect((ended["state"], ended["code"], dayu.exit_code_of(ended)) == ("COMPLETED", 0, 0), ended)
        expect(list(client.log_lines(job["id"])) == ["床前明月光", "no end"], "the log in lines")
        expect(b"".join(client.logs(job["id"], offset=-6)) == b"no end", "the end of the log")
        expect(client.job(job["id"])["spec"]["time_limit_s"] == 300, "the spec")
        expect(client.explain(job["id"])["state"] == "COMPLETED", "the explanation")
        failed = client.wait(client.submit({**SMALL, "run": "exit 7"})["id"])
        expect(dayu.exit_code_of(failed) == 7, failed)
        killed = client.wait(client.submit({**SMALL, "run": "kill -SEGV $$"})["id"])
        expect(dayu.exit_code_of(killed) == 139, killed)


def test_bodies_go_and_come_as_gzip_over_a_network(world):
    with dayu.Client(data=world.root / "var") as client:
        expect(not client._packs, "loopback has bytes enough")
        client._packs = True
        job = client.submit({**SMALL, "run": "true # " + 5000 * "x"})
        expect(client.wait(job["id"])["code"] == 0, "what was packed has run")
        expect(len(client.job(job["id"])["attempts"]) == 1, "what came packed is read")
        big = {**SMALL, "run": "x" * (9 << 20)}
        expect(raises(dayu.ExhaustedError, lambda: client.submit(big)).code == "body_too_large", "a bomb")


def test_a_change_is_made_only_if_nothing_else_has_changed(world):
    with dayu.Client(data=world.root / "var") as client:
        job = client.submit({**SMALL, "run": "true", "begin": "1h"})["id"]
        tag = client.job_tag(job)
        client.hold(job, if_match=tag)
        late = raises(dayu.ConflictError, lambda: client.cancel(job, if_match=tag))
        expect((late.code, late.status) == ("precondition_failed", 412), late)
        client.cancel(job, if_match=client.job_tag(job))
        expect(client.job(job)["state"] == "CANCELLED", "as it was read")
        array = client.submit({**SMALL, "run": "true", "begin": "1h", "array": "0-1"})["id"]
        tag = client.array_tag(array)
        client.hold(array + 1, if_match=client.job_tag(array + 1))
        late = raises(dayu.ConflictError, lambda: client.cancel(array, whole_array=True, if_match=tag))
        expect(late.code == "precondition_failed", late)
        client.cancel(array, whole_array=True, if_match=client.array_tag(array))


def test_job_files_come_in_many_forms(world):
    path = world.root / "form.yaml"
    path.write_text("name: form\nresources: {cpus: 1, memory: 1}\ntime_limit: 5m\nrun: 'true'\n")
    with dayu.Client(data=world.root / "var") as client:
        for form in (path, path.read_text(), path.read_bytes()):
            expect(client.submit(form, key="form")["name"] == "form", "each is taken")
        expect(client.submit(path, key="form")["replayed"], "the same key makes one job")
        raises(dayu.ConflictError, lambda: client.submit({"run": "false"}, key="form"))
        slurm = client.offers("#!/bin/sh\n#SBATCH -t 5 --mem=1G --mail-user=a@b\ntrue\n")
        expect([(item["weight"], item["key"]) for item in slurm["unmapped"]] == [("note", "--mail-user")], slurm)
        expect(slurm["spec"]["time_limit_s"] == 300 and slurm["chosen"] == 0, slurm)


def test_many_and_pages(world):
    with dayu.Client(data=world.root / "var") as client:
        files = [{**SMALL, "name": f"many-{i}", "run": "true"} for i in range(7)]
        files[3] = {"run": "true", "nodez": 1}
        results = client.submit_many(files)
        expect(isinstance(results[3], dayu.InvalidError) and results[3].code == "key_unknown", results)
        ids = [each["id"] for each in results if not isinstance(each, dayu.Error)]
        expect(len(ids) == 6 and ids == sorted(ids), ids)
        for job in ids:
            client.wait(job)
        seen = [job["id"] for job in client.jobs(all=True, page_size=2)]
        expect(seen == sorted(seen, reverse=True) and set(ids) <= set(seen), seen)
        expect(not list(client.jobs(state="HELD")), "nothing is held")
        keyed = client.submit_many([{**SMALL, "run": "true"}] * 3, key="batch")
        again = client.submit_many([{**SMALL, "run": "true"}] * 3, key="batch")
        expect([each["id"] for each in keyed] == [each["id"] for each in again], "the same batch again")


def test_logs_are_followed_over_a_retry(world):
    run = "mkdir -p c; if [ -e c/1 ]; then echo second; exit 0; fi; touch c/1; echo first; exit 75"
    with dayu.Client(data=world.root / "var") as client:
        job = client.submit({**SMALL, "run": run, "retry": {"max": 1, "on_exit": [75], "backoff": "1s"},
                             "checkpoint": {"path": "c"}})["id"]
        expect(list(client.log_lines(job, follow=True)) == ["first", "second"], "both attempts, in order")
        expect(list(client.log_lines(job, attempt=1)) == ["first"], "one of them")
        raises(dayu.NotFoundError, lambda: list(client.logs(job, attempt=9)))


def test_cancel_and_waits_that_run_out(world):
    with dayu.Client(data=world.root / "var") as client:
        job = client.submit({**SMALL, "run": "sleep 600"})["id"]
        ran_out = raises(dayu.WaitRanOut, lambda: client.wait(job, timeout_s=0.2))
        expect(ran_out.exit_code == 124 and ran_out.job["id"] == job, ran_out)
        seq = client.cancel(job)
        expect(client.wait(job)["state"] == "CANCELLED", "it was cancelled")
        followed = client.events(after=seq, job=job, follow=False)
        ending = next(entry for entry in followed if entry["type"] == "job_ended")
        expect(ending["data"]["job"] == job, ending)
        conflict = raises(dayu.ConflictError, lambda: client.cancel(job))
        expect((conflict.status, conflict.exit_code, conflict.kind) == (409, 5, "conflict"), conflict)


def test_hold_release_requeue_and_arrays(world):
    with dayu.Client(data=world.root / "var") as client:
        job = client.submit({**SMALL, "run": "sleep 0.1", "hold": True})["id"]
        expect(client.job(job)["state"] == "HELD", "it is held")
        client.release(job)
        expect(client.wait(job)["state"] == "COMPLETED", "and let go")
        array = client.submit({**SMALL, "run": "exit $DAYU_ARRAY_INDEX", "array": "0-2", "hold": True})
        expect(array["tasks"] == 3, array)
        client.release(array["id"], whole_array=True)
        codes = [client.wait(array["id"] + i)["code"] for i in range(3)]
        expect(codes == [0, 1, 2], codes)
        expect(len(list(client.jobs(all=True, array=array["id"]))) == 3, "its tasks alone")
        again = client.submit({**SMALL, "run": "sleep 600"})["id"]
        wait_until(lambda: client.job(again)["phase"] == "RUNNING", "the job to run")
        client.requeue(again)
        wait_until(lambda: client.job(again)["attempt"] == 2, "its second attempt")
        client.cancel(again)
        expect(dayu.exit_code_of(client.wait(again)) == 1, "cancelled")
        client.drain("shanghai", "a test")
        expect([center["drained"] for center in client.centers()] == [True, False], "one is drained")
        client.exclude("zhongwei", "ascend/1", "a test")
        # Nodes whose last start failed are listed beside it, and a busy machine may have one.
        [node] = [node for node in client.centers()[1]["nodes"] if node["excluded"]]
        expect((node["node"], node["reason"]) == (1, "a test"), f"it is excluded: {node}")
        client.include("zhongwei", "ascend/1")
        expect(not [node for node in client.centers()[1]["nodes"] if node["excluded"]], "and included again")
        client.resume("shanghai")


def test_events_go_on_over_a_restart(world):
    with dayu.Client(data=world.root / "var") as client:
        before = [entry["seq"] for entry in client.events(follow=False)]
        expect(before == list(range(1, len(before) + 1)), "from the first entry on, without gaps")
        stream = client.events(after=before[-1])
        first = client.submit({**SMALL, "name": "e1", "run": "true"})["id"]
        seen = [next(stream)]
        address = (world.root / "var/address").read_text().strip().removeprefix("http://")
        world.stop(world.server)
        world.start_server(address)
        second = client.submit({**SMALL, "name": "e2", "run": "true"})["id"]
        while not (seen[-1]["type"] == "job_ended" and seen[-1]["data"]["job"] == second):
            seen.append(next(stream))
        stream.close()
        seqs = [entry["seq"] for entry in seen]
        expect(seqs == list(range(before[-1] + 1, seqs[-1] + 1)), "no gap and no double over the restart")
        expect(client.wait(first)["state"] == "COMPLETED", "the first came through")


def test_filters_and_what_has_a_name(world):
    with dayu.Client(data=world.root / "var") as client:
        job = client.submit({**SMALL, "name": "sweep-1", "run": "true"})["id"]
        client.wait(job)
        types = [entry["type"] for entry in client.events(job=job, type=["job_accepted", "job_ended"], follow=False)]
        expect(types == ["job_accepted", "job_ended"], types)
        stream = client.events(type="job_ended", job=[job])
        expect(next(stream)["data"]["job"] == job, "the stream filters too")
        stream.close()
        raises(dayu.InvalidError, lambda: list(client.events(type="job_endet", follow=False)))
        expect([row["id"] for row in client.jobs(name="sweep-*", state=["COMPLETED"], user="admin")] == [job], "by filters")
        attempt = client.attempt(job, 1)
        expect(attempt in client.attempts(job=job, state="ENDED"), attempt)
        expect(client.body(client.job(job)["body"])["run"] == "true", "what it ran")
        expect(client.pools(center=attempt["center"])[0]["name"] == attempt["pool"], "the pool")
        expect(client.center(attempt["center"])["contact"] == "ok" and client.chip("a100"), "one of each")
        made = client.create_token("audit", "viewer", expires="2100-01-01T00:00:00Z")
        with dayu.Client(client.server, token=made["token"]) as viewer:
            expect(viewer.job(job)["id"] == job, "a viewer reads")
            raises(dayu.DeniedError, lambda: viewer.cancel(job))
            stream = viewer.events(after=made["seq"] - 1)
            expect(next(stream)["type"] == "token_issued", "what made it")
            client.revoke_token("audit")
            expect(next(stream)["type"] == "token_revoked", "what ended it")
            raises(dayu.DeniedError, lambda: next(stream))
        expect("audit" not in [token["name"] for token in client.tokens()], "it is gone")


def test_files_are_copied_out_and_in(world):
    with dayu.Client(data=world.root / "var") as client:
        run = ("mkdir -p model/deep; printf weights > model/w.bin; head -c 3000000 /dev/zero > model/deep/zeros; "
               "ln -s /etc/passwd model/link; echo made; "
               "until test -s in/a/x && test -s in/b; do sleep 0.05; done; cat in/a/x in/b")
        job = client.submit({**SMALL, "run": run, "data": {"outputs": ["model/"]}})["id"]
        expect(next(client.log_lines(job, follow=True)) == "made", "its files")
        out = client.copy_out(job, "model", world.root / "copied")
        expect(sorted(str(path.relative_to(out)) for path in out.rglob("*")) == ["deep", "deep/zeros", "w.bin"],
               "no link, and nothing half")
        expect((out / "deep/zeros").read_bytes() == bytes(3_000_000), "the bytes")
        half = world.root / "w.bin.dayu-part"
        half.write_bytes(b"wei")
        expect(client.copy_out(job, "model/w.bin", world.root).read_bytes() == b"weights", "it went on")
        expect(not half.exists(), "and left nothing")
        raises(dayu.NotFoundError, lambda: client.copy_out(job, "nothing", world.root))
        raises(dayu.DeniedError, lambda: client.copy_out(job, "../../x", world.root))
        (world.root / "in/a").mkdir(parents=True)
        (world.root / "in/a/x").write_text("one ")
        client.copy_in(job, world.root / "in", "")
        (world.root / "b").write_bytes(b"two")
        client.copy_in(job, world.root / "b", "in/")
        expect(client.wait(job)["code"] == 0 and list(client.log_lines(job)) == ["made", "one two"], "what it was given")
        found = client.outputs(job)
        expect([(file["path"], file["bytes"]) for file in found["outputs"]] ==
               [("model/deep/zeros", 3_000_000), ("model/w.bin", 7)], found)


def test_secrets_and_hooks(world):
    with dayu.Client(data=world.root / "var") as client:
        seq = client.set_secret("hf_token", "from python")
        expect(client.secret("hf_token")["set"] and seq > 0, "it is set")
        expect([secret["name"] for secret in client.secrets()] == ["hf_token"], "by name")
        job = client.submit({**SMALL, "run": "echo $HF_TOKEN", "secrets": ["hf_token"]})["id"]
        expect(list(client.log_lines(job, follow=True)) == ["from python"], "the job has it")
        client.remove_secret("hf_token")
        raises(dayu.NotFoundError, lambda: client.secret("hf_token"))
        made = client.set_hook("ci", {"url": "https://ci.invalid/dayu", "events": ["job_ended"]})
        expect(made["secret"].startswith("whsec_"), made)
        expect([(hook["name"], hook["kind"], hook["host"]) for hook in client.hooks()] ==
               [("ci", "webhook", "ci.invalid")], client.hooks())
        expect(client.test_hook("ci")["delivered"] is False, "nobody is there")
        client.remove_hook("ci")
        expect(client.hooks() == [], "it is gone")
        raises(dayu.NotFoundError, lambda: client.resume_hook("ci"))
        raises(dayu.DeniedError, lambda: client.set_hook("near", {"url": "http://127.0.0.1:1/"}))


def test_queues_datasets_and_prices(world):
    with dayu.Client(data=world.root / "var") as client:
        seq = client.set_queue("default/poems", weight_milli=2000, quotas=[{"chip": "a100", "guaranteed_milli": 1000}])
        queue = client.queue("default/poems")
        expect(seq > 0 and queue["described"] and queue["weight_milli"] == 2000, queue)
        expect([row["chip"] for row in queue["quotas"]] == ["A100-80GB"], queue)
        client.set_queue("default/poems", weight_milli=3000, quotas=queue["quotas"])
        paths = [each["path"] for each in client.queues(below="default", page_size=1)]
        expect(paths[:1] == ["default"] and "default/poems" in paths, paths)
        client.remove_queue("default/poems")
        raises(dayu.NotFoundError, lambda: client.remove_queue("default/poems"))
        client.set_dataset("tang300", 90000, ["shanghai"])
        expect(client.dataset("tang300") in client.datasets(), "one of the list")
        client.remove_dataset("tang300")
        expect(client.datasets() == [], "it is forgotten")
        expect("prices" in client.prices(), "the index, or that there is none")
        expect(client.step_ratios() == [], "no planned job has run")


def test_supply_and_server(world):
    with dayu.Client(data=world.root / "var") as client:
        expect([center["name"] for center in client.centers()] == ["shanghai", "zhongwei"], "both centres")
        expect(any(chip["name"] == "Ascend910B" for chip in client.chips()), "the registry")
        expect(client.version()["api"] == "v1" and client.is_alive() and client.is_ready(), "the server")
        expect("\ndayu_journal_writable 1\n" in client.metrics(), "its figures")
        raises(dayu.NotFoundError, lambda: client.fence("nowhere", "a test"))


def test_refusals_are_exceptions(world):
    with dayu.Client(data=world.root / "var") as client:
        wrong = raises(dayu.InvalidError, lambda: client.submit({"run": "a", "nodez": 2}))
        expect((wrong.code, wrong.field, wrong.exit_code) == ("key_unknown", "nodez", 2), vars(wrong))
        missing = raises(dayu.NotFoundError, lambda: client.job(999999))
        expect(missing.exit_code == 3, missing)
        server = client.server
    with dayu.Client(server, "wrong") as stranger:
        expect(raises(dayu.DeniedError, lambda: list(stranger.jobs())).exit_code == 4, "denied")
        expect("wrong" not in repr(stranger), "the token is never shown")


def test_server_and_token_are_found_as_by_the_command_line(world):
    url = (world.root / "var/address").read_text().strip()
    token = (world.root / "var/token").read_text().strip()
    kept, here = dict(os.environ), os.getcwd()
    try:
        os.environ.pop("DAYU_SERVER", None), os.environ.pop("DAYU_TOKEN", None)
        os.chdir(world.root)
        with dayu.Client() as client:  # ./var
            expect(client.server == url and client.is_ready() and list(client.jobs()) is not None, "in ./var")
        os.chdir(world.root / "elsewhere")
        with dayu.Client() as client:
            expect(client.server == dayu.DEFAULT_SERVER and not client._token, "the default")
        os.environ.update(DAYU_SERVER=url + "/", DAYU_TOKEN=token)
        with dayu.Client() as client:
            expect(client.server == url and client.centers(), "from the environment")
        raises(dayu.NotFoundError, lambda: dayu.Client(data="/nowhere"))
        raises(dayu.InvalidError, lambda: dayu.Client("localhost"))
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(kept)


def test_many_threads_share_a_client(world):
    found = []
    with dayu.Client(data=world.root / "var") as client:
        def work():
            found.append(client.submit({**SMALL, "run": "true"})["id"])
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    expect(len(set(found)) == 8, found)


def test_the_sweep(world):
    sweep = [sys.executable, HERE.parent / "examples/sweep.py", "--data", world.root / "var", "0.01", "0.1", "2"]
    done = subprocess.run(sweep, capture_output=True, text=True, timeout=60)
    expect(done.returncode == 0, done.stdout + done.stderr)
    rows = [line.split() for line in done.stdout.splitlines()]
    expect(rows[0][:2] == ["RATE", "LOSS"] and [row[0] for row in rows[1:]] == ["0.1", "0.01", "2"], done.stdout)
    expect("0 to go" in done.stderr, done.stderr)


# --- with one that fails


class Flaky:
    """Answers by a list: (status, body) or `None`, which closes the connection without a word."""

    def __init__(self, answers, context=None):
        self.answers, self.asked = list(answers), []
        flaky = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                flaky.asked.append((self.path, self.headers.get("Idempotency-Key")))
                answer = flaky.answers.pop(0) if len(flaky.answers) > 1 else flaky.answers[0]
                if answer is None:
                    self.close_connection = True
                    return
                status, body = answer
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if context is not None:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def problem(status, code):
    return (status, {"type": "about:blank", "title": "t", "status": status, "code": code, "detail": code})


ACCEPTED = (201, {"id": 1, "name": "job", "seq": 2, "replayed": False, "unmapped": []})


def test_a_submit_is_tried_again_with_its_key(_):
    with Flaky([None, problem(503, "server_busy"), problem(429, "queue_full"), None, ACCEPTED]) as server:
        with dayu.Client(server.url, "t") as client:
            expect(client.submit({"run": "true"})["id"] == 1, "it came through")
        expect(len(server.asked) == 5 and len({key for _, key in server.asked}) == 1, server.asked)


def test_what_does_not_help_is_not_tried_again(_):
    with Flaky([problem(429, "job_file_too_large")]) as server, dayu.Client(server.url, "t") as client:
        raises(dayu.ExhaustedError, lambda: client.submit({"run": "true"}))
        expect(len(server.asked) == 1, server.asked)
    with Flaky([None]) as server, dayu.Client(server.url, "t") as client:
        raises(dayu.UnavailableError, lambda: client.cancel(1))
        expect(len(server.asked) == 1, "nobody knows whether it was done")
    with Flaky([problem(503, "server_busy")]) as server, dayu.Client(server.url, "t", retry_for_s=0.5) as client:
        begin = time.monotonic()
        expect(raises(dayu.UnavailableError, lambda: client.job(1)).code == "server_busy", "the server's own word")
        expect(time.monotonic() - begin < 1 and len(server.asked) > 1, server.asked)
    with dayu.Client(server.url, "t", retry_for_s=0) as client:
        expect(raises(dayu.UnavailableError, lambda: client.job(1)).exit_code == 7, "nobody is there")


def test_answers_that_are_none(_):
    with Flaky([(200, "no object")]) as server, dayu.Client(server.url, "t") as client:
        expect(not isinstance(client._json("getVersion"), dict), "as it came")
    with Flaky([(500, ["odd"])]) as server, dayu.Client(server.url, "t") as client:
        expect(raises(dayu.InternalError, lambda: client.job(1)).code == "http_500", "a code of its own")


def test_tls_is_checked_against_the_ca(world):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="dayu-tls-"))
    try:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-subj", "/CN=dayu",
                        "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        with Flaky([(200, {"version": "0", "api": "v1"})], context) as server:
            with dayu.Client(server.url, "t", ca_file=folder / "cert.pem") as client:
                expect(client.version()["api"] == "v1", "over TLS")
            with dayu.Client(server.url, "t", retry_for_s=5) as client:
                begin = time.monotonic()
                expect(raises(dayu.DeniedError, client.version).code == "tls_not_trusted", "of no known authority")
                expect(time.monotonic() - begin < 2, "a wrong certificate is not tried again")
            elsewhere = server.url.replace("127.0.0.1", "localhost")
            with dayu.Client(elsewhere, "t", ca_file=folder / "cert.pem") as client:
                expect(raises(dayu.DeniedError, client.version).code == "tls_wrong_name", "another name")
            unusable = raises(dayu.InvalidError, lambda: dayu.Client(server.url, "t", ca_file=folder / "nowhere"))
            expect(unusable.code == "ca_file_unusable", unusable.code)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(run_tests(tests_of(sys.modules[__name__]), sys.argv[1:]))
