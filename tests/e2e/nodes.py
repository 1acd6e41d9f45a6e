#!/usr/bin/env python3
"""Care of centres from outside: what `dayu centers --health` tells of a real agent, and a node that cannot start jobs,
because the agent's shim is gone: it is excluded, jobs that need it wait, and included it runs them.
"""

import shutil
import subprocess
import sys

from world import BIN, expect, run_tests, tests_of, wait_until

AT_ZHONGWEI = {"placement": "{regions: [cn/ningxia]}"}


def center(world, name):
    [found] = [row for row in world.on("centers", "-o", "json").exits(0).json() if row["name"] == name]
    return found


def test_agents_tell_how_they_are(world):
    health = center(world, "zhongwei")["health"]
    wait_until(lambda: center(world, "zhongwei")["health"]["clock_ahead_ms"] is not None, "the clocks to be compared")
    expect(abs(center(world, "zhongwei")["health"]["clock_ahead_ms"]) < 2000, "one machine has one clock")
    version = world.on("--version").out.split()[-1]
    expect(health["agent_version"] == version, f"{health['agent_version']} is not {version}")
    [disk] = health["disks"]
    expect(0 < disk["free_mib"] <= disk["total_mib"] and disk["path"].startswith(str(world.root)), disk)
    expect(health["memory_mib"] > 0 and health["cpus"] > 0 and health["silent_s"] <= 15, health)
    world.on("centers", "--health").exits(0).says("CLOCK", "zhongwei", "% of", "GiB left", version, "local")


def test_a_node_is_excluded_and_included_by_hand(world):
    world.on("centers", "exclude", "zhongwei", "ascend/9", "--reason", "x").exits(3).complains("ascend/0 to ascend/1")
    world.on("centers", "exclude", "zhongwei", "ascend/1").exits(2)
    world.on("centers", "exclude", "zhongwei", "ascend/1", "--reason", "slow").exits(0).complains("gets no new jobs")
    world.on("centers").exits(0).says("excluded  ascend/1: slow")
    world.on("doctor").says("node ascend/1 is excluded: slow")
    pair = world.submit("true", name="pair", nodes=2, **AT_ZHONGWEI)
    wait_until(lambda: "NodesExcluded" in world.on("explain", pair).out, "the reason why it waits")
    expect("can never run" not in world.on("explain", pair).out, "an excluded node comes back")
    world.on("centers", "include", "zhongwei", "1").exits(0).complains("gets jobs again")
    world.on("wait", pair, "--timeout", "30s").exits(0)


def test_a_node_that_cannot_start_jobs_is_excluded(world):
    shim = restart_agent_from_a_place_of_its_own(world)
    shim.rename(shim.with_suffix(".away"))
    jobs = [world.submit("true", name=f"unlucky-{i}", **AT_ZHONGWEI) for i in (1, 2)]
    wait_until(lambda: any(node["excluded"] for node in center(world, "zhongwei")["nodes"]), "a node to be excluded")
    [node] = [node for node in center(world, "zhongwei")["nodes"] if node["excluded"]]
    expect("3 attempts in a row failed: start_failed" in node["reason"], node)
    health = world.on("centers", "--health").exits(0)
    health.says("1 excluded", f"zhongwei: node ascend/{node['node']} is excluded: 3 attempts in a row failed")
    health.says("starts failed in the last hour")
    shim.with_suffix(".away").rename(shim)
    for job in jobs:
        world.on("wait", job, "--timeout", "50s").exits(0)  # on the node that is left, or when that was tried again
    pair = world.submit("true", name="pair", nodes=2, **AT_ZHONGWEI)
    wait_until(lambda: "NodesExcluded" in world.on("explain", pair).out, "the reason why it waits")
    world.on("centers", "include", "zhongwei", f"ascend/{node['node']}", "--reason", "the shim is back").exits(0)
    world.on("wait", pair, "--timeout", "30s").exits(0)
    expect(center(world, "zhongwei")["nodes"] == [], "all is forgotten")


def restart_agent_from_a_place_of_its_own(world):
    """So that its shim can be taken away. Returns where that lies."""
    programs = world.root / "programs"
    programs.mkdir()
    for program in ("dayu", "dayu-shim"):
        shutil.copy2(BIN / program, programs)
    world.stop(world.agent)
    contacts = world.log("agent.log").count("in contact")
    with open(world.root / "agent.log", "ab") as out:
        world.agent = subprocess.Popen([programs / "dayu", "agent", "--config", "etc/agent.yaml"], cwd=world.root,
                                       stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=world.environment)
    wait_until(lambda: world.log("agent.log").count("in contact") > contacts, "the agent to be back")
    return programs / "dayu-shim"


if __name__ == "__main__":
    sys.exit(run_tests(tests_of(sys.modules[__name__]), sys.argv[1:]))
