#!/usr/bin/env python3
"""The planner from outside: what it finds at the centres of a server, and without one. plan.py [NAME...] runs only the tests whose name
contains one of the words.
"""

import sys
import xml.etree.ElementTree

from world import World, expect, run_tests, tests_of

QUESTION = ["plan", "train", "--model", "LLaMA2-7B", "--tokens", "1e9", "--gbs", "64"]


def is_near(value, wanted):
    return abs(value - wanted) <= 1e-9 * abs(wanted)


def words_in(picture):
    root = xml.etree.ElementTree.parse(picture)
    return ["".join(text.itertext()) for text in root.iter() if text.tag.endswith("}text")]


# --- at centres


def test_chips_and_terms_are_those_of_the_centres(world):
    found = world.on(*QUESTION, "--center", "all", "-o", "json").exits(0).json()
    by_center = {plan["center"]: plan for plan in found["plans"]}
    a100, ascend = by_center["shanghai"], by_center["zhongwei"]
    expect((a100["chip"], a100["pool"], a100["chips"], a100["chips_total"]) == ("A100-80GB", "a100", 4, 4), a100)
    expect((ascend["chip"], ascend["chips"], ascend["chips_free"]) == ("Ascend-910B", 16, 16), ascend)
    for plan, price, factor, pue in [(a100, 12, 420, 1.25), (ascend, 8, 618.7, 1.15)]:
        expect(is_near(plan["cost_yuan"], plan["hours"] * plan["chips"] * price), plan)
        expect(is_near(plan["carbon_kg"], plan["energy_kwh"] * factor / 1000), plan)
        it_kwh = plan["hours"] * plan["chips"] * 0.4 * 0.85 / 0.8  # 400 W a chip, in a node of which a fifth is the host
        expect(is_near(plan["energy_kwh"], it_kwh * pue), plan)
        expect(plan["hours_low"] < plan["hours"] < plan["hours_high"], plan)
    front = {plan["center"] for plan in found["pareto"]}
    expect(front == {plan["center"] for plan in found["plans"] if plan["is_pareto"]}, found["pareto"])
    expect("zhongwei" in front, "sixteen chips are faster than four")


def test_the_table_names_centres_and_what_they_lack(world):
    table = world.on(*QUESTION, "--center", "all", "--count", "8,16").exits(0)
    table.says("PARETO", "CENTER", "zhongwei", "Ascend-910B", "16/16").complains("shanghai/a100: 8 chips are wanted, and it has 4")
    world.on(*QUESTION, "--center", "zhongwei", "--chip", "910b", "--count", "4-16").exits(0).says("FREE/ALL")
    world.on(*QUESTION, "--center", "zhongwei", "--chip", "A100").exits(3).complains("plan_no_site")
    world.on(*QUESTION, "--center", "shanghai", "--count", "64").exits(3).complains("64 chips are wanted")
    world.on(*QUESTION, "--center", "shangai").exits(3).complains("center_unknown", "shanghai?")


def test_hours_of_a_table_count(world):
    hours = world.root / "hours.csv"
    hours.write_text("center,price_part,carbon_g_per_kwh,pue\nshanghai,0.5,100,\nshanghai,1.5,900,\n")
    ask = [*QUESTION, "--center", "shanghai", "--top", "1", "-o", "json"]
    [flat] = world.on(*ask).exits(0).json()["plans"]
    [plan] = world.on(*ask, "--hours", hours).exits(0).json()["plans"]
    expect(plan["hours"] == flat["hours"], "they take the same time")
    half, late = divmod(plan["hours"], 2)  # two hours that repeat
    cheap = half + min(late, 1)
    dear = half + max(late - 1, 0)
    expect(is_near(plan["cost_yuan"], plan["chips"] * 12 * (0.5 * cheap + 1.5 * dear)), plan)
    kwh_per_h = plan["energy_kwh"] / plan["hours"]
    expect(is_near(plan["carbon_kg"], kwh_per_h * (0.1 * cheap + 0.9 * dear)), plan)
    hours.write_text("center,price_part,carbon_g_per_kwh,pue\nshanghai,-1,,\n")
    world.on(*ask, "--hours", hours).exits(2).complains("price_part", "a number from 0")


def test_one_pipeline_runs_over_two_kinds(world):
    ask = [*QUESTION, "--chip", "A100:8", "--chip", "Ascend910B:8", "--price", "10"]
    found = world.dayu(*ask, "--mixed", "-o", "json").exits(0).json()
    [mixed] = found["mixed"]
    expect({(mixed["chip"], mixed["chips"]), (mixed["other_chip"], mixed["other_chips"])} ==
           {("A100-80GB", 8), ("Ascend-910B", 8)}, mixed)
    expect(sum(mixed["stage_layers"]) == 32 and len(mixed["stage_layers"]) == mixed["pp"], mixed)
    expect(mixed["memory_margin_gib"] >= 0 and mixed["other_memory_margin_gib"] >= 0, mixed)
    expect(is_near(mixed["cost_yuan"], 16 * 10 * mixed["hours"]), mixed)
    alone = min(plan["hours"] for plan in found["plans"])
    expect(abs(mixed["gain_pct"] - 100 * (1 - mixed["hours"] / alone)) < 1e-9, mixed)
    world.dayu(*ask, "--mixed").exits(0).says("TWO KINDS", "8 x A100-80GB")
    expect(world.dayu(*ask, "-o", "json").exits(0).json()["mixed"] == [], "it is weighed where it is asked for")
    two = [*QUESTION, "--chip", "A100:8", "--mixed", "--launch", "-o", "json", "--chip"]
    [mixed] = world.dayu(*two, "H100:8").exits(0).json()["mixed"]
    expect("--nproc-per-node 8 --nnodes 2" in mixed["launch"], mixed["launch"])
    [mixed] = world.dayu(*two, "Ascend910B:8").exits(0).json()["mixed"]
    expect(mixed["launch"] == "", "no framework starts one job on both")
    world.dayu(*QUESTION, "--chip", "A100:8", "--mixed").exits(2).complains("two kinds")


# --- without a server


def test_without_a_server_it_says_what_to_name_by_hand(world):
    world.dayu(*QUESTION, "--center", "all", "--server", "http://127.0.0.1:1").exits(7).complains("--price", "--carbon")
    world.dayu(*QUESTION).exits(2).complains("--chip and --count")


def test_chips_counts_and_launches_by_hand(world):
    ask = [*QUESTION, "--chip", "A100", "--chip", "Ascend910B", "--count", "8,16", "--price", "10", "--carbon", "500"]
    found = world.dayu(*ask, "--launch", "-o", "json").exits(0).json()
    expect({(plan["chip"], plan["chips"]) for plan in found["plans"]} ==
           {(chip, count) for chip in ("A100-80GB", "Ascend-910B") for count in (8, 16)}, found["plans"])
    for plan in found["plans"]:
        expect("--nproc-per-node 8" in plan["launch"], plan["launch"])
        expect(("--use-mcore-models" in plan["launch"]) == (plan["chip"] == "Ascend-910B"), plan["launch"])
    table = world.dayu(*QUESTION, "--chip", "A100", "--count", "8", "--top", "3", "--launch").exits(0)
    table.says("A100-80GB", "measured end to end", "torchrun --nproc-per-node 8 --standalone pretrain_gpt.py")
    expect("PARETO" not in table.out, "of one place there is no choice")
    picture = world.root / "plan.svg"
    world.dayu(*ask, "--plot", picture).exits(0)
    words = words_in(picture)
    for shown in ("yuan", "kg CO2e", "hours", "A100-80GB", "bubble", "1", "4"):
        expect(shown in words, f"{shown} is not in the picture: {words}")
    world.dayu(*QUESTION, "--chip", "A100", "--count", "8-").exits(2).complains("which doubles")
    world.dayu(*QUESTION, "--chip", "A100", "--count", "1").exits(2).complains("plan_infeasible", "nearest change")


# --- serving


ASKED = ["plan", "serve", "--model", "LLaMA2-7B", "--isl", "1024", "--osl", "256"]
SERVE = [*ASKED, "--ttft-ms", "1000", "--tpot-ms", "60"]


def test_serving_is_planned_without_a_server(world):
    ask = [*SERVE, "--rate", "20", "--chip", "A100", "--price", "10", "--carbon", "500", "-o", "json"]
    found = world.dayu(*ask).exits(0).json()
    for plan in found["plans"]:
        expect(plan["chips"] == plan["replicas"] * plan["tp"] * plan["pp"] * plan["attention_dp"], plan)
        expect(plan["ttft_p50_ms"] <= plan["ttft_p90_ms"] <= 1000 and plan["tpot_p90_ms"] <= 60, plan)
        expect(is_near(plan["cost_yuan_per_h"], 10 * plan["chips"]), plan)
        expect(is_near(plan["cost_yuan_per_million_tokens"], plan["cost_yuan_per_h"] / (20 * 1280 * 3600) * 1e6), plan)
        expect(is_near(plan["cost_yuan_per_million_output_tokens"], 5 * plan["cost_yuan_per_million_tokens"]), plan)
        kwh = plan["joule_per_token"] / 3.6e6
        expect(is_near(plan["carbon_kg_per_million_tokens"], kwh * 1e6 * 0.5), plan)
        expect(plan["tpot_mean_ms_low"] < plan["tpot_mean_ms"] < plan["tpot_mean_ms_high"], plan)
        expect(0 < plan["cache_peak_pct"] <= 100 and plan["attainment_pct"] >= 80, plan)
    costs = [plan["cost_yuan_per_h"] for plan in found["plans"]]
    expect(costs == sorted(costs) and found["plans"][0]["is_pareto"], costs)
    expect(found["pareto"] == [plan for plan in found["plans"] if plan["is_pareto"]], found["pareto"])
    expect(world.dayu(*ask).exits(0).out == world.dayu(*ask).exits(0).out, "one seed, one answer")
    world.dayu(*SERVE, "--rate", "20", "--chip", "A100", "--launch").exits(0).says("YUAN/M", "x[tp", "EVIDENCE", "vllm serve")


def test_serving_is_drawn(world):
    ask = [*SERVE, "--rate", "20", "--chip", "A100", "--chip", "Ascend910B", "--top", "3"]
    picture = world.root / "serve.svg"
    for priced, shown in ((["--price", "10", "--carbon", "500"], ("yuan a million tokens", "kg CO2e a million tokens")),
                          ([], ("chips", "J a token"))):
        world.dayu(*ask, *priced, "--plot", picture).exits(0)
        words = words_in(picture)
        for word in (*shown, "A100-80GB", "Ascend-910B", "90 % of requests stay below", "1", "2"):
            expect(word in words, f"{word} is not in the picture: {words}")
        expect(sum(word.startswith(("TTFT ", "TPOT ")) for word in words) == 2 * sum(" x A" in word for word in words), words)
    refused = world.dayu(*ask, "--plot", world.root / "nowhere" / "serve.svg").complains("nowhere")
    expect(refused.code != 0, "there is no such folder")


def test_all_chips_are_compared_and_unmeasured_ones_say_so(world):
    plans = world.dayu(*SERVE, "--rate", "5", "-o", "json").exits(0).json()["plans"]
    expect(len({plan["chip"] for plan in plans}) > 10, plans)
    for plan in plans:
        if plan["evidence_words"] != "specification only":
            continue
        expect(plan["tpot_mean_ms_high"] >= 1.35 * plan["tpot_mean_ms"], plan)
        expect(plan["tpot_mean_ms_low"] <= 0.651 * plan["tpot_mean_ms"], plan)


def test_what_no_plan_serves_names_what_binds(world):
    ask = [*ASKED, "--chip", "A100"]
    world.dayu(*ask, "--rate", "20", "--ttft-ms", "5").exits(2).complains("plan_infeasible", "TTFT of one prompt", "a TTFT of")
    world.dayu(*ask, "--rate", "20", "--tpot-ms", "1").exits(2).complains("TPOT of one sequence alone", "a TPOT of")
    world.dayu(*SERVE, "--chip", "A100", "--rate", "2000", "--count", "2").exits(2).complains("rate:", "nearest change: a rate of")
    big = ["plan", "serve", "--model", "DeepSeek-V3", "--rate", "1", "--isl", "100", "--osl", "100", "--chip", "V100", "--count", "8"]
    world.dayu(*big).exits(2).complains("memory")
    world.dayu(*SERVE, "--chip", "A100").exits(2).complains("--rate, --isl and --osl")
    world.dayu(*ask, "--rate", "some").exits(2).complains("--rate some", "a number from 0")


def test_requests_of_a_trace_are_replayed(world):
    trace = world.root / "trace.jsonl"
    line = '{"timestamp": %d, "input_length": 1100, "output_length": 20, "hash_ids": [7, %d, 9]}\n'
    trace.write_text("".join(line % (500 * i, i % 3) for i in range(200)))
    ask = ["plan", "serve", "--model", "LLaMA2-7B", "--chip", "A100", "--top", "1", "--trace", trace, "-o", "json"]
    plan = world.dayu(*ask, "--ttft-ms", "1000").exits(0).json()["plans"][0]
    expect(is_near(plan["rate_per_s"], 2) and plan["requests"] == 200, plan)
    expect(plan["replicas"] == 1 and abs(plan["cache_hit_pct"] - 100 * 1024 / 1100) < 3, plan)
    twice = world.dayu(*ask, "--rate", "4").exits(0).json()["plans"][0]
    expect(is_near(twice["rate_per_s"], 4), twice)
    trace.write_text(line % (0, 1) + '{"timestamp": 1, "input_length": -3, "output_length": 20}\n')
    world.dayu(*ask).exits(2).complains("serve_trace_invalid", ":2: input_length is -3")
    trace.write_text("TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.68,374,many\n")
    world.dayu(*ask).exits(2).complains("serve_trace_invalid", ":2: GeneratedTokens", "many")
    trace.write_text("when,what\n1,2\n")
    world.dayu(*ask).exits(2).complains("when,what", "Azure", "Mooncake")


def test_serving_at_centres_takes_their_chips_and_prices(world):
    found = world.on(*SERVE, "--rate", "5", "--center", "all", "-o", "json").exits(0).json()
    by_center = {plan["center"]: plan for plan in found["plans"]}
    for center, price, most in [("shanghai", 12, 4), ("zhongwei", 8, 16)]:
        plan = by_center[center]
        expect(is_near(plan["cost_yuan_per_h"], price * plan["chips"]) and plan["chips"] <= most, plan)
    few = world.on(*SERVE, "--rate", "30", "--center", "all", "-o", "json").exits(0).json()
    expect([(place["center"], "nearest change" in place["reason"]) for place in few["passed"]] == [("shanghai", True)], few["passed"])


if __name__ == "__main__":
    sys.exit(run_tests(tests_of(sys.modules[__name__]), sys.argv[1:]))
