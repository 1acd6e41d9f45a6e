#!/usr/bin/env python3
"""make.py [EXPERIMENT...]: makes docs/results.md anew from full runs on the published traces; with names, only their parts.

It takes a release build (DAYU_BIN) and the traces (DAYU_TRACES), and minutes for each experiment.
"""

import importlib
import re
import sys

import results

PAGE = results.ROOT / "docs/results.md"
HEAD = """# What the simulator shows, beside what was published

Made by `tests/results/make.py` from runs of `dayu sim`; no figure here is written by hand. Each part says what was published,
what the same rule gives as we run it, what our policy gives, over which seeds, and where it falls short. The traces are the
published ones; `DAYU_TRACES` says where they lie.
"""


def parts_of_page():
    """The parts that the page has now, by experiment."""
    if not PAGE.exists():
        return {}
    found = re.findall(r"<!-- part: (\w+) -->\n(.*?)(?=\n<!-- part: |\Z)", PAGE.read_text(), re.S)
    return {name: text.strip() for name, text in found}


def main():
    parts = parts_of_page()
    for name in sys.argv[1:] or results.EXPERIMENTS:
        module = importlib.import_module(name)
        parts[name] = f"## {module.TITLE}\n\n{module.section(results.run).strip()}"
    whole = [HEAD] + [f"<!-- part: {name} -->\n{parts[name]}\n" for name in results.EXPERIMENTS if name in parts]
    PAGE.write_text("\n".join(whole))


main()
