#!/usr/bin/env python3
"""error_codes.py [--write]: docs/errors.md lists every error code of the tree once, with its kind, in order, and no other.

--write adds a row for each code that is missing, to be given a meaning by hand, and takes out those that are gone.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs/errors.md"
KINDS = {
    "invalid": (400, 2),
    "not_found": (404, 3),
    "denied": (403, 4),
    "conflict": (409, 5),
    "exhausted": (429, 6),
    "unavailable": (503, 7),
    "internal": (500, 8),
}
KIND_OF = {
    "yaml_error": "invalid",
    "option_error": "invalid",
    "at_line": "invalid",
    "fail": "invalid",
    "error_from_errno": "internal",
}
MADE = re.compile(
    r"\b(" + "|".join([*KINDS, *KIND_OF]) + r')\(\s*(?:[\w.*]+(?:\(\))?,\s*|text\("code",\s*)?"([a-z][a-z0-9_]+)"'
)
VIRTUAL = re.compile(r"src/sim/(virtual_\w+|world)\.(cpp|h)$")
ROW = re.compile(r"^\| `(\w+)` \| ([\w, ]+) \|")


def codes_in_tree():
    codes = {}
    for folder in ("src", "apps"):
        for path in [*(ROOT / folder).rglob("*.cpp"), *(ROOT / folder).rglob("*.h")]:
            if path.name.endswith("_test.cpp") or "testing" in path.parts or VIRTUAL.match(str(path.relative_to(ROOT))):
                continue  # faults of tests and of the virtual world are pretended
            for word, code in MADE.findall(path.read_text(errors="replace")):
                codes.setdefault(code, set()).add(KIND_OF.get(word, word))
    return codes


def write(codes):
    rows = {m[1]: line for line in TABLE.read_text().splitlines() if (m := ROW.match(line))}
    head = [line for line in TABLE.read_text().splitlines() if not ROW.match(line)]
    while head and not head[-1]:
        head.pop()
    for code, kinds in codes.items():
        meaning = rows[code].split("|")[3].strip() if code in rows else "?"
        rows[code] = f"| `{code}` | {', '.join(sorted(kinds))} | {meaning} |"
    TABLE.write_text("\n".join(head + [rows[code] for code in sorted(codes)]) + "\n")


def main():
    codes = codes_in_tree()
    if "--write" in sys.argv:
        write(codes)
    listed = {m[1]: set(m[2].split(", ")) for m in map(ROW.match, TABLE.read_text().splitlines()) if m}
    for code in sorted(codes.keys() - listed.keys()):
        print(f"docs/errors.md lacks `{code}` ({', '.join(codes[code])})")
    for code in sorted(listed.keys() - codes.keys()):
        print(f"docs/errors.md lists `{code}`, which nothing in src/ or apps/ answers")
    for code in sorted(code for code in codes.keys() & listed.keys() if codes[code] != listed[code]):
        print(f"docs/errors.md gives `{code}` as {', '.join(sorted(listed[code]))}; it is {', '.join(sorted(codes[code]))}")
    rows = [m[1] for m in map(ROW.match, TABLE.read_text().splitlines()) if m]
    for earlier, later in zip(rows, rows[1:]):
        if earlier >= later:
            print(f"docs/errors.md gives `{later}` below `{earlier}`: one row a code, in their order; --write sorts them")
    for line in TABLE.read_text().splitlines():
        if ROW.match(line) and line.endswith("| ? |"):
            print(f"docs/errors.md says no meaning: {line}")
    ordered = rows == sorted(set(rows))
    sys.exit(0 if listed == codes and ordered and "| ? |" not in TABLE.read_text() else 1)


main()
