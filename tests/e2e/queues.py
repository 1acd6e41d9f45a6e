#!/usr/bin/env python3
"""How capacity is divided, from outside: queues, where data lies, and what capacity is worth. queues.py [NAME...] runs only the tests
whose name contains one of the words.
"""

import sys

from world import World, expect, run_tests, tests_of, wait_until


class Priced(World):
    """Whose server seeks its prices every second."""

    def start_server(self, listen="127.0.0.1:0", *more):
        return super().start_server(listen, "--optimise-every", "1s", *more)


# --- queues


def queue(world, path):
    [found] = [row for row in world.on("quota", path, "-o", "json").exits(0).json() if row["path"] == path]
    return found


def test_a_queue_is_described_bit_by_bit(world):
    world.on("quota", "set", "default/poems", "--weight", "2", "--guarantee", "A100-80GB=64", "--keep", "a100=16",
             "--limit", "A100-80GB=128").exits(0).complains("`dayu quota default/poems`")  # an alias is its chip
    row = queue(world, "default/poems")
    expect((row["described"], row["weight_milli"]) == (True, 2000), row)
    expect(row["quotas"] == [{"chip": "A100-80GB", "guaranteed_milli": 64_000, "kept_milli": 16_000,
                              "limit_milli": 128_000}], row)
    world.on("quota", "set", "default/poems", "--limit", "A100-80GB=none", "--guarantee", "Ascend910B=0.5").exits(0)
    row = queue(world, "default/poems")
    expect(row["weight_milli"] == 2000, "what is not named stays")
    expect(row["quotas"] == [{"chip": "A100-80GB", "guaranteed_milli": 64_000, "kept_milli": 16_000, "limit_milli": None},
                             {"chip": "Ascend910B", "guaranteed_milli": 500, "kept_milli": 0, "limit_milli": None}], row)
    world.on("quota").exits(0).says("QUEUE", "GUARANTEED", "default/poems", "Ascend910B", "0.5")
    world.on("quota", "set", "default/poems", "--guarantee", "Ascend910B=0").exits(0)
    expect(len(queue(world, "default/poems")["quotas"]) == 1, "a quota of nothing is none")


def test_a_queue_is_forgotten(world):
    world.on("quota", "set", "nobody/here", "--weight", "0.5").exits(0)
    paths = [row["path"] for row in world.on("quota", "nobody", "-o", "json").exits(0).json()]
    expect(paths == ["nobody", "nobody/here"], "what is above it is there too")
    world.on("quota", "remove", "nobody/here").exits(0)
    expect(world.on("quota", "nobody", "-o", "json").exits(0).json() == [], "nothing is left")
    world.on("quota", "remove", "nobody/here").exits(3).complains("queue_unknown")


def test_a_queue_refuses_what_makes_no_sense(world):
    world.on("quota", "set", "default/poems", "--keep", "A100-80GB=65").exits(2)
    world.on("quota", "set", "default/poems", "--guarantee", "A100-80BG=1").exits(3).complains('did you mean "A100-80GB"?')
    world.on("quota", "set", "default/poems", "--guarantee", "A100").exits(2).complains("names no chip and how many")
    world.on("quota", "set", "default/poems", "--guarantee", "A100-80GB=1.2345").exits(2).complains("three decimals")
    world.on("quota", "set", "default/poems", "--weight", "0").exits(2)
    world.on("quota", "set", "Default", "--weight", "1").exits(2)
    world.on("quota", "set").exits(2)


def test_a_queue_shows_what_its_jobs_use(world):
    job = world.submit("sleep 600", name="long", resources='{accelerators: "Ascend910B:2", cpus: 1, memory: 1}',
                       billing="{project: long}")
    wait_until(lambda: world.runs(job), "the job to run")
    row = queue(world, "default/long")
    expect(row["use"] == [{"chip": "Ascend910B", "used_milli": 2000}] and not row["described"], row)
    expect((row["running"], row["waiting"]) == (1, 0) and float(row["used_per_hour"]) >= 16, row)
    above = queue(world, "default")
    expect(float(above["used_per_hour"]) >= float(row["used_per_hour"]), "use counts on every queue of the path")
    world.on("cancel", job).exits(0)
    world.on("wait", job).exits(1)
    wait_until(lambda: queue(world, "default/long")["use"] == [], "its chips to be free")
    expect(float(queue(world, "default/long")["past_per_hour"]) > 0, "what was used is remembered")


def test_queues_are_shown_in_order_of_their_turns(world):
    whole_node = {"resources": '{accelerators: "Ascend910B:8", cpus: 1, memory: 1}'}
    runs = [world.submit("sleep 600", name="whole", billing="{project: big}", **whole_node) for _ in range(2)]
    wait_until(lambda: all(world.runs(job) for job in runs), "both nodes to be taken")
    waiting = [world.submit("true", name="next", billing="{project: %s}" % project, **whole_node)
               for project in ("big", "small")]

    def turns():
        rows = world.on("top", "queue", "default", "-o", "json").exits(0).json()
        return {row["path"]: (row["waiting"], row["running"], row["ahead"]) for row in rows}

    found = turns()
    expect(found["default/small"] == (1, 0, []), f"who uses nothing goes first: {found}")
    expect(found["default/big"] == (1, 2, ["default/small"]), found)
    paths = list(found)
    expect(paths.index("default") < paths.index("default/small") < paths.index("default/big"), paths)
    world.on("top", "queue", "--once").exits(0).says("job(s) wait", "QUEUE", "SHARE", "AHEAD", "default/small")
    world.on("quota", "set", "default/big", "--guarantee", "Ascend910B=32").exits(0)
    expect(turns()["default/small"][2] == ["default/big"], "what is guaranteed goes before")
    world.on("quota", "remove", "default/big").exits(0)
    world.on("top", "queue", "--delay", "1ms").exits(2).complains("--delay")
    for job in (*waiting, *runs):  # before they can start
        world.on("cancel", job).exits(0)


# --- data


def test_datasets_are_set_listed_and_forgotten(world):
    world.on("data", "list", "-o", "json").exits(0)
    world.on("data", "set", "tang300", "--bytes", "88K", "--at", "zhongwei", "--at", "shanghai").exits(0)
    world.on("data", "set", "song300", "--bytes", "2GiB").exits(0).complains("data.inputs")
    rows = {row["name"]: row for row in world.on("data", "list", "-o", "json").exits(0).json()}
    expect(rows["tang300"] == {"name": "tang300", "bytes": 88 * 1024, "centers": ["shanghai", "zhongwei"]}, rows)
    expect(rows["song300"]["bytes"] == 2 << 30 and rows["song300"]["centers"] == [], rows)
    world.on("data", "list").exits(0).says("tang300", "88K", "shanghai, zhongwei")
    world.on("data", "remove", "song300").exits(0)
    world.on("data", "remove", "song300").exits(3).complains("dataset_unknown")
    world.on("data", "remove", "tang30").exits(3).complains('did you mean "tang300"?')


def test_datasets_refuse_what_makes_no_sense(world):
    world.on("data", "set", "x", "--bytes", "many").exits(2).complains("--bytes many")
    world.on("data", "set", "x", "--bytes", "-1").exits(2)
    world.on("data", "set", "x", "--bytes", "9000000000P").exits(2)
    world.on("data", "set", "x").exits(2).complains("--bytes")
    world.on("data", "set", "X", "--bytes", "1").exits(2).complains("small letters")
    world.on("data", "set", "x", "--bytes", "1", "--at", "shanghia").exits(3).complains('did you mean "shanghai"?')


def test_a_job_names_what_it_reads(world):
    world.on("data", "set", "tang300", "--bytes", "88K", "--at", "shanghai").exits(0)
    job = world.submit("true", data="{inputs: [tang300, {dataset: yuan, bytes: 5}]}")
    world.on("describe", job).exits(0).says("Reads", "tang300, yuan (5)")
    spec = world.on("describe", job, "-o", "json").exits(0).json()["spec"]
    expect(spec["inputs"] == [{"dataset": "tang300", "bytes": 0}, {"dataset": "yuan", "bytes": 5}], spec)
    world.on("submit", world.job("true", data="{inputs: [tang3000]}")).exits(2).complains('did you mean "tang300"?')


# --- prices


def test_prices_say_that_there_are_none_yet(world):
    found = world.on("prices", "-o", "json").exits(0)
    if found.json() == []:
        world.on("prices").exits(0).complains("no prices have been published yet")
    else:
        world.on("prices").exits(0).says("SCARCITY", "shanghai")


def test_what_jobs_wait_for_is_scarce(world):
    whole_node = {"resources": '{accelerators: "A100-80GB:4", cpus: 1, memory: 1}'}
    jobs = world.submit("sleep 300", name="whole", array="0-3", **whole_node)

    def rows_now():
        return {(row["center"], row["pool"]): row for row in world.on("prices", "-o", "json").exits(0).json()}
    # What an earlier test made scarce for a moment may have been published: then the next index comes a minute later.
    wait_until(lambda: rows_now().get(("shanghai", "a100"), {}).get("wanted_milli", 0) > 0, "a price index of these jobs", 90)
    rows = rows_now()
    expect(set(rows) == {("shanghai", "a100"), ("zhongwei", "ascend")}, rows)
    scarce, idle = rows["shanghai", "a100"], rows["zhongwei", "ascend"]
    # Three tasks wait: a yuan by the hour and chip, as `prefer: balanced` says.
    expect(scarce["scarcity"] == "1.000000" and scarce["wanted_milli"] >= 12000, scarce)
    expect((idle["scarcity"], idle["wanted_milli"], idle["free_milli"]) == ("0.000000", 0, 16000), idle)
    world.on("prices").exits(0).says("SCARCITY", "shanghai").complains("job(s)")
    world.on("cancel", jobs).exits(0)
    events = world.on("events", "--type", "prices_published", "-o", "json").exits(0).json()
    expect(len(events) >= 1, events)


# --- jobs


def test_a_job_says_whose_turn_it_is_and_who_pays(world):
    job = world.submit("true", priority="high", preemptible="true", billing="{project: poems}")
    world.on("describe", job).exits(0).says("default/poems", "high, may be stopped for others")
    world.on("wait", job).exits(0)
    rows = world.on("ps", "-a", "--project", "poems", "-o", "json").exits(0).json()
    expect([(row["id"], row["priority"]) for row in rows] == [(int(job), "high")], rows)
    world.on("ps", "-a", "-o", "wide").exits(0).says("PROJECT", "PRIORITY", "poems")
    world.on("submit", world.job("true", priority="hihg")).exits(2).complains('did you mean "high"?')


def test_secrets_and_hooks_are_of_a_project(world):
    world.on("secret", "set", "ink", "--project", "poems", stdin="black\n").exits(0)
    rows = world.on("secret", "list", "--project", "poems", "-o", "json").exits(0).json()
    expect([row["name"] for row in rows] == ["ink"], rows)
    expect(world.on("secret", "list", "-o", "json").exits(0).json() == [], "the token's own project has none")
    keys = {"secrets": "[ink]", "billing": "{project: poems}"}
    job = world.submit('test "$INK" = black', name="inked", **keys)
    world.on("wait", job).exits(0)
    del keys["billing"]
    world.on("submit", world.job("true", name="dry", **keys)).exits(2).complains("secret_unknown")
    world.on("secret", "remove", "ink").exits(3)
    world.on("secret", "remove", "ink", "--project", "poems").exits(0)
    world.on("hook", "list", "--project", "Poems").exits(2).complains("no name of a project")


if __name__ == "__main__":
    sys.exit(run_tests(tests_of(sys.modules[__name__]), sys.argv[1:], Priced))
