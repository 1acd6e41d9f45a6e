// How fast requests are replayed, and plans of serving searched: LLaMA2-70B on H100, by the planner's own tables. The trace of
// Azure's conversations is found below DAYU_TRACES (../shared/traces).
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <benchmark/benchmark.h>

#include "plan/known_models.h"
#include "plan/serve_confirm.h"
#include "plan/serve_knowledge.h"
#include "plan/serve_search.h"

namespace dayu::plan {
namespace {

std::string read_file(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string trace_path() {
    const char* const folder = std::getenv("DAYU_TRACES");
    return std::string(folder != nullptr ? folder : "../shared/traces") +
           "/serving/AzureLLMInferenceTrace_conv_2023.csv";
}

// From the root of the source tree.
ServeKnowledge knowledge() {
    const std::string folder = "data/plan/";
    return {.chips = Chips::parse("chips.csv", read_file(folder + "chips.csv")).value(),
            .calibrations = ServeCalibrations::parse("serve_calibrations.csv",
                                                     read_file(folder + "serve_calibrations.csv"))
                                .value(),
            .models = KnownModels::parse("models.csv", read_file(folder + "models.csv")).value()};
}

ServeJob job_of(const ServeKnowledge& knowledge, std::string_view model) {
    return {.model = *knowledge.models.find(model),
            .rate = 40,
            .prompt = 1024,
            .answer = 256,
            .long_prompt = 1024,
            .longest = 1280,
            .targets = {.ttft_s = 0.5, .tpot_s = 0.05},
            .engine = {}};
}

// The trace stretched to so many requests a second, on so many replicas of four chips; with the figures.
void replay_azure(benchmark::State& state) {
    const std::string text = read_file(trace_path());
    if (text.empty()) return state.SkipWithError("no trace: DAYU_TRACES says where they are");
    const ServeTrace trace =
        stretched_to(parse_azure_trace("azure", text).value(), static_cast<double>(state.range(0)));
    const ServeKnowledge tables = knowledge();
    const ServeBasis basis = serve_basis_of(tables, "H100", "").value();
    const ServeJob job = job_of(tables, "LLaMA2-70B");
    const ServeOffer offer{
        .plan = {.tp = 4}, .replicas = static_cast<double>(state.range(1)), .decode_plan = {}};
    const ServeFleet fleet = fleet_of(job, basis.machine, offer);
    for (auto _ : state) {
        const Replay replay = replay_requests(trace, fleet, job.engine);
        benchmark::DoNotOptimize(figures_of(trace, fleet, replay, job.targets));
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(trace.requests.size()));
}
BENCHMARK(replay_azure)
    ->ArgNames({"rate", "replicas"})
    ->Args({5, 1})
    ->Args({20, 4})
    ->Args({200, 40})
    ->Unit(benchmark::kMillisecond);

void search(benchmark::State& state, std::string_view model) {
    const ServeKnowledge tables = knowledge();
    const ServeBasis basis = serve_basis_of(tables, "H200", "").value();
    const ServeJob job = job_of(tables, model);
    const ServeSearch every{.formats = {NumberFormat::bf16, NumberFormat::fp8}, .may_split = true};
    std::uint64_t plans = 0;
    for (auto _ : state) plans = serve_search(job, basis.machine, every).weighed;
    state.counters["plans"] = static_cast<double>(plans);
}
BENCHMARK_CAPTURE(search, dense, "LLaMA2-70B")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(search, mixture, "DeepSeek-V3")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace dayu::plan

BENCHMARK_MAIN();
