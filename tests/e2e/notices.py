#!/usr/bin/env python3
"""Hooks from outside: real receivers on this machine get what happens, check the signatures by their own means, go away and
come back; the server is killed meanwhile. notices.py [WORD...] runs the tests whose names contain one of the words.
"""

import base64
import hashlib
import hmac
import http.server
import json
import signal
import sys
import threading
import time
import urllib.parse

from world import World, expect, run_tests, tests_of, wait_until

KEY = "b0a7-never-to-be-seen"  # in the address of robots
SIGNING_SECRET = "SEC-never-to-be-seen-either"


class HookWorld(World):
    """Its receivers stand on this machine."""

    def start_server(self, listen="127.0.0.1:0", *more):
        return super().start_server(listen, "--hooks-allow-private", *more)


class Receiver:
    """Keeps what it is sent. `answer` is a status and a body, and may be changed at any time."""

    def __init__(self, status=200, body=b"{}"):
        self.answer = (status, body)
        self.seen = []
        self.port = 0
        self.open()

    def open(self):
        seen, receiver = self.seen, self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                seen.append((self.path, dict(self.headers), body))
                status, answer = receiver.answer
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def url(self, path="/hook"):
        return f"http://127.0.0.1:{self.port}{path}?key={KEY}"

    def notices(self):
        return [json.loads(body) for _, _, body in self.seen]

    def jobs(self):
        """The jobs that it heard of, once each, in the order in which it heard of them first."""
        found = []
        for _, headers, body in self.seen:
            job = json.loads(body)["data"]["job"]
            if job is not None and (headers["webhook-id"], job["id"]) not in found:
                found.append((headers["webhook-id"], job["id"]))
        return [job for _, job in found]


def checks_out(secret, headers, body):
    """Standard Webhooks, as a receiver checks it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return (hmac.compare_digest(expected, headers["webhook-signature"])
            and abs(time.time() - int(headers["webhook-timestamp"])) < 60)


def add(world, name, receiver, *options, path="/hook"):
    """The secret that the server made, or nothing."""
    return world.on("hook", "add", name, *options, stdin=receiver.url(path) + "\n").exits(0).out.strip()


def remove(world, name, receiver):
    world.on("hook", "remove", name).exits(0)
    receiver.close()


def hook(world, name):
    return next(each for each in world.on("hook", "list", "-o", "json").exits(0).json() if each["name"] == name)


def test_ends_and_holds_arrive_signed(world):
    receiver = Receiver()
    secret = add(world, "ci", receiver, "--on", "job_ended,job_held")
    expect(secret.startswith("whsec_"), secret)
    failed = world.submit("exit 3", name="fails")
    world.on("wait", failed).exits(3)
    waits = world.submit("true", name="waits", begin="1h")
    world.on("hold", waits).exits(0)
    wait_until(lambda: len(receiver.seen) == 2, "two notices")
    for path, headers, body in receiver.seen:
        expect(path == f"/hook?key={KEY}" and headers["User-Agent"].startswith("dayu/"), (path, headers))
        expect(checks_out(secret, headers, body), headers)
        expect(not checks_out(secret, headers, body + b" "), "a changed body checks out")
    ended, held = receiver.notices()
    expect((ended["type"], ended["data"]["job"]["id"]) == ("job_ended", int(failed)), ended)
    expect((ended["data"]["job"]["state"], ended["data"]["job"]["code"]) == ("FAILED", 3), ended)
    expect((held["type"], held["data"]["job"]["state"]) == ("job_held", "HELD"), held)
    world.on("cancel", waits).exits(0)
    wait_until(lambda: len(receiver.seen) == 3, "the end of the held one")
    wait_until(lambda: hook(world, "ci")["delivery"]["delivered"] == 3, "the list to count them")
    remove(world, "ci", receiver)


def test_filters_choose(world):
    receiver = Receiver()
    add(world, "bert", receiver, "--on", "job_ended", "--name", "bert-*", "--failures-only")
    for name, code in (("bert-good", 0), ("gpt-bad", 1), ("bert-bad", 1)):
        world.on("wait", world.submit(f"exit {code}", name=name)).exits(code)
    wait_until(lambda: receiver.seen, "a notice")
    time.sleep(1)
    expect([notice["data"]["job"]["name"] for notice in receiver.notices()] == ["bert-bad"], receiver.notices())
    remove(world, "bert", receiver)


def test_a_receiver_goes_down_and_comes_back(world):
    receiver = Receiver()
    add(world, "ci", receiver, "--on", "job_ended")
    receiver.close()
    jobs = [int(world.submit("true", name=f"down-{i}")) for i in range(2)]
    for job in jobs:
        world.on("wait", job).exits(0)
    wait_until(lambda: hook(world, "ci")["delivery"]["failing_since"] is not None, "the list to show it")
    world.on("hook", "list").exits(0).says("failing", "127.0.0.1")
    world.on("doctor").exits(1).says("hook ci", "nothing delivered since")
    world.on("hook", "test", "ci").exits(1).complains("did not take it")
    receiver.open()
    wait_until(lambda: receiver.jobs() == jobs, "both in their order")
    wait_until(lambda: hook(world, "ci")["delivery"]["failing_since"] is None, "all to be well again")
    remove(world, "ci", receiver)


def test_a_killed_server_loses_nothing(world):
    receiver = Receiver(status=503)
    secret = add(world, "ci", receiver, "--on", "job_ended")
    jobs = [int(world.submit("true", name=f"kill-{i}")) for i in range(3)]
    for job in jobs:
        world.on("wait", job).exits(0)
    wait_until(lambda: receiver.seen, "a try")
    address = (world.root / "var/address").read_text().strip()
    world.server.send_signal(signal.SIGKILL)
    world.server.wait()
    receiver.answer = (200, b"")
    world.start_server(address.removeprefix("http://"))
    wait_until(lambda: receiver.jobs() == jobs, "all that ended before")
    expect(all(checks_out(secret, headers, body) for _, headers, body in receiver.seen), receiver.seen)
    wait_until(lambda: hook(world, "ci")["delivery"]["delivered"] == 3, "the list to count them")
    count = len(receiver.seen)
    time.sleep(0.5)  # it writes down how far it has come
    world.server.send_signal(signal.SIGKILL)
    world.server.wait()
    world.start_server(address.removeprefix("http://"))
    job = int(world.submit("true", name="after"))
    wait_until(lambda: receiver.jobs() == [*jobs, job], "the next one")
    expect(len(receiver.seen) == count + 1, f"{len(receiver.seen) - count - 1} came again")
    wait_until(world.centers_are_there, "the agent to be back")
    remove(world, "ci", receiver)


def test_who_is_gone_is_left_alone(world):
    receiver = Receiver(status=410)
    add(world, "ci", receiver, "--on", "job_ended")
    world.on("wait", world.submit("true", name="first")).exits(0)
    wait_until(lambda: hook(world, "ci")["suspended"] == "gone", "it to be suspended")
    world.on("events", "-o", "json").exits(0).says("hook_suspended")
    world.on("doctor").exits(1).says("hook ci", "suspended")
    world.on("wait", world.submit("true", name="unheard")).exits(0)
    receiver.answer = (204, b"")
    world.on("hook", "resume", "ci").exits(0)
    heard = int(world.submit("true", name="heard"))
    wait_until(lambda: receiver.jobs()[1:] == [heard], "what happens after it was resumed")
    remove(world, "ci", receiver)


def secret_file(world):
    path = world.root / "robot-secret"
    path.write_text(SIGNING_SECRET + "\n")
    return path


def test_wecom_gets_what_it_takes(world):
    receiver = Receiver(body=b'{"errcode":0,"errmsg":"ok"}')
    add(world, "wecom", receiver, "--kind", "wecom", "--on", "job_ended", path="/cgi-bin/webhook/send")
    job = world.submit("exit 2", name="训练")
    wait_until(lambda: receiver.seen, "a message")
    path, headers, body = receiver.seen[0]
    message = json.loads(body)
    expect(path == f"/cgi-bin/webhook/send?key={KEY}" and headers["Content-Type"] == "application/json", path)
    expect(message["msgtype"] == "markdown", message)
    expect(message["markdown"]["content"].startswith(f"**Dayu: 任务 {job}「训练」失败，退出码 2**\n"), message)
    receiver.answer = (200, b'{"errcode":45009,"errmsg":"api freq out of limit"}')
    world.on("hook", "test", "wecom").exits(1).complains("errcode 45009")
    world.on("hook", "add", "bad", "--kind", "wecom", "--secret-from", secret_file(world),
             stdin=receiver.url()).exits(2).complains("secret:")
    remove(world, "wecom", receiver)


def test_dingtalk_is_signed_in_the_url(world):
    receiver = Receiver(body=b'{"errcode":0,"errmsg":"ok"}')
    add(world, "ding", receiver, "--kind", "dingtalk", "--language", "en", "--secret-from", secret_file(world),
        path="/robot/send")
    world.on("hook", "test", "ding").exits(0)
    path, _, body = receiver.seen[0]
    query = {key: values[0] for key, values in urllib.parse.parse_qs(urllib.parse.urlsplit(path).query).items()}
    content = f"{query['timestamp']}\n{SIGNING_SECRET}".encode()
    expected = base64.b64encode(hmac.new(SIGNING_SECRET.encode(), content, hashlib.sha256).digest()).decode()
    expect(query["sign"] == expected and query["key"] == KEY, path)
    expect(abs(time.time() * 1000 - int(query["timestamp"])) < 60_000, path)
    message = json.loads(body)
    expect(message["msgtype"] == "markdown" and "[test]" in message["markdown"]["title"], message)
    receiver.answer = (200, b'{"errcode":310000,"errmsg":"sign not match"}')
    world.on("hook", "test", "ding").exits(1).complains("errcode 310000: sign not match")
    remove(world, "ding", receiver)


def test_feishu_is_signed_in_the_body(world):
    receiver = Receiver(body=b'{"code":0,"msg":"success","data":{}}')
    add(world, "feishu", receiver, "--kind", "feishu", "--secret-from", secret_file(world), path="/open-apis/bot/v2/hook/x")
    world.on("hook", "test", "feishu").exits(0)
    message = json.loads(receiver.seen[0][2])
    key = f"{message['timestamp']}\n{SIGNING_SECRET}".encode()
    expected = base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
    expect(message["sign"] == expected and abs(time.time() - int(message["timestamp"])) < 60, message)
    post = message["content"]["post"]["zh_cn"]
    expect(message["msg_type"] == "post" and post["title"].startswith("Dayu: [测试]"), message)
    receiver.answer = (400, b'{"code":9499,"msg":"too many request","data":{}}')
    world.on("hook", "test", "feishu").exits(1).complains("code 9499")
    remove(world, "feishu", receiver)


def test_a_flood_is_few_messages(world):
    receiver = Receiver(body=b'{"errcode":0,"errmsg":"ok"}')
    add(world, "wecom", receiver, "--kind", "wecom", "--on", "job_ended")
    sweep = world.submit("true", name="sweep", array="0-29", begin="1h")
    world.on("cancel", sweep).exits(0)
    wait_until(lambda: receiver.seen, "a message")
    time.sleep(4)
    expect(len(receiver.seen) <= 2, f"{len(receiver.seen)} messages for 30 tasks")
    text = json.loads(receiver.seen[0][2])["markdown"]["content"]
    expect("条通知" in text and "已取消" in text and len(text.encode()) <= 4096, text)
    remove(world, "wecom", receiver)


def test_wrong_hooks_are_refused(world):
    url = "https://example.org/hook"
    world.on("hook", "add", "x", "--url", "ftp://example.org/").exits(2).complains("url:")
    world.on("hook", "add", "x", "--url", "https://me:pass@example.org/").exits(2).complains("url:")
    world.on("hook", "add", "Bad Name", "--url", url).exits(2).complains("name:")
    world.on("hook", "add", "x", "--url", url, "--on", "job_endet").exits(2).complains("job_ended")
    world.on("hook", "add", "x", "--url", url, "--secret-from", secret_file(world)).exits(2).complains("whsec_")
    for verb in ("test", "remove", "resume"):
        world.on("hook", verb, "nobody").exits(3)


def test_private_networks_are_out_of_reach(world):
    other = world.root / "other"
    process = world.spawn("server", "--data", other, "--listen", "127.0.0.1:0", log="other.log")
    world.others.append(process)
    wait_until((other / "address").exists, "another server")
    receiver = Receiver()
    for url in (receiver.url(), f"http://localhost:{receiver.port}/", "http://169.254.169.254/latest/meta-data",
                "http://[::1]:80/", "http://2130706433/", "http://10.0.0.1/", "http://[::ffff:127.0.0.1]/"):
        refused = world.dayu("--data", other, "hook", "add", "x", "--url", url).exits(4)
        refused.complains("not public", "--hooks-allow-private")
    expect(world.dayu("--data", other, "hook", "list", "-o", "json").exits(0).json() == [], "a hook is there")
    expect(not receiver.seen, receiver.seen)
    receiver.close()
    world.stop(process)


def test_lost_centres_are_told_once(world):
    """Contact counts as lost 45 s after the agent's last word, and as an outage 20 s later; as back after two minutes."""
    receiver = Receiver()
    add(world, "ops", receiver, "--on", "center_lost,center_back")
    world.agent.send_signal(signal.SIGKILL)
    world.agent.wait()
    wait_until(lambda: len(receiver.seen) == 2, "both centres to be reported lost", patience_s=120)
    told = {(notice["type"], notice["data"]["center"]["name"]) for notice in receiver.notices()}
    expect(told == {("center_lost", "shanghai"), ("center_lost", "zhongwei")}, told)
    world.start_agent((world.root / "var/address").read_text().strip())
    wait_until(lambda: len(receiver.seen) == 4, "both centres to be reported back", patience_s=200)
    told = {(notice["type"], notice["data"]["center"]["name"]) for notice in receiver.notices()[2:]}
    expect(told == {("center_back", "shanghai"), ("center_back", "zhongwei")}, told)
    remove(world, "ops", receiver)


def test_no_secret_is_left_anywhere(world):
    """Last: whatever the tests before have done. The key stands in addresses, the others sign."""
    receiver = Receiver()
    secret = add(world, "last", receiver)
    world.on("hook", "test", "last").exits(0)
    world.on("hook", "list", "-o", "json").exits(0)
    for path in world.root.rglob("*"):
        if not path.is_file() or path.name == "robot-secret":
            continue
        content = path.read_bytes()
        for word in (KEY, SIGNING_SECRET, secret, secret.removeprefix("whsec_")):
            expect(word.encode() not in content, f"{word} stands in {path}")
    remove(world, "last", receiver)


if __name__ == "__main__":
    sys.exit(run_tests(tests_of(sys.modules[__name__]), sys.argv[1:], make_world=HookWorld))
