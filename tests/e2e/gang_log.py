#!/usr/bin/env python3
"""dayu logs --node all: the lines of a gang's nodes, each behind the number of its node; while following, as they come.
gang_log.py [NAME...] runs only the tests whose name contains one of the words.
"""

import re
import subprocess
import sys

from terminal import on_terminal
from world import DAYU, World, expect, run_tests, tests_of, wait_until

MOST_NODES = 32
MANY = 40


class WideWorld(World):
    """With a pool of many nodes, which are all this machine."""

    def agent_file(self, server):
        text = super().agent_file(server)
        expect("nodes: 2," in text, "the pool of two nodes")
        return text.replace("nodes: 2,", f"nodes: {MANY},")


def gang(world, run, nodes=3):
    return world.submit(run, name="gang", nodes=nodes, placement="{tiers: [national]}")


def lines_of(text):
    """By node."""
    found = {}
    for line in text.splitlines():
        node, _, said = line.partition(" | ")
        expect(node.strip().isdigit(), f"a line without its node: {line!r}")
        found.setdefault(int(node), []).append(said)
    return found


def test_each_line_stands_behind_its_node(world):
    job = gang(world, "echo first $DAYU_RANK; echo; printf 'open end %s' $DAYU_RANK")
    world.on("wait", job).exits(0)
    done = world.on("logs", "--node", "all", job).exits(0)
    expect(done.out == "".join(f"{node} | first {node}\n{node} | \n{node} | open end {node}\n" for node in range(3)), done.out)
    followed = world.on("logs", "-f", "--node", "all", job).exits(0)
    expect(lines_of(followed.out) == lines_of(done.out), followed.out)
    expect(world.on("logs", "--node", "2", job).exits(0).out == "first 2\n\nopen end 2", "one node, byte for byte")
    world.on("logs", "--node", "3", job).exits(2).complains("node_unknown")


def test_lines_of_all_nodes_come_while_they_run(world):
    job = gang(world, "for i in 1 2 3; do printf \"$DAYU_RANK says \"; sleep 0.3; echo $i; done; sleep 600")
    with open(world.root / "followed", "w") as out:
        following = subprocess.Popen([DAYU, "--data", world.root / "var", "logs", "-f", "--node", "all", job], stdout=out,
                                     stderr=subprocess.PIPE, cwd=world.root / "elsewhere", env=world.environment, text=True)
    world.others.append(following)
    wanted = {node: [f"{node} says {i}" for i in (1, 2, 3)] for node in range(3)}
    wait_until(lambda: lines_of(world.log("followed")) == wanted, "the lines of all nodes, none torn")
    expect(following.poll() is None, "it follows on")
    world.on("cancel", job).exits(0)
    said = following.communicate(timeout=60)[1]
    expect(following.returncode == 0 and f"job {job} CANCELLED" in said, said)


@on_terminal
def test_nodes_have_colours_on_a_terminal(world, terminal):
    job = gang(world, "echo hello")
    world.on("wait", job).exits(0)
    seen = terminal("logs", "--node", "all", job)
    seen.ends(0)
    found = re.findall(r"\x1b\[(\d+)m(\d) \|\x1b\[0m hello", seen.text)
    expect([node for _, node in found] == ["0", "1", "2"], seen.text)
    expect(len({hue for hue, _ in found}) == 3, seen.text)


def test_many_nodes_are_named_one_by_one(world):
    job = gang(world, "true", nodes=MANY)
    world.on("logs", "--node", "all", job).exits(6).complains("too_many_nodes", f"{MANY} nodes", str(MOST_NODES))
    world.on("wait", job).exits(0)
    world.on("logs", "--node", str(MANY - 1), job).exits(0)
    world.on("logs", "--node", "every", job).exits(2).complains("every", "all")
    world.on("logs", "--node", "-1", job).exits(2)


if __name__ == "__main__":
    sys.exit(run_tests(tests_of(sys.modules[__name__]), sys.argv[1:], WideWorld))
