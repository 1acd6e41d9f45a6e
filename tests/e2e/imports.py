#!/usr/bin/env python3
"""Job files of others, submitted as they are to a real server and agent: what runs, what it finds around it, and what
is said of that which has no counterpart. imports.py [NAME...] runs only the tests whose name contains one of the words.
"""

import sys

from world import expect, run_tests, tests_of

SLURM = """#!/bin/bash
#SBATCH --job-name=probe
#SBATCH -n 1 -c 2 --mem=1G
#SBATCH -t 5 -p debug -o %j.out
set -u
echo "job $SLURM_JOB_ID is $DAYU_JOB_ID, named $SLURM_JOB_NAME, in $SLURM_JOB_PARTITION"
echo "cpus $SLURM_CPUS_PER_TASK on $SLURM_NNODES for $SLURM_NTASKS"
[ "$PWD" = "$SLURM_SUBMIT_DIR" ] && echo "begins in its folder"
echo "script $(basename "$0"), $BASH_VERSION" | cut -d, -f1
cat <<'END_OF_SCRIPT'
it's "quoted" \\$HOME
END_OF_SCRIPT
srun sh -c 'echo "task $SLURM_PROCID of $SLURM_NTASKS"'
srun -n 2 -l sh -c 'echo "task $SLURM_PROCID"; exit $SLURM_PROCID'
echo "srun ended with $?"
exit 3
"""

KUBERNETES = """apiVersion: batch/v1
kind: Job
metadata: {name: pi, labels: {kueue.x-k8s.io/queue-name: team-a}}
spec:
  backoffLimit: 0
  activeDeadlineSeconds: 300
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: pi
        image: perl:5.34
        command: [sh, -c]
        args: ['echo "$GREETING $(NAME)! $0 $1"; exit $2', "$$(NAME)", "it's", "4"]
        env:
        - {name: NAME, value: moon}
        - {name: GREETING, value: "good night, $(NAME)"}
        resources: {requests: {cpu: 500m, memory: 512Mi}}
"""


def write(world, name, text):
    path = world.root / name
    path.write_text(text)
    return path


def test_a_slurm_script_runs(world):
    done = world.on("submit", "--wait", write(world, "probe.sh", SLURM)).exits(3)
    done.complains("dayu: note: line 4, -p (debug): ", "dayu: note: line 4, -o (%j.out): ")
    job = done.out.strip()
    lines = world.on("logs", job).exits(0).out.splitlines()
    pool = world.on("describe", job, "-o", "json").json()["attempts"][0]["pool"]
    expect(lines[:6] == [f"job {job} is {job}, named probe, in {pool}", "cpus 2 on 1 for 1", "begins in its folder",
                         "script script", "it's \"quoted\" \\$HOME", "task 0 of 1"], lines)
    expect(sorted(lines[6:8]) == ["0: task 0", "1: task 1"] and lines[8:] == ["srun ended with 1"], lines)


def test_a_slurm_script_of_another_language_runs(world):
    script = "#!/usr/bin/env python3\n#SBATCH -t 5 --mem=1G\nimport os\nprint('script', os.environ['SLURM_JOB_ID'])\n"
    job = world.on("submit", "--wait", write(world, "probe.py", script)).exits(0).out.strip()
    world.on("logs", job).exits(0).says(f"script {job}\n")


def test_what_changes_a_script_refuses_it(world):
    path = write(world, "gang.sh", "#!/bin/bash\n#SBATCH -N 2 -t 5 --mem=1G --exclusive\nsrun hostname\n")
    world.on("submit", path).exits(2).complains("job_file_unmapped", "line 2, -N: ", "line 2, --exclusive: ")
    world.on("submit", "--dry-run", path).exits(2).says("nodes: 2").complains("error: line 2, -N (2)")
    world.on("offers", "-f", path).exits(2).complains("error: line 2, -N (2)")
    world.on("submit", write(world, "typo.sh", "#!/bin/bash\n#SBATCH --tme=5\n")).exits(2).complains("line 2", "--time")


def test_a_slurm_script_ends_where_its_folder_is_missing(world):
    script = "#!/bin/sh\n#SBATCH -t 5 --mem=1G -D /nowhere\necho never\n"
    job = world.on("submit", "--wait", write(world, "folder.sh", script)).exits(1).out.strip()
    expect("never" not in world.on("logs", job).exits(0).out, "nothing ran")


def test_a_kubernetes_job_runs(world):
    done = world.on("submit", "--wait", write(world, "pi.yaml", KUBERNETES)).exits(4)
    done.complains("containers[0].image (perl:5.34): ")
    job = world.on("describe", done.out.strip(), "-o", "json").exits(0).json()
    expect(job["project"] == "team-a", "Kueue's queue is the project's")
    world.on("logs", done.out.strip()).exits(0).says("good night, moon moon! $(NAME) it's\n")


def test_arrays_of_both_run(world):
    script = ("#!/bin/sh\n#SBATCH -a 3-5:2 -t 5 --mem=1G\n"
              "echo $SLURM_ARRAY_JOB_ID $SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT\n")
    first = int(world.on("submit", write(world, "array.sh", script)).exits(0).out)
    for job, line in ((first, f"{first} 3/2\n"), (first + 1, f"{first} 5/2\n")):
        world.on("wait", job).exits(0)
        expect(world.on("logs", job).exits(0).out == line, line)
    indexed = KUBERNETES.replace("  backoffLimit", "  completions: 2\n  completionMode: Indexed\n  backoffLimit")
    indexed = indexed.replace("exit $2", "exit $JOB_COMPLETION_INDEX")
    first = int(world.on("submit", write(world, "indexed.yaml", indexed)).exits(0).out)
    world.on("wait", f"{first}_0").exits(0)
    world.on("wait", f"{first}_1").exits(1)
    world.on("wait", first).exits(1)  # all of them


def test_notes_are_in_the_answers(world):
    answer = world.on("submit", "-o", "json", write(world, "pi.yaml", KUBERNETES)).exits(0).json()
    expect({item["weight"] for item in answer["unmapped"]} == {"note"}, answer)
    expect(all(set(item) == {"weight", "key", "line", "value", "why", "advice"} for item in answer["unmapped"]), answer)
    offers = world.on("submit", "--dry-run", "-o", "json", write(world, "pi.yaml", KUBERNETES)).exits(0).json()
    expect(offers["unmapped"] == answer["unmapped"], offers)
    plain = world.on("submit", "-o", "json", world.job("true")).exits(0).json()
    expect(plain["unmapped"] == [], plain)


if __name__ == "__main__":
    sys.exit(run_tests(tests_of(sys.modules[__name__]), sys.argv[1:]))
