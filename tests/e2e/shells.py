"""Tests of completion, in each of the shells, and of the man pages."""

import re
import shlex
import shutil
import subprocess

from terminal import Terminal
from world import BIN, DAYU, PATIENCE_S, expect

BASH = """
source <({dayu} completion bash)
COMP_LINE={line}; COMP_POINT=${{#COMP_LINE}}
read -ra COMP_WORDS <<<"${{COMP_LINE//=/ = }}"; [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
compopt() {{ COMPREPLY+=(:files); }}
_dayu; printf '%s\\n' "${{COMPREPLY[@]}}"
"""

# zsh completes only in its editor; what that would hand to the function is handed to it here.
ZSH = """
compdef() {{ }}
_files() {{ print :files }}
_describe() {{ print -l -- ${{(P)2}} }}
source <({dayu} completion zsh)
words=(${{(z):-{line}}}); [[ {line} == *' ' ]] && words+=('')
CURRENT=$#words
_dayu
"""


def in_bash(world, line):
    script = BASH.format(dayu=DAYU, line=shlex.quote(line))
    return ask(world, ["bash", "--norc", "-c", script])


def in_fish(world, line):
    return ask(world, ["fish", "--no-config", "-c",
                       f"{DAYU} completion fish | source; complete -C {shlex.quote(line)}"])


def in_zsh(world, line):
    said = ask(world, ["zsh", "-f", "-c", ZSH.format(dayu=DAYU, line=shlex.quote(line))])
    return {row.split(":")[0] or row for row in said}


def ask(world, command):
    done = subprocess.run(command, cwd=world.root / "elsewhere", text=True, capture_output=True, timeout=PATIENCE_S,
                          stdin=subprocess.DEVNULL,
                          env=world.environment | {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(world.root)})
    return {row.split("\t")[0].rstrip() for row in done.stdout.splitlines()} - {""}


def test_completion_in_each_shell(world):
    job = world.on("submit", "--wait", world.job("true", name="tabbed")).exits(0).out.strip()
    data = f"--data {world.root}/var"
    for name, ask_shell in (("bash", in_bash), ("fish", in_fish), ("zsh", in_zsh)):
        expect(shutil.which(name), f"{name} is not installed; packages.txt names it")

        def offers(line, *wanted, but=()):
            found = ask_shell(world, line)
            expect(set(wanted) <= found and not set(but) & found, f"{name}: {line!r} offers {sorted(found)}")

        offers("dayu su", "submit", but=("ps", "server"))
        offers("dayu journal ", "check", but=("ps",))
        offers("dayu ps --st", "--state", but=("--all",))
        offers("dayu ps --state C", "COMPLETED", "CANCELLED", but=("FAILED",))
        offers("dayu ps -o ", "table", "wide", "json", "yaml")
        offers(f"dayu {data} describe ", job)
        offers(f"dayu {data} fence s", "shanghai", but=("zhongwei",))
        offers(f"dayu {data} run --chips A", "A100-80GB")
        offers("dayu completion ", "bash", "zsh", "fish")
    expect(":files" in in_bash(world, "dayu submit "), "a job file is a file")
    expect("--output=json" in world.dayu("completion", "words", "--", "ps", "--output=j").out, "behind a =, too")


def test_zsh_completes_what_is_typed(world):
    zsh = Terminal(world, "-fi", program="zsh", PATH=f"{BIN}:/usr/bin:/bin", HOME=str(world.root), PS1="%% ")
    try:
        zsh.type("autoload -Uz compinit && compinit -D && source <(dayu completion zsh) && echo REA''DY\n")
        zsh.shows("READY")
        zsh.type("dayu jou\tche\t--hel\t\n")
        zsh.shows("torn, edited or missing")  # the help of what the tabs made of it
    finally:
        zsh.close()


def test_completion_without_a_server(world):
    world.dayu("completion", "words", "--", "--server", "http://127.0.0.1:1", "describe", "").exits(0)
    world.dayu("completion", "tcsh").exits(2).complains("bash, zsh, fish")
    world.dayu("completion").exits(2)
    expect(world.dayu("completion", "words", "--", "run", "--", "").out == ":files\n", "behind -- stands a command")


def test_man_pages(world):
    folder = world.root / "man1"
    world.dayu("man", "--all", folder).exits(0)
    pages = {page.name for page in folder.iterdir()}
    verbs = world.dayu("completion", "words", "--", "").exits(0).out.splitlines()
    for verb in (line.split("\t")[0] for line in verbs):
        expect(any(page.startswith(f"dayu-{verb}") for page in pages), f"no page of {verb}: {pages}")
    expect("dayu.1" in pages and "dayu-journal-check.1" in pages, pages)
    linted = subprocess.run(["mandoc", "-Tlint", "-Wwarning", *folder.iterdir()], capture_output=True, text=True)
    expect(linted.returncode == 0, linted.stdout[:3000])
    page = subprocess.run(["mandoc", "-Tutf8", folder / "dayu-run.1"], capture_output=True, text=True, check=True).stdout
    for word in ("--max-price", "EXIT STATUS", "Ctrl-C", "EXAMPLES", "dayu(1)"):
        expect(word in re.sub(".\b", "", page), f"no {word!r} in\n{page}")
    world.dayu("man", "run").exits(0).says(".TH DAYU-RUN 1")
    world.dayu("man", "journal", "check").exits(0).says("DAYU-JOURNAL-CHECK")
    world.dayu("man", "journal", "chek").exits(3).complains("journal check")
    world.dayu("man", "--all", "/proc/nowhere").exits(8)


def test_every_verb_says_what_it_takes(world):
    verbs = [line.split("\t")[0] for line in world.dayu("completion", "words", "--", "").out.splitlines()]
    for verb in verbs:
        for word in [line.split("\t")[0] for line in world.dayu("completion", "words", "--", verb, "").out.splitlines()
                     if verb == "journal"] or [""]:
            world.dayu(verb, *([word] if word else []), "--help").exits(0).says("Options of every verb", "--server")
