"""count_tests.py BUILD: what the last CTest run in BUILD came to.

Prints `PASSED FAILED SKIPPED`, then each failed test with a part of what it said. CTest counts programs; where
a program left a report of its own (GoogleTest's XML in BUILD/results), its cases are counted instead.
"""

import pathlib
import sys
import xml.etree.ElementTree as xml

TOLD = 20  # lines of each failed test


def outcome_of_case(case):
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    skipped = case.find("skipped") is not None or case.get("status") == "notrun"
    return "skipped" if skipped else "passed"


def outcome_of_program(test):
    """CTest writes `notrun` both for a skip and for a program that is not there."""
    if test.get("status") == "run":
        return "passed"
    skipped = test.find("skipped")
    if skipped is not None and "SKIP" in skipped.get("message", ""):
        return "skipped"
    return "failed"


def failure_of_case(case):
    return "\n".join(found.get("message", "") for found in case.iter("failure"))


def outcomes(build):
    """Yields (outcome, name, what it said) for each case of each program."""
    for test in xml.parse(build / "ctest.xml").getroot().iter("testcase"):
        name = test.get("name")
        whole = outcome_of_program(test)
        report = build / "results" / f"{name}.xml"
        cases = []
        if whole != "skipped" and report.exists():
            for case in xml.parse(report).getroot().iter("testcase"):
                cases.append((outcome_of_case(case), f"{name}: {case.get('classname')}.{case.get('name')}",
                              failure_of_case(case)))
        yield from cases
        explained = any(outcome == "failed" for outcome, *_ in cases)
        if not cases or (whole == "failed" and not explained):
            yield whole, name, test.findtext("system-out", "")  # also a program that died after its cases had passed


def telling(lines):
    """From where it says that it failed, or else the end: logs of servers follow what our scripts say."""
    begin = next((at for at, line in enumerate(lines) if "FAILED" in line or "Traceback" in line), max(0, len(lines) - TOLD))
    return lines[begin:begin + TOLD]


def main():
    rows = list(outcomes(pathlib.Path(sys.argv[1])))
    print(*(sum(outcome == kind for outcome, *_ in rows) for kind in ("passed", "failed", "skipped")))
    for outcome, name, said in rows:
        if outcome == "failed":
            print(name)
            for line in telling(said.strip().splitlines()):
                print(f"    {line[:200]}")


main()
