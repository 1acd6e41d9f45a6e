#!/usr/bin/env python3
"""`cmake --install` into any folder: what lies there finds its own parts, and a job runs with them."""

import os
import pathlib
import subprocess
import sys
import tempfile

BUILD = pathlib.Path(os.environ.get("DAYU_BIN", "build/release/bin")).resolve().parent
PARTS = ("bin/dayu", "libexec/dayu/dayu-shim", "share/dayu/chips.yaml", "share/doc/dayu/copyright")


def use(prefix):
    os.environ["DAYU_BIN"] = str(prefix / "bin")  # before it is read
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fault"))
    from cluster import Cluster, expect, job_file, wait_until

    for part in PARTS:
        expect((prefix / part).exists(), f"{part} is not installed")
    cluster = Cluster()
    try:
        cluster.start()
        found = cluster.on("doctor").stdout
        expect(str(prefix / "libexec/dayu/dayu-shim") in found, found)
        status, answer = cluster.request("POST", "/v1/jobs", job_file("job", "echo installed"),
                                         **{"Idempotency-Key": "job"})
        expect(status == 201, f"{status} {answer}")
        wait_until(lambda: cluster.read(f"/v1/jobs/{answer['id']}")["state"] == "COMPLETED", "the job to end")
        said = cluster.on("logs", answer["id"]).stdout
        expect(said == "installed\n", f"it says {said!r}")
        cluster.stop()
    finally:
        cluster.close()


def main():
    with tempfile.TemporaryDirectory(prefix="dayu-prefix-") as folder:
        os.chmod(folder, 0o755)  # the user of the jobs must be able to enter
        done = subprocess.run(["cmake", "--install", BUILD, "--prefix", folder], capture_output=True, text=True)
        if done.returncode != 0:
            print(done.stdout[-2000:] + done.stderr, file=sys.stderr)
            return 1
        use(pathlib.Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
