#!/usr/bin/env python3
"""What docs/checklist/policy.md promises: a policy written, registered, tested, tried on a trace, switched on live and
taken back. The C++ is that of docs/checklist/add-a-policy.md: it is built, beside a copy of the registry with the line that
the page says, into a program of its own, which then does what the page shows.

policy.py BUILD_FOLDER: where the objects and libraries of the program lie, built by Ninja.
"""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD_S = 300


def blocks_of(path, language):
    return re.findall(rf"^ *```{language}\n(.*?)^ *```$", path.read_text(), re.MULTILINE | re.DOTALL)


def run(command, **how):
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_S, check=False, **how)
    if done.returncode != 0:
        sys.exit(f"FAILED  {command}\n{done.stdout}{done.stderr}")
    return done.stdout


class Build:
    """A copy of the program, and of the tests of policies, with the page's policy in it."""

    def __init__(self, build, folder):
        self.build, self.folder = build, folder
        with open(build / "compile_commands.json", encoding="utf-8") as file:
            self.units = {os.path.realpath(unit["file"]): unit for unit in json.load(file)}

    def compile(self, source, like):
        """`source`, as the unit `like` is compiled."""
        unit = self.units[os.path.realpath(ROOT / like)]
        words = shlex.split(unit["command"])
        target = self.folder / f"{source.stem}.o"
        words[words.index("-o") + 1] = str(target)
        words[-1] = str(source)
        run(words + [f"-I{ROOT / pathlib.Path(like).parent}"], cwd=unit["directory"])
        return str(target)

    def link(self, target, output, objects, without):
        """As `target` is linked; what is first defines a name, so that of the library's registry nothing is taken."""
        command = run(["ninja", "-t", "commands", target], cwd=self.build).splitlines()[-1]
        words = [word for word in shlex.split(command) if word not in (":", "&&") and not re.search(without, word)]
        at = words.index("-o")
        run(words[:at] + ["-o", str(output), *objects] + words[at + 2:], cwd=self.build)


def write_policy(build, folder):
    """(object of the policy, object of the registry, object of its test), as the page says."""
    page = ROOT / "docs/checklist/add-a-policy.md"
    policy, test = blocks_of(page, "cpp")
    line = re.search(r"`(policy\(\w+\)) +\\`", page.read_text())[1]
    (folder / "greenest_first.cpp").write_text(policy)
    registry = (ROOT / "src/sched/registry.cpp").read_text()
    first = re.search(r"^ *policy\(least_cost\) *\\\n", registry, re.MULTILINE)
    (folder / "registry.cpp").write_text(registry[:first.end()] + f"    {line} \\\n" + registry[first.end():])
    tests = (ROOT / "src/sched/policy_test.cpp").read_text()
    at = tests.rindex("}  // namespace\n}  // namespace")
    (folder / "policy_test.cpp").write_text(tests[:at] + test + "\n" + tests[at:])
    return [build.compile(folder / "greenest_first.cpp", "src/sched/registry.cpp"),
            build.compile(folder / "registry.cpp", "src/sched/registry.cpp"),
            build.compile(folder / "policy_test.cpp", "src/sched/policy_test.cpp")]


def follow_page(programs):
    """Runs what the page shows, beside a server with the three centres."""
    os.environ["DAYU_BIN"] = str(programs)
    sys.path.append(str(ROOT / "tests/docs"))
    import docs  # it asks for DAYU_BIN at once
    from page import Page
    world = docs.Center()
    failure, commands = "", 0
    try:
        world.start()
        scratch = docs.Scratch(world, 1)
        for block in Page(ROOT / "docs/checklist/policy.md").blocks:
            if block.text.startswith("policy: "):
                listen = scratch.environment["DAYU_ADDRESS"].removeprefix("http://")
                world.stop(world.server)
                (world.root / "etc/server.yaml").write_text(block.text)
                world.start_server(listen, "--config", "etc/server.yaml")
                docs.wait_until(world.all_are_there, "the centres to be in contact again")
            elif "systemctl" not in block.text:
                commands += scratch.do(block)
    except docs.Failed as failed:
        failure = str(failed)
    left = world.close()
    print(f"{commands} commands were run\n{failure}")
    return 1 if failure or left else 0


def main(folder):
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="dayu-policy-"))
    try:
        build = Build(pathlib.Path(folder).resolve(), scratch)
        policy, registry, test = write_policy(build, scratch)
        build.link("sched_test", scratch / "policy_test", [test, policy, registry], r"sched_test\.dir/")
        print(run([scratch / "policy_test"]).splitlines()[-1])
        programs = scratch / "bin"
        programs.mkdir()
        for program in (build.build / "bin").iterdir():
            (programs / program.name).symlink_to(program)
        (programs / "dayu").unlink()
        build.link("dayu", programs / "dayu", [policy, registry], r"^$")
        return follow_page(programs)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
