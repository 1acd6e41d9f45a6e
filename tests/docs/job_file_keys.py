#!/usr/bin/env python3
"""docs/guide/job-file.md has a row for every key that the parser of job files knows, and for no other; a row says that
its key comes later if and only if the parser does; and the words and the largest values that a row names are those of
the code.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/guide/job-file.md"
PARSER = (ROOT / "src/wire/job_file.cpp", *sorted((ROOT / "src/wire/job_file").glob("*.cpp")))

# The parser's tables of keys, by the key below which each is read.
TABLES = {
    "job_keys": "",
    "resource_keys": "resources.",
    "variant_keys": "variants[].",
    "training_keys": "model.",
    "serving_keys": "model.",
    "slo_keys": "slo.",
    "checkpoint_keys": "checkpoint.",
    "retry_keys": "retry.",
    "placement_keys": "placement.",
    "weight_keys": "placement.prefer.",
    "contact_keys": "placement.on_contact_lost.",
    "data_keys": "data.",
    "input_keys": "data.inputs[].",
    "billing_keys": "billing.",
    "dependency_keys": "depends_on[].",
}
# Keys that only hold others, and need no row of their own.
HOLDERS = {"resources", "checkpoint", "retry", "placement", "data", "billing", "slo"}
READS_NOTHING_YET = {"comes_later", "read_image", "read_image_of"}

ENUMS = {"kind": ("job.h", "JobKind"), "placement.tiers": ("center.h", "Tier"),
         "placement.data_class": ("job.h", "DataClass"), "depends_on[].on": ("job.h", "DependsOn"),
         "priority": ("job.h", "Priority"), "model.task": ("work.h", "TrainingTask"),
         "model.precision": ("work.h", "TrainingPrecision")}
LARGEST = {"name": "max_name_bytes", "env": "max_env_entries", "secrets": "max_secrets", "data.inputs": "max_inputs", "data.outputs": "max_outputs",
           "nodes": "nodes", "variants[].nodes": "nodes", "model.config": "max_config_entries", "model.seq": "sequence_tokens",
           "model.gbs": "batch_sequences", "model.count": "planned_chips",
           "slo.isl": "request_tokens", "slo.osl": "answer_tokens", "resources.cpus": "cpus", "variants": "max_variants", "checkpoint.path": "max_path_bytes",
           "retry.max": "retries", "retry.on_exit": "exit_codes", "placement.regions": "max_regions",
           "placement.security_level": "security_levels", "array": "max_array_tasks", "depends_on": "max_dependencies"}


def keys_of_parser():
    """Each key, and whether it comes later."""
    keys, problems = {}, []
    for path in PARSER:
        for name, body in re.findall(r"constexpr \w*Key\S* (\w+)\[\] = \{\n?(.*?)\};", path.read_text(), re.DOTALL):
            if name not in TABLES:
                problems.append(f"{path.name}: the table {name} is new: say in TABLES of this test where its keys stand")
                continue
            for key, reader in re.findall(r'\{"(\w+)", (\w+)(?:<[^>]*>)?\}', body):
                keys[TABLES[name] + key] = reader in READS_NOTHING_YET
    return keys, problems


def rows_of_page():
    rows = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        found = re.match(r"\| `([\w.\[\]]+)` \|", line)
        if found:
            rows[found[1]] = line
    return rows


def words_of(header, enum):
    text = (ROOT / "src/model" / header).read_text()
    return re.findall(r'"(\w+)"', re.search(rf"enum_names\(Type<{enum}>\).*?\{{(.*?)\n\}}", text, re.DOTALL)[1])


def largest_of(constant):
    text = "".join((ROOT / "src/model" / name).read_text() for name in ("job.cpp", "work.cpp", "array_text.h"))
    found = re.search(rf"constexpr \S+ {constant}(?:\{{[^,]+, ([\d']+)| = ([\d']+))", text)
    return (found[1] or found[2]).replace("'", "")


def main():
    keys, problems = keys_of_parser()
    rows = rows_of_page()
    problems += [f"`{key}` is read by the parser and has no row" for key in keys if key not in rows and key not in HOLDERS]
    problems += [f"`{key}` has a row, and the parser does not know it" for key in rows if key not in keys]
    for key in keys.keys() & rows.keys():
        if ("comes later" in rows[key]) != keys[key]:
            problems.append(f"`{key}`: that it comes later is said by {'the parser' if keys[key] else 'the page'} alone")
    for key, (header, enum) in ENUMS.items():
        problems += [f"`{key}`: the row lacks the word {word}" for word in words_of(header, enum)
                     if f"`{word}`" not in rows.get(key, "")]
    for key, constant in LARGEST.items():
        if not re.search(rf"\b{largest_of(constant)}\b", rows.get(key, "")):
            problems.append(f"`{key}`: at most {largest_of(constant)} ({constant}) are taken, which the row does not say")
    print("\n".join(sorted(problems)) or f"{len(keys)} keys")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
