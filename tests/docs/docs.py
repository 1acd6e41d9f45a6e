#!/usr/bin/env python3
"""What the pages show is what happens. docs.py [WORD...] reads README.md, README.zh-CN.md, CONTRIBUTING.md, docs/ and the
client's README, or only those pages whose path contains one of the words, and does what they say: beside a real server
and the three centres of examples/centers, in a scratch folder for each page.

Every fenced block names its language:

  sh       is run as a script that must not fail
  console  holds commands behind "$ ", which are run one by one, and their output, which must be the one shown: "..."
           stands for anything. A job's id that is printed alone stands for the one that it gets, wherever it is named
           further down on the page
  yaml     is a job file: `submit --dry-run` must take it. Where it begins with `# NAME.yaml`, later commands find it
  python   is run with the client on its path
  json     must be JSON
  cpp, text   are left alone

Comments right above a block say more: `<!-- test: MARK -->`, with one of these marks each.

  not run: REASON     it is left alone, listed and counted: it needs root, a domain, another cluster
  exits N             of the block's last command
  numbers vary        in the output shown: times, sizes, prices
  ends after N s      what goes on for ever is ended then, and that is as it should be
  job file NAME       a job file in another language, such as a script for Slurm
  part of a job file  keys to which `run` is added
  runs                the job file is submitted, too, and must succeed

Programs that pages may use are listed here; a command that is none of them needs a mark.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/e2e"))
from page import Page, commands_of, matches, number_of_lines  # noqa: E402
from world import BIN, Failed, World, expect, wait_until  # noqa: E402

PAGES = ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "clients/python/README.md", "docs/**/*.md")
CENTERS = ("shanghai", "jiading", "zhongwei")
PROGRAMS = ("awk", "basename", "bash", "cat", "chmod", "cp", "curl", "cut", "date", "env", "false", "grep", "gunzip", "gzip",
            "head", "hostname", "jq", "ls", "man", "mkdir", "mktemp", "mv", "openssl", "paste", "python3", "rm", "sed", "seq",
            "sh", "sha256sum", "sleep", "sort", "tail", "tar", "tee", "test", "touch", "tr", "true", "uniq", "wc", "xargs",
            "zcat")
# What pages say of an installation, and what that is here.
STANDS_FOR = {"/var/lib/dayu": "var", "/backup": "backup", "http://127.0.0.1:8620": "$DAYU_ADDRESS"}
NEXT_YEAR = str(time.localtime().tm_year + 1)
COMMAND_S = 60


class Center(World):
    """A server and the three centres that ./quickstart starts."""

    def __init__(self):
        super().__init__()
        self.programs = self.root / "programs"
        self.programs.mkdir()
        for program in PROGRAMS:
            found = shutil.which(program)
            if found:
                (self.programs / program).symlink_to(found)
        (self.programs / "dayu").symlink_to(BIN / "dayu")
        self.helps = {}

    def start(self):
        address = self.start_server()
        agents = []
        for name in CENTERS:
            text = (ROOT / f"examples/centers/{name}.yaml").read_text()
            for word, value in {"SERVER": address, "TOKEN_FILE": self.root / "var/agent-token", "BIN": BIN,
                                "WORK_ROOT": self.root / "run" / name}.items():
                text = text.replace(f"@{word}@", str(value))
            (self.root / f"etc/{name}.yaml").write_text(text)
            agents.append(self.spawn("agent", "--config", f"etc/{name}.yaml", log=f"{name}.log"))
        self.agent, *self.others = agents
        wait_until(self.all_are_there, "the centres to be in contact")

    def all_are_there(self):
        centers = self.on("centers", "-o", "json").exits(0).json()
        return [center["contact"] for center in centers] == ["ok"] * len(CENTERS)

    def help(self, verb):
        if verb not in self.helps:
            done = self.dayu(*verb.split(), "--help")
            self.helps[verb] = done.out if done.code == 0 else None
        return self.helps[verb]


class Scratch:
    """The folder in which a page's blocks are run, one after the other, and what they have taught us of ids."""

    def __init__(self, world, number):
        self.world = world
        self.folder = world.root / f"page-{number}"
        self.folder.mkdir()
        self.folder.chmod(0o755)
        for name, target in {"var": world.root / "var", "dayu": BIN / "dayu", "examples": ROOT / "examples",
                             "clients": ROOT / "clients"}.items():
            (self.folder / name).symlink_to(target)
        (self.folder / "backup").mkdir()
        self.ids = {}
        self.environment = world.environment | {
            "PATH": str(world.programs), "PYTHONPATH": str(ROOT / "clients/python"), "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": str(self.folder), "DAYU_ADDRESS": (world.root / "var/address").read_text().strip()}

    def real(self, text):
        """The text with the ids that the page's jobs really have, and our folders."""
        for name, here in STANDS_FOR.items():
            text = text.replace(name, here)
        text = re.sub(r"\b20\d\d(?=-\d\d-\d\dT)", NEXT_YEAR, text)  # a deadline of a page is never past
        return re.sub(r"(?<![\w.-])\d+(?=_\d|(?![\w.]))", lambda found: self.ids.get(found[0], found[0]), text)

    def run(self, block, *words, stdin=""):
        """What it says, on both streams; the exit code is the one that the block's marks ask for."""
        limit = block.mark("ends after")
        seconds = float(limit.removesuffix(" s")) if limit else COMMAND_S
        done = subprocess.Popen(words, cwd=self.folder, env=self.environment, text=True, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            said = done.communicate(stdin, timeout=seconds)[0]
        except subprocess.TimeoutExpired:
            os.killpg(done.pid, 15)
            said = done.communicate(timeout=COMMAND_S)[0]
            expect(limit, f"it goes on for more than {COMMAND_S} s\n{said}")
            return said, 0
        return said, done.returncode

    def run_commands(self, block):
        commands = commands_of(block)
        for command in commands:
            said, code = self.run(block, "bash", "-euo", "pipefail", "-c", self.real(command.text))
            wanted = int(block.mark("exits") or 0) if command is commands[-1] else 0
            hint = "\nthis test knows no such program: add it there, or mark the block" if code == 127 else ""
            expect(code == wanted, f"line {command.line}: exit {code}, not {wanted}\n{command.text}\n{said}{hint}")
            self.compare(block, command, said)
        return sum(number_of_lines(command.text) for command in commands)

    def compare(self, block, command, said):
        shown = (command.shown or "").strip()
        if re.fullmatch(r"\d+", shown) and re.fullmatch(r"\d+", said.strip()):
            self.ids[shown] = said.strip()
            return
        vary = block.mark("numbers vary") is not None
        same = command.shown is None or matches(self.real(command.shown), said, vary)
        expect(same, f"line {command.line}: {command.text}\nis shown to say\n{command.shown}but says\n{said}")

    def check_job_file(self, block):
        named = block.mark("job file") or ""
        named = named or "".join(re.findall(r"\A# (\S+\.ya?ml)$", block.text, re.MULTILINE)) or "job.yaml"
        text = self.real(block.text)
        if block.mark("part of a job file") is not None and not re.search("^(run|variants):", text, re.MULTILINE):
            text += "run: 'true'\n"
        (self.folder / named).write_text(text)
        verbs = [("submit", "--dry-run")] + [("submit", "--wait")] * (block.mark("runs") is not None)
        for verb in verbs:
            said, code = self.run(block, "dayu", *verb, named)
            wanted = int(block.mark("exits") or 0)
            expect(code == wanted, f"line {block.line}: dayu {' '.join(verb)}: exit {code}, not {wanted}\n{text}\n{said}")
        return len(verbs)

    def run_python(self, block):
        said, code = self.run(block, "python3", "-c", self.real(block.text))
        wanted = int(block.mark("exits") or 0)
        expect(code == wanted, f"line {block.line}: exit {code}, not {wanted}\n{said}")
        return 1

    def do(self, block):
        """The number of commands that were run."""
        if block.mark("job file") is not None:
            return self.check_job_file(block)
        how = {"sh": self.run_commands, "console": self.run_commands, "yaml": self.check_job_file,
               "python": self.run_python, "json": lambda _: bool(json.loads(block.text)) and 0, "cpp": lambda _: 0,
               "text": lambda _: 0}.get(block.language)
        expect(how, f"line {block.line}: a block of {block.language or 'no language'}; write which one, or how not to run it")
        return how(block)


def files_linked(page):
    """[(link, path)] of those within the repository."""
    links = [(target, target.partition("#")[0]) for target in page.links()]
    return [(target, (page.path.parent / path).resolve()) for target, path in links if path and "://" not in path]


def check_links(page):
    for target, path in files_linked(page):
        expect(path.exists(), f"a link to {target}, which is not there")


def not_linked(paths):
    """Pages to which no way leads from README.md."""
    seen, ahead = set(), {ROOT / "README.md"}
    while ahead:
        path = ahead.pop()
        seen.add(path)
        found = {linked for _, linked in files_linked(Page(path))}
        found |= {page for folder in found if folder.is_dir() for page in folder.glob("*.md")}
        ahead |= {page for page in found if page.suffix == ".md" and page.exists()} - seen
    return [path for path in paths if path not in seen]


def check_spans(page, world):
    """`dayu VERB --option` in prose: there is such a verb, and it knows the option."""
    for span in page.spans():
        words = span.removeprefix("./").split()
        if words[0] != "dayu" or len(words) == 1:
            continue
        verbs = [word for word in words[1:] if re.fullmatch("[a-z]+", word)][:2]
        known = [verb for verb in (" ".join(verbs), *verbs[:1]) if world.help(verb)]
        expect(known or words[1].startswith("-") or not words[1].islower(), f"`{span}`: there is no such verb")
        text = world.help(known[0]) if known else world.help("")
        for option in re.findall(r"(?<![\w-])--[a-z-]+", span.partition(" -- ")[0]):
            expect(option in text or option in world.help(""), f"`{span}`: there is no option {option}")


def read(page, world, number):
    """(commands run, [(line, why not)]) of the page; Failed with everything that is wrong."""
    scratch = Scratch(world, number)
    commands, left, wrong = 0, [], []
    for check in (check_links, lambda page: check_spans(page, world)):
        try:
            check(page)
        except Failed as failure:
            wrong.append(str(failure))
    for block in page.blocks:
        reason = block.mark("not run")
        if reason is not None:
            left.append((block.line, reason))
            if not reason:
                wrong.append(f"line {block.line}: `not run` without a reason")
            continue
        try:
            commands += scratch.do(block)
        except (Failed, ValueError) as failure:
            wrong.append(str(failure))
    if commands:
        world.cancel_all()
    expect(not wrong, "\n".join(wrong))
    return commands, left


def main(words):
    paths = [path for pattern in PAGES for path in sorted(ROOT.glob(pattern))]
    paths = [path for path in paths if not words or any(word in str(path.relative_to(ROOT)) for word in words)]
    world = Center()
    commands, left = 0, []
    alone = not_linked(paths)
    failures = len(alone)
    print("".join(f"FAILED  {path.relative_to(ROOT)}: no way of links leads there from README.md\n" for path in alone), end="")
    try:
        world.start()
        for number, path in enumerate(paths):
            begin = time.monotonic()
            page, name = Page(path), path.relative_to(ROOT)
            try:
                run, not_run = read(page, world, number)
                commands += run
                left += [f"{name}:{line}: {reason}" for line, reason in not_run]
                verdict, said = "ok", f"{len(page.blocks)} blocks, {run} commands"
            except Failed as failure:
                verdict, said = "FAILED", f"\n{failure}"
                failures += 1
            if page.blocks or verdict != "ok":
                print(f"{verdict:6}  {name}  {time.monotonic() - begin:.1f} s  {said}", flush=True)
    finally:
        leftover = world.close()
    print(f"{commands} commands of {len(paths)} pages were run; {len(left)} blocks were not:")
    print("".join(f"  {each}\n" for each in left), end="")
    if leftover:
        print(f"FAILED  processes were left behind: {leftover}")
    return 1 if failures or leftover else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
