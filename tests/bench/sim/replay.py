#!/usr/bin/env python3
"""How many events a second `dayu sim run` replays on one core: two queues in which many wait, and one in which nobody
does. The traces are found below DAYU_TRACES (../shared/traces); what is absent is left out. The program is that of
DAYU_BIN (build/release/bin).
"""

import json
import os
import pathlib
import resource
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
DAYU = pathlib.Path(os.environ.get("DAYU_BIN") or ROOT / "build/release/bin") / "dayu"
TRACES = pathlib.Path(os.environ.get("DAYU_TRACES") or ROOT / "../shared/traces")
WORLDS = ROOT / "examples/worlds"
RUN_S = 600
ROOMY = """
centers:
  - name: roomy
    region: cn/test/roomy
    pools:
      - {name: cpu, nodes: 10, cpus_per_node: 64, memory_gib_per_node: 512, price_per_cpu_hour: "0.10", watts_per_cpu: 8}
jobs: {time_unit: 1h}
"""


def cpu_s():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def replay(world, trace, form):
    path = TRACES / trace
    if not path.exists():
        print(f"{trace:22} absent")
        return
    before = cpu_s()
    words = [DAYU, "sim", "run", "--world", world, "--trace", path, "--format", form, "-o", "json"]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True, timeout=RUN_S)
    took = cpu_s() - before
    figures = json.loads(done.stdout)
    print(
        f"{trace:22} {figures['events']:8} events {took:7.2f} CPU s {figures['events'] / took:9.0f} events/s, "
        f"mean wait {figures['wait_mean_s'] / 3600:.2f} h"
    )


def main():
    replay(WORLDS / "cpu-cluster.yaml", "swf/wagap-2013.swf", "swf")
    replay(WORLDS / "gpu-cluster.yaml", "philly/philly.csv", "philly")
    with tempfile.TemporaryDirectory() as folder:
        roomy = pathlib.Path(folder) / "roomy.yaml"
        roomy.write_text(ROOMY)
        replay(roomy, "gaia/pai-100k.csv", "pai")


if __name__ == "__main__":
    main()
