#!/usr/bin/env python3
"""dayu sim run and dayu sim compare from outside: what they print, what they write, and how they refuse. They need a
server only for its journal. The trace of CERIT-SC is replayed where it is: below DAYU_TRACES, or ../shared/traces.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

from world import BIN, World, expect

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORLDS = ROOT / "examples/worlds"
TRACES = pathlib.Path(os.environ.get("DAYU_TRACES") or ROOT / "../shared/traces")
RUN_S = 120
# Three jobs of 64 CPUs each hold a node of the CPU cluster's 21; the last is wider than all of them.
SWF = """; Version: 2.2
1 0 -1 100 64 -1 -1 64 600 -1 1 1 1 -1 -1 -1 -1 -1
2 10 -1 100 1280 -1 -1 1280 600 -1 1 2 1 -1 -1 -1 -1 -1
3 20 -1 50 1344 -1 -1 1344 600 -1 1 2 2 -1 -1 -1 -1 -1
4 30 -1 50 2000 -1 -1 2000 600 -1 1 2 2 -1 -1 -1 -1 -1
"""


def dayu(*words):
    return subprocess.run([BIN / "dayu", *map(str, words)], capture_output=True, text=True, timeout=RUN_S)


def sim(verb, folder, *words, world=WORLDS / "cpu-cluster.yaml", trace="trace.swf", form="swf"):
    return dayu("sim", verb, "--world", world, "--trace", folder / trace, "--format", form, *words)


def test_a_trace_is_replayed(folder):
    done = sim("run", folder, "-o", "json")
    expect(done.returncode == 0, done.stderr)
    figures = json.loads(done.stdout)
    expect((figures["jobs"], figures["completed"], figures["refused"]) == (4, 3, 1), figures)
    # The third waits for the second's end at 110, and ends at 160.
    expect(figures["makespan_s"] == 160 and figures["wait_mean_s"] == 30, figures)
    # 64 x 100 + 1280 x 100 + 1344 x 50 CPU-seconds at 0.10 yuan a CPU-hour
    expect(abs(figures["cost_yuan"] - 201600 / 36000) < 1e-5, figures)
    # Half of the world would have done for the second project's job; the first's two waited for nobody else.
    expect(figures["slowdown_p50"] == 1 and 0 < figures["jain_index"] <= 1, figures)
    expect(0 <= figures["fragmentation"] <= 1 and figures["finish_ratio_worst"] > 0, figures)
    table = sim("run", folder).stdout
    expect("p99.9 wait, h" in table, table)


def test_policies_are_compared(folder):
    page = folder / "page.html"
    done = sim("compare", folder, "--policies", "least-cost,spread,easy-2,srtf", "--seeds", "2", "--html", page, "-o", "json")
    expect(done.returncode == 0, done.stderr)
    rows = json.loads(done.stdout)
    expect([row["policy"] for row in rows] == ["least-cost", "spread", "easy-2", "srtf"], rows)
    expect(all(len(row["jct_mean_s"]) == 2 for row in rows), rows)
    html = page.read_text()
    expect("<script" not in html and "http" not in html, "the page needs nothing else")
    body = html[html.index("<body>") : html.index("</html>")]
    for entity, letter in (("&ndash;", "-"), ("&#9644;", "")):
        body = body.replace(entity, letter)
    tags = xml.etree.ElementTree.fromstring(body)
    expect([head.text for head in tags.findall("table/tr")[0]][1:] == [row["policy"] for row in rows], "a column for each policy")
    shown = [row[0].text for row in tags.findall("table/tr")[1:]]
    expect("mean slowdown" in shown and "Jain over projects" in shown, shown)


def test_a_world_changes_by_itself(folder):
    world = folder / "world.yaml"
    plain = (WORLDS / "cpu-cluster.yaml").read_text()
    (folder / "zones.csv").write_text("hour,CZ\n0,100\n1,200\n")
    changes = f"""
series:
  - {{center: brno, of: carbon, file: {folder}/zones.csv, zone: CZ}}
faults:
  - {{center: brno, pool: cpu, node: 0, at: 120, for: 1h}}
"""
    world.write_text(plain + changes)
    figures = json.loads(sim("run", folder, "-o", "json", world=world).stdout)
    # The third needs all 21 nodes; one of them is lost under it, and it starts over an hour later.
    expect((figures["completed"], figures["lost_runs"], figures["makespan_s"]) == (3, 1, 3770), figures)
    expect(0.1 < figures["carbon_kg"] / figures["energy_kwh"] < 0.2, figures)
    world.write_text(plain + "faults:\n  - {center: brno, pool: cpu, mean_between: 10m, for: 1m}\n")
    lost = [sim("run", folder, "-o", "json", "--seed", seed, world=world).stdout for seed in (1, 1, 2)]
    lost = [{name: value for name, value in json.loads(text).items() if "wall" not in name and "loop" not in name} for text in lost]
    expect(lost[0] == lost[1] and lost[0]["lost_runs"] > 0 and lost[0] != lost[2], lost)
    world.write_text(plain + "faults:\n  - {center: brno, pool: gpu, at: 1h, for: 1h}\n")
    done = sim("run", folder, world=world)
    expect(done.returncode != 0 and 'faults[0].pool: "gpu" is none of cpu' in done.stderr, done.stderr)


JOURNAL_WORLD = """
centers:
  - name: tomorrow
    region: cn/test/tomorrow
    pools:
      - {name: cpu, nodes: 1, cpus_per_node: 1, memory_gib_per_node: 8, price_per_cpu_hour: "0.10", watts_per_cpu: 8}
"""


def test_a_real_queue_is_replayed_from_its_journal(folder):
    """Three jobs run side by side in a real Dayu. In a world of one CPU they run one after the other."""
    tomorrow = folder / "tomorrow.yaml"
    tomorrow.write_text(JOURNAL_WORLD)
    real = World()
    try:
        real.start_agent(real.start_server())
        jobs = [real.submit("sleep 2", name=f"j{number}", billing="{project: poems}") for number in range(3)]
        jobs.append(real.submit("exit 3", name="fails"))
        hopeless = real.submit("sleep 60", name="never-runs", resources='{accelerators: "A100-80GB:4", cpus: 4, memory: 8}', hold="true")
        for job in jobs:
            real.on("wait", job)
        real.on("cancel", hopeless)
        for running in (True, False):  # the journal is read beside a server too
            if not running:
                real.stop(real.agent)
                real.stop(real.server)
            done = sim("run", folder, "-o", "json", world=tomorrow, trace=real.root / "var", form="journal")
            expect(done.returncode == 0, done.stderr)
            figures = json.loads(done.stdout)
            expect((figures["jobs"], figures["completed"], figures["refused"]) == (4, 4, 0), figures)
            expect(figures["makespan_s"] >= 6 and figures["wait_mean_s"] > 0, figures)
    finally:
        real.close()


def test_what_is_wrong_is_named(folder):
    for words, said in (
        (("--policy", "least-costs"), "least-cost"),
        (("--policy", "easy-9"), "fifo"),
        (("--seed", "-1"), "--seed -1"),
    ):
        done = sim("run", folder, *words)
        expect(done.returncode != 0 and said in done.stderr, done.stderr)
    done = sim("compare", folder, "--policies", "spread,")
    expect(done.returncode != 0 and "names between commas" in done.stderr, done.stderr)
    world = folder / "world.yaml"
    world.write_text("centers: []\n")
    done = sim("run", folder, world=world)
    expect(done.returncode != 0 and f"{world}: " in done.stderr, done.stderr)
    done = sim("run", folder, trace="none.swf")
    expect(done.returncode != 0 and "none.swf" in done.stderr, done.stderr)


def test_packing_finds_its_files_and_refuses_what_makes_no_sense(folder):
    (folder / "nodes.csv").write_text("sn,cpu_milli,memory_mib,gpu,model\na,64000,65536,8,T4\n")
    (folder / "pods.csv").write_text("name,cpu_milli,memory_mib,num_gpu,gpu_milli\np,4000,1024,1,500\n")
    os.environ["DAYU_TRACES"] = str(folder)
    try:
        files = ("sim", "pack", "--nodes", "nodes.csv", "--pods", "pods.csv")
        done = dayu(*files, "-o", "json")
        expect(done.returncode == 0 and json.loads(done.stdout)["packed"] > 0, done.stderr)
        for words, said in (
            (("--seed", "-1"), "--seed -1; expected 0 or more"),
            (("--policy", "fdg"), "no packing fdg (fgd?); there are: "),
        ):
            done = dayu(*files, *words)
            expect(done.returncode == 2 and said in done.stderr, done.stderr)
    finally:
        os.environ["DAYU_TRACES"] = str(TRACES)


def test_the_real_trace_is_replayed(_):
    trace = TRACES / "swf/wagap-2013.swf"
    if not trace.exists():
        print(f"skipped: {trace} is absent; DAYU_TRACES says where traces are")
        return
    done = dayu("sim", "run", "--world", WORLDS / "cpu-cluster.yaml", "--trace", trace, "--format", "swf", "-o", "json")
    expect(done.returncode == 0, done.stderr)
    figures = json.loads(done.stdout)
    # Two of the 17,900 never ran: their run times are negative.
    expect((figures["jobs"], figures["completed"], figures["refused"]) == (17898, 17898, 0), figures)
    expect(0 < figures["utilisation"] <= 1, figures)
    expect(figures["events"] == 3 * figures["jobs"], figures)


def main():
    for name, test in list(globals().items()):
        if not name.startswith("test_"):
            continue
        with tempfile.TemporaryDirectory() as name_of_folder:
            folder = pathlib.Path(name_of_folder)
            (folder / "trace.swf").write_text(SWF)
            test(folder)
        print(f"ok   {name}")


if __name__ == "__main__":
    sys.exit(main())
