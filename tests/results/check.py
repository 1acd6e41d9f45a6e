#!/usr/bin/env python3
"""check.py EXPERIMENT...: runs a cheap part of each experiment on the published traces and compares with expected.json.

Exit 1 when a figure is not as expected, 77 (skipped) where the traces are not there (DAYU_TRACES).
"""

import importlib
import sys

import results


def main():
    if not results.traces().is_dir():
        print(f"skipped: no traces at {results.traces()}; DAYU_TRACES says where they are")
        sys.exit(77)
    failed = False
    for name in sys.argv[1:] or results.EXPERIMENTS:
        for what, holds, came_out in importlib.import_module(name).check(results.run):
            failed |= not holds
            print(f"{'ok  ' if holds else 'FAIL'} {name}: {what}: {came_out}")
    sys.exit(1 if failed else 0)


main()
