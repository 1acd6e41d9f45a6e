"""A page of the documentation as docs.py reads it: its fenced blocks with the marks above them, the commands in them
and what is shown of their output, the spans of code in its prose, and its links.
"""

import dataclasses
import re
import textwrap

FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\S*)[^\n]*\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
MARK = re.compile(r"<!-- test: ((?:(?!-->).)*?) -->", re.DOTALL)
MARKS = re.compile(rf"(?:{MARK.pattern}\s*)+\Z", re.DOTALL)
LINK = re.compile(r"(?<!`)\[[^\]]*\]\((?P<target>[^)\s]+)\)")
SPAN = re.compile(r"`([^`\n]+)`")
NUMBER = re.compile(r"(?:\d+(?:\\\.\d+)?[dhms]?)+")  # as re.escape leaves it


@dataclasses.dataclass
class Block:
    line: int
    language: str
    text: str
    marks: list

    def mark(self, word):
        """What stands behind the word of a mark; "" when nothing does; None without such a mark."""
        for mark in self.marks:
            if mark == word or mark.startswith(word + " ") or mark.startswith(word + ": "):
                return mark[len(word):].lstrip(": ")
        return None


@dataclasses.dataclass
class Command:
    line: int
    text: str
    shown: str | None = None  # None: of its output nothing is shown


class Page:
    def __init__(self, path):
        self.path = path
        self.text = path.read_text(encoding="utf-8")
        self.blocks = [self.block(found) for found in FENCE.finditer(self.text)]
        self.prose = FENCE.sub("", self.text)

    def block(self, found):
        above = MARKS.search(self.text, 0, found.start())
        marks = [" ".join(mark.split()) for mark in MARK.findall(above[0])] if above else []
        line = self.text.count("\n", 0, found.start("text")) + 1
        return Block(line, found["language"], textwrap.dedent(found["text"]), marks)

    def links(self):
        return [found["target"] for found in LINK.finditer(self.prose)]

    def spans(self):
        return SPAN.findall(self.prose)


def commands_of(block):
    """A block of `sh` is one script. In one of `console` each line behind "$ " is a command, which goes on behind a
    backslash or an open here-document, and what follows is its output.
    """
    if block.language == "sh":
        return [Command(block.line, block.text)]
    commands, open_until = [], None
    for number, line in enumerate(block.text.splitlines(), block.line):
        if open_until is not None:
            commands[-1].text += "\n" + line
            open_until = None if line == open_until else open_until
        elif line.startswith("$ "):
            commands.append(Command(number, line[2:]))
            here = re.search(r"<<'?(\w+)'?", line)
            open_until = here[1] if here else None
        elif commands and commands[-1].shown is None and commands[-1].text.endswith("\\"):
            commands[-1].text += "\n" + line
        elif commands:
            commands[-1].shown = (commands[-1].shown or "") + line + "\n"
        else:
            raise ValueError(f"line {number}: output before the first `$ `")
    return commands


def number_of_lines(script):
    """Of commands, as a reader counts them."""
    lines = [line.strip() for line in script.splitlines()]
    return sum(1 for line in lines if line and not line.startswith("#"))


def matches(shown, said, numbers_vary):
    """Whether the output is the one shown. "..." stands for anything, and alone on a line for any lines; blanks are as
    many as a table needs. Where numbers vary, each stands for any other, with its unit.
    """
    pattern = ""
    for line in shown.rstrip("\n").split("\n"):
        line = " ".join(line.split())
        if line == "...":
            pattern += r"(?:.*\n)*?"
            continue
        parts = [re.escape(part) for part in line.split("...")]
        if numbers_vary:
            parts = [NUMBER.sub(lambda _: r"[\d.dhms]+", part) for part in parts]
        pattern += ".*".join(parts) + r"\n"
    return re.fullmatch(pattern, "".join(" ".join(line.split()) + "\n" for line in said.splitlines())) is not None
