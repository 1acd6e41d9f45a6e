#!/usr/bin/env python3
"""Jobs that ask for work in place of chips, from outside: what is offered, that the plan reaches the job, and what is
refused. planned_jobs.py [NAME...] runs only the tests whose name contains one of the words.
"""

import json
import sys

from world import expect, run_tests, tests_of

CONFIG = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 4096, "intermediate_size": 11008,
          "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 32, "vocab_size": 32000,
          "rms_norm_eps": 1e-05, "rope_scaling": None, "tie_word_embeddings": False, "torch_dtype": "float16"}
SERVICE = ("model: {name: LLaMA2-7B}\nslo: {rate: 20, isl: 512, osl: 128, ttft_ms: 2000, tpot_ms: 80}\n"
           "time_limit: 10m\n")
# In the place of an engine that this machine has not: says what it was told, and ends.
VLLM = """#!/bin/sh
echo "replica $DAYU_REPLICA port $SERVE_PORT chips $CUDA_VISIBLE_DEVICES$ASCEND_RT_VISIBLE_DEVICES args $*"
sleep 2
"""
SMALL = "model: {name: LLaMA2-7B, task: lora, seq: 2048, gbs: 32}\ntokens: 1e8\n"


def job_file(world, text, name="planned"):
    path = world.root / f"{name}.yaml"
    path.write_text(f"name: {name}\nkind: train\n" + text)
    return path


def offers_of(world, path):
    answer = world.on("submit", "--dry-run", path, "-o", "json").exits(0).json()
    return answer, [row for row in answer["candidates"] if row["refusal"] is None]


def test_offers_compare_unlike_chips_by_finished_work(world):
    path = job_file(world, SMALL + "run: 'true'\n")
    answer, offers = offers_of(world, path)
    plans = answer["plans"]
    expect({row["chip"] for row in offers} == {"A100-80GB", "Ascend910B"}, f"both chips: {offers}")
    expect(len(plans) == len(answer["spec"]["variants"]), "a plan a variant")
    for row in offers:
        plan = plans[row["variant"]]
        expect((plan["chip"], plan["chips"] * 1000) == (row["chip"], row["chips_milli"]), f"{plan} is that of {row}")
        expect(plan["run_s"] == row["finished"]["run_s"], f"{plan} takes as long as {row}")
        expect(plan["run_low_s"] < plan["run_s"] < plan["run_high_s"] < row["run_s"], f"an interval below the limit: {plan}")
        expect(float(row["finished"]["price"]) < float(row["price"]), f"less than what is held: {row}")
        expect(plan["evidence"] in "ABC" and plan["evidence_words"], plan)
    world.on("offers", "-f", path).exits(0).says("AT MOST", "PLAN", "EVIDENCE", "tp1")


def test_who_is_in_a_hurry_gets_more_chips(world):
    pinned = "model: {name: LLaMA2-7B, task: lora, seq: 2048, gbs: 32, chips: ascend-910b3}\ntokens: 1e8\nrun: 'true'\n"
    chips = {}
    for prefer in ("fastest", "cheapest"):
        path = job_file(world, pinned + f"placement: {{prefer: {prefer}}}\n", prefer)
        _, offers = offers_of(world, path)
        chips[prefer] = offers[0]["chips_milli"]
    expect(chips["fastest"] > chips["cheapest"], f"more chips end sooner and cost more: {chips}")


def test_the_plan_reaches_the_job(world):
    path = job_file(world, SMALL + "run: |\n  env | grep ^DAYU_PLAN | sort\n")
    job = world.on("submit", path).exits(0).out.strip()
    world.on("wait", job).exits(0)
    found = world.on("describe", job, "-o", "json").exits(0).json()
    chosen = found["candidates"][found["chosen"]]
    log = world.on("logs", job).exits(0).out
    seen = dict(line.split("=", 1) for line in log.splitlines() if line.startswith("DAYU_PLAN"))
    expect(int(seen["DAYU_PLAN_CHIPS"]) * 1000 == chosen["chips_milli"], f"{seen} is {chosen}")
    ranks = 1
    for degree in ("TP", "PP", "DP", "CP"):
        ranks *= int(seen["DAYU_PLAN_" + degree])
    expect(ranks == int(seen["DAYU_PLAN_CHIPS"]), f"the degrees divide the chips: {seen}")
    expect((seen["DAYU_PLAN_MODEL"], seen["DAYU_PLAN_TASK"]) == ("LLaMA2-7B", "lora"), seen)


def test_without_anything_to_run_the_launcher_runs(world):
    path = job_file(world, "model: {name: LLaMA2-7B, gbs: 32, chips: Ascend910B}\ntokens: 1e8\nenv: {TRAIN_ARGS: --lr 1e-4}\n")
    job = world.on("submit", path).exits(0).out.strip()
    world.on("wait", job).exits(127)  # this machine has none
    world.on("logs", job).exits(0).says("torchrun")


def test_a_model_may_come_as_its_config(world):
    (world.root / "config.json").write_text(json.dumps(CONFIG, indent=2))
    by_file, _ = offers_of(world, job_file(world, "model: {config: config.json, task: lora, seq: 2048, gbs: 32}\n"
                                                  "tokens: 1e8\nrun: 'true'\n"))
    by_name, _ = offers_of(world, job_file(world, SMALL + "run: 'true'\n"))
    expect(by_file["plans"] == by_name["plans"], "one model, one answer")


def test_attempts_that_report_their_steps_teach_the_planner(world):
    text = "model: {name: LLaMA2-7B, task: lora, seq: 2048, gbs: 32, chips: Ascend910B, count: 8}\ntokens: 1e8\n"
    before, _ = offers_of(world, job_file(world, text + "run: 'true'\n"))
    expect(world.on("plan", "scu", "-o", "json").exits(0).json() != [], "units without a single attempt")
    slow = ("run: |\n  echo step,seconds > $DAYU_STEPS\n  for step in $(seq 1 30); do\n"
            "    awk -v step=$step -v s=$DAYU_PLAN_STEP_S 'BEGIN {print step \",\" 1.5 * s}' >> $DAYU_STEPS\n  done\n")
    job = world.on("submit", job_file(world, text + slow)).exits(0).out.strip()
    world.on("wait", job).exits(0)
    after, _ = offers_of(world, job_file(world, text + "run: 'true'\n"))
    was, now = before["plans"][0], after["plans"][0]
    factor = now["run_s"] / was["run_s"]
    expect(1.12 < factor < 1.17, f"a third of what one attempt saw: {was} becomes {now}")
    expect("1 attempt" in now["evidence_words"], now)
    rows = [row for row in world.on("plan", "scu", "-o", "json").exits(0).json() if row["attempts"] > 0]
    expect([(row["work"], row["chip"]) for row in rows] == [("lora dense bf16", "Ascend-910B")], f"one class: {rows}")
    expect(rows[0]["scu_low"] < rows[0]["scu"] < rows[0]["scu_high"] and rows[0]["version"] > 0, rows)
    few = "run: |\n  for step in 1 2 3; do echo 9 >> $DAYU_STEPS; done\n"
    world.on("wait", world.on("submit", job_file(world, text + few)).exits(0).out.strip()).exits(0)
    again, _ = offers_of(world, job_file(world, text + "run: 'true'\n"))
    expect(again["plans"] == after["plans"], "three steps teach nothing")


def test_a_service_is_offered_by_what_it_promises(world):
    path = job_file(world, SERVICE + "run: 'true'\n")
    answer, offers = offers_of(world, path)
    plans = answer["plans"]
    expect({row["chip"] for row in offers} == {"A100-80GB", "Ascend910B"}, f"both chips: {offers}")
    for row in offers:
        plan = plans[row["variant"]]
        service = plan["service"]
        expect((plan["chip"], plan["chips"] * 1000) == (row["chip"], row["chips_milli"]), f"{plan} is that of {row}")
        expect(row["finished"]["run_s"] == row["run_s"] == 600, f"it serves as long as the job says: {row}")
        expect(service["ttft_us"] <= 2_000_000 and service["tpot_us"] <= 80_000, f"as promised: {service}")
        expect(service["ttft_low_us"] < service["ttft_us"] < service["ttft_high_us"], f"an interval: {service}")
        expect(plan["plan"].startswith(f"{service['replicas']}x["), plan)
    world.on("offers", "-f", path).exits(0).says("TTFT", "TPOT", "PLAN", "EVIDENCE")


def test_the_replicas_of_a_service_are_started(world):
    bin = world.root / "bin"
    bin.mkdir(exist_ok=True)
    (bin / "vllm").write_text(VLLM)
    (bin / "vllm").chmod(0o755)
    text = SERVICE.replace("rate: 20", "rate: 60") + f"env: {{MODEL: /models/llama, PATH: '{bin}:/usr/bin:/bin'}}\n"
    job = world.on("submit", job_file(world, text + "run: |\n  env | grep ^DAYU_PLAN\n  eval \"$DAYU_LAUNCH\"\n")).exits(0).out.strip()
    world.on("wait", job)
    log = world.on("logs", job).exits(0).out
    seen = dict(line.split("=", 1) for line in log.splitlines() if line.startswith("DAYU_PLAN"))
    started = sorted(line.split() for line in log.splitlines() if line.startswith("replica ") and " port " in line)
    expect(len(started) == int(seen["DAYU_PLAN_REPLICAS"]) > 1, f"each once: {log}")
    expect({int(words[1]) for words in started} == set(range(len(started))), f"numbers of their own: {log}")
    expect(len({words[3] for words in started}) == int(seen["DAYU_PLAN_NODE_REPLICAS"]), f"ports of their own: {log}")
    chips = [chip for words in started for chip in words[5].split(",")]
    expect(len(chips) == int(seen["DAYU_PLAN_CHIPS"]), f"all chips: {log}")
    expect(all("serve /models/llama" in " ".join(words) for words in started), f"the model: {log}")
    expect("ended with code 0" in log, f"why the others were taken with it: {log}")
    found = world.on("describe", job, "-o", "json").exits(0).json()
    expect(found["state"] in ("FAILED", "failed"), f"a replica that ended is no service: {found['state']}")


def test_a_service_without_anything_to_run_is_launched(world):
    job = world.on("submit", job_file(world, SERVICE)).exits(0).out.strip()
    world.on("wait", job)
    world.on("logs", job).exits(0).says("vllm")  # this machine has none


def test_what_cannot_be_planned_is_refused(world):
    for text, code, word in (
            ("model: LLaMA2-7B\nrun: x\n", "value_missing", "slo"),
            ("model: LLaMA2-7B\nslo: {rate: 1, isl: 8}\nrun: x\n", "value_missing", "osl"),
            ("model: LLaMA2-7B\ntokens: 5\nslo: {rate: 1, isl: 8, osl: 8}\nrun: x\n", "key_conflicts", "tokens"),
            ("model: LLaMA2-7B\nslo: {rate: 1, isl: 512, osl: 64, tpot_ms: 0.1}\nrun: x\n", "plan_infeasible", "TPOT"),
            ("model: LLaMA9\ntokens: 1e8\nrun: x\n", "plan_model_unknown", "config.json"),
            ("model: LLaMA2-7B\ntokens: 1e12\nrun: x\ndeadline: 1h\n", "plan_too_long", "deadline"),
            ("model: {name: LLaMA2-7B, chips: H100}\ntokens: 1e8\nrun: x\n", "plan_no_chips", "H100"),
            ("model: {name: LLaMA2-7B, count: 1}\ntokens: 1e8\nrun: x\n", "plan_infeasible", "plan"),
            ("model: LLaMA2-7B\ntokens: 1e8\nrun: x\nnodes: 2\n", "key_conflicts", "nodes"),
            ("model: {config: elsewhere.json}\ntokens: 1e8\nrun: x\n", "", "elsewhere.json")):
        path = job_file(world, text)
        refused = world.on("submit", path)
        expect(refused.code in (2, 3), f"{text} exits {refused.code}\n{refused.out}{refused.err}")
        refused.complains(word)
        expect(code in refused.err or not code, f"{code} is not in {refused.err}")


if __name__ == "__main__":
    sys.exit(run_tests(tests_of(sys.modules[__name__]), sys.argv[1:]))
