#!/usr/bin/env python3
"""tidy.py [CHECK...]: what the project promises about its own files, as tests.

Without arguments every check runs. A check prints a row, and below it what it found; the exit is 1 when one
that is not a report found something. Tracked files count, and new ones that git does not ignore.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = ROOT / "tests/tidy/includes.txt"

OUR_INCLUDE = re.compile(r'\s*#\s*include "([^"]+)"')
# Libraries that must not show in a header: whoever includes it would have to compile them again.
THIRD_PARTY = re.compile(
    r"\s*#\s*include <(boost/|spdlog/|fmt/|yaml-cpp/|CLI/|curl/|openssl/|Eigen/|gtest/|rapidcheck"
    r"|gnutls/|sqlite3\.h|microhttpd\.h|zstd\.h|zlib\.h|libpq-fe\.h)"
)
THIRD_PARTY_ALLOWED = {"src/base/log.h": "#include <fmt/core.h>"}

MACHINE_PATH = re.compile(r"(?<![\w.])/(work|root)/")
SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{36}\b|\bglpat-[\w-]{20}\b|\bsk-\w{40,}"
)

NAMESPACE = re.compile(r"namespace(?: ([\w:]+))? \{")
TYPE = re.compile(r"(?:template <.*>\s*)?(?:struct|class|union|enum(?: class)?) (\w+)(?: final)?(?: [:{]|$)")

FILE_LINES = 500
FUNCTION_LINES = 60
REPORT_ROWS = 10


def repository_files(*patterns):
    command = ["git", "-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return sorted(path for path in set(listed) if (ROOT / path).is_file())


def cpp_files(*folders):
    return repository_files(*(f"{folder}/**/*.{end}" for folder in folders for end in ("h", "cpp")))


def numbered_lines(path):
    return enumerate((ROOT / path).read_text(errors="replace").splitlines(), start=1)


def read_table():
    rows = {}
    for line in TABLE.read_text().splitlines():
        if line and not line.startswith("#"):
            folder, others = line.split(":")
            rows[folder] = set(others.split())
    return rows


def check_includes():
    """Folders include only what the table allows, and no private header of another."""
    table = read_table()
    files = [path for path in cpp_files("src", "apps") if not path.endswith("_test.cpp")]
    found = []
    for path in files:
        parts = path.split("/")
        folder = parts[1] if parts[0] == "src" else "apps"
        if folder not in table:
            found.append(f"{path}: src/{folder} has no row in tests/tidy/includes.txt")
            continue
        for number, line in numbered_lines(path):
            match = OUR_INCLUDE.match(line)
            if match:
                problem = include_problem(folder, table[folder], match[1], "/testing/" in path)
                if problem:
                    found.append(f"{path}:{number}: {problem}")
    return files, found


def include_problem(folder, allowed, included, is_for_tests):
    parts = included.split("/")
    other = parts[0]
    if len(parts) == 1:
        return f'"{included}" should be written "folder/file.h"'
    if other == folder or (folder == "apps" and (ROOT / "apps" / included).is_file()):
        return None
    if other not in allowed and "all" not in allowed:
        return f"{folder} may not include {other}"
    if len(parts) > 2 and not (is_for_tests and parts[1] == "testing"):
        return f"{included} is private to {other}"
    return None


def check_third_party():
    """Headers of libraries are included by .cpp files only."""
    files = [path for path in cpp_files("src", "apps") if path.endswith(".h")]
    found = []
    for path in files:
        for number, line in numbered_lines(path):
            if THIRD_PARTY.match(line) and line != THIRD_PARTY_ALLOWED.get(path):
                found.append(f"{path}:{number}: {line.strip()} belongs into a .cpp")
    return files, found


def check_format():
    """Formatted as clang-format-19 does it."""
    files = repository_files("*.h", "*.hpp", "*.cpp")
    command = ["clang-format-19", "--dry-run", "-Werror", "--style=file", *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True) if files else None
    unformatted = sorted({row.split(":")[0] for row in done.stderr.splitlines() if "error:" in row}) if done else []
    if unformatted:
        unformatted.append("mend them: clang-format-19 -i FILE...")
    return files, unformatted


def check_paths():
    """No path of one machine and no secret in any file."""
    files = repository_files()
    found = []
    for path in files:
        for number, line in numbered_lines(path):
            if MACHINE_PATH.search(line):
                found.append(f"{path}:{number}: a path of one machine: {line.strip()[:80]}")
            if SECRET.search(line):
                found.append(f"{path}:{number}: looks like a secret")
    return files, found


def types_in(path):
    """(qualified name, line) of each type that a file defines at the level of a namespace that has a name."""
    namespaces = []
    for number, line in numbered_lines(path):
        if opened := NAMESPACE.match(line):
            namespaces.append(opened.group(1))
        elif line.startswith("}  // namespace") and namespaces:
            namespaces.pop()
        elif namespaces and None not in namespaces and (found := TYPE.match(line)):
            yield "::".join([*namespaces, found.group(1)]), number


def check_types():
    """No two types have one name: programs that link both would take one for the other."""
    files = cpp_files("src")
    first, found = {}, []
    for path in files:
        for name, number in types_in(path):
            if name in first:
                found.append(f"{path}:{number}: {name} is in {first[name]} too")
            first.setdefault(name, path)
    return files, found


def check_scripts():
    """Shell and Python scripts parse."""
    files, found = [], []
    for path in repository_files():
        source = (ROOT / path).read_bytes()
        first = source.split(b"\n", 1)[0]
        if path.endswith(".py") or (first.startswith(b"#!") and b"python" in first):
            files.append(path)
            try:
                compile(source, path, "exec")
            except SyntaxError as error:
                found.append(f"{path}:{error.lineno}: {error.msg}")
        elif path.endswith(".sh") or (first.startswith(b"#!") and first.endswith(b"sh")):
            files.append(path)
            done = subprocess.run(["bash", "-n", path], cwd=ROOT, capture_output=True, text=True)
            found += done.stderr.splitlines()
    return files, found


def report_lengths():
    """Files and functions longer than they should be: a report, never a failure."""
    files = cpp_files("src", "apps", "examples", "tests")
    found = []
    for path in files:
        lines = (ROOT / path).read_text(errors="replace").splitlines()
        if len(lines) > FILE_LINES:
            found.append((len(lines), f"{path}: {len(lines)} lines"))
        for number, length in function_lengths(lines):
            if length > FUNCTION_LINES:
                found.append((length, f"{path}:{number}: a function of {length} lines"))
    found.sort(reverse=True)
    rows = [text for _, text in found[:REPORT_ROWS]]
    if len(found) > REPORT_ROWS:
        rows.append(f"and {len(found) - REPORT_ROWS} more")
    return files, rows


def function_lengths(lines):
    """Yields (first line, length) of what looks like a function. Formatted code closes it in the column where
    it began, which is the first one or, in a class, the fifth."""
    began = {}
    for number, line in enumerate(lines, start=1):
        indent = len(line) - len(line.lstrip())
        if indent not in (0, 4) or not line.strip() or line.lstrip().startswith(("#", "//")):
            continue
        if not line.lstrip().startswith("}"):
            began[indent] = number
        elif indent in began and "(" in " ".join(lines[began[indent] - 1 : began[indent] + 2]):
            keyword = lines[began[indent] - 1].split()[0]
            if keyword not in ("namespace", "class", "struct", "enum", "if", "for", "while", "switch"):
                yield began[indent], number - began[indent] + 1


TESTS = {
    "includes": check_includes,
    "third_party": check_third_party,
    "format": check_format,
    "paths": check_paths,
    "types": check_types,
    "scripts": check_scripts,
}
REPORTS = {"lengths": report_lengths}


def main(names):
    every = TESTS | REPORTS
    unknown = [name for name in names if name not in every]
    if unknown:
        sys.exit(f"tidy.py: no check {unknown[0]}; there are: {' '.join(every)}")
    failed = False
    for name in names or every:
        files, found = every[name]()
        verdict = "ok" if not found else "report" if name in REPORTS else "FAILED"
        failed |= verdict == "FAILED"
        print(f"{name:<12} {verdict:<7} {len(files):>5} files  {every[name].__doc__.splitlines()[0]}")
        for row in found:
            print(f"    {row}")
    sys.exit(1 if failed else 0)


main(sys.argv[1:])
